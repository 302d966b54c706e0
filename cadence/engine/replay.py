"""Replay: a log decided once more, entry by entry, and compared with what was recorded.

Facts are taken in again and leads looked at again, each with the state that the log had come to, the versions then in
force and the roster. What the log cannot know is never made up: how busy a sender was, and, where only one lead's log
is at hand, whose turn it was, are taken from what was recorded, and the answer says so.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any

from cadence.engine.decide import decide, observe
from cadence.engine.decision import Reason
from cadence.engine.events import Decided, Event
from cadence.engine.fold import UNDONE, apply, fold
from cadence.engine.roster import Roster
from cadence.engine.state import LeadState
from cadence.engine.work import ENGINE
from cadence.playbook.words import PERSON_CHANNELS
from cadence.timing.value import value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from cadence.engine.book import Book
    from cadence.engine.decision import Decision

__all__ = ["SHOP", "TURN", "WAY", "Answer", "AsRecorded", "Redecided", "Replay", "is_derived", "is_result"]

TURN = "whose turn it was"  #: not in the log of one lead
WAY = "how busy its sender was"  #: not in any log

SHOP = ""  #: stands where a lead's id would, for entries about the whole account
_AHEAD = 2000  #: entries read ahead: those of one decision may lie among those of others
_BUSY = timedelta(days=1)
_SECOND = timedelta(seconds=1)  #: the smallest step of time in the log
_RESULTS = (Decided.TOUCH_SENT, Decided.TOUCH_DEFERRED, Decided.TOUCH_UNKNOWN)


class Answer(Enum):
    """How a decision made anew compares with the one that was recorded."""

    AGREES = "agrees"
    DIFFERS = "differs"
    OPEN = "open"  #: it agrees only with something taken from the record: it cannot be re-decided


@value(kw_only=True)
class Redecided:
    """One decision of the log, made anew."""

    lead: str
    at: datetime  #: when it was made
    fact: Event | None  #: what was taken in; None: the lead was looked at
    recorded: tuple[Event, ...]
    decision: Decision  #: what is decided now
    before: LeadState = field(repr=False)  #: what the log had come to; not to be changed
    book: Book = field(repr=False)  #: the versions then in force
    same: bool  #: the entries are the recorded ones
    outside: tuple[str, ...] = ()  #: what was taken from the record, because the log does not tell it

    @property
    def answer(self) -> Answer:
        """How the two compare."""
        if not self.same:
            return Answer.DIFFERS
        return Answer.OPEN if self.outside else Answer.AGREES

    @property
    def difference(self) -> tuple[Event | None, Event | None]:
        """The first entry that differs, as it was recorded and as it is decided now; None where there is none."""
        for index in range(max(len(self.recorded), len(self.decision.events))):
            was = self.recorded[index] if index < len(self.recorded) else None
            now = self.decision.events[index] if index < len(self.decision.events) else None
            if was is None or now is None or not _alike(now, was):
                return was, now
        return None, None


def is_result(event: Event) -> bool:
    """Tell whether an entry says what became of a claimed touch: the world's answer, which nobody decides."""
    if event.type == Decided.TOUCH_FAILED:
        return event.data.get("reason") != Reason.TEMPLATE.code
    return event.type in _RESULTS or (event.type == Decided.TOUCH_STOPPED and "detail" not in event.data)


def is_derived(event: Event) -> bool:
    """Tell whether a fact was made of another one: an answer that confirmed an appointment."""
    return event.type == "appointment.confirmed" and not event.key and event.data.get("by") == "acknowledgement"


@dataclass(slots=True)
class _Known:
    """A lead as the log read so far tells of it."""

    state: LeadState
    log: list[Event] = field(default_factory=list)
    queue: deque[tuple[int, Event]] = field(default_factory=deque)  #: entries read ahead, with their places


