"""``cadence explain``: why a lead got a message, why not, why then, and what would have to change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.entry import call

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Answer, NearShop, Shop

MONDAY, TUESDAY, WEDNESDAY, FRIDAY = "2026-11-16", "2026-11-17", "2026-11-18", "2026-11-20"
LATER = f"{WEDNESDAY}T12:00"
PAGE = """\
cadence: 1
playbook: roofer
title: Texts
description: A page for tests.
calendar: {business_hours: {mon-fri: "08:00-18:00"}}
send_windows: {sms: "08:00-20:00", email: "08:00-20:00"}
limits: {messages_per_day: 2, messages_per_week: 3, min_gap: 1h}
expires_after: 6h
stop_on: [reply]
stages:
  new:
    title: New
    owner: csr
    enter_on: [lead.created]
    touches:
      - {id: hello, channel: sms, send: now, answers: inquiry, template: roofer/new/second-try}
      - {id: ring, channel: call, after: 1h, template: roofer/new/first-call}
      - {id: keen, channel: sms, after: 2h, if: enrolment.contacts >= 2 and lead.zip, template: roofer/new/second-try}
      - {id: post, channel: email, after: 3h, template: roofer/new/instant}
      - {id: evening, channel: sms, after: 11h30m, template: roofer/new/second-try}
      - {id: later, channel: sms, after: 1d, template: roofer/new/second-try}
      - {id: after-estimate, channel: sms, anchor: estimate.sent, after: 2d, template: roofer/new/second-try}
    next: {lead.won: won, lead.lost: lost, lead.qualified: visit, silence: {after: 9d, to: visit}}
  visit:
    title: To be visited
    owner: sales
    touches: [{id: thanks, channel: sms, after: 1h, expires_after: 2d, template: roofer/new/second-try}]
    next: {lead.won: won, lead.lost: lost}
  won: {end: won}
  lost: {end: lost}
