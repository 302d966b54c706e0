"""Who has how much to do, and whose turn it is: what sharing leads out goes by.

It is given to the engine like the instant is: the same lead, plan, roster and instant always name the same colleague.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cadence.engine.events import Decided

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cadence.engine.events import Event

__all__ = ["Roster"]


@dataclass(slots=True)
class Roster:
    """Loads and turns of an account's people; :meth:`note` keeps it up from decision to decision."""

    loads: dict[str, int] = field(default_factory=dict)  #: member -> open enrolments
    turns: dict[tuple[str, str], int] = field(default_factory=dict)  #: (role, member) -> the number of the latest turn
    ahead: int = 0  #: leads that come before this one, in a preview that looks at each by itself

    def before(self, ahead: int) -> Roster:
        """Return a copy for a lead that so many others come before."""
        return Roster(dict(self.loads), dict(self.turns), ahead)

    def choose(self, how: str, role: str, present: Sequence[str]) -> str:
        """Name the one of ``present`` who gets the next lead of a role; empty when nobody is there.

        ``round_robin``: whose turn is longest ago. ``least_loaded``: who has the fewest open leads, and of those whose
        turn is longest ago. Whoever never had a turn comes first, in the order of the page.
        """
        if not present:
            return ""
        order = sorted(present, key=lambda member: self._rank(how, role, member))
        return order[self.ahead % len(order)]

    def _rank(self, how: str, role: str, member: str) -> tuple[int, int]:
        load = self.loads.get(member, 0) if how == "least_loaded" else 0
        return load, self.turns.get((role, member), 0)

    def note(self, events: Iterable[Event]) -> None:
        """Take in what was decided, for the next decision."""
        for event in events:
            data = event.data
            if event.type in (Decided.STAGE_ENTERED, Decided.OWNER_CHANGED):
                self._move(data.get("before", ""), data["owner"])
                how = data.get("how") or {}
                if role := how.get("shared"):
                    latest = max((n for (other, _), n in self.turns.items() if other == role), default=0)
                    self.turns[role, data["owner"]] = latest + 1
            elif event.type == Decided.ENROLMENT_ENDED:
                self._move(data.get("owner", ""), "")

    def _move(self, before: str, owner: str) -> None:
        if before == owner:
            return
        if before:
            self.loads[before] = max(0, self.loads.get(before, 0) - 1)
        if owner:
            self.loads[owner] = self.loads.get(owner, 0) + 1
