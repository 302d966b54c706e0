"""What an edit changes for one lead: its future with the edit against its future without."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING
from zlib import crc32

from cadence.engine.decision import Reason
from cadence.engine.futures import OPEN, SENT, Future, Names, Planned, Span, TouchKey, future_of
from cadence.engine.names import stage_in
from cadence.engine.standing import standings
from cadence.playbook.words import MESSAGE_CHANNELS
from cadence.timing.value import value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.engine.book import Book
    from cadence.engine.roster import Roster
    from cadence.engine.state import LeadState

__all__ = [
    "CLOSE",
    "LATE",
    "SOON",
    "Change",
    "Kind",
    "LeadDiff",
    "changes_between",
    "lead_diff",
    "names_of",
    "stranded_in",
]

SOON = timedelta(hours=1)  #: what goes so soon after the publication goes at once
LATE = timedelta(hours=1)  #: what goes longer than that after it was due goes late
CLOSE = timedelta(hours=24)  #: two messages to one person that lie closer together are worth a look

_FIRST = datetime.min.replace(tzinfo=UTC)
_GONE = "not_on_page"  #: the edited page does not have it
_ELSEWHERE = "elsewhere"  #: the lead does not come into its stage


class Kind(Enum):
    """What becomes different."""

    ADDED = "added"
    MOVED = "moved"
    DROPPED = "dropped"
    REWORDED = "reworded"
    PASSED = "passed"  #: due before the publication: it does not go
    OWNER = "owner"
    STAGE = "stage"
    STRANDED = "stranded"  #: its stage is no more, and nobody said where it goes


@value(kw_only=True)
class Change:
    """One thing that becomes different for a lead."""

    kind: Kind
    enrolment: str
    playbook: str
    stage: str
    touch: str = ""
    channel: str = ""
    was: datetime | None = None  #: when it would have gone or happened without the edit; None: not at all
    at: datetime | None = None  #: when it will; None: not at all
    due_at: datetime | None = None
    detail: str = ""  #: of a drop, why; of an owner, whose it was; of a stage, what moves the lead
    owner: str = ""  #: member id
    reworded: bool = False  #: what it says is different, too
    late: bool = False  #: it goes more than an hour after it was due
    close_to: datetime | None = None  #: the message before it, where there are less than 24 hours between them
    after_end: bool = False  #: ``at`` lies behind the time that was looked at
    text: tuple[str, str, str] = ("", "", "")  #: to whom, subject and text


@value(kw_only=True)
class LeadDiff:
    """What an edit changes for one lead."""

    lead: str
    name: str
    since: datetime  #: when the first of the enrolments that something changes for began
    changes: tuple[Change, ...]
    soon: bool  #: a message goes within the hour after the publication that would not have gone
    gaps: tuple[str, ...] = ()  #: no_owner, no_next_action: what it lacks at the end, and would have without the edit


def names_of(before: Book, after: Book) -> Names:
    """Return by which names two futures are told: those of the edited pages."""
    return {
        playbook: (plan, before.current.get(playbook))
        for playbook, plan in after.current.items()
        if playbook not in before.current or before.current[playbook].digest != plan.digest
    }


def lead_diff(
    before: Book,
    after: Book,
    state: LeadState,
    *,
    span: Span,
    wake_at: datetime | None,
    roster: Roster,
    names: Names,
) -> LeadDiff | None:
    """Tell what becomes different for one lead when ``after`` comes into force; None: nothing.

    The state is given away. ``wake_at``: when the lead would be looked at next; an edit has it looked at at once.
    ``roster``: who has how much and whose turn it is at the start; a lead is looked at as if others came before, as
    many as its id says, so that it does not matter in which order leads are.
    """
    said = [*_stranded(after, state)]
    began = {enrolment.id: enrolment.started_at for enrolment in state.active_enrolments()}
    name, recent = str(state.record.get("name") or state.lead), [*state.messages]
    wakes = span.start if _is_edited(after, state) else wake_at
    ahead = crc32(state.lead.encode())
    old = future_of(before, state.copy(), span=span, wake_at=wake_at, roster=roster.before(ahead), names=names)
    new = future_of(after, state, span=span, wake_at=wakes, roster=roster.before(ahead), names=names)
    said += changes_between(old, new, after, span)
    if not said:
        return None
    changes = _with_what_is_close(said, [*recent, *old.messages], [*recent, *new.messages])
    return LeadDiff(
        lead=state.lead,
        name=name,
        since=min(began[change.enrolment] for change in said),
        changes=tuple(sorted(changes, key=_place)),
        soon=bool(_soon(new, span) - _soon(old, span)),
        gaps=tuple(sorted(_gaps(after, new, span.end) - _gaps(before, old, span.end))),
    )


def changes_between(old: Future, new: Future, after: Book, span: Span) -> Iterator[Change]:
    """Yield what differs between two futures of one lead; ``after``: the versions of the new one."""
    yield from _of_touches(old, new, after, span)
    yield from _of_stays(old, new)


def stranded_in(book: Book, state: LeadState) -> Iterator[tuple[str, str, str]]:
    """Yield enrolments that could not follow the versions in force, with playbook and stage."""
    for enrolment in state.active_enrolments():
        plan, stage = book.current.get(enrolment.playbook), enrolment.visit.stage
        if plan is not None and plan.digest == enrolment.digest:
            continue
        carried = book.plan(enrolment.playbook, enrolment.digest)
        if plan is None or not (stage_in(plan, stage, carried) or stage in book.answers.get(plan.digest, {})):
            yield enrolment.id, enrolment.playbook, stage


def _stranded(book: Book, state: LeadState) -> Iterator[Change]:
    for enrolment, playbook, stage in stranded_in(book, state):
        yield Change(kind=Kind.STRANDED, enrolment=enrolment, playbook=playbook, stage=stage)


def _is_edited(book: Book, state: LeadState) -> bool:
    return any(
        plan.digest != enrolment.digest
        for enrolment in state.active_enrolments()
        if (plan := book.current.get(enrolment.playbook))
    )


def _of_touches(old: Future, new: Future, after: Book, span: Span) -> Iterator[Change]:
    for key, planned in new.touches.items():
        was = old.touches.get(key)
        if was != planned and (change := _of_touch(key, was, planned, span)):
            yield change
    for key, was in old.touches.items():
        if key not in new.touches and was.outcome == SENT:
            yield _dropped(key, was, _why_gone(key, was, after), None)


def _of_touch(key: TouchKey, was: Planned | None, planned: Planned, span: Span) -> Change | None:
    would = was is not None and was.outcome == SENT
    if planned.outcome == SENT:
        return _of_sent(key, was, planned)
    if planned.reason == Reason.BEFORE_PUBLICATION.code:
        return replace(_dropped(key, planned, "", planned), kind=Kind.PASSED, was=was.at if was and would else None)
    if was is None or not would:
        return None
    if planned.outcome == OPEN:
        return _moved(key, was, planned, after_end=planned.at >= span.end)
    return _dropped(key, was, planned.reason, planned)


def _of_sent(key: TouchKey, was: Planned | None, planned: Planned) -> Change | None:
    if was is None or was.outcome not in (SENT, OPEN):
        return _change(key, planned, Kind.ADDED, at=planned.at)
    reworded = was.outcome == SENT and (was.text, was.channel) != (planned.text, planned.channel)
    if was.at != planned.at:
        return replace(_moved(key, was, planned), reworded=reworded)
    if reworded:
        return _change(key, planned, Kind.REWORDED, was=was.at, at=planned.at)
    return None


def _moved(key: TouchKey, was: Planned, planned: Planned, *, after_end: bool = False) -> Change:
    return replace(_change(key, planned, Kind.MOVED, was=was.at, at=planned.at), after_end=after_end)


def _dropped(key: TouchKey, was: Planned, why: str, planned: Planned | None) -> Change:
    change = _change(key, was, Kind.DROPPED, was=was.at, at=None)
    return replace(change, detail=why, due_at=planned.due_at if planned else was.due_at)


def _change(
    key: TouchKey, planned: Planned, kind: Kind, *, was: datetime | None = None, at: datetime | None = None
) -> Change:
    enrolment, stage, _, touch = key
    late = kind in (Kind.ADDED, Kind.MOVED) and planned.outcome == SENT and planned.due_at is not None
    return Change(
        kind=kind,
        enrolment=enrolment,
        playbook=planned.playbook,
        stage=stage,
        touch=touch,
        channel=planned.channel,
        was=was,
        at=at,
        due_at=planned.due_at,
        owner=planned.owner,
        late=late and planned.at - planned.due_at > LATE if planned.due_at else False,
        text=planned.text,
    )


def _why_gone(key: TouchKey, was: Planned, after: Book) -> str:
    plan = after.current.get(was.playbook)
    stage = plan.playbook.stages.get(key[1]) if plan else None
    return _ELSEWHERE if stage and any(touch.id == key[3] for touch in stage.touches) else _GONE


def _of_stays(old: Future, new: Future) -> Iterator[Change]:
    for key, stay in new.stays.items():
        was = old.stays.get(key)
        enrolment, stage, _ = key
        if was is None or was.at != stay.at:
            yield Change(
                kind=Kind.STAGE,
                enrolment=enrolment,
                playbook=stay.playbook,
                stage=stage,
                was=was.at if was else None,
                at=stay.at,
                owner=stay.owner,
                detail=stay.by,
            )
        elif was.owner != stay.owner:
            yield Change(
                kind=Kind.OWNER,
                enrolment=enrolment,
                playbook=stay.playbook,
                stage=stage,
                at=stay.at,
                owner=stay.owner,
                detail=was.owner,
            )
    for key, was in old.stays.items():
        if key not in new.stays:
            yield Change(
                kind=Kind.STAGE, enrolment=key[0], playbook=was.playbook, stage=key[1], was=was.at, detail=was.by
            )


def _with_what_is_close(changes: list[Change], old: list[datetime], new: list[datetime]) -> Iterator[Change]:
    """Mark messages that an edit brings close to the one before."""
    for change in changes:
        comes = change.kind in (Kind.ADDED, Kind.MOVED) and change.channel in MESSAGE_CHANNELS
        if comes and change.at and not change.after_end:
            before = _before(new, change.at)
            if before and not (change.was and _before(old, change.was)):
                yield replace(change, close_to=before)
                continue
        yield change


def _before(messages: list[datetime], at: datetime) -> datetime | None:
    """Return the last message before an instant, when it lies close."""
    return max((each for each in messages if at - CLOSE < each < at), default=None)


def _soon(future: Future, span: Span) -> set[TouchKey]:
    limit = span.at + SOON
    return {
        key
        for key, planned in future.touches.items()
        if planned.outcome == SENT and planned.channel in MESSAGE_CHANNELS and planned.at <= limit
    }


def _gaps(book: Book, future: Future, at: datetime) -> set[str]:
    return {
        gap.code
        for standing in standings(book, future.state, at)
        for gap in standing.gaps
        if gap.code in ("no_owner", "no_next_action")
    }


def _place(change: Change) -> tuple[bool, datetime, str, str]:
    return (change.kind is not Kind.STRANDED, change.at or change.was or _FIRST, change.stage, change.touch)
