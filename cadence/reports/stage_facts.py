"""What the numbers of the stages are counted from, picked out of the log of all leads."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from cadence.engine.events import Decided
from cadence.engine.slas import LOCK
from cadence.reports.records import dollars
from cadence.reports.roll import OWNERS, WHEREABOUTS, Roll
from cadence.store.entries import read_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from cadence.reports.roll import Enrolled, Stay
    from cadence.store.chronicle import Line

__all__ = ["EVER", "LATELY", "StageFacts"]

BY_PERSON = ("call.logged", "visit.logged", "message.sent.by_person")  #: contacts that a colleague made
ENGAGED = ("reply", "acknowledgement", "snooze")  #: words of the lead that are no refusal
#: Facts that say what a job is worth: type -> field. What stands further down tells more surely.
WORTH = {"estimate.sent": "amount", "work.approved": "amount", "contract.signed": "amount", "lead.won": "value"}
#: Causes of another owner that say nothing of whether the first was the right one.
_NOT_WRONG = ("absent", "left", "back", "found")

LATELY = (*BY_PERSON, *ENGAGED, Decided.TOUCH_STOPPED)  #: entries that matter from the period's beginning on
EVER = (*WHEREABOUTS, *OWNERS, *WORTH, Decided.SLA_MISSED)  #: entries that matter however old they are


class _Word(NamedTuple):
    """A fact about one enrolment."""

    at: str
    lead: str
    key: str
    kind: str = ""
    value: float = 0.0


class StageFacts:
    """What was picked out; facts that were taken back are left out of every answer."""

    def __init__(self, lines: Iterable[Line]) -> None:
        """Pick out of ``lines``, which are entries of the types above in the order they were recorded."""
        self._roll = Roll()
        self._contacts: dict[str, list[_Word]] = defaultdict(list)  #: all by enrolment
        self._replies: dict[str, list[_Word]] = defaultdict(list)
        self._moved: dict[str, list[_Word]] = defaultdict(list)
        self._worth: dict[str, list[_Word]] = defaultdict(list)
        for line in lines:
            take = _TAKES.get(line[2])
            if take:
                take(self, line)
            self._roll.take(line)

    def __iter__(self) -> Iterator[Enrolled]:
        """Yield every enrolment, in the order they began."""
        return iter(self._roll.all.values())

    def first_contact(self, enrolled: Enrolled) -> str:
        """Tell when a colleague first called, wrote to or visited the lead since it came in; empty: never."""
        found = (each.at for each in self._stand(self._contacts, enrolled) if each.at >= enrolled.started_at)
        return min(found, default="")

    def replied(self, enrolled: Enrolled) -> bool:
        """Tell whether the lead answered, and not with a refusal."""
        return any(each.at >= enrolled.started_at for each in self._stand(self._replies, enrolled))

    def reassigned(self, enrolled: Enrolled) -> bool:
        """Tell whether it was given to somebody else because the first owner missed a promise, or by hand."""
        return any(True for _ in self._stand(self._moved, enrolled))

    def worth(self, enrolled: Enrolled) -> float:
        """Tell what the job is worth in dollars, as the surest fact says; 0 when none does."""
        order = list(WORTH)
        said = self._stand(self._worth, enrolled)
        surest = max(said, key=lambda each: (order.index(each.kind), each.at), default=None)
        return surest.value if surest else 0.0

    def _stand(self, words: dict[str, list[_Word]], enrolled: Enrolled) -> Iterator[_Word]:
        undone = self._roll.undone
        for each in words.get(enrolled.id, ()):
            if not (undone and each.key and (each.lead, each.key) in undone):
                yield each

    def _note(self, words: dict[str, list[_Word]], line: Line, value: float = 0.0) -> None:
        word = _Word(line[3], line[0], line[5], line[2], value)
        for enrolment in self._roll.about(line):
            words[enrolment].append(word)

    def _contact(self, line: Line) -> None:
        self._note(self._contacts, line)

    def _reply(self, line: Line) -> None:
        self._note(self._replies, line)

    def _value(self, line: Line) -> None:
        value = dollars(read_json(line[6]).get(WORTH[line[2]]))
        if value:
            self._note(self._worth, line, value)

    def _owner_changed(self, line: Line) -> None:
        if read_json(line[6]).get("cause") not in _NOT_WRONG:
            self._note(self._moved, line)

    def _owner_given(self, line: Line) -> None:
        owner = read_json(line[6]).get("owner")
        word = _Word(line[3], line[0], line[5])
        for enrolment in self._roll.about(line):
            if self._roll.all[enrolment].owner not in ("", owner):
                self._moved[enrolment].append(word)

    def _missed(self, line: Line) -> None:
        data = read_json(line[6])
        stay = self._stay(line, data)
        if stay and data["sla"] == LOCK:
            stay.unlocked = True
        elif stay:
            stay.late = True

    def _stopped(self, line: Line) -> None:
        data = read_json(line[6])
        stay = self._stay(line, data) if "due_at" in data else None
        if stay:
            stay.cut = True

    def _stay(self, line: Line, data: dict[str, Any]) -> Stay | None:
        enrolled = self._roll.all.get(line[1])
        last = enrolled.stays[-1] if enrolled and enrolled.stays else None
        return last if last and last.visit == data["visit"] else None


_TAKES: dict[str, Callable[[StageFacts, Line], None]] = {
    **dict.fromkeys(BY_PERSON, StageFacts._contact),  # noqa: SLF001 - of this module
    **dict.fromkeys(ENGAGED, StageFacts._reply),  # noqa: SLF001
    **dict.fromkeys(WORTH, StageFacts._value),  # noqa: SLF001
    Decided.OWNER_CHANGED: StageFacts._owner_changed,  # noqa: SLF001
    "owner.assigned": StageFacts._owner_given,  # noqa: SLF001
    Decided.SLA_MISSED: StageFacts._missed,  # noqa: SLF001
    Decided.TOUCH_STOPPED: StageFacts._stopped,  # noqa: SLF001
}
