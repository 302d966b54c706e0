"""What needs a person, and what does not."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cadence.reports.status import Status
from cadence.reports.status_problems import length, problems_of
from cadence.reports.status_text import problem_lines, status_lines, tick_lines
from cadence.store.ticks import TickRow
from cadence.store.watch import Doubts, InHand

NOW = datetime(2026, 11, 24, 19, 10, tzinfo=UTC)
VERSIONS = {"roofer": ("1a2b3c4d5e", NOW - timedelta(days=2))}


def tick(minutes: float = 1, outcome: str = "done", **counts: Any) -> TickRow:
    """Return a tick of so many minutes ago."""
    ended = NOW - timedelta(minutes=minutes)
    return TickRow(
        started_at=ended - timedelta(seconds=2),
        finished_at=ended,
        at=ended,
        holder="shop:1",
        outcome=outcome,
        counts=counts,
    )


def status(**given: Any) -> Status:
    """Return how things stand when all is well, but for what is given."""
    last = given.get("last", tick())
    well: dict[str, Any] = {
        "at": NOW, "since": timedelta(hours=24), "account": "summit", "business": "Summit Roofing",
        "timezone": "America/Chicago", "mode": "live", "database": "/srv/shop/cadence.db", "revision": "0002",
        "last": last, "last_ended": last and last.finished_at, "versions": VERSIONS,
        "doubts": Doubts(interrupted=0, to_be_asked=0, next_question=None, left=0),
    }  # fmt: skip
    return Status(**{**well, **given})


def doubts(**given: Any) -> Doubts:
    return Doubts(**{"interrupted": 0, "to_be_asked": 0, "next_question": None, "left": 0, **given})


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"last": tick(14)},
        {"last": tick(1, "idle")},
        {"last": tick(1, "paused"), "paused": True, "oldest_due": NOW - timedelta(days=3), "due": 9},
        {"oldest_due": NOW - timedelta(minutes=14), "due": 5000},
        {"doubts": doubts(interrupted=2, to_be_asked=3, next_question=NOW)},
        {"running": [InHand(holder="shop:2", touches=9, until=NOW)]},
        {"deferred": Counter({"429": 12}), "held": Counter({"rate": 4})},
        {"unheard": 3, "deaf": {"imap": (NOW - timedelta(minutes=9), "the mailbox refuses the login")}},
        {"last": None, "versions": {}},
        {"revision": "", "last": None, "versions": {}},
    ],
)
def test_what_mends_itself_needs_nobody(given: dict[str, Any]) -> None:
    assert problems_of(status(**given)) == ()
    assert next(status_lines(status(**given))) == "Summit Roofing: all is well, nothing needs you."


@pytest.mark.parametrize(
    ("given", "code", "says", "do"),
    [
        ({"last": tick(16)}, "stale", "No tick has run for 16 minutes", "cadence schedule install"),
        ({"last": None}, "never_ticked", "No tick has run yet", "cadence schedule install"),
        ({"last": tick(-60)}, "clock", "lies 60 minutes ahead", "--clock-is-right"),
        ({"last": tick(1, "braked", braked_at=500)}, "braked", "more than 500 messages", "cadence tick --release"),
        ({"last": tick(1, "failed")}, "broke_off", "broke off half-way", "cadence tick"),
        (
            {"oldest_due": NOW - timedelta(hours=3), "due": 1200}, "backlog",
            "1,200 leads should have been looked at; the first has waited for 3 hours.", "--ticks 10",
        ),
        ({"doubts": doubts(left=1)}, "left_to_a_person", "1 message may or may not have gone", "cadence outbox list"),
        ({"failed": Counter({"x": 2, "21610": 1})}, "failed", "3 messages could not go: x (2), 21610 (1).", "call"),
        ({"failed": Counter({"template": 1})}, "text", "1 text could not be made", "cadence outbox list"),
        (
            {"set_aside": {"maria": "KeyError", "bob": "KeyError", "amy": "x", "zoe": "x"}}, "set_aside",
            "4 leads cannot be decided and nothing goes to them: maria, bob, amy, and 1 more.", "cadence leads show",
        ),
        (
            {"halted": {"sms": "20003: the credentials are refused"}}, "halted",
            "Nothing goes by sms: 20003: the credentials are refused.", "cadence channels resume sms",
        ),
        (
            {"deaf": {"imap": (NOW - timedelta(hours=3), "the mailbox refuses the login")}}, "deaf",
            "For 3 hours nothing was heard from imap: The mailbox refuses the login.", "cadence pause",
        ),
        ({"unclear": 2}, "unclear", "2 messages came in of nobody known", "cadence inbox list --unclear"),
        ({"faults": ["playbooks/roofer.yaml:7: no"]}, "faults", "playbooks/roofer.yaml:7: no", "cadence validate"),
        ({"edits_held": ["it has no stage 'x'"]}, "edit_held", "An edit waits: it has no stage 'x'.", "cadence leads"),
        (
            {"revision": "", "database_problem": "the database is damaged", "database_help": "put back the backup"},
            "database", "The database is damaged.", "Put back the backup.",
        ),
    ],
)  # fmt: skip
def test_what_needs_a_person_is_said_with_what_to_do(given: dict[str, Any], code: str, says: str, do: str) -> None:
    standing = status(**given)
    standing.problems = problems_of(standing)
    (problem,) = standing.problems
    printed = " ".join(" ".join(problem_lines(standing)).split())

    assert problem.code == code
    assert says in problem.says
    assert do in problem.do
    assert printed.startswith("Summit Roofing: 1 thing needs you. 1. ")
    assert f"-> {problem.do}" in printed


def test_one_cause_is_said_once() -> None:
    """Leads wait because no tick runs, or because the brake is on: that is the one thing to mend."""
    waiting = {"oldest_due": NOW - timedelta(hours=5), "due": 9}

    assert [each.code for each in problems_of(status(last=tick(300), **waiting))] == ["stale"]
    assert [each.code for each in problems_of(status(last=tick(1, "braked"), **waiting))] == ["braked"]
    assert [each.code for each in problems_of(status(last=None, **waiting))] == ["never_ticked"]
    assert len(problems_of(status(revision="", database_problem="x", faults=["y"]))) == 1


def test_how_old_a_tick_may_be_can_be_said() -> None:
    assert problems_of(status(last=tick(16)), timedelta(hours=1)) == ()
    assert len(problems_of(status(last=tick(2)), timedelta(minutes=1))) == 1


def test_the_page_says_each_thing_in_a_sentence() -> None:
    standing = status(
        last=tick(1, leads=3, sent={"sms": 2}, heard={"reply": 1}, ended={"condition": 1}, handed_on=7),
        running=[InHand(holder="a", touches=2, until=NOW), InHand(holder="b", touches=1, until=NOW)],
        doubts=doubts(interrupted=1, to_be_asked=2, next_question=NOW + timedelta(minutes=2), left=1),
        due=2, oldest_due=NOW - timedelta(minutes=3), sent=Counter({"sms": 1200, "email": 3}),
        failed=Counter({"21610": 1}), deferred=Counter({"429": 5}), next_try=NOW + timedelta(minutes=5),
        held=Counter({"quiet_hours": 4}), paused_playbooks=["roofer"], unheard=3,
    )  # fmt: skip

    assert list(status_lines(standing))[2:] == [
        "Last tick      13:09, 1 minute ago, took 2 s: 3 leads looked at; sent 2 sms; heard: reply (1);",
        "               ended: condition (1); 7 leads left to the next tick",
        "Running now    2 ticks with 3 messages in hand",
        "Due now        2 leads, the first for 3 minutes",
        "In doubt       1 message of a tick that died: the next one takes them up; 2 messages whose answer",
        "               was lost: the provider is asked 13:12; 1 message left to you",
        "Lately         in 24 hours: sent 1,200 sms, 3 email; could not go: 21610 (1)",
        "Waiting        tried again by themselves, next 13:15: 429 (5); due, and held back for now: quiet",
        "               hours (4)",
        "Came in        3 things not handled yet; the next tick looks at what it can",
        "Paused         roofer: `cadence resume --playbook NAME` goes on",
        "Playbooks      roofer 1a2b3c4d, Sun 22 Nov 2026 13:10",
        "Mode           live: messages go to customers",
        "Database       /srv/shop/cadence.db, revision 0002",
    ]


def test_the_tick_log_is_a_table() -> None:
    idle = TickRow(
        started_at=NOW - timedelta(minutes=40), finished_at=NOW, at=NOW, holder="shop:1", outcome="idle", idle_runs=41
    )

    assert list(
        tick_lines([idle, tick(45, "braked"), tick(46, leads=1, sent={"sms": 1})], "America/Chicago", "log")
    ) == [
        "BEGAN                TICKS  TOOK         WHAT IT DID",
        "Tue 24 Nov 12:30:00  41     to 13:10:00  nothing was due",
        "Tue 24 Nov 12:24:58  1      2 s          stopped by the brake, nothing was done",
        "Tue 24 Nov 12:23:58  1      2 s          1 lead looked at; would have sent 1 sms",
    ]
    assert list(tick_lines([], "America/Chicago", "log")) == ["no tick has run yet"]


def test_lengths_of_time_are_said_as_people_say_them() -> None:
    said = [length(timedelta(seconds=s)) for s in (-5, 0, 1, 59, 60, 119, 5400, 7199, 7200, 86400, 172800)]

    assert said == [
        "0 seconds", "0 seconds", "1 second", "59 seconds", "1 minute", "1 minute", "90 minutes", "119 minutes",
        "2 hours", "24 hours", "2 days",
    ]  # fmt: skip
