"""What the weekly numbers are counted from, picked out of the log of all leads."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from cadence.engine.events import Decided
from cadence.playbook.words import EVENTS, MESSAGE_CHANNELS
from cadence.reports.roll import STANDING, Roll
from cadence.store.entries import read_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from cadence.reports.roll import Enrolled
    from cadence.store.chronicle import Line

__all__ = ["EVER", "LATELY", "Fact", "Facts"]

ESTIMATE = "estimate.sent"
INQUIRIES = tuple(kind for kind, said in EVENTS.items() if said.inquiry)
#: Messages to the person, calls and visits.
CONTACTS = (Decided.TOUCH_SENT, "message.sent", "message.sent.by_person", "call.logged", "visit.logged")
_BY_MACHINE = (Decided.TOUCH_SENT, "message.sent")
#: A yes or a no to an estimate.
ANSWERS = (
    "contract.signed",
    "deposit.paid",
    "work.approved",
    "lead.won",
    "lead.lost",
    "lead.disqualified",
    "not_interested",
)
LATELY = CONTACTS  #: entries that matter from the first week on
EVER = (*STANDING, *INQUIRIES, ESTIMATE, *ANSWERS)  #: entries that matter however old they are


class Fact(NamedTuple):
    """Something that happened to a lead."""

    lead: str
    at: str  #: its own time
    kind: str
    key: str
    about: tuple[str, ...]  #: enrolments it is about; none: no job was open

    @property
    def by_person(self) -> bool:
        """Whether a colleague did it."""
        return self.kind not in _BY_MACHINE

    @property
    def responds(self) -> bool:
        """Whether it answers an inquiry."""
        return self.kind != "visit.logged"


class Facts:
    """What was picked out; facts that were taken back are left out of every answer."""

    def __init__(self, lines: Iterable[Line], *, since: str, playbook: str = "") -> None:
        """Pick out of ``lines``, which are entries of the types above in the order they were recorded.

        ``since`` is the first week's first instant; ``playbook``: only leads in it, empty: all.
        """
        self._roll = Roll()
        self._since = since
        self._playbook = playbook
        self._inquiries: dict[str, list[Fact]] = defaultdict(list)  #: by lead
        self._contacts: dict[str, list[Fact]] = defaultdict(list)  #: by lead
        self._estimates: list[Fact] = []
        self._answers: dict[str, list[Fact]] = defaultdict(list)  #: by enrolment
        for line in lines:
            self._roll.take(line)
            take = _TAKES.get(line[2])
            if take:
                take(self, line)

    @property
    def empty(self) -> bool:
        """Whether nobody ever asked, and no estimate was ever sent."""
        return not self._inquiries and not self._estimates

    def first_inquiries(self) -> Iterator[tuple[Enrolled, str]]:
        """Yield the enrolments whose first inquiry came in these weeks, and when it came."""
        for lead, inquiries in self._inquiries.items():
            for enrolled in self._roll.of(lead):
                first = min((each.at for each in self._stand(inquiries) if enrolled.id in each.about), default="")
                if first >= self._since and self._wanted(enrolled.id):
                    yield enrolled, first

    def without_playbook(self) -> int:
        """Count the leads that asked first in these weeks, and that no playbook took."""
        firsts = (
            min((each.at for each in self._stand(inquiries)), default="")
            for lead, inquiries in self._inquiries.items()
            if not self._roll.of(lead)
        )
        return sum(1 for first in firsts if first >= self._since)

    def responses(self, lead: str) -> Iterator[Fact]:
        """Yield what may have answered a lead's inquiry: messages that went out and calls that were logged."""
        return (each for each in self._stand(self._contacts.get(lead, ())) if each.responds)

    def estimates(self) -> list[Fact]:
        """List the estimates that were sent in these weeks."""
        return [each for each in self._stand(self._estimates) if each.at >= self._since and self._is_wanted(each)]

    def contacts_about(self, estimate: Fact) -> Iterator[Fact]:
        """Yield the contacts that are about an enrolment that an estimate is about, or that are about none."""
        for each in self._stand(self._contacts.get(estimate.lead, ())):
            if not each.about or not estimate.about or not set(each.about).isdisjoint(estimate.about):
                yield each

    def by_enrolment(self) -> Iterator[tuple[Enrolled, list[str], list[str]]]:
        """Yield the enrolments with an estimate, whenever it was sent: when each was, and each yes or no."""
        found: dict[str, list[str]] = defaultdict(list)
        for estimate in self._stand(self._estimates):
            for enrolment in estimate.about:
                found[enrolment].append(estimate.at)
        for enrolment, estimates in found.items():
            if self._wanted(enrolment):
                answers = self._stand(self._answers.get(enrolment, ()))
                yield self._roll.all[enrolment], estimates, [each.at for each in answers]

    def _is_wanted(self, fact: Fact) -> bool:
        return not self._playbook or any(map(self._wanted, fact.about))

    def _wanted(self, enrolment: str) -> bool:
        return not self._playbook or self._roll.all[enrolment].playbook == self._playbook

    def _stand(self, facts: Iterable[Fact]) -> Iterator[Fact]:
        """Leave out what was taken back."""
        undone = self._roll.undone
        return (each for each in facts if not (undone and each.key and (each.lead, each.key) in undone))

    def _inquiry(self, line: Line) -> None:
        if read_json(line[6]).get("inquiry", True):
            self._inquiries[line[0]].append(self._fact(line))

    def _began(self, line: Line) -> None:
        """The inquiry that began an enrolment is about it, too, though it was recorded before."""
        enrolled, asked = self._roll.all[line[1]], self._inquiries.get(line[0])
        if asked and asked[-1].kind == enrolled.by and asked[-1].at == enrolled.started_at:
            asked[-1] = asked[-1]._replace(about=(*asked[-1].about, enrolled.id))

    def _touch(self, line: Line) -> None:
        if read_json(line[6]).get("channel") in MESSAGE_CHANNELS:
            self._contact(line)

    def _contact(self, line: Line) -> None:
        self._contacts[line[0]].append(self._fact(line))

    def _estimate(self, line: Line) -> None:
        self._estimates.append(self._fact(line))

    def _answer(self, line: Line) -> None:
        fact = self._fact(line)
        for enrolment in fact.about:
            self._answers[enrolment].append(fact)

    def _fact(self, line: Line) -> Fact:
        return Fact(line[0], line[3], line[2], line[5], self._roll.about(line))


_TAKES: dict[str, Callable[[Facts, Line], None]] = {
    **dict.fromkeys(INQUIRIES, Facts._inquiry),  # noqa: SLF001 - of this module
    Decided.ENROLLED: Facts._began,  # noqa: SLF001
    **dict.fromkeys(CONTACTS, Facts._contact),  # noqa: SLF001
    Decided.TOUCH_SENT: Facts._touch,  # noqa: SLF001
    ESTIMATE: Facts._estimate,  # noqa: SLF001
    **dict.fromkeys(ANSWERS, Facts._answer),  # noqa: SLF001
}
