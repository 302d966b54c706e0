"""Windows that must be open together: the same hours in several zones, or several hours at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from cadence.timing.hours import opening_times
from cadence.timing.timeline import HORIZON_DAYS, Timeline, at_second, second_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from cadence.timing.hours import Hours

__all__ = ["Window", "all_open", "common_close", "common_times", "next_common_open"]


@dataclass(frozen=True, slots=True)
class Window:
    """Hours on the clock of one zone."""

    hours: Hours
    zone: ZoneInfo


def all_open(instant: datetime, windows: Sequence[Window]) -> bool:
    """Whether every window is open at the instant; true when there is none."""
    return not windows or common_times(tuple(windows)).is_open(second_of(instant))


def next_common_open(instant: datetime, windows: Sequence[Window], horizon_days: int = HORIZON_DAYS) -> datetime | None:
    """The instant itself when every window is open, else the first at which all are.

    None when there is none within ``horizon_days``.
    """
    if not windows:
        return instant
    second = second_of(instant)
    opening = common_times(tuple(windows)).next_open(second, horizon_days)
    if opening is None:
        return None
    return instant if opening == second else at_second(opening)


def common_close(instant: datetime, windows: Sequence[Window]) -> datetime | None:
    """When the first of the windows closes; None when not all are open, or none closes within 400 days."""
    if not windows:
        return None
    close = common_times(tuple(windows)).closes_at(second_of(instant), HORIZON_DAYS)
    return None if close is None else at_second(close)


@lru_cache(maxsize=1024)
def common_times(windows: tuple[Window, ...]) -> Timeline:
    """The real time at which all these windows are open; kept, so that asking again is cheap."""
    timelines = [opening_times(window.hours, window.zone) for window in windows]
    if len(timelines) == 1:
        return timelines[0]

    def spans(start: int, stop: int) -> Iterator[tuple[int, int]]:
        common = list(timelines[0].pieces(start, stop))
        for timeline in timelines[1:]:
            common = list(_overlaps(common, list(timeline.pieces(start, stop))))
        return iter(common)

    return Timeline(spans)


def _overlaps(ours: Sequence[tuple[int, int]], theirs: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The common parts of two ordered lists of spans."""
    left = right = 0
    while left < len(ours) and right < len(theirs):
        start = max(ours[left][0], theirs[right][0])
        end = min(ours[left][1], theirs[right][1])
        if start < end:
            yield start, end
        if ours[left][1] <= theirs[right][1]:
            left += 1
        else:
            right += 1
