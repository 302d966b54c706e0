"""Acts of colleagues: facts that belong together, recorded as one, and taken back as one."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cadence.engine.acts import began
from cadence.engine.events import Decided, Event, instant_text
from cadence.engine.fold import UNDONE, standing_entries
from cadence.errors import Refused
from cadence.playbook.words import Actor
from cadence.runner.closed import how_ended, local_text, member_name, title_of
from cadence.runner.ledger import load
from cadence.runner.record import record_fact
from cadence.store import alerts, events, leads

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from cadence.engine.book import Book
    from cadence.engine.decision import Decision
    from cadence.store.session import Session

__all__ = ["Act", "act_key", "acts_in", "is_act", "new_key", "record_act", "undo"]

_KEY = re.compile(r"(act-[0-9a-f]{10})(?:-\d+)?")
#: What is not a colleague's to take back: what the person asked for, agreed to or said, and who they are.
_STAYS = {
    "opt_out": "what the person asked for is not ours to take back; if they return, record opt_in",
    "opt_in": "what the person asked for is not ours to take back; `cadence suppress add` stops messages",
    "consent.given": "a consent is ended by recording consent.withdrawn",
    "consent.withdrawn": "a consent is given by recording consent.given",
    "lead.created": "a lead that came in stays; `cadence leads lost` closes one that should not be there",
    "lead.updated": "record what is true now: `cadence event LEAD lead.updated`",
    "reply": "what the lead said stays said",
    "acknowledgement": "what the lead said stays said",
    "not_interested": "what the lead said stays said",
    "automatic": "what came in stays",
    "call.missed": "what came in stays",
    "message.bounced": "what came in stays",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What a colleague recorded in one go."""

    key: str  #: "act-" and ten digits
    facts: tuple[Event, ...]  #: in the order they were recorded
    undone: Event | None = None  #: the fact that took it back; None: it stands


def act_key(key: str) -> str:
    """Return the name of the act that a fact's key belongs to; empty: it belongs to none."""
    match = _KEY.fullmatch(key)
    return match[1] if match else ""


def new_key() -> str:
    """Return a name for an act that no other has."""
    return f"act-{secrets.token_hex(5)}"


def is_act(kind: str) -> bool:
    """Tell whether a fact of this type, recorded by hand, is a colleague's act, which can be taken back."""
    return kind not in _STAYS


def acts_in(log: Iterable[Event]) -> list[Act]:
    """List the acts of a log, oldest first."""
    facts: dict[str, list[Event]] = {}
    undone: dict[str, Event] = {}
    for event in log:
        if event.type == UNDONE:
            undone[act_key(event.data["undoes"])] = event
        elif key := act_key(event.key):
            facts.setdefault(key, []).append(event)
    return [Act(key=key, facts=tuple(its), undone=undone.get(key)) for key, its in facts.items()]


def record_act(
    session: Session, account: str, book: Book, lead: str, facts: Sequence[Event], key: str, *, strict: bool = True
) -> list[Decision]:
    """Record facts that belong together; ``key`` names the act (empty: it is none that can be taken back).

    LeadError or Refused, with nothing to be kept of it, when one of them cannot be recorded; ``strict`` as for
    :func:`cadence.runner.record.record_fact`.
    """
    named = [replace(fact, key=f"{key}-{n}" if key and n > 1 else key) for n, fact in enumerate(facts, 1)]
    return [record_fact(session, account, book, lead, fact, strict=strict) for fact in named]


def undo(
    session: Session, account: str, book: Book, lead: str, key: str, *, by: str, at: datetime, now: datetime, mark: str
) -> tuple[Act, list[Decision]]:
    """Take back an act: the one called ``key``, or the last that stands when it is empty. ``mark`` names the undoing.

    Refused when there is none, when it cannot be taken back, or when the lead has moved on from where it led.
    """
    leads.lock(session, account, [lead])
    log = events.of_leads(session, account, [lead])[lead]
    act = _find(log, book, lead, key)
    _refuse_what_stays(act)
    _refuse_moved_again(session, account, book, lead, log, act)
    decisions = []
    for number, fact in enumerate(reversed(act.facts), 1):
        counter = Event(
            type=UNDONE,
            at=at,
            recorded_at=now,
            enrolment=fact.enrolment,
            job=fact.job,
            actor=Actor.COLLEAGUE.value,
            data=_counter(fact, by),
            key=f"{mark}/{number}",
        )
        decisions.append(record_fact(session, account, book, lead, counter))
    _forget_alerts(session, account, lead, log, act)
    return act, decisions


