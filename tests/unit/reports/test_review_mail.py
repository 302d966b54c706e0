"""A review as it is read: in a mail, on a terminal, on paper."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cadence.channels.mail.letter import Letter, write_letter
from cadence.reports.page_html import render_page
from cadence.reports.page_text import page_lines
from cadence.reports.review_mail import LIMIT, write_review
from cadence.reports.review_page import review_data, review_page
from cadence.reports.review_words import due_words, when
from cadence.runner.review_sheet import Listed, Named, Sheet
from cadence.store.open_leads import OpenLead
from support.mail_make import HEAD, mail
from support.plans import ZONE, book_of, instant, one_stage, plan_of

NOW = "2026-11-24 07:30"
PLAN = plan_of(one_stage("", top='title: Roofs\nreviews: {look: {cron: "30 7 * * *", of: [new], to: ops_lead}}'))
SHOP = ZoneInfo(ZONE)


def listed(name: str, *lists: str, due: str | None = "2026-11-23 16:00", **said: Any) -> Listed:
    """A lead on these lists, whose next action is Dana's."""
    given: dict[str, Any] = {
        "lead": name.split()[0].lower(), "name": name, "enrolment": f"{name}/1", "playbook": "roofer", "job": "",
        "digest": PLAN.digest, "stage": "new", "owner": "dana", "stage_since": instant("2026-11-20 10:00"),
        "moved_at": instant("2026-11-20 10:00"), "next_kind": "task", "next_name": f"Call {name}",
        "next_due_at": instant(due) if due else None, "next_owner": "dana", "lock_due_at": None, "locked_by": "",
        "locked_until": None, "score": "hot", "gaps": (),
    }  # fmt: skip
    return Listed(OpenLead(**{**given, **said}), lists or ("overdue",))


def sheet(*leads: Listed) -> Sheet:
    named = Named(PLAN, PLAN.playbook.reviews[0])
    counts = Counter(name for each in leads for name in each.lists)
    return Sheet(
        at=instant(NOW), zone=SHOP, book=book_of(PLAN), about=[named], open=40, counts=counts, leads=list(leads)
    )


def letter(*leads: Listed) -> Letter:
    """The mail as it leaves."""
    subject, body = write_review(sheet(*leads), PLAN.workspace)
    message = replace(mail("pat@example.com"), lead="", subject=subject, body=body)
    written = write_letter(message, replace(HEAD, public_url="https://hooks.example.com", secret="s" * 32))
    assert isinstance(written, Letter)
    return written


def test_a_mail_has_both_parts_and_nothing_a_lead_would_need() -> None:
    found = letter(listed("Maria Lopez", "overdue", "not_moved"))

    assert found.subject == "Review look, Roofs: 1 lead to look at, Tue 24 Nov 07:30"
    assert (
        "Maria Lopez (maria), new: Call Maria Lopez, overdue since Mon; not moved since the last review" in found.text
    )
    assert "<strong>Maria Lopez (maria)</strong>" in found.html
    assert 'style="' in found.html
    for part in (found.text, found.html):
        assert "unsubscribe" not in part.lower()
        assert HEAD.postal_address not in part
    assert not any(name.startswith("List-Unsubscribe") for name in found.headers)


def test_what_a_lead_has_typed_stays_words() -> None:
    name = "[win](http://evil.example) <b>x</b>\r\n# *Sam*"
    found = letter(listed(name, next_name=name))
    text = "\n".join(page_lines(review_page(sheet(listed(name)), PLAN.workspace)))
    page = render_page(review_page(sheet(listed(name)), PLAN.workspace))

    assert "http://evil.example" not in [part.split('"')[0] for part in found.html.split('href="')[1:]]
    assert "<b>" not in found.html
    assert "<b>" not in page
    assert "\r" not in text
    assert "[win](http://evil.example) <b>x</b> # *Sam*" in found.text


def test_a_mail_names_the_first_of_many_and_counts_the_others() -> None:
    found = letter(*(listed(f"Lead{number} Lopez") for number in range(LIMIT + 7)))

    assert found.text.count(" Lopez (lead") == LIMIT
    assert "and 7 more: cadence review look --playbook roofer --owner dana" in found.text


def test_who_owns_nothing_comes_first_and_each_owner_in_the_order_of_the_team() -> None:
    leads = [listed("Ana X", owner="lee"), listed("Ben X", owner="gone"), listed("Cy X", owner=""), listed("Di X")]
    tables = review_page(sheet(*leads), PLAN.workspace).tables

    assert [table.title for table in tables[1:]] == [
        "Nobody: 1 lead", "Dana Reyes: 1 lead", "Lee Ortiz: 1 lead", "gone: 1 lead",
    ]  # fmt: skip


def test_a_limit_leaves_out_leads_and_never_counts() -> None:
    data = review_data(sheet(*(listed(f"L{number} X") for number in range(5))), PLAN.workspace, limit=2)

    assert (len(data["leads"]), data["counts"]["overdue"], data["listed"]) == (2, 5, 5)


@pytest.mark.parametrize(
    ("due", "says"),
    [
        ("2026-11-24 07:00", "overdue since 07:00"),
        ("2026-11-23 16:00", "overdue since Mon"),
        ("2026-11-18 16:00", "overdue since Wed"),
        ("2026-11-17 16:00", "overdue since Tue 17 Nov"),
        ("2025-11-17 16:00", "overdue since Mon 17 Nov 2025"),
        ("2026-11-24 16:00", "today 16:00"),
        ("2026-11-25 09:15", "Wed 09:15"),
        ("2026-12-01 09:15", "Tue 1 Dec 09:15"),
        (None, "no date"),
    ],
)
def test_a_due_instant_is_said_in_words(due: str | None, says: str) -> None:
    assert due_words(listed("Maria X", due=due), instant(NOW), SHOP) == says


def test_an_hour_that_comes_twice_is_said_by_the_shops_clock() -> None:
    assert when(instant("2026-11-01 01:30"), instant("2026-11-01 00:10"), SHOP) == "today 01:30"
    assert when(instant("2026-11-02 00:00"), instant("2026-11-01 00:10"), SHOP) == "Mon 00:00"


@pytest.mark.parametrize(
    ("said", "also"),
    [
        ({"lock_due_at": instant("2026-11-23 10:00")}, "lock was due Mon 10:00"),
        ({"stage_since": instant("2026-11-16 07:29")}, "estimate open for 8 days: OLD"),
        ({"stage_since": instant("2026-11-17 07:30")}, "estimate open for 7 days"),
        ({"next_owner": "lee"}, "waiting inside"),
        ({"gaps": ({"code": "move_waiting", "text": "cannot go to won: lead.zip is not known", "since": ""},)},
         "cannot go to won: lead.zip is not known"),
    ],
)  # fmt: skip
def test_what_else_is_so_is_said_beside_a_lead(said: dict[str, Any], also: str) -> None:
    names = {"lock_due_at": "unlocked", "stage_since": "open_estimate", "next_owner": "waiting_inside"}
    name = names.get(next(iter(said)), "move_waiting")
    (lead,) = review_data(sheet(listed("Maria X", "overdue", name, **said)), PLAN.workspace)["leads"]

    assert lead["marks"] == also