@dataclass(slots=True)
class Replay:
    """The log of an account, or of some of its leads, decided anew in the order it was recorded."""

    books: Callable[[datetime], Sequence[Book]]  #: what may have been in force at an instant, likeliest first
    #: tells which addresses of a lead's record nothing might go to at an instant: (channel or ``all``, address) -> why
    ledger: Callable[[Mapping[str, Any], datetime], Mapping[tuple[str, str], str]] = lambda _record, _at: {}
    roster: Roster | None = None  #: as it was before the log began; None: the log is not that of the whole account
    _leads: dict[str, _Known] = field(default_factory=dict)
    _shop: list[Event] = field(default_factory=list)

    def run(self, entries: Iterable[tuple[str, Event]]) -> Iterator[Redecided]:
        """Yield every decision of a log; ``entries`` in the order they were recorded, each with its lead."""
        source, ahead = iter(entries), deque[tuple[int, str]]()
        for place, (lead, event) in enumerate(source):
            self._lead(lead).queue.append((place, event))
            ahead.append((place, lead))
            if len(ahead) >= _AHEAD:
                yield from self._next(ahead)
        while ahead:
            yield from self._next(ahead)

    def state(self, lead: str) -> LeadState:
        """Return what the log read so far amounts to for a lead, with the pauses of the shop."""
        state = self._lead(lead).state.copy()
        for event in self._shop:
            apply(state, event)
        return state

    def _lead(self, lead: str) -> _Known:
        known = self._leads.get(lead)
        if known is None:
            known = self._leads[lead] = _Known(LeadState(lead=lead))
        return known

    def _next(self, ahead: deque[tuple[int, str]]) -> Iterator[Redecided]:
        place, lead = ahead.popleft()
        known = self._lead(lead)
        if not known.queue or known.queue[0][0] != place:
            return  # it was part of a decision that began before
        first = known.queue[0][1]
        if lead == SHOP:
            self._shop.append(known.queue.popleft()[1])
        elif is_result(first):
            self._take(known, 1)
        else:
            yield self._decision(known)

    def _decision(self, known: _Known) -> Redecided:
        """Make the decision anew whose entries come next, and go on from what was recorded."""
        lead = known.state.lead
        run = _run(known.queue)
        at = run[0].recorded_at
        made = self._again(known, self.state(lead), run, at)
        had = _owners(known.state)
        recorded = self._take(known, len(made.recorded))
        if self.roster is not None:
            _keep_up(self.roster, recorded, had, _owners(known.state))
        return made

    def _take(self, known: _Known, number: int) -> list[Event]:
        taken = [known.queue.popleft()[1] for _ in range(number)]
        known.log += taken
        if any(event.type == UNDONE for event in taken):
            known.state = fold(known.state.lead, known.log)
        else:
            for event in taken:
                apply(known.state, event)
        return taken

    def _again(self, known: _Known, before: LeadState, run: Sequence[Event], at: datetime) -> Redecided:
        """Return the decision made anew: of all ways it may have been made, the one that the record follows longest.

        One that leaves entries over may be no decision of the log at all, but the beginning of one.
        """
        best: Redecided | None = None
        first: Redecided | None = None
        reach = 0
        for made in self._attempts(known, before, run, at):
            first = first or made
            reach = max(reach, _followed(made.decision.events, run))
            if made.same and (best is None or len(made.recorded) > len(best.recorded)):
                best = made
                if _ends_there(run, len(made.recorded)):
                    return made
        if best is not None and len(best.recorded) >= reach:
            return best
        if first is None:
            raise ValueError("no version was in force")
        return replace(first, same=False, recorded=tuple(run[: _end_of(run, first.fact)]))

    def _attempts(self, known: _Known, before: LeadState, run: Sequence[Event], at: datetime) -> Iterator[Redecided]:
        now, earlier = (self.ledger(before.record, each) for each in (at, at - _SECOND))
        for barred in (now, earlier) if now != earlier else (now,):  # it may be what came of this very decision
            state = before.copy()
            state.suppressed = barred
            for own in (self.roster, None) if self.roster is not None else (None,):
                for book in self.books(at):
                    for fact in _ways(run):
                        yield from self._tries(known, state, run, book, fact, own)

    def _tries(
        self, known: _Known, before: LeadState, run: Sequence[Event], book: Book, fact: Event | None, own: Roster | None
    ) -> Iterator[Redecided]:
        """Yield the decision as it comes out when senders are free, and when those are busy that let nothing go."""
        at = run[0].recorded_at
        state = before
        if fact is not None and fact.type == UNDONE:
            state = fold(before.lead, (*known.log, *self._shop), without=[fact.data["undoes"]])
            state.suppressed = before.suppressed
        busy: dict[str, datetime] = {}
        for _ in range(2):
            roster = own or AsRecorded(run)
            if fact is not None:
                decision = observe(book, state, fact, at, roster=roster)
            else:
                decision = decide(book, state, at, traffic=busy, roster=roster)
            shared = isinstance(roster, AsRecorded) and roster.asked
            yield Redecided(
                lead=before.lead,
                at=at,
                fact=fact,
                recorded=tuple(run[: len(decision.events)]),
                decision=decision,
                before=state,
                book=book,
                same=bool(decision.events) and _followed(decision.events, run) == len(decision.events),
                outside=(*((TURN,) if shared else ()), *((WAY,) if busy else ())),
            )
            busy = _held_up(decision, run)
            if fact is not None or not busy:
                return


