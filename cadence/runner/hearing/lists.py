"""Who asked us to stop comes off what channels keep of people, such as the lists of an audience.

The ledger is read from where it was read last, so nobody is forgotten, whoever wrote the entry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.runner.ledger import load
from cadence.store import cursors, suppressions
from cadence.store.cursors import CursorRow
from cadence.store.suppressions import SUPPRESSED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from typing import Any

    from cadence.channels.channel import Channel
    from cadence.runner.hearing.ear import Heard
    from cadence.store.session import Session
    from cadence.store.store import Store
    from cadence.store.suppressions import SuppressionRow

__all__ = ["take_off_lists"]

SOURCE = "lists"  #: name of the cursor


def take_off_lists(store: Store, account: str, ways: Iterable[Channel], now: datetime, heard: Heard) -> None:
    """Tell every channel of those who asked us to stop since it was last told."""
    ways = list({id(way): way for way in ways}.values())
    while True:
        with store.read() as session:
            known = cursors.read(session, account).get(SOURCE)
            after = int(known.data.get("after", 0)) if known else 0
            rows = suppressions.added(session, account, after)
            records = _records(session, account, [row for _, row in rows])
        if not rows:
            return
        try:
            for way in ways:
                for record in records:
                    way.remove(record, now)
        except OSError as error:
            heard.problems.append(f"people who asked us to stop cannot be taken off a list: {error.strerror}")
            return
        with store.write() as session:
            cursors.save(session, account, CursorRow(source=SOURCE, data={"after": rows[-1][0]}, at=now))


def _records(session: Session, account: str, rows: Iterable[SuppressionRow]) -> list[Mapping[str, Any]]:
    gone = [row for row in rows if row.standing == SUPPRESSED and row.reason != "dead"]
    states = load(session, account, {row.lead for row in gone if row.lead})
    own: list[Mapping[str, Any]] = [{**state.record, "id": lead} for lead, state in states.items()]
    return own + [{"id": "", "email" if "@" in row.address else "phone": row.address} for row in gone]