"""


def arrive(shop: Shop, lead: str, now: str, *fields: str) -> None:
    number = sum(map(ord, lead)) % 1000
    person = (f"name={lead.title()} Lopez", f"phone=816-555-{number:04}", f"id={lead}")
    shop.run("leads", "add", "trade=roofing", "zip=64110", *person, *fields, "--now", now)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, near: Callable[[Path], NearShop]) -> NearShop:
    """A small shop: a lead to whom all went, one who answered, one on hold, one who moved on."""
    folder = tmp_path_factory.mktemp("why") / "shop"
    assert call(folder.parent, "init", str(folder), "--trade", "roofer").code == 0
    made = near(folder).tell_nobody()
    (folder / "playbooks" / "roofer.yaml").write_text(PAGE, encoding="utf-8")
    (folder / "playbooks" / "roofer.samples.yaml").unlink()
    for lead in ("maria", "drew", "ruth", "tom"):
        arrive(made, lead, f"{TUESDAY}T09:00", *(["email=maria@example.com"] if lead == "maria" else []))
    made.tick(f"{TUESDAY}T09:03")
    made.run(
        "event",
        "drew",
        "reply",
        "--data",
        "text=call me  please",
        "--at",
        f"{TUESDAY}T09:30",
        "--now",
        f"{TUESDAY}T09:31",
    )
    made.run("pause", "--lead", "ruth", "--now", f"{TUESDAY}T09:40")
    for hour in (10, 11, 12, 13, 19, 20):
        made.tick(f"{TUESDAY}T{hour}:10")
    made.run("event", "tom", "lead.qualified", "--now", f"{TUESDAY}T20:30")
    made.tick(f"{WEDNESDAY}T08:20")
    return made


def one(shop: Shop, lead: str, touch: str, *words: str) -> dict[str, Any]:
    """What is told of one touch in the only visit it was in."""
    (found,) = shop.run("explain", lead, touch, "--now", LATER, "--json", *words).data["touches"]
    return found


def told(shop: Shop, lead: str, *words: str) -> str:
    """What is told on a terminal, in one line."""
    return " ".join(shop.run("explain", lead, *words, "--now", LATER).out.split())


def test_a_message_that_went_is_told_with_its_whole_chain(shop: NearShop) -> None:
    data = one(shop, "maria", "hello")
    text = told(shop, "maria", "hello")

    assert (data["standing"], data["reason"], data["at"]) == ("sent", "sent", "2026-11-17T15:03:00Z")
    assert data["line_text"].startswith("- {id: hello, channel: sms")
    assert PAGE.splitlines()[data["line"] - 1].strip() == data["line_text"]
    assert (data["compared"], data["differs"]) == ("agrees", [])
    assert "due Tue 17 Nov 2026 09:00" in text
    assert "why then went Tue 17 Nov 2026 09:03 looked at 3m after that" in text
    assert "on the clock of America/Chicago (by the zip)" in text
    assert "decided anew today, it comes out the same" in text
    assert "| Hi Maria" in text
    assert "whose turn it was of csr" in text


def test_a_condition_is_told_with_the_values_it_saw_and_the_clause_that_failed(shop: NearShop) -> None:
    data = one(shop, "maria", "keen")
    chain = {link["what"]: link for link in data["chain"]}

    assert (data["standing"], data["reason"]) == ("skipped", "condition")
    assert chain["condition"]["more"] == ["enrolment.contacts = 1", "lead.zip = '64110'"]
    assert data["changes"] == ["it would have gone if `enrolment.contacts >= 2` (it was 1)"]
    assert "limits" not in chain


def test_what_a_reply_stopped_names_the_reply_its_time_and_its_words(shop: NearShop) -> None:
    data = one(shop, "drew", "new.later")
    text = told(shop, "drew", "later")

    assert data["stopped_by"] == {
        "event": "reply",
        "says": "the lead replied",
        "at": "2026-11-17T15:30:00Z",
        "text": "call me  please",
    }
    assert data["decided_by"]["text"] == "stop_on: [reply]"
    assert "stopped by the lead replied, Tue 17 Nov 2026 09:30" in text
    assert '"call me please"' in text
    assert "if nothing had stopped the sequence: `stop_on` names it (playbooks/roofer.yaml:9)" in text


@pytest.mark.parametrize(
    ("lead", "touch", "reason", "change"),
    [
        ("ruth", "later", "paused", "once somebody says `cadence resume --lead ruth`"),
        ("tom", "post", "no_address", "it would have gone if the shop had known an e-mail address of the lead by then"),
        ("maria", "after-estimate", "no_anchor", "it goes when the shop hears that an estimate was sent"),
        ("maria", "evening", "late", "it expires 6h after it is due"),
        ("tom", "later", "stage_left", "if the lead had still been in 'New' Wed 18 Nov 2026 09:00"),
    ],
)  # fmt: skip
def test_each_reason_says_what_would_have_to_change(
    shop: NearShop, lead: str, touch: str, reason: str, change: str
) -> None:
    data = one(shop, lead, touch)

    assert data["reason"] == reason
    assert change in " ".join(data["changes"])


def test_a_touch_that_waits_says_until_when_why_and_what_becomes_of_it(shop: NearShop) -> None:
    data = one(shop, "maria", "evening", "--at", f"{TUESDAY}T20:40")

    assert (data["standing"], data["reason"], data["until"]) == ("waits", "quiet_hours", "2026-11-18T14:00:00Z")
    assert data["foreseen"]["standing"] == "skipped"
    assert data["later"]["reason"] == "late"
    assert data["changes"] == ["nothing: it goes when the window opens, Wed 18 Nov 2026 08:00"]


def test_the_whole_lead_tells_where_it_stands_whose_it_is_and_every_touch(shop: NearShop) -> None:
    text = told(shop, "tom")
    data = shop.run("explain", "tom", "--now", LATER, "--json").data
    (job,) = data["jobs"]

    assert [(visit["title"], visit["running"]) for visit in job["visits"]] == [("New", False), ("To be visited", True)]
    assert "Tom Lopez (tom), as things stand Wed 18 Nov 2026 12:00" in text
    assert "roofer: To be visited, since Tue 17 Nov 2026 20:30 (the lead is a real job for us)" in text
    assert "was in New, from Tue 17 Nov 2026 09:00" in text
    assert "sent Wed 18 Nov 2026 08:20 sms thanks" in text
    assert "its send window was closed until Wed 18 Nov 2026 08:00" in text


def test_the_past_is_told_as_it_stood_with_what_came_of_it(shop: NearShop) -> None:
    text = told(shop, "drew", "--at", f"{TUESDAY}T09:10")

    assert "as things stood Tue 17 Nov 2026 09:10" in text
    assert "will go Tue 17 Nov 2026 10:00 call ring" in text
    assert "it goes by itself" not in text, "a touch that goes needs no word on what would have to change"
    assert "then: stopped - the sequence was stopped Tue 17 Nov 2026 09:31" in text


def test_the_future_is_told_as_if_nobody_spoke(shop: NearShop) -> None:
    text = told(shop, "maria", "--at", "2026-11-27T12:00")

    assert "as things will stand if nobody speaks, Fri 27 Nov 2026 12:00" in text
    assert "roofer: To be visited" in text
    assert "(nothing was heard for a while)" in text


def test_a_message_that_never_was_is_explained_by_the_stage_that_was_never_entered(shop: NearShop) -> None:
    data = shop.run("explain", "drew", "thanks", "--now", LATER, "--json").data
    text = told(shop, "drew", "thanks", "--at", f"{TUESDAY}T09:10")
    (never,) = data["never"]

    assert never["says"] == "its stage 'To be visited' was never entered: the lead is in 'New'"
    assert never["foreseen"]["enters_at"] == "2026-11-26T15:30:00Z"
    assert "from 'New', when the lead is a real job for us: `cadence event drew lead.qualified`" in never["changes"]
    assert "if nobody speaks, the lead comes there Thu 26 Nov 2026 09:00" in text


def test_a_lead_that_no_playbook_took_is_told_what_would_take_it(shop: NearShop) -> None:
    page = shop.folder / "playbooks" / "roofer.yaml"
    page.write_text(PAGE.replace("stop_on:", "enroll_if: lead.trade == 'roofing'\nstop_on:"), encoding="utf-8")
    shop.run("leads", "add", "id=olga", "name=Olga Berg", "phone=816-555-0199", "trade=plumbing", "--now", LATER)
    whole, one_touch = told(shop, "olga"), told(shop, "olga", "hello")

    assert "no playbook has taken this lead: nothing goes by itself" in whole
    assert (
        "no playbook has taken the lead; roofer did not: it takes leads for which `lead.trade == 'roofing'`"
        in one_touch
    )
    assert "roofer takes the lead when the lead came in, and `lead.trade == 'roofing'` holds" in one_touch


def test_a_touch_of_several_lines_is_shown_with_all_of_them(near_shop: NearShop) -> None:
    near_shop.tell_nobody()
    arrive(near_shop, "maria", f"{TUESDAY}T09:00")
    data = one(near_shop, "maria", "second-try")
    text = near_shop.run("explain", "maria", "second-try", "--now", LATER).out

    assert data["lines"][0].startswith("- id: second-try")
    assert data["lines"][1:4] == ["  channel: sms", "  after: 3h", "  clock: business"]
    assert "\n      channel: sms\n      after: 3h\n" in text


def test_unknown_names_get_a_suggestion_and_instants_before_the_lead_are_refused(shop: NearShop) -> None:
    touch = call(shop.folder, "explain", "maria", "helo", "--now", LATER)
    lead = call(shop.folder, "explain", "mria", "--now", LATER)
    early = call(shop.folder, "explain", "maria", "--at", f"{MONDAY}T12:00", "--now", LATER)
    both = call(shop.folder, "explain", "maria", "hello", "--owner")

    assert (touch.code, lead.code, early.code, both.code) == (1, 1, 1, 2)
    assert "did you mean 'hello'?" in touch.err
    assert "did you mean maria?" in lead.err
    assert "it came in at Tue 17 Nov 2026 09:00" in early.err


def test_a_touch_that_an_edit_took_off_the_page_is_told_by_the_version_that_had_it(
    tmp_path: Path, near: Callable[[Path], NearShop]
) -> None:
    """Also one that the edit renamed, by either name; and the text of the line is that of its time."""
    assert call(tmp_path, "init", "shop", "--trade", "roofer").code == 0
    made = near(tmp_path / "shop").tell_nobody()
    page = made.folder / "playbooks" / "roofer.yaml"
    (made.folder / "playbooks" / "roofer.samples.yaml").unlink()
    page.write_text(PAGE, encoding="utf-8")
    arrive(made, "maria", f"{TUESDAY}T09:00")
    made.tick(f"{TUESDAY}T09:01")
    made.tick(f"{TUESDAY}T10:01")
    edited = [
        line.replace("{id: keen,", "{id: eager, renamed_from: keen,")
        for line in PAGE.splitlines()
        if "id: ring" not in line
    ]
    page.write_text("\n".join(edited) + "\n", encoding="utf-8")
    made.tick(f"{TUESDAY}T11:01")

    gone = one(made, "maria", "ring")
    by_old, by_new = one(made, "maria", "keen"), one(made, "maria", "eager")

    assert gone["standing"] == "sent"
    assert gone["line_text"].startswith("- {id: ring, channel: call")
    assert gone["version"] != by_new["version"]
    assert by_old == by_new
    assert by_new["line_text"].startswith("- {id: eager, renamed_from: keen")


def test_the_installed_program_explains(shop: NearShop, program: Callable[..., Answer]) -> None:
    answer = program("-C", str(shop.folder), "explain", "maria", "hello", "--now", LATER)

    assert answer.code == 0, answer.err
    assert "it comes out the same" in answer.out
