"""Acts taken back one after the other: where a lead stands then, and what people have to do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cadence.engine.decide import decide, observe
from cadence.engine.events import Decided, instant_text
from cadence.engine.fold import fold
from support.plans import book_of, fact, instant, lead_fact, one_stage, plan_of, play

if TYPE_CHECKING:
    from cadence.engine.book import Book
    from cadence.engine.events import Event
    from cadence.engine.state import EnrolmentState

TUESDAY, WEDNESDAY = "2026-11-17", "2026-11-18"
ARRIVES = lead_fact(f"{TUESDAY} 11:00")
LATER = """
  later:
    owner: sales
    touches: [{id: ask, channel: call, send: now, template: t}]
    next: {estimate.sent: last, lead.won: won}
  last: {owner: sales, require: {to_enter: [lead.zip]}, next: {lead.won: won}}
"""
HELLO = "Call Maria Lopez: hello"
CALL = "- {id: hello, channel: call, send: now, template: t}"


def shop() -> Book:
    return book_of(plan_of(one_stage(CALL, stage="next: {lead.qualified: later, lead.won: won}") + LATER))


class Desk:
    """A log that grows; what is taken back is left out, as the runner does."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.log: list[Event] = list(play(book, [ARRIVES], f"{TUESDAY} 00:00", f"{WEDNESDAY} 08:00").events)
        self.number = 0

    def tell(self, kind: str, at: str, **data: Any) -> Event:
        self.number += 1
        told = replace(fact(kind, f"{WEDNESDAY} {at}", **data), key=f"act-{self.number:010x}")
        self.log += observe(self.book, fold("maria", self.log), told, told.at).events
        return told

    def undo(self, told: Event, at: str) -> None:
        data = {"undoes": told.key, "type": told.type, "of": instant_text(told.at)}
        if told.type == "owner.assigned":
            data["owner"] = told.data["owner"]
        counter = fact("act.undone", f"{WEDNESDAY} {at}", **data)
        decision = observe(self.book, fold("maria", self.log, without=[told.key]), counter, counter.at)
        self.log += decision.events
        assert fold("maria", self.log) == decision.state, "the log says the same as the decision"

    @property
    def job(self) -> EnrolmentState:
        (enrolment,) = fold("maria", self.log).enrolments.values()
        return enrolment

    @property
    def steps(self) -> list[str]:
        return [task.title for task in self.job.open_tasks().values()]


def test_moves_are_taken_back_one_after_the_other() -> None:
    desk = Desk(shop())
    first = desk.tell("lead.qualified", "09:00")
    second = desk.tell("lead.won", "09:10")
    assert desk.job.end == "won"
    desk.undo(second, "09:20")
    assert (desk.job.visit.stage, desk.job.owner, desk.job.end) == ("later", "lee", "")
    desk.undo(first, "09:30")
    assert (desk.job.visit.stage, desk.job.owner, desk.job.visit.number) == ("new", "dana", 1)


def test_a_visit_that_was_taken_back_does_not_give_its_number_to_the_next() -> None:
    """A touch carries the number of its visit in its name: what went in the first must not stand for the second."""
    desk = Desk(shop())
    desk.undo(desk.tell("lead.qualified", "09:00"), "09:10")
    desk.tell("lead.qualified", "09:20")
    assert desk.job.visit.number == 3
    assert [e.data["visit"] for e in desk.log if e.type == Decided.STAGE_ENTERED] == [1, 2, 3]


def test_what_the_visit_that_was_taken_back_had_people_do_is_off_the_list_and_what_it_closed_is_open_again() -> None:
    desk = Desk(shop())
    assert desk.steps == [HELLO]
    moved = desk.tell("lead.qualified", "09:00")
    decision = decide(desk.book, fold("maria", desk.log), instant(f"{WEDNESDAY} 09:01"))
    desk.log += decision.events
    assert desk.steps == ["Call Maria Lopez: ask"]
    desk.undo(moved, "09:10")
    assert desk.steps == [HELLO, "Maria Lopez is back in new: decide the next step"]
    assert {task.owner for task in desk.job.open_tasks().values()} == {"dana"}


def test_an_end_without_a_stage_of_its_own_is_taken_back_too() -> None:
    new = "  new: {owner: csr, enter_on: [lead.created], next: {lead.won: won}}\n"
    desk = Desk(book_of(plan_of(f"stages:\n{new}  won: {{end: won}}\n")))
    step = desk.tell("next.set", "08:30", action="send photos")
    lost = desk.tell("lead.lost", "09:00", reason="price")
    assert (desk.job.end, desk.job.visit.stage, desk.steps) == ("lost", "new", [])
    desk.undo(lost, "09:10")
    assert (desk.job.end, desk.job.visit.stage, desk.steps) == ("", "new", ["send photos"])
    desk.undo(step, "09:20")
    assert desk.steps == []


def test_a_move_that_waits_does_not_wait_any_more_and_one_that_was_made_late_is_taken_back() -> None:
    desk = Desk(shop())
    desk.tell("lead.qualified", "09:00")
    sent = desk.tell("estimate.sent", "09:10")
    assert desk.job.waiting_move is not None
    desk.undo(sent, "09:20")
    assert desk.job.waiting_move is None
    again = desk.tell("estimate.sent", "09:30")
    desk.log += observe(
        desk.book, fold("maria", desk.log), fact("lead.updated", f"{WEDNESDAY} 09:40", lead={"zip": "64110"}),
        instant(f"{WEDNESDAY} 09:40"),
    ).events  # fmt: skip
    assert desk.job.visit.stage == "last"
    desk.undo(again, "09:50")
    assert desk.job.visit.stage == "later"


def test_a_step_put_off_is_due_again_when_it_was_and_one_that_was_done_is_open() -> None:
    desk = Desk(shop())
    (key, task), *_ = desk.job.open_tasks().items()
    later = desk.tell("task.postponed", "09:00", task=key, until="2026-11-20T10:00")
    assert desk.job.open_tasks()[key].due_at == instant("2026-11-20 10:00")
    desk.undo(later, "09:10")
    assert desk.job.open_tasks()[key] == task
    done = desk.tell("task.done", "09:20", task=key)
    assert desk.steps == []
    desk.undo(done, "09:30")
    assert desk.job.open_tasks()[key] == task


def test_a_call_taken_back_leaves_the_call_to_be_made() -> None:
    desk = Desk(shop())
    call = desk.tell("call.logged", "09:00", result="spoke")
    assert desk.steps == []
    desk.undo(call, "09:10")
    assert desk.steps == [HELLO]
    assert "call.logged" not in desk.job.visit.first


def test_who_got_steps_only_because_the_lead_was_given_to_them_gives_them_back() -> None:
    desk = Desk(shop())
    given = desk.tell("owner.assigned", "09:00", owner="lee")
    won = desk.tell("lead.won", "09:10")
    desk.undo(won, "09:20")
    assert {task.owner for task in desk.job.open_tasks().values()} == {"lee"}
    desk.undo(given, "09:30")
    assert {task.owner for task in desk.job.open_tasks().values()} == {"dana"}


def test_an_earlier_snooze_stands_when_a_later_one_is_taken_back() -> None:
    desk = Desk(shop())
    desk.tell("snooze", "09:00", until="2026-11-30")
    later = desk.tell("snooze", "09:10", until="2026-12-24")
    desk.undo(later, "09:20")
    ends = [hold.end for hold in fold("maria", desk.log).holds if hold.kind == "snoozed"]
    assert ends == [instant("2026-11-30 10:00")]
