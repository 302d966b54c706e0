"""The procedure of a playbook on one page."""

from __future__ import annotations

import re
from copy import deepcopy
from html.parser import HTMLParser

import pytest

from cadence.reports.sop.page import procedure_page
from cadence.reports.sop.procedure import procedure
from cadence.reports.sop.text import procedure_data, procedure_lines
from support.plans import WORKSPACE, one_stage, plan_of
from support.starters import GOOD_PAGES, TRADES, good_plan, starter_plan

#: Words that adults read silently in a minute (Brysbaert 2019, the mean of 190 studies).
PACE = 238
#: Of a printed page: lines of ten pixels with their air between the margins of a letter sheet laid across.
LINES_OF_A_SHEET = 48


def text_of(plan):
    return "\n".join(procedure_lines(procedure(plan)))


def card_of(plan, stage="new"):
    return next(card for card in procedure(plan).cards if card.stage == stage)


@pytest.mark.demand("D6")
@pytest.mark.parametrize("trade", TRADES)
def test_a_starters_procedure_reads_in_two_minutes(trade):
    """The bold labels, which are the same in every stage, are not counted."""
    read = re.sub(r"\*\*(Trigger|Action|Sent|Limit|proof|miss|To leave)\*\*", "", text_of(starter_plan(trade)))

    assert len(re.findall(r"\S*\w\S*", read)) <= 2 * PACE


class Table(HTMLParser):
    """The texts of a page's cells, row by row, and what the page would have to fetch."""

    def __init__(self, source):
        super().__init__()
        self.rows, self.fetched, self.inside = [], [], False
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self.inside = True
        self.fetched += [value for name, value in attrs if name in ("src", "href")]
        if tag in ("script", "link", "img"):
            self.fetched.append(tag)

    def handle_endtag(self, tag):
        self.inside = self.inside and tag not in ("td", "th")

    def handle_data(self, data):
        if self.inside:
            self.rows[-1][-1] += data


