"""What happened on the virtual clock, as plain records in order: each with its reason and its line of the page."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from cadence.engine.decision import Outcome, Reason
from cadence.engine.events import Decided
from cadence.engine.slas import LOCK
from cadence.playbook.words import EVENTS, PERSON_CHANNELS
from cadence.testing.cases import KINDS, minute
from cadence.timing.explain import explain_due

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from cadence.engine.decision import Claim, Decision, Verdict, Wait
    from cadence.engine.events import Event
    from cadence.engine.simulate import Step
    from cadence.playbook.compile import Plan
    from cadence.timing.when import Due

__all__ = ["FACT", "NOTE", "WAITS", "Happened", "Recorder"]

FACT = "event"  #: something that the story tells
WAITS = "waits"  #: a touch that is due and waits
NOTE = "note"  #: something else that the engine wrote down

_ENDED = (Decided.TOUCH_SKIPPED, Decided.TOUCH_STOPPED, Decided.TOUCH_FAILED)
_NOT_YET = (Reason.NOT_DUE, Reason.NO_ANCHOR)
#: How a stop is named whose cause is not the event alone.
_STOPS = {Reason.STAGE_LEFT: "stage_left", Reason.OPTED_OUT: "opt_out", Reason.SUPPRESSED: "opt_out"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One thing that happened."""

    kind: str  #: one of :data:`cadence.testing.cases.KINDS`, or FACT, WAITS, NOTE
    name: str  #: touch, stage, promise, member id, title of a next step, event type, or words
    at: datetime
    lead: str
    details: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))  #: as an expectation names them
    stage: str = ""
    channel: str = ""
    because: str = ""  #: why, as a person would say it
    line: int = 0  #: of the playbook; 0: none
    due: Due | None = field(default=None, repr=False, compare=False)

    @property
    def derivation(self) -> tuple[str, ...]:
        """How its due instant came about, in short plain lines; worked out when asked for."""
        return explain_due(self.due) if self.due else ()

    @property
    def expectable(self) -> bool:
        """Whether a test can expect it."""
        return self.kind in KINDS


