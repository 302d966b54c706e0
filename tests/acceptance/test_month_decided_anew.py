"""A rehearsed month of all three starter playbooks, edited twice on the way: decided anew, and explained, all of it.

Real ticks on a real database. Nothing in the log may come out otherwise than it was recorded.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cadence.engine.events import Decided, instant_text
from cadence.engine.replay import Answer
from cadence.reports.explain_lead import explain_lead, explain_named_touch
from cadence.reports.explain_story import read_story
from cadence.reports.explain_text import lead_lines, touch_lines
from cadence.runner.replaying import Books, replay_account, replay_of
from cadence.runner.shadowing import shadow_pages, shadowing
from cadence.store import events, leads, outbox, publications
from cadence.store.store import open_store
from support.month import ALL_TRADES, ENDS, STARTS, play_month

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cadence.store.session import Session

ACCOUNT, ZONE = "summit", "America/Chicago"
EDITED = STARTS + timedelta(days=9)
BACK = STARTS + timedelta(days=15)
MOST = 100_000


def _edit(root: Path) -> None:
    """Shorten a wait, rename a touch, take one off, add one, reword a text; and somebody goes on holiday."""
    page = root / "playbooks" / "roofer.yaml"
    text = page.read_text(encoding="utf-8")
    for was, now in (
        ("        after: 3h\n", "        after: 2h\n"),
        ("{id: second-text,", "{id: no-mail, renamed_from: second-text,"),
        (
            "      - {id: day-7, day: 7, channel: audience, list: website-retarget}\n",
            "      - {id: day-5, day: 5, channel: sms, template: roofer/nurture/check-in}\n",
        ),
    ):
        assert was in text
        text = text.replace(was, now)
    page.write_text(text, encoding="utf-8")
    words = root / "templates" / "roofer" / "new" / "instant.sms.j2"
    words.write_text(words.read_text(encoding="utf-8").replace("Hi ", "Hello "), encoding="utf-8")
    _set_absent(root, "lee", "lee, absent: true")


def _come_back(root: Path) -> None:
    _set_absent(root, "lee, absent: true", "lee")


def _set_absent(root: Path, was: str, now: str) -> None:
    settings = root / "cadence.yaml"
    text = settings.read_text(encoding="utf-8")
    assert f"id: {was}" in text
    settings.write_text(text.replace(f"id: {was}", f"id: {now}"), encoding="utf-8")


@pytest.fixture(scope="module")
def books(session: Session) -> Books:
    """The versions of the month, compiled once."""
    return Books(session, ACCOUNT)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """The month, to be read."""
    edits = {EDITED: _edit, BACK: _come_back}
    database = play_month(tmp_path_factory.mktemp("edited"), more=10, trades_of=ALL_TRADES, edits=edits)
    with open_store(f"sqlite:///{database}") as store, store.read() as session:
        yield session


def _everybody(session: Session) -> list[str]:
    return [row.lead for row in leads.listing(session, ACCOUNT, limit=MOST)]


def test_every_decision_of_the_month_comes_out_as_it_was_recorded(session: Session) -> None:
    """With the roster kept up: whose turn it was, who had the fewest leads, and who was away come out the same."""
    decided = list(replay_account(session, ACCOUNT))
    log = [event for lead, event in events.in_order(session, ACCOUNT) if lead]
    of_decisions = [id(event) for each in decided for event in each.recorded]
    kinds = Counter(event.type for each in decided for event in each.recorded)
    rows = {row.touch_key: row for row in outbox.listing(session, ACCOUNT, outbox.OutboxFilter(), limit=MOST)}
    texts = [
        (claim.body, rows[claim.verdict.key].body)
        for each in decided
        for claim in each.decision.claims
        if rows[claim.verdict.key].attempts == claim.attempt
    ]

    assert [(each.lead, each.at, each.difference) for each in decided if each.answer is not Answer.AGREES] == []
    assert len(of_decisions) + sum(1 for event in log if event.type == Decided.TOUCH_SENT) == len(log)
    assert len({row.digest for row in publications.history(session, ACCOUNT)}) > len(ALL_TRADES) * 2
    assert {Decided.ADOPTED, Decided.OWNER_CHANGED, Decided.SLA_MISSED, Decided.TOUCH_STOPPED, "act.undone"} <= set(
        kinds
    )
    assert len(texts) > 100
    assert [pair for pair in texts if pair[0] != pair[1]] == []


def test_the_log_of_one_lead_comes_out_the_same_with_the_turns_of_the_others_taken_from_the_record(
    session: Session, books: Books
) -> None:
    """Whose turn it was is in nobody's own log: it is said to be taken from the record, never claimed."""
    found: Counter[Answer] = Counter()
    for lead in _everybody(session):
        for each in replay_of(session, ACCOUNT, books).run(events.in_order(session, ACCOUNT, [lead])):
            found[each.answer] += 1
            shared = any((event.data.get("how") or {}).get("shared") for event in each.recorded)
            assert each.answer is (Answer.OPEN if shared else Answer.AGREES)
    assert found[Answer.OPEN] < found[Answer.AGREES] / 3


