"""Takes what comes in into the account's database, where ticks find it before anything more goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.inbox.message import Receipt
from cadence.runner.hearing.hear import keep
from cadence.store import accounts, handles
from cadence.web.door import present

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from cadence.inbox.message import Item
    from cadence.runner.account import Account
    from cadence.store.session import Session

__all__ = ["StoreDesk"]


class StoreDesk:
    """A :class:`cadence.web.door.Desk` over an open account."""

    def __init__(self, account: Account, now: Callable[[], datetime] = present) -> None:
        self._account = account
        self._now = now

    def take(self, items: Sequence[Item]) -> None:
        """Keep items, each key once for ever, in one transaction; StoreError when that cannot be done now."""
        with self._account.store.write() as session:
            self._keep(session, items)

    def way_out(self, handle: str) -> bool:
        """Keep that the person of an enrolment wants no more mails; False when no enrolment has that handle."""
        at = self._now()
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
        now = self._now()
        accounts.ensure(session, self._account.name, now, mode=self._account.mode)
        keep(session, self._account.name, items, now)