class AsRecorded(Roster):
    """A roster that names whom the record names, where that one was there."""

    def __init__(self, run: Sequence[Event]) -> None:
        super().__init__()
        self.asked = False  #: it was needed
        shared = [((each.data.get("how") or {}).get("shared"), each.data.get("owner")) for each in run]
        self._named = [(str(role), str(owner)) for role, owner in shared if role]

    def choose(self, how: str, role: str, present: Sequence[str]) -> str:
        """Name the recorded owner."""
        self.asked = True
        for index, (shared, owner) in enumerate(self._named):
            if shared == role and owner in present:
                del self._named[: index + 1]
                return owner
        return super().choose(how, role, present)


def _owners(state: LeadState) -> list[str]:
    return [enrolment.owner for enrolment in state.active_enrolments()]


def _keep_up(roster: Roster, recorded: Sequence[Event], had: Sequence[str], has: Sequence[str]) -> None:
    """Keep a roster up as the store does: turns by what was shared out, loads by whose the lead was, and is now."""
    loads = Counter(roster.loads)
    roster.note(recorded)
    loads.subtract(each for each in had if each)
    loads.update(each for each in has if each)
    roster.loads = dict(loads)


def _run(queue: Iterable[tuple[int, Event]]) -> list[Event]:
    """List the entries from which the next decision's are taken: recorded at one instant, up to the next result."""
    run: list[Event] = []
    for _, event in queue:
        if is_result(event) or (run and event.recorded_at != run[0].recorded_at):
            break
        run.append(event)
    return run


def _fact_in(run: Sequence[Event]) -> int | None:
    return next((n for n, event in enumerate(run) if event.actor != ENGINE and not is_derived(event)), None)


def _ways(run: Sequence[Event]) -> list[Event | None]:
    """List how the decision that begins here may have been made: by taking in a fact, or (None) by a look."""
    number = _fact_in(run)
    if number is None:
        return [None] if run[0].actor == ENGINE else [run[0]]
    return [run[0]] if number == 0 else [run[number], None]


def _end_of(run: Sequence[Event], fact: Event | None) -> int:
    """Tell where the entries of a decision end that does not come out as it was recorded."""
    number = _fact_in(run)
    if fact is None or number is None:
        return len(run) if number is None else number
    following = _fact_in(run[number + 1 :])
    return len(run) if following is None else number + 1 + following


def _followed(decided: Sequence[Event], recorded: Sequence[Event]) -> int:
    """Count the entries that a decision and the log have in common, from the first on."""
    both = enumerate(zip(decided, recorded, strict=False))
    return next((n for n, pair in both if not _alike(*pair)), min(len(decided), len(recorded)))


def _ends_there(run: Sequence[Event], number: int) -> bool:
    """Tell whether a decision surely ends where so many entries are taken: nothing follows, or another fact does."""
    return number >= len(run) or (run[number].actor != ENGINE and not is_derived(run[number]))


def _alike(one: Event, other: Event) -> bool:
    return (
        one.type == other.type
        and one.at == other.at
        and one.recorded_at == other.recorded_at
        and (one.enrolment, one.job, one.actor, one.key) == (other.enrolment, other.job, other.actor, other.key)
        and (one.data == other.data or _plain(one.data) == _plain(other.data))
    )


def _plain(data: Any) -> Any:
    """Return data as they come back from the log."""
    if isinstance(data, str):
        return data
    if hasattr(data, "items"):
        return {name: _plain(each) for name, each in data.items()}
    return [_plain(each) for each in data] if isinstance(data, list | tuple) else data


def _held_up(decision: Decision, run: Sequence[Event]) -> dict[str, datetime]:
    """Tell which senders must have been busy: of touches that would go, and that the record does not claim."""
    claimed = {(e.enrolment, e.data["touch"]) for e in run if e.type == Decided.TOUCH_CLAIMED}
    kept = [claim.verdict for claim in decision.claims if claim.verdict.channel not in PERSON_CHANNELS]
    return {each.channel: each.at + _BUSY for each in kept if (each.enrolment, each.touch) not in claimed}