@pytest.mark.parametrize("trade", TRADES)
def test_a_starters_procedure_prints_on_one_or_two_sheets_and_needs_nothing_but_itself(trade):
    table = Table(procedure_page(procedure(starter_plan(trade))))
    widest = 22  # characters of a narrow column
    lines = sum(max(-(-len(cell) // widest) for cell in row) for row in table.rows if len(row) > 2)

    assert lines < 2 * LINES_OF_A_SHEET
    assert table.fetched == []
    assert table.rows[0] == ["Stage, owner", "Trigger", "Action", "Sent by itself", "Time limit", "Proof", "On a miss"]


@pytest.mark.demand("D4")
def test_a_stage_says_trigger_owner_action_limit_proof_and_what_a_miss_means():
    card = card_of(starter_plan("roofer"))

    assert card.title == "New lead, first contact"
    assert card.owner == "csr (Dana, Jo)"
    assert card.triggers == ("new lead", "missed call")
    assert [step for action in card.by_people for step in action.steps] == [
        "first-call at once or at opening",
        "second-call open day 3",
    ]
    assert [(action.kind, action.steps) for action in card.by_itself] == [
        ("text", ("at once*", "3h open later*", "next open day 09:15*")),
        ("email", ("at once*",)),
    ]
    contact = card.promises[1]
    assert (contact.name, contact.limit, contact.warning) == ("first-contact", "30m open", "10m before")
    assert contact.proof == "logged call or colleague's message"
    assert contact.miss == ("tell ops_lead", "10m later give to fallback")
    assert card.to_leave == ("service", "zip", "score")


def test_the_page_says_when_the_shop_is_open_what_stops_and_who_reviews():
    rules = procedure_data(procedure(starter_plan("roofer")))["rules"]

    assert rules["open"].startswith(
        "mon-fri 08:00-18:00, sat 09:00-13:00; closed US-major holidays, 2026-11-27; 2026-12-24"
    )
    assert "texts mon-sat 08:00-20:00, sun 13:00-18:00; emails daily 07:00-21:00" in rules["messages"]
    assert rules["stop"].startswith(
        "reply, booking, signed contract, approved work, job won or job lost: the stage's plan"
    )
    assert rules["reviews"].startswith("ops_lead (Pat) mon-fri 07:30 of estimate, undecided; mon-fri 15:00 of new")


def test_an_owner_who_is_away_is_not_named_and_a_role_of_nobody_shows():
    workspace = deepcopy(dict(WORKSPACE))
    workspace["team"] = [{**member, "absent": member["id"] == "dana"} for member in workspace["team"]]

    assert card_of(plan_of(one_stage(), workspace=workspace)).owner == "csr (nobody)"
    assert card_of(plan_of(one_stage())).owner == "csr (Dana)"


def test_colleagues_who_share_a_first_name_are_named_in_full():
    workspace = deepcopy(dict(WORKSPACE))
    workspace["team"] = [*workspace["team"], {"id": "dana-2", "name": "Dana Wells", "roles": ["sales"]}]

    assert card_of(plan_of(one_stage(), workspace=workspace)).owner == "csr (Dana Reyes)"


@pytest.mark.parametrize(
    ("touches", "said"),
    [
        ("- {id: a, channel: sms, after: 2h, template: t}", "2h later"),
        ("- {id: a, channel: sms, after: 2h, clock: business, template: t}", "2h open later"),
        ("- {id: a, channel: sms, after: 2d, at: '09:00', template: t}", "2d later then 09:00"),
        ("- {id: a, channel: sms, day: 3, template: t}", "day 3"),
        ("- {id: a, channel: sms, business_day: 2, at: '09:30', template: t}", "open day 2 09:30"),
        ("- {id: a, channel: sms, day: 2, cron: '0 9 * * mon', template: t}", "day 2 then mon 09:00"),
        ("- {id: a, channel: sms, cron: '0 9 * * 1,3', template: t}", "at once then mon,wed 09:00"),
        ("- {id: a, channel: sms, cron: '0 9 1 * *', template: t}", "at once then cron 0 9 1 * *"),
        (
            "- {id: a, channel: sms, anchor: appointment.booked.starts_at, before: 3h, template: t}",
            "3h before the appointment",
        ),
        ("- {id: a, channel: sms, anchor: estimate.sent, template: t}", "at the sent estimate"),
        ("- {id: a, channel: sms, anchor: lead.created, day: 2, template: t}", "day 2"),
    ],
)
def test_when_a_message_goes_is_said_in_few_words(touches, said):
    assert card_of(plan_of(one_stage(touches))).by_itself[0].steps == (said,)


@pytest.mark.parametrize(
    ("first", "then", "said"),
    [
        ("send: now", "after: 2h", "2h later"),
        ("after: 5m", "after: 3h", "3h5m later"),
        ("after: 5m", "next_business_day: '09:00'", "next open day 09:00"),
        ("next_business_day: '09:00'", "next_business_day: '10:00'", "open day 3"),
        ("business_day: 2", "business_day: 3", "open day 4"),
        ("after: 5m", "day: 1, at: '17:30'", "day 1 17:30"),
        ("day: 3", "after: 2h", "2h after a"),
        ("after: 3d", "next_business_day: '09:00'", "next open day 09:00 after a"),
        ("after: 3h, clock: business", "after: 1h", "1h after a"),
    ],
)
def test_what_follows_a_touch_is_said_from_the_beginning_where_that_is_the_same(first, then, said):
    touches = (
        f"- {{id: a, channel: sms, {first}, template: t}}\n- {{id: b, channel: sms, anchor: a, {then}, template: t}}"
    )

    assert card_of(plan_of(one_stage(touches))).by_itself[0].steps[-1] == said


def test_a_title_cannot_bring_markdown_or_html_with_it():
    title = "<b>Roofs</b> [x](y) `z`"
    plan = plan_of(one_stage(top=f"title: '{title}'"))

    assert text_of(plan).startswith(r"# \<b>Roofs\</b> \[x](y) \`z\`")
    assert "<b>Roofs" not in procedure_page(procedure(plan))


@pytest.mark.parametrize("page", GOOD_PAGES, ids=lambda page: page.stem)
def test_any_playbook_has_a_procedure_with_every_stage_and_every_promise(page):
    """The odd but legal pages of the corpus."""
    plan = good_plan(page)
    found = procedure(plan)
    stages = plan.playbook.stages.values()
    promised = [len(stage.sla) + (stage.lock is not None) for stage in stages if not stage.end]

    assert [card.stage for card in found.cards] + [end.stage for end in found.ends] == sorted(
        plan.playbook.stages, key=lambda name: bool(plan.playbook.stages[name].end)
    )
    assert [len(card.promises) for card in found.cards] == promised
    assert all(promise.limit and promise.proof for card in found.cards for promise in card.promises)
    assert len(text_of(plan).splitlines()) > 8
    assert "None" not in procedure_page(found)
