"""When something is open, as spans of real time: ordered, not touching, worked out page by page.

Opening hours in a zone and the common hours of several windows are both timelines, so both are asked the
same way. A page holds sixteen days and is worked out when first asked for; a question after that is one
binary search. Seconds are POSIX seconds; ends are exclusive.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["HORIZON_DAYS", "Timeline", "at_second", "merged", "second_of"]

#: How far any walk looks for an opening, in days.
HORIZON_DAYS = 400

_PAGE = 16 * 86_400
_Spans = tuple[tuple[int, ...], tuple[int, ...]]


def second_of(instant: datetime) -> int:
    """The POSIX second of an aware datetime; fractions are dropped."""
    return int(instant.timestamp() // 1)


def at_second(second: int) -> datetime:
    """The UTC datetime of a POSIX second."""
    return datetime.fromtimestamp(second, UTC)


def merged(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Spans in order of their starts, with those that touch or overlap joined and empty ones left out."""
    start = end = None
    for first, last in spans:
        if first >= last:
            continue
        if start is None or end is None:
            start, end = first, last
        elif first <= end:
            end = max(end, last)
        else:
            yield start, end
            start, end = first, last
    if start is not None and end is not None:
        yield start, end


class Timeline:
    """Open spans over all time, made by ``source(start, stop)``: the spans that meet that stretch, by start."""

    __slots__ = ("_pages", "_source")

    def __init__(self, source: Callable[[int, int], Iterable[tuple[int, int]]]) -> None:
        self._source = source
        self._pages: dict[int, _Spans] = {}

    def is_open(self, second: int) -> bool:
        """Whether the second lies in an open span."""
        starts, ends = self._page(second // _PAGE)
        index = bisect_right(starts, second) - 1
        return index >= 0 and second < ends[index]

    def next_open(self, second: int, days: int = HORIZON_DAYS) -> int | None:
        """The second itself when open, else the next opening; None when there is none within ``days``."""
        number = second // _PAGE
        starts, ends = self._page(number)
        index = bisect_right(ends, second)
        if index < len(starts):
            start = starts[index]
            if start <= second:
                return second
            return start if start <= second + days * 86_400 else None
        limit = second + days * 86_400
        for later in range(number + 1, limit // _PAGE + 1):
            starts, _ = self._page(later)
            if starts:
                return starts[0] if starts[0] <= limit else None
        return None

    def closes_at(self, second: int, days: int = HORIZON_DAYS) -> int | None:
        """The end of the open span that holds the second; None when closed, or open beyond ``days``."""
        if not self.is_open(second):
            return None
        limit = second + days * 86_400
        close = second
        for start, end in self.pieces(second, limit):
            if start > close:
                return close
            close = end
        return close if close < limit else None

    def pieces(self, start: int, stop: int) -> Iterator[tuple[int, int]]:
        """The open spans between two seconds, in order; a long one may come in adjoining pieces."""
        if start >= stop:
            return
        for number in range(start // _PAGE, stop // _PAGE + 1):
            starts, ends = self._page(number)
            for index in range(bisect_right(ends, start), len(starts)):
                if starts[index] >= stop:
                    return
                yield max(starts[index], start), min(ends[index], stop)

    def pieces_back(self, start: int, stop: int) -> Iterator[tuple[int, int]]:
        """The same spans as ``pieces``, last first."""
        for number in range(stop // _PAGE, start // _PAGE - 1, -1):
            starts, ends = self._page(number)
            for index in range(len(starts) - 1, -1, -1):
                if ends[index] <= start:
                    return
                if starts[index] < stop:
                    yield max(starts[index], start), min(ends[index], stop)

    def open_seconds(self, start: int, stop: int) -> int:
        """How many seconds between the two are open."""
        return sum(end - begin for begin, end in self.pieces(start, stop))

    def _page(self, number: int) -> _Spans:
        page = self._pages.get(number)
        if page is None:
            low, high = number * _PAGE, (number + 1) * _PAGE
            clipped = [(max(start, low), min(end, high)) for start, end in merged(self._source(low, high)) if end > low]
            kept = [(start, end) for start, end in clipped if start < end]
            page = self._pages[number] = (tuple(start for start, _ in kept), tuple(end for _, end in kept))
        return page
