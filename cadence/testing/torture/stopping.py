"""Rules of who wants no more, or not now; and of who takes over then."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cadence.testing.torture.plain import MESSAGES, plain_page
from cadence.testing.torture.verdicts import Broken, said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.engine.events import Event
    from cadence.testing.torture.plain import Words
    from cadence.testing.torture.story import Look, Seen

__all__ = ["ends_its_sequence", "heeds_stop", "is_always_somebodys", "stops_with_a_next_step", "waits_when_asked"]

HOLDS = {"snooze": timedelta(days=7), "automatic": timedelta(days=3)}  #: where no date is named


def heeds_stop(seen: Seen) -> Iterator[Broken]:
    """After a STOP no message goes to that person, nor are they put on an advertising list."""
    stopped: datetime | None = None
    for look in seen.looks:
        if look.fact and look.fact.type == "opt_out":
            stopped = look.at
        elif look.fact and look.fact.type == "opt_in":
            stopped = None
        for claim in look.claims:
            if stopped and claim.verdict.channel in (*MESSAGES, "audience"):
                yield Broken(
                    look.at, f"{said(claim.verdict)} went although they asked us to stop at {stopped:%d %b %H:%M}"
                )


def ends_its_sequence(seen: Seen) -> Iterator[Broken]:
    """After a stop nothing that was left of the running sequence goes, after the end nothing of the job at all."""
    page = plain_page(seen.plan)
    running: dict[str, int] = {}
    over: dict[tuple[str, int], str] = {}
    closed: set[str] = set()
    for look in seen.looks:
        if look.fact and (look.fact.type in page.stop_on or look.fact.type == "opt_out"):
            for enrolment, visit in running.items():
                over.setdefault((enrolment, visit), look.fact.type)
        for entry in look.entries:
            if entry.type == "stage.entered":
                running[entry.enrolment] = entry.data["visit"]
            elif entry.type == "enrolment.ended":
                closed.add(entry.enrolment)
                running.pop(entry.enrolment, None)
        for claim in look.claims:
            verdict = claim.verdict
            stop = over.get((verdict.enrolment, verdict.visit))
            if verdict.enrolment in closed:
                yield Broken(look.at, f"{said(verdict)} went although the job had ended")
            elif stop and not _counts_from(page, verdict.stage, verdict.touch, stop):
                yield Broken(look.at, f"{said(verdict)} went although {stop} had stopped its sequence")


def _counts_from(page: Words, stage: str, touch: str, kind: str) -> bool:
    """Tell whether a touch counts from the very event that stopped the rest, or from one of its dates."""
    anchor = str(page.touch(stage, touch).get("anchor", ""))
    return anchor == kind or anchor.rpartition(".")[0] == kind


def waits_when_asked(seen: Seen) -> Iterator[Broken]:
    """Who asked for later, or is away, hears nothing until then, unless something else happens first."""
    page = plain_page(seen.plan)
    until, why = None, ""
    for look in seen.looks:
        if look.fact:
            until = None
            if _asks_for_later(look.fact) and look.fact.at == look.at:
                until, why = look.fact.at + HOLDS[look.fact.type], look.fact.type
        for claim in look.claims:
            if until and look.at < until:
                yield Broken(look.at, f"{said(claim.verdict)} went although {why} holds until {_clock(page, until)}")


def _asks_for_later(fact: Event) -> bool:
    """Tell whether a fact holds touches back for the usual time; not one that names a day."""
    return fact.type in HOLDS and "until" not in fact.data and fact.data.get("kind", "out_of_office") == "out_of_office"


@dataclass(slots=True)
class _Desk:
    """The open next steps of each job, as the log makes them."""

    steps: dict[str, dict[str, bool]] = field(default_factory=dict)  #: job -> step -> whether it has owner and date
    active: set[str] = field(default_factory=set)

    def take(self, look: Look) -> None:
        for entry in look.entries:
            self._entry(entry)

    def _entry(self, entry: Event) -> None:
        data = entry.data
        mine = self.steps.setdefault(entry.enrolment, {})
        if entry.type == "enrolment.started":
            self.active.add(entry.enrolment)
        elif entry.type == "enrolment.ended":
            self.active.discard(entry.enrolment)
        elif entry.type == "task.made":
            mine[data["task"]] = bool(data["owner"] and data["due_at"])
        elif entry.type == "task.closed":
            mine.pop(data["task"], None)
        elif entry.type == "touch.claimed" and "step_due_at" in data:
            mine[f"{entry.enrolment}/{data['visit']}/{data['touch']}"] = bool(data["owner"])


def is_always_somebodys(seen: Seen) -> Iterator[Broken]:
    """Every open job has an owner and a next step with a date at each moment; or what is missing is named."""
    desk = _Desk()
    for look in seen.looks:
        desk.take(look)
        standing = {each.enrolment: each for each in look.standing}
        for enrolment in sorted(desk.active):
            stands = standing.get(enrolment)
            if stands is None:
                yield Broken(look.at, f"nobody knows of {enrolment} any more")
                continue
            named = {gap.code for gap in stands.gaps}
            if not stands.owner and "no_owner" not in named:
                yield Broken(look.at, "the lead has no owner, and no gap says so")
            if stands.next is None and "no_next_action" not in named:
                yield Broken(look.at, "nothing comes next, and no gap says so")
            elif stands.next and stands.next.due_at is None and "no_due_date" not in named:
                yield Broken(look.at, f"{stands.next.name} has no date, and no gap says so")
            elif stands.next is None and desk.steps.get(enrolment):
                yield Broken(look.at, "the log has an open next step, and it is not shown")


def stops_with_a_next_step(seen: Seen) -> Iterator[Broken]:
    """Every stop of a job that goes on leaves an owner, a step and its date."""
    desk = _Desk()
    for look in seen.looks:
        desk.take(look)
        for entry in look.entries:
            if entry.type != "sequence.stopped" or entry.enrolment not in desk.active:
                continue
            stands = next((each for each in look.standing if each.enrolment == entry.enrolment), None)
            moved = any(
                other.type == "stage.entered"
                and other.enrolment == entry.enrolment
                and other.data["visit"] > entry.data["visit"]
                for other in look.entries
            )
            if moved:
                continue
            if stands is None or not stands.owner:
                yield Broken(look.at, f"{entry.data['by']} stopped the sequence, and nobody owns the lead")
            if not any(desk.steps.get(entry.enrolment, {}).values()):
                yield Broken(
                    look.at, f"{entry.data['by']} stopped the sequence and left no step with an owner and a date"
                )


def _clock(page: Words, at: datetime) -> str:
    return f"{at.astimezone(page.home):%a %d %b %H:%M}"
