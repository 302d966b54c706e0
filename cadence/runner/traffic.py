"""What may go now on each channel: the rates of senders, the hands that are free, the patience a provider asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cadence.engine.decision import HALTED
from cadence.store import halts, senders
from cadence.timing.rates import Rate, Sender
from cadence.timing.wall import local_day, start_of_day

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cadence.playbook.model import Workspace
    from cadence.store.session import Session

__all__ = ["Traffic", "traffic_of"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SECOND = timedelta(seconds=1)


@dataclass(slots=True)
class Traffic:
    """The state of all ways out during one tick; what senders have sent is shared with other ticks in the store."""

    zone: ZoneInfo  #: the business's: its day is the one that caps count
    names: Mapping[str, str]  #: channel -> sender, as the store knows it
    senders: dict[str, Sender]  #: channel -> its sender
    room: dict[str, int] = field(default_factory=dict)  #: channel -> messages it can still take; left out: any number
    pace: dict[str, timedelta] = field(default_factory=dict)  #: channel -> time from one answer of it to the next
    halts: dict[str, datetime] = field(default_factory=dict)  #: channel -> nothing before then; HALTED: until lifted
    _held: dict[str, datetime] = field(default_factory=dict)  #: channel -> the slot given to the last one held

    def look(self, session: Session, account: str, room: Mapping[str, int], pace: Mapping[str, timedelta]) -> None:
        """Take in how all ways out stand: how many hands are free, how fast they are, who has sent, what is halted."""
        self.room, self.pace = dict(room), dict(pace)
        self.load(session, account)
        self.halts.update(dict.fromkeys(halts.read(session, account), HALTED))

    def load(self, session: Session, account: str) -> None:
        """Read what the senders have sent; until the end of the session no other tick counts."""
        if not self.names:
            return
        rows = senders.read(session, account, sorted(set(self.names.values())))
        for channel, name in self.names.items():
            row = rows[name]
            self.senders[channel] = Sender(
                rate=self.senders[channel].rate,
                free_at=_EPOCH + row.free_at * _MICROSECOND,
                day=row.day,
                sent_today=row.day_count,
            )

    def save(self, session: Session, account: str) -> None:
        """Record what the senders have sent."""
        rows = [
            senders.SenderRow(
                sender=self.names[channel],
                free_at=(sender.free_at - _EPOCH) // _MICROSECOND,
                day=sender.day,
                day_count=sender.sent_today,
            )
            for channel, sender in self.senders.items()
        ]
        senders.save(session, account, rows)

    def at(self, now: datetime) -> Mapping[str, datetime]:
        """Tell for each channel that is not free when the next message may go, whole seconds."""
        busy = {channel: _whole(until) for channel, until in self.halts.items() if until > now}
        for channel in {*self.room, *self.senders}:
            slot = self._slot(channel, now)
            if slot > now:
                busy[channel] = max(busy.get(channel, now), _whole(slot))
        return busy

    def spend(self, channel: str, now: datetime) -> None:
        """Count a message that was claimed."""
        if channel in self.senders:
            self.senders[channel] = self.senders[channel].spend(now, self._day(now)[0])
        if channel in self.room:
            self.room[channel] -= 1

    def hold(self, channel: str, now: datetime) -> None:
        """Give the slot that :meth:`at` tells to a message that must wait for it, so that the next gets a later one."""
        self._held[channel] = self._slot(channel, now)

    def _slot(self, channel: str, now: datetime) -> datetime:
        """Return when the next message may go on a channel, those counted that wait for their turn already."""
        slot, spacing = now, timedelta(0)
        sender = self.senders.get(channel)
        if sender:
            slot, spacing = sender.next_slot(now, *self._day(now)), sender.rate.spacing
        if self.room.get(channel, 1) <= 0:
            if channel not in self.pace:
                return max(slot, now + _SECOND)
            spacing = max(spacing, self.pace[channel])
            slot = max(slot, now + spacing)
        held = self._held.get(channel)
        return max(slot, held + spacing) if slot > now and held and held > now else slot

    def _day(self, now: datetime) -> tuple[str, datetime]:
        today = local_day(now, self.zone)
        return today.isoformat(), start_of_day(today + timedelta(days=1), self.zone)


def traffic_of(workspace: Workspace | None) -> Traffic:
    """Return the traffic of a shop whose senders have sent nothing yet."""
    if workspace is None:
        return Traffic(ZoneInfo("UTC"), {}, {})
    limited = {name: each for name, each in workspace.channels.items() if each.per_minute or each.per_day}
    return Traffic(
        ZoneInfo(workspace.business.timezone),
        {name: f"{name}:{each.sender}" for name, each in limited.items()},
        {name: Sender(rate=Rate(per_minute=e.per_minute, per_day=e.per_day)) for name, e in limited.items()},
    )


def _whole(instant: datetime) -> datetime:
    return instant if not instant.microsecond else instant.replace(microsecond=0) + _SECOND
