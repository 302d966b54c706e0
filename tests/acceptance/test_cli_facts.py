"""What a shop tells the program: events, pauses, and what they lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.entry import call

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Shop

IN_THIS_PROCESS = True  # many commands


@pytest.fixture
def shop(make_shop: Callable[..., Shop]) -> Shop:
    """Return a roofing shop that Maria asked for help on a Tuesday at ten past one."""
    made = make_shop("roofer")
    made.run(
        "leads", "add", "id=maria", "name=Maria Lopez", "phone=816-555-0142", "zip=64110", "trade=roofing",
        "service=roof repair", "--now", "2026-11-24T13:10",
    )  # fmt: skip
    return made


def test_a_fact_that_cannot_be_is_refused_with_what_to_write_instead(shop: Shop) -> None:
    """Unknown types, data and jobs; times to come; dates that are none; what only the program may say."""
    now = ("--now", "2026-11-24T13:20")
    for words, code, said in (
        (("maria", "replyy"), 2, "did you mean 'reply'?"),
        (("mria", "reply"), 1, "did you mean maria?"),
        (("maria", "reply", "--data", "txt=hello"), 2, "did you mean 'text'?"),
        (("maria", "lead.qualified", "--data", "mood=good"), 2, "it carries nothing"),
        (("maria", "reply", "--data", "text=a", "--data", "text=b"), 2, "is given twice"),
        (("maria", "reply", "--at", "2026-11-24T13:21"), 2, "lies in the future"),
        (("maria", "appointment.booked", "--data", "starts_at=soon"), 2, "'soon' is not a date"),
        (("maria", "message.sent"), 2, "message.sent.by_person"),
        (("maria", "estimate.sent", "--job", "garage"), 2, "maria has no job 'garage'"),
        (("maria", "no_decision"), 1, "--data follow_up_due=YYYY-MM-DD"),
        (("maria", "note.added"), 1, "cannot be recorded without text"),
        (("maria", "owner.assigned", "--data", "owner=rsa"), 2, "did you mean 'rosa'?"),
        (("maria", "act.undone", "--data", "undoes=act-0123456789"), 2, "`cadence leads undo LEAD`"),
        (("maria", "call.logged", "--data", "result=voice mail"), 1, "did you mean 'voicemail'?"),
        (("maria", "visit.logged", "--data", "result=no decision"), 1, "`cadence leads log visit maria --result ...`"),
        (("maria", "lead.won"), 1, "two contacts with them are on the record"),
        (("maria", "no_decision", "--data", "follow_up_due="), 2, "is not a date"),
        (("maria", "lead.updated", "--data", "id=mary"), 2, "cannot change"),
        (("maria", "lead.updated", "--data", "zip="), 2, "there is nothing in it"),
    ):
        answer = call(shop.folder, "event", *words, *now)
        assert said in answer.err, words
        assert (answer.code, answer.out) == (code, ""), words
    assert [entry["type"] for entry in shop.run("leads", "show", "maria", "--json").data["timeline"]] == [
        "lead.created",
        "enrolment.started",
        "lead.scored",
        "stage.entered",
    ]


def test_a_new_zip_brings_the_zones_and_the_days_of_the_lead_with_it(shop: Shop) -> None:
    """A lead taken for Kansas City lives in Phoenix: her evening is another."""
    shop.run("event", "maria", "lead.updated", "--data", "zip=85001", "--now", "2026-11-24T13:12")
    record = shop.run("leads", "show", "maria", "--json").data["record"]

    assert record["zip"] == "85001"
    assert record["zones"] == ["America/Phoenix"]
    assert record["name"] == "Maria Lopez", "what was not said stays"


def test_a_fact_about_two_jobs_asks_which(shop: Shop) -> None:
    """One person, two roofs: a booking is about one of them, a reply about the person."""
    shop.run("event", "maria", "lead.created", "--job", "garage", "--now", "2026-11-25T09:00")
    booked = (
        "event",
        "maria",
        "appointment.booked",
        "--data",
        "starts_at=2026-11-30T09:00",
        "--now",
        "2026-11-25T09:05",
    )
    unclear = shop.run(*booked, expect=1)
    clear = shop.run(*booked, "--job", "garage")
    first = shop.run(*booked[:-1], "2026-11-25T09:06", "--job", "-")
    stands = {each["job"]: each["stage"] for each in shop.run("leads", "show", "maria", "--json").data["enrolments"]}

    assert unclear.err == (
        "cadence: maria has 2 jobs that appointment.booked may be about: -, garage\n  help: say which with --job\n"
    )
    assert "Inspection booked" in clear.out
    assert "Inspection booked" in first.out
    assert stands == {"": "booked", "garage": "booked"}


def test_while_a_lead_is_paused_nothing_goes_to_it_and_afterwards_it_is_as_after_an_outage(shop: Shop) -> None:
    """A week later what was due is late, and said to be; the next stage's touches go on from there."""
    assert shop.run("pause", "--lead", "maria", "--now", "2026-11-24T13:10").out == "paused: lead maria\n"
    assert shop.run("pause", "--lead", "maria", "--now", "2026-11-24T13:10").out == "lead maria was paused already\n"
    for now in ("2026-11-24T13:11", "2026-11-26T12:00"):
        assert "would have sent" not in shop.tick(now)
    assert shop.run("resume", "--lead", "maria", "--now", "2026-12-03T12:00").out == "resumed: lead maria\n"
    back = shop.tick("2026-12-03T12:01")

    assert shop.to_leads() == "", "not one of a week's texts is sent late"
    assert "late" in back
    assert "would have sent 1 call" in back or "nothing to send" in back


