"""The people of the benchmark: who they are, where they live, and how far each has come in the page's week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ACCOUNT", "FIRST_DUE", "MARK", "NOW", "WORKSPACE", "ZIPS", "Kind", "Person", "kinds", "person", "wave_at"]

ACCOUNT = "bench"
WORKSPACE = Path(__file__).parent / "workspace"

#: A Tuesday. At 10:00 in each zone the touches of the day fall due: from 15:00 UTC (New York) to 18:00 (San Francisco).
DAY = datetime(2026, 11, 24, tzinfo=UTC)
FIRST_DUE = DAY + timedelta(hours=15)
NOW = DAY + timedelta(hours=18, minutes=30)  #: everything of the day is due, every send window is open

ZIPS = ("10001", "64110", "80202", "94103")  #: New York, Kansas City, Denver, San Francisco
_AFTER = (0, 2, 6)  #: days from arrival to the first, second, third touch


@dataclass(frozen=True, slots=True)
class Kind:
    """How a lead stands: which touch is next, in how many days, and where the lead lives."""

    touch: int  #: 0, 1, 2: so many touches were sent already
    days: int  #: until it is due; 0: on the day itself
    zip: str

    @property
    def arrived(self) -> datetime:
        """When such a lead came in: early in the morning, before anything may be sent."""
        return DAY + timedelta(days=self.days - _AFTER[self.touch], hours=12)


def kinds(days: Sequence[int], touches: Sequence[int] = (0, 1, 2)) -> list[Kind]:
    """List the kinds of leads whose next touch falls due in one of ``days``, and that may be there on the day."""
    return [
        Kind(touch, day, zip_code)
        for day in days
        for touch in touches
        for zip_code in ZIPS
        if not day or (touch and day < _AFTER[touch] - _AFTER[touch - 1])
    ]


@dataclass(frozen=True, slots=True)
class Person:
    """What tells one lead from another."""

    lead: str
    name: str
    phone: str
    email: str

    def record(self, zip_code: str) -> dict[str, Any]:
        """Return the attributes a list would give."""
        return {
            "id": self.lead,
            "name": self.name,
            "phone": self.phone,
            "email": self.email,
            "zip": zip_code,
            "trade": "roofing",
            "service": "roof",
            "source": "website",
        }


def person(number: int) -> Person:
    """Return the person with a number below 8 million."""
    first, last = _FIRST[number % len(_FIRST)], _LAST[number // len(_FIRST) % len(_LAST)]
    return Person(
        lead=f"{first}-{last}-{number:07d}".lower(),
        name=f"{first} {last}",
        phone=f"+1816{2_000_000 + number}",
        email=f"{first}.{last}.{number:07d}@example.com".lower(),
    )


_FIRST = ("Maria", "Bob", "Chen", "Dwayne", "Elena", "Farid", "Grace", "Hiro", "Ines", "Jamal")
_LAST = ("Lopez", "Smith", "Nguyen", "Kowalski", "Okafor", "Haddad", "Larsen", "Tanaka", "Silva", "Reed")
#: Stands for anybody in a pattern.
MARK = Person("%(lead)s", "%(first)s %(last)s", "%(phone)s", "%(email)s")


def wave_at(wave: int) -> datetime:
    """Return when a wave of leads is due: each a minute after the one before, as a rate would spread them."""
    return NOW + timedelta(minutes=wave)
