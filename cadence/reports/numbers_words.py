"""How numbers are written on a page: shares, lengths of time, days, money."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.timing.wall import say_day

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

__all__ = ["NONE", "NOTHING", "day_of", "lasted", "money", "most_first", "percent"]

NOTHING = "Nothing to count yet"
NONE = "-"  #: stands where there is no number


def percent(part: int, whole: int) -> str:
    """Return ``75% (3 of 4)``; a dash when there is no whole."""
    return f"{100 * part / whole:.0f}% ({part:,} of {whole:,})" if whole else NONE


def lasted(seconds: float | None) -> str:
    """Return a length of time in one unit or two: ``40s``, ``12m``, ``1h 20m``, ``2d 3h``; a dash for none."""
    if seconds is None:
        return NONE
    whole = int(seconds)
    for size, unit, less, smaller in ((86400, "d", 3600, "h"), (3600, "h", 60, "m")):
        if whole >= size:
            rest = whole % size // less
            return f"{whole // size}{unit}" + (f" {rest}{smaller}" if rest else "")
    return f"{whole // 60}m" if whole >= 60 else f"{whole}s"


def day_of(day: date) -> str:
    """Return ``23 Nov``."""
    return say_day(day).partition(" ")[2]


def money(dollars: float | None) -> str:
    """Return ``$8,400``; a dash for none."""
    return NONE if dollars is None else f"${dollars:,.0f}"


def most_first(figures: Mapping[str, int]) -> str:
    """Return ``google 12, referral 3, not known 1``; empty for none."""
    ordered = sorted(figures.items(), key=lambda each: (-each[1], each[0]))
    return ", ".join(f"{name or 'not known'} {number:,}" for name, number in ordered)
