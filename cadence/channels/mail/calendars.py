"""Calendar files (RFC 5545): what every one of ours begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from icalendar import Calendar

__all__ = ["new_calendar"]


def new_calendar(product: str) -> Calendar:
    """Make an empty calendar that is published: it asks its reader for no answer (RFC 5546, 1.4)."""
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", f"-//cadence//{product}//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    return calendar
