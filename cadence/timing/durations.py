"""Durations as a page writes them: ``15m``, ``2h``, ``3d``, ``2w``, ``1h30m``."""

from __future__ import annotations

import re
from datetime import timedelta

__all__ = ["format_duration", "parse_duration"]

_SHAPE = re.compile(r"(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?", re.ASCII)
_LOOSE = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)", re.ASCII)
_MINUTES = {"w": 10080, "d": 1440, "h": 60, "m": 1}
_UNITS = {
    word: unit
    for unit, words in {
        "w": "w wk wks week weeks",
        "d": "d day days",
        "h": "h hr hrs hour hours",
        "m": "m min mins minute minutes",
    }.items()
    for word in words.split()
}
_LONGEST = timedelta(days=3660)


def parse_duration(text: str) -> timedelta:
    """Read a duration: one or more of ``Nw Nd Nh Nm`` in that order, without spaces. ``d`` is 24 hours.

    Raises ValueError with a sentence that says what to write instead.
    """
    match = _SHAPE.fullmatch(str(text))
    if match is None or not text:
        raise ValueError(f"'{text}' is not a duration; {_suggestion(str(text))}")
    if any(len(number or "") > 8 for number in match.groups()):
        raise ValueError(f"'{text}' is longer than ten years; write a shorter duration")
    weeks, days, hours, minutes = (int(number or 0) for number in match.groups())
    duration = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes)
    if not duration:
        raise ValueError(f"'{text}' is no time at all; write at least 1m")
    if duration > _LONGEST:
        raise ValueError(f"'{text}' is longer than ten years; write a shorter duration")
    return duration


def format_duration(duration: timedelta, *, largest: str = "w") -> str:
    """Write a duration as a page would: ``1h30m``. Seconds are dropped; less than a minute is ``0m``.

    ``largest`` is the largest unit used (``h`` for open time, where a day of 24 hours means nothing).
    Weeks are used for whole weeks only, and up to three days a count that is not whole days stays in hours
    (``46h``). ``parse_duration`` reads the text back.
    """
    minutes = int(abs(duration).total_seconds()) // 60
    sign = "-" if duration < timedelta(0) and minutes else ""
    if largest == "w" and minutes and minutes % _MINUTES["w"] == 0:
        return f"{sign}{minutes // _MINUTES['w']}w"
    days = largest in "wd" and (minutes % _MINUTES["d"] == 0 or minutes >= 3 * _MINUTES["d"])
    text = ""
    for unit in "dhm" if days else "hm":
        count, minutes = divmod(minutes, _MINUTES[unit])
        if count:
            text += f"{count}{unit}"
    return sign + (text or "0m")


def _suggestion(text: str) -> str:
    """What the writer of ``text`` may have meant."""
    if re.fullmatch(r"\d+", text.strip()):
        number = text.strip()
        return f"say of what: {number}m, {number}h or {number}d"
    meant = _meant(text.strip().lower())
    return f"write {meant} (durations look like 15m, 2h or 3d)" if meant else "write 15m, 2h or 3d"


def _meant(text: str) -> str:
    """The canonical form of a loosely written duration; empty when there is none."""
    parts = _LOOSE.findall(text)
    if not parts or len(text) > 40 or re.sub(r"[\s,]|\band\b", "", _LOOSE.sub("", text)):
        return ""
    units = [_UNITS.get(word, "") for _, word in parts]
    numbers = [float(number) for number, _ in parts]
    if not all(units):
        return ""
    minutes = sum(number * _MINUTES[unit] for number, unit in zip(numbers, units, strict=True))
    if minutes < 1 or minutes > _LONGEST.days * 1440 or minutes != int(minutes):
        return ""
    as_written = "".join(f"{number}{unit}" for (number, _), unit in zip(parts, units, strict=True))
    return as_written if _SHAPE.fullmatch(as_written) else format_duration(timedelta(minutes=minutes))
