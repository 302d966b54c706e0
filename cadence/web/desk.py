"""Takes what comes in into the account's database, where the next tick finds it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cadence.inbox.message import Receipt, to_data
from cadence.store import accounts, handles, inbound
from cadence.store.inbound import InboundRow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cadence.inbox.message import Item
    from cadence.runner.account import Account
    from cadence.store.session import Session

__all__ = ["StoreDesk"]


class StoreDesk:
    """A :class:`cadence.web.door.Desk` over an open account."""

    def __init__(self, account: Account, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._account = account
        self._now = now

    def take(self, items: Sequence[Item]) -> None:
        """Keep items, each key once for ever, in one transaction; StoreError when that cannot be done now."""
        with self._account.store.write() as session:
            self._keep(session, items)

    def way_out(self, handle: str) -> bool:
        """Keep that the person of an enrolment wants no more mails; False when no enrolment has that handle."""
        at = self._now().replace(microsecond=0)
        told = Receipt(
            source="link",
            key=f"{handle} {at:%Y-%m-%dT%H:%MZ}",  # by the minute: who has come back can leave again
            at=at,
            channel="email",
            status="opted_out",
            handle=handle,
        )
        with self._account.store.write() as session:
            known = handles.find(session, self._account.name, handle) is not None
            if known:
                self._keep(session, [told])
        return known

    def check(self) -> None:
        """StoreError when nothing could be kept now."""
        with self._account.store.read() as session:
            accounts.get(session, self._account.name)

    def _keep(self, session: Session, items: Sequence[Item]) -> None:
        now = self._now().replace(microsecond=0)
        accounts.ensure(session, self._account.name, now, mode=self._account.mode)
        inbound.keep(session, self._account.name, [_row(item, now) for item in items])


def _row(item: Item, now: datetime) -> InboundRow:
    kind, data = to_data(item)
    return InboundRow(source=item.source, key=item.key, kind=kind, at=item.at, received_at=now, data=data)