class Recorder:
    """Makes records of the steps of one test; knows what it has told already."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._told: set[tuple[str, ...]] = set()

    def records(self, step: Step) -> Iterator[Happened]:
        """Yield what happened in a step, in the order in which it came about."""
        decision, lead = step.decision, step.decision.state.lead
        if step.fact is not None:
            yield Happened(kind=FACT, name=step.fact.type, at=step.fact.at, lead=lead, because=_said(step.fact))
        yield from self._decided(decision, lead)
        for alert in decision.alerts:
            if self._is_new("alert", alert.id):
                yield Happened(
                    kind="alert",
                    name=alert.member,
                    at=alert.due_at,
                    lead=lead,
                    details={"about": alert.about},
                    because=alert.title,
                )
        for wait in decision.waits:
            if wait.overdue and wait.reason not in _NOT_YET and self._is_new(WAITS, wait.key, wait.reason.code):
                yield _waiting(wait)

    def _is_new(self, *names: str) -> bool:
        new = names not in self._told
        self._told.add(names)
        return new

    def _decided(self, decision: Decision, lead: str) -> Iterator[Happened]:
        claims = {claim.verdict.key: claim for claim in decision.claims}
        ended = {verdict.key: verdict for verdict in decision.ended}
        tasks = {task.id: task for task in decision.tasks}
        for event in decision.events:
            key = f"{event.enrolment}/{event.data.get('visit')}/{event.data.get('touch')}"
            if event.type == Decided.TOUCH_CLAIMED and key in claims:
                yield _gone(claims[key])
            elif event.type in _ENDED and key in ended:
                yield _ended(ended[key])
            elif event.type == Decided.TASK_MADE and (task := tasks.get(event.data["task"])):
                details = {"owner": task.owner, "due": minute(task.due_at) if task.due_at else None}
                yield Happened(kind="step", name=task.title, at=event.at, lead=lead, details=details)
            elif event.type in _TOLD:
                yield _TOLD[event.type](self._plan, event, lead)


def _gone(claim: Claim) -> Happened:
    verdict = claim.verdict
    details: dict[str, Any] = {"owner": verdict.owner}
    if claim.body:
        details["text"] = claim.body
    if claim.subject and verdict.channel == "email":
        details["subject"] = claim.subject
    if verdict.channel in PERSON_CHANNELS and claim.task_due_at:
        details["due"] = minute(claim.task_due_at)
    return _of_touch("touch", verdict, details, verdict.reason.text)


def _ended(verdict: Verdict) -> Happened:
    detail = f": {verdict.detail}" if verdict.detail else ""
    because = f"{verdict.reason.text}{detail}"
    if verdict.outcome is Outcome.STOPPED:
        return _of_touch("stop", verdict, {"by": _STOPS.get(verdict.reason, verdict.detail)}, because)
    return _of_touch("skip", verdict, {"reason": verdict.reason.code}, because)


def _waiting(wait: Wait) -> Happened:
    verdict = wait.verdict
    detail = f" ({verdict.detail})" if verdict.detail and verdict.reason is not Reason.SNOOZED else ""
    return _of_touch(WAITS, verdict, {"until": verdict.until}, f"{verdict.reason.text}{detail}")


def _of_touch(kind: str, verdict: Verdict, details: Mapping[str, Any], because: str) -> Happened:
    return Happened(
        kind=kind,
        name=verdict.touch,
        at=verdict.at,
        lead=verdict.lead,
        details=details,
        stage=verdict.stage,
        channel=verdict.channel,
        because=because,
        line=verdict.line,
        due=verdict.due,
    )


def _entered(plan: Plan, event: Event, lead: str) -> Happened:
    stage = plan.playbook.stages.get(event.data["stage"])
    return Happened(
        kind="stage",
        name=event.data["stage"],
        at=event.at,
        lead=lead,
        details={"owner": event.data["owner"]},
        because=_title(plan, event.data["by"]),
        line=stage.line if stage else 0,
    )


def _promise(what: str) -> Callable[[Plan, Event, str], Happened]:
    def tell(_: Plan, event: Event, lead: str) -> Happened:
        name = event.data["sla"]
        return Happened(
            kind="sla",
            name=name,
            at=event.at,
            lead=lead,
            details={"is": what},
            because="the lock of the stage" if name == LOCK else "",
        )

    return tell


def _note(words: str) -> Callable[[Plan, Event, str], Happened]:
    def tell(_: Plan, event: Event, lead: str) -> Happened:
        data = {**event.data, "missing": "; ".join(event.data.get("missing", ()))}
        return Happened(kind=NOTE, name=words.format_map(data), at=event.at, lead=lead)

    return tell


#: Entries that are told by themselves.
_TOLD: Mapping[str, Callable[[Plan, Event, str], Happened]] = {
    Decided.STAGE_ENTERED: _entered,
    Decided.SLA_WARNED: _promise("warned"),
    Decided.SLA_MISSED: _promise("missed"),
    Decided.MOVE_WAITING: _note("cannot move to {to} yet: {missing}"),
    Decided.STOPPED: _note("the sequence stops: {by}"),
    Decided.OWNER_CHANGED: _note("now owned by {owner} ({cause})"),
    Decided.ENROLMENT_ENDED: _note("ends as {end}"),
    Decided.HELD: _note("waits until {until} ({kind})"),
    Decided.HOLD_ENDED: _note("waits no longer ({kind})"),
    Decided.LOCK_LOST: _note("the agreed next step fell through: {by}"),
    Decided.SCORED: _note("scored {score}"),
}


def _title(plan: Plan, kind: str) -> str:
    if kind in EVENTS:
        return EVENTS[kind].title
    return plan.workspace.events[kind][0] if kind in plan.workspace.events else kind


def _said(fact: Event) -> str:
    """Say what a fact carries, in a few words."""
    if fact.type == "lead.created":
        return ""
    return ", ".join(f"{name}: {value}" for name, value in fact.data.items() if isinstance(value, str | int | float))
