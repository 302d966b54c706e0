"""What an edit changes over all leads, counted as the leads go by."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from cadence.engine.diff import Kind
from cadence.engine.events import parse_instant
from cadence.playbook.words import MESSAGE_CHANNELS, PERSON_CHANNELS
from cadence.reports.plan_data import NOT_READ

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from typing import Any
    from zoneinfo import ZoneInfo

    from cadence.reports.plan_data import ChangeData, LeadData

__all__ = ["GOES", "PlanTally", "TouchPlace"]

GOES = frozenset((Kind.ADDED.value, Kind.MOVED.value, Kind.DROPPED.value, Kind.REWORDED.value, Kind.PASSED.value))
#: Playbook, stage, touch, channel.
TouchPlace = tuple[str, str, str, str]


@dataclass(slots=True)
class PlanTally:
    """Figures of a plan; :meth:`add` takes in one lead after the other."""

    zone: ZoneInfo  #: of the days
    changed: int = 0  #: leads that something changes for
    soon: int = 0  #: leads that get a message within the hour that they would not have got
    kinds: Counter[str] = field(default_factory=Counter)  #: changes by kind
    late: int = 0  #: touches that go more than an hour after they were due
    close: dict[str, int] = field(default_factory=dict)  #: lead -> messages less than 24 hours after the one before
    gaps: Counter[str] = field(default_factory=Counter)  #: leads that lack something at the end, by what
    touches: dict[TouchPlace, Counter[str]] = field(default_factory=dict)  #: changes of each touch by kind
    stages: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)  #: changed leads' comings, by stage
    days: dict[tuple[date, str], list[int]] = field(default_factory=dict)  #: (day, channel) -> more, fewer
    owners: dict[str, Counter[str]] = field(default_factory=dict)  #: member -> leads, steps more, steps fewer, given
    not_read: dict[str, str] = field(default_factory=dict)  #: leads whose future cannot be told -> kind of error

    def add(self, data: Mapping[str, Any]) -> None:
        """Take in one lead."""
        if NOT_READ in data:
            self.not_read[data["lead"]] = data[NOT_READ]
            return
        lead: LeadData = data  # type: ignore[assignment]
        self.changed += 1
        self.soon += lead["soon"]
        self.gaps.update(lead["gaps"])
        for change in lead["changes"]:
            self._count(change)
        close = sum(change["close_to"] is not None for change in lead["changes"])
        if close:
            self.close[lead["lead"]] = close
        for owner in {change["owner"] for change in lead["changes"]}:
            self.owners.setdefault(owner, Counter())["leads"] += 1

    def _count(self, change: ChangeData) -> None:
        kind = change["kind"]
        self.kinds[kind] += 1
        self.late += change["late"]
        if kind in GOES:
            place = change["playbook"], change["stage"], change["touch"], change["channel"]
            told = self.touches.setdefault(place, Counter())
            told[kind] += 1
            told["late"] += change["late"]
            told["reworded_too"] += change["reworded"] and kind != Kind.REWORDED.value
            self._count_days(change)
        elif kind == Kind.STAGE.value:
            came = "moved" if change["was"] and change["at"] else "more" if change["at"] else "fewer"
            self.stages.setdefault((change["playbook"], change["stage"]), Counter())[came] += 1
        elif kind == Kind.OWNER.value:
            self.owners.setdefault(change["owner"], Counter())["given"] += 1

    def _count_days(self, change: ChangeData) -> None:
        more = change["at"] if not change["after_end"] else None
        fewer = change["was"]
        if more and fewer and self._day(more) == self._day(fewer):
            return
        step = change["channel"] in PERSON_CHANNELS
        counted = step or change["channel"] in MESSAGE_CHANNELS
        for text, place, word in ((more, 0, "steps more"), (fewer, 1, "steps fewer")):
            if text and counted:
                self.days.setdefault((self._day(text), change["channel"]), [0, 0])[place] += 1
                if step:
                    self.owners.setdefault(change["owner"], Counter())[word] += 1

    def _day(self, text: str) -> date:
        return _day_of(text, self.zone)


@lru_cache(maxsize=4096)
def _day_of(text: str, zone: ZoneInfo) -> date:
    return parse_instant(text).astimezone(zone).date()