def _touches(data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["key"]: each for job in data["jobs"] for visit in job["visits"] for each in visit["touches"]}


def test_explain_agrees_with_what_was_recorded_of_every_touch_of_every_lead(session: Session, books: Books) -> None:
    """Outcome, reason, instant, due instant, version, line and text are those of the outbox."""
    seen: Counter[str] = Counter()
    for lead in _everybody(session):
        story = read_story(session, ACCOUNT, lead, None, ENDS, timedelta(days=30), books)
        data = explain_lead(story)
        told = _touches(data)
        rows = outbox.listing(session, ACCOUNT, outbox.OutboxFilter(lead=lead), limit=MOST)
        assert {row.touch_key for row in rows} <= set(told)
        for row in rows:
            each = told[row.touch_key]
            seen[row.reason] += 1
            assert (each["standing"], each["reason"]) == (row.state, row.reason)
            assert each["at"] == instant_text(row.decided_at)
            assert each["due_at"] == (instant_text(row.due_at) if row.due_at else None)
            assert each["version"] == row.digest[:8]
            assert row.line in (each["line"], (each["decided_by"] or {}).get("line"))
            assert each["touch"] == row.touch
            assert f"id: {row.touch.removesuffix('.sms').removesuffix('.email')}" in each["line_text"]
            assert each["text"] == row.body
            assert each["compared"] in ("agrees", "open")
            assert each["differs"] == []
        assert [each["key"] for each in told.values() if each["standing"] == "never" and not each["says"]] == []
        assert list(lead_lines(data, ZONE))
    assert {"sent", "condition", "stage_left", "stopped", "late", "no_address", "opted_out"} <= set(seen)


def test_at_any_instant_of_the_past_explain_tells_what_was_known_then_and_what_came_of_it(
    session: Session, books: Books
) -> None:
    """Seen from then, what had happened is the same, and what waited has its reason and, later, its end."""
    waited = 0
    for number, lead in enumerate(_everybody(session)):
        whole = _touches(explain_lead(read_story(session, ACCOUNT, lead, None, ENDS, timedelta(days=1), books)))
        came = min(event.recorded_at for whose, event in events.in_order(session, ACCOUNT, [lead]) if whose)
        then = came + (ENDS - came) * (number % 7 + 1) / 9
        story = read_story(session, ACCOUNT, lead, then.replace(microsecond=0), ENDS, timedelta(days=20), books)
        for key, each in _touches(explain_lead(story)).items():
            if each["standing"] == "waits":
                waited += 1
                assert each["says"]
                assert each["changes"], each
                ended = whole[key]["at"]
                assert (ended is None) == (each["later"] is None) or each["later"]["type"] == Decided.TOUCH_CLAIMED
            elif each["standing"] != "never":
                assert (each["standing"], each["at"], each["reason"]) == tuple(
                    whole[key][name] for name in ("standing", "at", "reason")
                )
    assert waited > 30


def test_every_touch_can_be_asked_for_by_its_name(session: Session, books: Books) -> None:
    """Also by the name it had before an edit, and those that the lead never got."""
    never = 0
    for lead in _everybody(session)[::5]:
        story = read_story(session, ACCOUNT, lead, None, ENDS, timedelta(days=10), books)
        job = next(iter(story.state.enrolments.values()), None)
        plan = story.book.plan(job.playbook, job.digest) if job else None
        for stage in plan.playbook.stages.values() if plan else ():
            for touch in stage.touches:
                data = explain_named_touch(story, f"{stage.id}.{touch.id}")
                assert data["touches"] or data["never"]
                assert all(each["says"] for each in (*data["touches"], *data["never"]))
                assert len(list(touch_lines(data, ZONE))) > 3
                never += len(data["never"])
    assert never > 30


def test_the_pages_in_force_told_the_real_events_make_no_difference_for_anybody(session: Session, books: Books) -> None:
    """From any instant since they were last edited: what would have gone is what went, text for text."""
    plans = list(books.at(ENDS).current.values())
    for since in (BACK + timedelta(hours=3), BACK + timedelta(days=6)):
        about = shadowing(session, ACCOUNT, plans, since=since, until=ENDS, tick=timedelta(minutes=1), whole=True)
        found = [each for page in shadow_pages(session, about) for each in page]
        assert len(found) > 15
        assert sum(1 for each in found for planned in each.live.values() if planned.outcome == "sent") > 20
        assert [(each.lead, each.changes) for each in found if each.changes] == []
