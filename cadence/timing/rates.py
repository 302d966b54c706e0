"""How fast a sender may send: so many a minute, evenly spread, and so many a day.

The rate is kept by the generic cell rate algorithm: the sender is free again ``60 / per_minute`` seconds after each
message, counted from when it last was free, so that no burst is longer than :data:`BURST`.
Source: ITU-T I.371, "virtual scheduling".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

__all__ = ["Rate", "Sender"]

BURST = timedelta(seconds=1)  #: messages of so much time may go together
FAR = timedelta(minutes=10)  #: no sender is busy for so long; what says so was written by a clock since put back
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """What a sender may do."""

    per_minute: int = 0  #: 0: as fast as it goes
    per_day: int = 0  #: 0: no cap

    @property
    def spacing(self) -> timedelta:
        """Time from one message to the next."""
        return timedelta(seconds=60) / self.per_minute if self.per_minute else timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """How a sender stands; immutable."""

    rate: Rate
    free_at: datetime = _EPOCH  #: when its next message may go, burst aside
    day: str = ""  #: the day that is counted
    sent_today: int = 0

    def next_slot(self, now: datetime, today: str, tomorrow_at: datetime) -> datetime:
        """Return when the next message may go: ``now`` or later.

        ``today`` names the day of ``now`` on the clock the cap is counted by; the next begins at ``tomorrow_at``.
        """
        if self.rate.per_day and self.day == today and self.sent_today >= self.rate.per_day:
            return max(tomorrow_at, now)
        return max(self._busy_until(now) - max(BURST - self.rate.spacing, timedelta(0)), now)

    def spend(self, now: datetime, today: str) -> Sender:
        """Return the sender after one message at ``now``."""
        return replace(
            self,
            free_at=max(self._busy_until(now), now) + self.rate.spacing,
            day=today,
            sent_today=self.sent_today + 1 if self.day == today else 1,
        )

    def _busy_until(self, now: datetime) -> datetime:
        return self.free_at if self.free_at <= now + FAR else now
