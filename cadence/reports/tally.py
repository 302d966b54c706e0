"""Small arithmetic of numbers: shares, and values that part of the others do not exceed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["half", "nine_of_ten", "share"]


def share(part: int, whole: int) -> float | None:
    """Return which part of the whole it is, from 0 to 1, to four places; None when there is no whole."""
    return round(part / whole, 4) if whole else None


def half(values: Collection[int]) -> int | None:
    """Return the median: the smallest value that half of the values do not exceed; None when there are none."""
    return _rank(values, 1, 2)


def nine_of_ten(values: Collection[int]) -> int | None:
    """Return the 90th percentile: the smallest value that nine tenths of the values do not exceed."""
    return _rank(values, 9, 10)


def _rank(values: Collection[int], part: int, of: int) -> int | None:
    """By nearest rank, so that it is one of the values."""
    place = -(-len(values) * part // of)
    return sorted(values)[place - 1] if values else None
