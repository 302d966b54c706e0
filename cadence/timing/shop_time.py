"""Times as a story tells them: a moment on the shop's own clock, or a length of time that may be none."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cadence.timing.durations import parse_duration
from cadence.timing.wall import resolve

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

__all__ = ["delay", "shop_instant"]

_AT_ONCE = "0m"


def shop_instant(text: str, zone: ZoneInfo) -> datetime:
    """Return the instant, in UTC, at which the shop's clock first shows ``2026-11-24T13:10``."""
    moment = datetime.fromisoformat(text)
    return resolve(moment.date(), moment.time(), zone)


def delay(text: str) -> timedelta:
    """Read a duration that may be ``0m``; ValueError for what is none."""
    return timedelta(0) if text == _AT_ONCE else parse_duration(text)
