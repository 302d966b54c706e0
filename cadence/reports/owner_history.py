"""How each job of a lead came to its owner: which line of the page chose, who was there, whose turn it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cadence.engine.events import Decided, instant_text
from cadence.engine.fold import concerns
from cadence.runner.acts import act_key
from cadence.runner.closed import member_name, still_told, title_of
from cadence.runner.record import state_of
from cadence.store import events

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cadence.engine.book import Book
    from cadence.engine.events import Event
    from cadence.engine.state import EnrolmentState
    from cadence.playbook.compile import Plan
    from cadence.store.session import Session

__all__ = ["owner_history", "owner_steps"]

_AWAY = {
    "absent": "{before} is away",
    "left": "{before} is not in the team any more",
    "found": "nobody was there before",
    "back": "{owner} is back, and gets back what was lent to others",
}


def owner_history(session: Session, account: str, book: Book, lead: str) -> list[dict[str, Any]]:
    """Tell of each job of a lead who has owned it, since when and why, oldest first; LeadError for an unknown lead."""
    state = state_of(session, account, lead)
    log = still_told(events.of_leads(session, account, [lead])[lead])
    return [_job(book, enrolment, log) for enrolment in state.enrolments.values()]


def _job(book: Book, enrolment: EnrolmentState, log: Sequence[Event]) -> dict[str, Any]:
    plan = book.plan(enrolment.playbook, enrolment.digest)
    steps = list(owner_steps(book, plan, enrolment, log))
    return {
        "enrolment": enrolment.id,
        "playbook": enrolment.playbook,
        "job": enrolment.job,
        "end": enrolment.end,
        "owner": enrolment.owner,
        "owner_name": member_name(book, enrolment.owner),
        "since": _since(steps, enrolment.owner),
        "history": steps,
    }


def _since(steps: Sequence[Mapping[str, Any]], owner: str) -> str | None:
    """Return when the owner of today got the job, and kept it from then on."""
    since = None
    for step in reversed(steps):
        if step["owner"] != owner:
            break
        since = step["at"]
    return since


def owner_steps(
    book: Book, plan: Plan | None, enrolment: EnrolmentState, log: Sequence[Event]
) -> Iterator[dict[str, Any]]:
    """Yield who has owned a job, since when and why, oldest first; ``log``: what still counts of the lead's."""
    owners: list[str] = []  #: of each visit, for what stands again where it stood
    owner = ""
    begun = False
    for event in log:
        begun = begun or (event.type == Decided.ENROLLED and event.enrolment == enrolment.id)
        if not begun or (event.enrolment and event.enrolment != enrolment.id):
            continue
        if event.type == Decided.STAGE_ENTERED:
            owners.append(owner)
            owner = event.data["owner"]
            stage = plan.playbook.stages.get(event.data["stage"]) if plan else None
            title = stage.title if stage else event.data["stage"]
            why = _chosen(book, plan, event.data.get("how") or {})
            yield _step(book, event, owner, f"enters {title!r} ({title_of(event.data['by'])}); {why}")
        elif event.type == Decided.OWNER_CHANGED:
            owner = event.data["owner"]
            yield _step(book, event, owner, _changed(book, plan, event))
        elif event.type == Decided.VISIT_RESTORED:
            owner = owners.pop() if owners else owner
            yield _step(book, event, owner, "what moved it on was taken back")
        elif event.type == "owner.assigned" and concerns(enrolment, event):
            owner = str(event.data.get("owner", ""))
            by = member_name(book, str(event.data.get("by") or "")) or "a colleague"
            why = f": {event.data['reason']}" if event.data.get("reason") else ""
            yield _step(book, event, owner, f"assigned by {by}{why}")


def _step(book: Book, event: Event, owner: str, text: str) -> dict[str, Any]:
    step = {
        "at": instant_text(event.at),
        "owner": owner,
        "owner_name": member_name(book, owner),
        "why": text,
        "how": dict(event.data.get("how") or {}),
    }
    if key := act_key(event.key):
        step["act"] = key
    return step


def _changed(book: Book, plan: Plan | None, event: Event) -> str:
    data, how = event.data, event.data.get("how") or {}
    cause = str(data.get("cause", ""))
    names = {name: member_name(book, str(data.get(name, ""))) for name in ("before", "owner")}
    if cause in _AWAY:
        said = _AWAY[cause].format(**names)
        return said if cause == "back" else f"{said}; {_chosen(book, plan, how)}"
    wanted = str(how.get("role", ""))
    before = names["before"] or "nobody"
    return f"{cause.replace('-', ' ')} was missed: reassigned to {wanted or names['owner']}, from {before}"


def _chosen(book: Book, plan: Plan | None, how: Mapping[str, Any]) -> str:
    """Say how one was chosen among the people of a role."""
    role, line = str(how.get("role", "")), int(how.get("line", 0))
    where = f"line {line} of the page: " if line else ""
    there = ", ".join(member_name(book, each) for each in how.get("among", ()))
    shared = str(how.get("shared", role))
    by = str(how.get("by", ""))
    if by == "rule":
        return f"{where}{_rule(plan, role, line)}"
    if by == "fallback":
        return f"{where}nobody of {role} is there, so the fallback {shared} has it; there: {there}"
    return {
        "named": f"the stage is {member_name(book, role)}'s",
        "kept": f"kept: its {role} of before",
        "round_robin": f"{where}whose turn it was of {shared}; there: {there}",
        "least_loaded": f"{where}who has the fewest open leads of {shared}; there: {there}",
        "nobody_present": f"{where}nobody of {role} is there, nor of the fallback",
        "nobody": "nobody can own it" if role else "the stage has no owner",
        "ended": "it is over, and stays with who had it",
    }.get(by, "chosen by an earlier version of cadence, which did not say how")


def _rule(plan: Plan | None, role: str, line: int) -> str:
    routing = plan.playbook.routing.get(role) if plan else None
    rule = next((each for each in routing.rules if each.line == line), None) if routing else None
    return f"the rule for {role} fits: {rule.condition}" if rule else f"a rule for {role} fits"
