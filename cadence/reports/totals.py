"""What a preview comes to: per day, per channel, per owner and in all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from cadence.playbook.words import CHANNELS, MESSAGE_CHANNELS, PERSON_CHANNELS
from cadence.reports.agenda import local_time, standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from cadence.reports.rows import PreviewHead, PreviewRow

__all__ = ["Tally", "Totals", "count"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """One line of totals. Events are not counted."""

    leads: int = 0  #: different leads that would get a message
    messages: int = 0  #: to leads: SMS, e-mail and voice that would be sent
    steps: int = 0  #: for colleagues: calls and tasks that would be made
    lists: int = 0  #: leads that would be put on an audience list
    pushes: int = 0  #: times another program would be told
    segments: int = 0  #: SMS segments of what would be sent
    cost: float = 0.0  #: US dollars, estimated, of what would be sent
    waiting: int = 0  #: touches that wait
    skipped: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))  #: reason code -> touches
    stopped: int = 0  #: touches that something stopped
    failed: int = 0  #: touches that could not be made

    @property
    def skips(self) -> int:
        """Skipped touches, whatever the reason."""
        return sum(self.skipped.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """A preview counted every way it is shown."""

    overall: Tally
    days: Mapping[date | None, Tally]  #: the lead's own day, in order; None, last: still waiting when the preview ends
    channels: Mapping[str, Tally]  #: messages first, then colleagues' steps, then lists and programs
    owners: Mapping[str, Tally]  #: member id, in order of the names; ``""``: nobody
    owner_names: Mapping[str, str]  #: member id -> name
    reasons: Mapping[str, str]  #: reason code of what is skipped -> the sentence a person reads


def count(head: PreviewHead, rows: Iterable[PreviewRow]) -> Totals:
    """Count the rows, in any order; memory grows with leads and days, not with rows."""
    overall = _Sum()
    days: dict[date | None, _Sum] = {}
    channels: dict[str, _Sum] = {}
    owners: dict[str, _Sum] = {}
    names: dict[str, str] = {}
    reasons: dict[str, str] = {}
    for row in rows:
        if row.outcome == "event":
            continue
        instant = standing(head, row)
        day = None if instant is None else local_time(instant, row.zone).date()
        overall.add(row)
        days.setdefault(day, _Sum()).add(row)
        channels.setdefault(row.channel, _Sum()).add(row)
        owners.setdefault(row.owner, _Sum()).add(row)
        names[row.owner] = row.owner_name or row.owner
        if row.outcome == "skipped":
            reasons[row.reason] = row.reason_text
    return Totals(
        overall=overall.tally(),
        days={day: days[day].tally() for day in sorted(days, key=lambda day: (day is None, day))},
        channels={channel: channels[channel].tally() for channel in sorted(channels, key=_channel_order)},
        owners={id_: owners[id_].tally() for id_ in sorted(owners, key=lambda id_: (not id_, names[id_], id_))},
        owner_names=names,
        reasons=reasons,
    )


def _channel_order(channel: str) -> tuple[int, str]:
    return (CHANNELS.index(channel) if channel in CHANNELS else len(CHANNELS), channel)


class _Sum:
    """A tally while it is being counted."""

    def __init__(self) -> None:
        self._leads: set[tuple[str, str]] = set()
        self._counts: Counter[str] = Counter()
        self._skipped: Counter[str] = Counter()
        self._cost = 0.0

    def add(self, row: PreviewRow) -> None:
        if row.outcome == "sent":
            self._sent(row)
        elif row.outcome == "skipped":
            self._skipped[row.reason] += 1
        else:
            self._counts[row.outcome] += 1

    def _sent(self, row: PreviewRow) -> None:
        self._counts["segments"] += row.segments
        self._cost += row.cost
        if row.channel in MESSAGE_CHANNELS:
            self._counts["messages"] += 1
            self._leads.add((row.account, row.lead))
        elif row.channel in PERSON_CHANNELS:
            self._counts["steps"] += 1
        else:
            self._counts["lists" if row.channel == "audience" else "pushes"] += 1

    def tally(self) -> Tally:
        return Tally(
            leads=len(self._leads),
            messages=self._counts["messages"],
            steps=self._counts["steps"],
            lists=self._counts["lists"],
            pushes=self._counts["pushes"],
            segments=self._counts["segments"],
            cost=self._cost,
            waiting=self._counts["waits"],
            skipped=MappingProxyType(dict(sorted(self._skipped.items()))),
            stopped=self._counts["stopped"],
            failed=self._counts["failed"],
        )
