"""Who was enrolled where, as the log of all leads goes on: the engine's fold, for numbers, of just what numbers need.

Instants stay the texts that the log has; they have one width, so they are compared as they stand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cadence.engine.events import Decided
from cadence.engine.fold import PERSON_WIDE, UNDONE
from cadence.store.entries import read_json

if TYPE_CHECKING:
    from cadence.store.chronicle import Line

__all__ = ["OWNERS", "STANDING", "WHEREABOUTS", "Enrolled", "Roll", "Stay"]

#: Entries that :meth:`Roll.take` wants to see: of who is enrolled, and in which stage.
STANDING = (Decided.ENROLLED, Decided.ENROLMENT_ENDED, Decided.VISIT_RESTORED, UNDONE)
WHEREABOUTS = (*STANDING, Decided.STAGE_ENTERED)
OWNERS = (Decided.OWNER_CHANGED, "owner.assigned")  #: of whose it is; with the stages that it enters


@dataclass(slots=True)
class Stay:
    """One stay of an enrolment in a stage."""

    stage: str
    visit: int
    at: str
    by: str  #: what brought it there
    left_at: str = ""  #: empty: it is still there
    left_to: str = ""  #: stage; empty with ``left_at``: it ended where it stood
    left_by: str = ""
    left_end: str = ""  #: won or lost, where leaving it was the end
    late: bool = False  #: a promise of this stay was missed
    unlocked: bool = False  #: its next step was not locked in time
    cut: bool = False  #: a touch that had a time was stopped: its sequence did not run to the end


@dataclass(slots=True)
class Enrolled:
    """One lead in one playbook for one job."""

    id: str
    lead: str
    playbook: str
    job: str
    digest: str  #: the version it began with
    started_at: str
    by: str  #: the fact that it began with
    end: str = ""  #: won or lost; empty: open
    ended_at: str = ""
    ended_by: str = ""
    owner: str = ""  #: member id, as far as it was told
    owned_at: str = ""  #: when it first had an owner
    stays: list[Stay] = field(default_factory=list)


class Roll:
    """Every enrolment that began so far. Give it the entries in the order they were recorded."""

    def __init__(self) -> None:
        self.all: dict[str, Enrolled] = {}
        self.undone: set[tuple[str, str]] = set()  #: (lead, key) of facts that were taken back; all known at the end
        self._of: dict[str, list[Enrolled]] = {}

    def take(self, line: Line) -> None:
        """Note what an entry says of who is enrolled where; entries about other things change nothing."""
        note = _NOTES.get(line[2])
        if note:
            note(self, line)

    def of(self, lead: str) -> list[Enrolled]:
        """List the enrolments of a lead, in the order they began."""
        return self._of.get(lead, [])

    def concerned(self, line: Line) -> tuple[str, ...]:
        """Name the open enrolments that a fact is about: as the engine has it when the fact is recorded."""
        lead, enrolment, kind, _, job, _, _ = line
        everywhere = kind in PERSON_WIDE
        return tuple(
            [
                each.id
                for each in self._of.get(lead, ())
                if not each.end and (everywhere or (each.id == enrolment if enrolment else not job or job == each.job))
            ]
        )

    def about(self, line: Line) -> tuple[str, ...]:
        """Name the enrolments that an entry is about: the one it names, else those that a fact concerns."""
        return (line[1],) if line[1] in self.all else self.concerned(line)

    def _started(self, line: Line) -> None:
        lead, enrolment, _, at, job, _, kept = line
        data = read_json(kept)
        new = Enrolled(enrolment, lead, data["playbook"], job, data["digest"], at, data["by"])
        self.all[enrolment] = new
        self._of.setdefault(lead, []).append(new)

    def _entered(self, line: Line) -> None:
        enrolled, data, at = self.all.get(line[1]), read_json(line[6]), line[3]
        if enrolled is None:
            return
        if enrolled.stays:
            last = enrolled.stays[-1]
            last.left_at, last.left_to, last.left_by = at, data["stage"], data["by"]
        enrolled.stays.append(Stay(data["stage"], data["visit"], at, data["by"]))
        self._give(enrolled, data["owner"], at)

    def _owner(self, line: Line) -> None:
        at, owner = line[3], str(read_json(line[6]).get("owner", ""))
        for each in self.about(line):
            self._give(self.all[each], owner, at)

    def _give(self, enrolled: Enrolled, owner: str, at: str) -> None:
        enrolled.owner = owner
        if owner and not enrolled.owned_at:
            enrolled.owned_at = at

    def _ended(self, line: Line) -> None:
        enrolled, data, at = self.all.get(line[1]), read_json(line[6]), line[3]
        if enrolled is None:
            return
        enrolled.end, enrolled.ended_at, enrolled.ended_by = data["end"], at, data["by"]
        stays = enrolled.stays
        if len(stays) > 1 and (stays[-1].at, stays[-1].by) == (at, data["by"]):
            stays[-2].left_end = data["end"]  # the last stay is the end itself
        elif stays:
            last = stays[-1]
            last.left_at, last.left_by, last.left_end = at, data["by"], data["end"]

    def _restored(self, line: Line) -> None:
        """Have an enrolment stand where it stood before it moved on: that move was never made."""
        enrolled, visit = self.all.get(line[1]), read_json(line[6])["visit"]
        if enrolled is None:
            return
        enrolled.end = enrolled.ended_at = enrolled.ended_by = ""
        enrolled.stays = [stay for stay in enrolled.stays if stay.visit <= visit]
        if enrolled.stays:
            last = enrolled.stays[-1]
            last.left_at = last.left_to = last.left_by = last.left_end = ""

    def _undone(self, line: Line) -> None:
        self.undone.add((line[0], str(read_json(line[6]).get("undoes", ""))))


_NOTES = {
    Decided.ENROLLED: Roll._started,  # noqa: SLF001 - of this module
    Decided.ENROLMENT_ENDED: Roll._ended,  # noqa: SLF001
    Decided.VISIT_RESTORED: Roll._restored,  # noqa: SLF001
    Decided.STAGE_ENTERED: Roll._entered,  # noqa: SLF001
    UNDONE: Roll._undone,  # noqa: SLF001
    **dict.fromkeys(OWNERS, Roll._owner),  # noqa: SLF001
}