def _counter(fact: Event, by: str) -> dict[str, str]:
    data = {"undoes": fact.key, "type": fact.type, "of": instant_text(fact.at), "by": by}
    if fact.type == "owner.assigned":
        data["owner"] = str(fact.data.get("owner", ""))
    return {name: text for name, text in data.items() if text}


def _find(log: Sequence[Event], book: Book, lead: str, key: str) -> Act:
    known = acts_in(log)
    if not key:
        act = next((each for each in reversed(known) if each.undone is None), None)
        if act is None:
            raise Refused(
                f"{lead} has no act to take back", help=f"`cadence leads show {lead}` tells what was recorded"
            )
        return act
    found = next((each for each in known if each.key == act_key(key)), None)
    if found is None:
        raise Refused(
            f"{lead} has no act {key!r}", help=f"`cadence leads show {lead}` names them in brackets, such as [act-...]"
        )
    if found.undone:
        who = member_name(book, str(found.undone.data.get("by") or "")) or "a colleague"
        raise Refused(
            f"{key} was taken back already, by {who} at {local_text(book, found.undone.at)}",
            help="record it again if it was right after all",
        )
    return found


def _refuse_what_stays(act: Act) -> None:
    for fact in act.facts:
        if fact.type in _STAYS:
            raise Refused(f"{act.key} cannot be taken back: {title_of(fact.type)}", help=_STAYS[fact.type])


def _refuse_moved_again(session: Session, account: str, book: Book, lead: str, log: Sequence[Event], act: Act) -> None:
    """Refuse to take back a move after which the lead has moved again, and what began a job."""
    now_standing = load(session, account, [lead])[lead]
    without = load(session, account, [lead], without=[fact.key for fact in act.facts])[lead]
    for fact in act.facts:
        for entry in _led_to(log, fact):
            enrolment = now_standing.enrolments[entry.enrolment]
            stage = book.stage(enrolment.playbook, enrolment.digest, enrolment.visit.stage)
            title = stage.title if stage else enrolment.visit.stage
            if entry.type == Decided.ENROLLED:
                raise Refused(
                    f"{act.key} cannot be taken back: a job began with it, which is in {title!r}",
                    help="`cadence leads lost` closes a job that should not be there",
                )
            if entry.type == Decided.STAGE_ENTERED and entry.data["visit"] != enrolment.visit.number:
                raise Refused(
                    f"{act.key} cannot be taken back any more: {lead} has moved again since, and is in {title!r}",
                    help="take back what moved it there first, or record what is true now",
                )
            if without.enrolments[entry.enrolment].end:
                ending = how_ended(log, book, entry.enrolment)
                raise Refused(f"{act.key} cannot be taken back any more: {ending.text}")
            if entry.type == Decided.STAGE_ENTERED and not began(
                without.enrolments[entry.enrolment], fact.type, fact.at
            ):
                raise Refused(
                    f"{act.key} cannot be taken back: the same was recorded again since, and {lead} is in {title!r}",
                    help="take back the later one first",
                )


def _led_to(log: Sequence[Event], fact: Event) -> list[Event]:
    """List the engine's entries by which a fact began jobs, moved them, perhaps after a wait, or ended them."""
    start = next(index for index, event in enumerate(log) if event.key == fact.key)
    found: list[Event] = []
    waits: set[str] = set()
    direct = True
    for event in standing_entries(log[start + 1 :], {each.data["undoes"] for each in log if each.type == UNDONE}):
        if event.actor != Actor.ENGINE.value:
            direct = False
            if event.type == fact.type:
                break
            continue
        direct = direct and event.recorded_at == fact.recorded_at
        if event.data.get("by") != fact.type:
            continue
        if event.type == Decided.MOVE_WAITING and direct:
            waits.add(event.enrolment)
        elif event.type in (Decided.ENROLLED, Decided.STAGE_ENTERED, Decided.ENROLMENT_ENDED) and (
            direct or event.enrolment in waits
        ):
            found.append(event)
    return found


def _forget_alerts(session: Session, account: str, lead: str, log: Sequence[Event], act: Act) -> None:
    """Nobody needs to be told any more that the lead is theirs, where they have not been told."""
    owners = {
        (str(each.data.get("owner", "")), each.recorded_at)
        for fact in act.facts
        for each in (fact, *_led_to(log, fact))
    }
    waiting = [
        row.alert
        for row in alerts.listing(session, account, lead)
        if row.state == alerts.WAITS and row.about == "assigned" and (row.member, row.made_at) in owners
    ]
    alerts.mark(session, account, dict.fromkeys(waiting, (alerts.DROPPED, "")))