def test_the_whole_shop_and_one_playbook_can_be_paused(shop: Shop) -> None:
    """Each pause ends by its own resume; the tick says that it is paused."""
    assert shop.run("resume", "--now", "2026-11-24T13:10").out == "the shop was not paused\n"
    assert shop.run("pause", "--now", "2026-11-24T13:10").out == "paused: everything\n"
    assert shop.run("pause", "--playbook", "roofer", "--now", "2026-11-24T13:10").out == "paused: playbook roofer\n"
    assert shop.tick("2026-11-24T13:11") == "paused: nothing goes until `cadence resume`\n"
    assert shop.run("resume", "--now", "2026-11-24T13:12").out == "resumed: everything\n"
    assert "would have sent" not in shop.tick("2026-11-24T13:13")
    assert shop.run("resume", "--playbook", "roofer", "--now", "2026-11-24T13:14").out == "resumed: playbook roofer\n"
    assert "1 sms" in shop.tick("2026-11-24T13:15")
    empty = shop.run("pause", "--lead", "", expect=2)
    assert "--lead names nothing" in empty.err, "an empty variable in a script does not pause the shop"
    assert "did you mean 'roofer'?" in shop.run("pause", "--playbook", "rofer", expect=2).err


def test_a_next_step_is_taken_off_the_list_when_it_is_done(make_shop: Callable[..., Shop]) -> None:
    """task.done names the step; a step that is not there, or done already, is said to be so."""
    shop = make_shop("roofer")
    shop.run(
        "leads", "add", "id=maria", "name=Maria Lopez", "phone=816-555-0142", "zip=64110", "trade=roofing",
        "--now", "2026-11-24T13:10",
    )  # fmt: skip
    shop.run("event", "maria", "reply", "--data", "text=Call me", "--now", "2026-11-24T13:12")
    (task,) = shop.run("leads", "show", "maria", "--json", "--now", "2026-11-24T13:12").data["tasks"]
    assert task["title"] == "Answer Maria Lopez"

    shop.run("event", "maria", "task.done", "--data", f"task={task['task']}", "--now", "2026-11-24T13:20")

    assert shop.run("leads", "show", "maria", "--json", "--now", "2026-11-24T13:21").data["tasks"] == []
    again = shop.run(
        "event", "maria", "task.done", "--data", f"task={task['task']}", "--now", "2026-11-24T13:22", expect=1
    )
    assert "no open next step" in again.err
