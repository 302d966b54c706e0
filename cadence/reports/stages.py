"""The numbers of the stages: who came in, where they went, how long they stayed, what leaked; and of each playbook.

What each number is made of is said at the function that counts it, and in ``docs/reference/numbers.md``.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cadence.engine.moves import SILENCE
from cadence.reports.records import Record
from cadence.reports.tally import half
from cadence.store.entries import read_instant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cadence.playbook.model import Playbook
    from cadence.reports.roll import Enrolled, Stay
    from cadence.reports.stage_facts import StageFacts

__all__ = ["Closing", "Intake", "PlaybookNumbers", "StageNumbers", "stage_numbers"]

#: Facts that bring a lead no further than a shop brings those that are a real job for it.
QUALIFYING = (
    "lead.qualified",
    "appointment.booked",
    "estimate.sent",
    "no_decision",
    "work.approved",
    "contract.sent",
    "contract.signed",
    "deposit.paid",
    "lead.won",
)
DISQUALIFIED = "lead.disqualified"
WON, LOST = "won", "lost"


@dataclass(slots=True, kw_only=True)
class StageNumbers:
    """The numbers of one stage."""

    stage: str
    title: str = ""  #: empty: it is not on the page any more
    end: str = ""  #: won or lost: leads end here
    has_touches: bool = False
    #: Stays that began in the period: a lead that came twice counts twice.
    came: int = 0
    leads: int = 0  #: different enrolments among them
    by_source: Counter[str] = field(default_factory=Counter)
    went_to: Counter[str] = field(default_factory=Counter)  #: stage -> stays of these that ended there
    lost: int = 0  #: of these, ended the enrolment as lost
    silent: int = 0  #: of these, ended because nobody said anything for too long, and not as lost
    stayed: int = 0  #: of these, not ended
    won: int = 0  #: different enrolments among them that were won since
    late: int = 0  #: of these, in which a promise was missed
    unlocked: int = 0  #: of these, in which the next step was not locked in time
    #: Stays that ended in the period, whenever they began: how long each was, in seconds.
    lengths: list[int] = field(default_factory=list)
    sequences: int = 0  #: of those, in a stage with touches
    completed: int = 0  #: of those, in which no touch that had its time was stopped
    #: Enrolments that stand there now.
    now: int = 0
    now_late: int = 0  #: of these, with a promise missed in this stay
    value_now: float = 0.0  #: what they are worth together, in dollars

    @property
    def went(self) -> int:
        """Stays that began in the period and ended."""
        return self.came - self.stayed


@dataclass(slots=True, kw_only=True)
class Intake:
    """What became of the enrolments that began in the period."""

    leads: int = 0
    by_source: Counter[str] = field(default_factory=Counter)
    qualified: int = 0  #: reached a stage by a fact that only a real job has
    disqualified: int = 0  #: ended as no job for the shop, before that
    contacted: int = 0  #: called, written to or visited by a colleague
    to_contact: list[int] = field(default_factory=list)  #: seconds until then
    to_owner: list[int] = field(default_factory=list)  #: seconds until somebody owned it
    replied: int = 0
    reassigned: int = 0


@dataclass(slots=True, kw_only=True)
class Closing:
    """What the enrolments came to that ended in the period, and what those are worth that are open."""

    won: int = 0
    lost: int = 0
    revenue: float = 0.0  #: dollars that those won are worth
    days: list[int] = field(default_factory=list)  #: seconds from beginning to won
    open_value: float = 0.0  #: dollars that the open ones are worth, as far as that is known

    @property
    def velocity(self) -> float | None:
        """Dollars a day that the open ones bring, if they go on like those that ended: value x win rate / days."""
        cycle = half(self.days)
        if not cycle:
            return None
        return self.open_value * (self.won / (self.won + self.lost)) / (cycle / 86_400)


@dataclass(slots=True, kw_only=True)
class PlaybookNumbers:
    """The numbers of one playbook."""

    playbook: str
    title: str
    stages: dict[str, StageNumbers]  #: in page order; those no longer on the page behind
    intake: Intake = field(default_factory=Intake)
    closing: Closing = field(default_factory=Closing)


def stage_numbers(
    facts: StageFacts, pages: Mapping[str, Playbook], records: Mapping[str, Record], *, since: str
) -> list[PlaybookNumbers]:
    """Count the numbers of every playbook that leads were enrolled in; ``since`` is when the period begins.

    ``pages`` are the playbooks in force, ``records`` what is known of the leads.
    """
    found: dict[str, PlaybookNumbers] = {}
    for enrolled in facts:
        if enrolled.playbook not in found:
            found[enrolled.playbook] = _blank(enrolled.playbook, pages.get(enrolled.playbook))
        numbers = found[enrolled.playbook]
        record = records.get(enrolled.lead, _UNKNOWN)
        worth = facts.worth(enrolled) or record.value
        if enrolled.started_at >= since:
            _take_in(numbers.intake, facts, enrolled, record)
        _close(numbers.closing, enrolled, worth, since)
        _count_stays(numbers.stages, enrolled, record, since)
        if not enrolled.end and enrolled.stays:
            _stand(_stage(numbers.stages, enrolled.stays[-1].stage), enrolled.stays[-1], worth)
    return [found[name] for name in sorted(found)]


_UNKNOWN = Record()


def _blank(name: str, page: Playbook | None) -> PlaybookNumbers:
    stages = page.stages.values() if page else ()
    return PlaybookNumbers(
        playbook=name,
        title=page.title if page else "",
        stages={
            each.id: StageNumbers(stage=each.id, title=each.title, end=each.end, has_touches=bool(each.touches))
            for each in stages
        },
    )


def _take_in(intake: Intake, facts: StageFacts, enrolled: Enrolled, record: Record) -> None:
    """Count one enrolment that began in the period.

    Qualified: some stage was entered by a fact that only a real job has (``lead.qualified``, a booking, an estimate, a
    decision about it, a contract, a deposit), or it was won. First contact and first owner count from its beginning.
    """
    intake.leads += 1
    intake.by_source[record.source] += 1
    qualified = enrolled.end == WON or any(stay.by in QUALIFYING for stay in enrolled.stays)
    intake.qualified += qualified
    intake.disqualified += not qualified and enrolled.ended_by == DISQUALIFIED
    if contact := facts.first_contact(enrolled):
        intake.contacted += 1
        intake.to_contact.append(_seconds(enrolled.started_at, contact))
    if enrolled.owned_at:
        intake.to_owner.append(_seconds(enrolled.started_at, enrolled.owned_at))
    intake.replied += facts.replied(enrolled)
    intake.reassigned += facts.reassigned(enrolled)


def _close(closing: Closing, enrolled: Enrolled, worth: float, since: str) -> None:
    """Count one enrolment that ended in the period, or that is open."""
    if not enrolled.end:
        closing.open_value += worth
    elif enrolled.ended_at >= since:
        closing.won += enrolled.end == WON
        closing.lost += enrolled.end == LOST
        if enrolled.end == WON:
            closing.revenue += worth
            closing.days.append(_seconds(enrolled.started_at, enrolled.ended_at))


def _count_stays(stages: dict[str, StageNumbers], enrolled: Enrolled, record: Record, since: str) -> None:
    """Count the stays of one enrolment: those that began in the period, and those that ended in it.

    Leaked are the stays that ended as lost, and those that silence ended. A sequence was completed when, at the end of
    the stay, no touch had to be stopped whose time was known.
    """
    counted: set[str] = set()
    for stay in enrolled.stays:
        numbers = _stage(stages, stay.stage)
        if stay.at >= since:
            _came(numbers, enrolled, stay, record, first=stay.stage not in counted)
            counted.add(stay.stage)
        if stay.left_at and stay.left_at >= since:
            numbers.lengths.append(_seconds(stay.at, stay.left_at))
            numbers.sequences += numbers.has_touches
            numbers.completed += numbers.has_touches and not stay.cut


def _came(numbers: StageNumbers, enrolled: Enrolled, stay: Stay, record: Record, *, first: bool) -> None:
    numbers.came += 1
    numbers.by_source[record.source] += 1
    numbers.late += stay.late
    numbers.unlocked += stay.unlocked
    if first:
        numbers.leads += 1
        numbers.won += enrolled.end == WON
    if stay.left_at:
        numbers.went_to[stay.left_to or stay.left_end] += 1
        numbers.lost += stay.left_end == LOST
        numbers.silent += stay.left_by == SILENCE and stay.left_end != LOST
    else:
        numbers.stayed += 1


def _stand(numbers: StageNumbers, stay: Stay, worth: float) -> None:
    """Count an open enrolment where it stands now."""
    numbers.now += 1
    numbers.now_late += stay.late
    numbers.value_now += worth


def _stage(stages: dict[str, StageNumbers], stage: str) -> StageNumbers:
    if stage not in stages:
        stages[stage] = StageNumbers(stage=stage)
    return stages[stage]


def _seconds(start: str, end: str) -> int:
    """Return how long it was; never less than nothing: a fact may have been told with a time before."""
    return max(0, int((read_instant(end) - read_instant(start)).total_seconds()))
