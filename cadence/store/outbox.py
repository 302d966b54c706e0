"""The outbox: every touch that was claimed or ended, once each.

A touch is claimed (committed) before a provider is called, and ended after. What is still claimed when nobody
is sending was interrupted between the two: its outcome is unknown until the provider has been asked.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from cadence.engine.decision import Outcome
from cadence.errors import StoreError
from cadence.store import dialect
from cadence.store.session import chunks
from cadence.store.tables import outbox

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from cadence.store.session import Session

__all__ = [
    "CLAIMED",
    "ENDS",
    "AlreadyClaimed",
    "Ending",
    "OutboxFilter",
    "OutboxRow",
    "claim",
    "counts",
    "finish",
    "get",
    "insert_ended",
    "listing",
    "open_claims",
]

CLAIMED = "claimed"  #: state of a touch that is being carried out
ENDS = frozenset(outcome.value for outcome in Outcome) - {Outcome.WAITS.value}  #: states a touch ends in


class AlreadyClaimed(StoreError):  # noqa: N818 - says what happened, as its siblings do
    """A touch that was to be claimed is claimed or ended already; ``touch_keys`` names each such touch."""

    def __init__(self, touch_keys: Sequence[str]) -> None:
        super().__init__(
            f"touch {touch_keys[0]} is claimed already" + (f", and {n} more" if (n := len(touch_keys) - 1) else ""),
            help="another tick has it in hand; this one must leave it alone",
        )
        self.touch_keys = tuple(touch_keys)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """One touch, claimed or ended."""

    touch_key: str  #: enrolment/visit/touch
    lead: str
    enrolment: str
    visit: int
    playbook: str
    digest: str  #: the version that decided
    stage: str
    touch: str
    channel: str
    state: str = CLAIMED  #: CLAIMED or one of ENDS
    reason: str = ""  #: code of :class:`cadence.engine.decision.Reason`
    detail: str = ""
    due_at: datetime | None = None
    decided_at: datetime
    ended_at: datetime | None = None
    address: str = ""  #: where it goes: phone, e-mail address, member id or audience
    subject: str = ""
    body: str = ""
    segments: int = 0
    variant: str = ""
    line: int = 0  #: of the playbook that decided
    owner: str = ""  #: member id
    attempts: int = 0  #: calls made to the provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a claimed touch ended."""

    touch_key: str
    state: str  #: one of ENDS
    reason: str
    ended_at: datetime
    detail: str = ""
    attempts: int = 0  #: calls made to the provider


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxFilter:
    """Which touches; empty fields ask nothing."""

    lead: str = ""
    playbook: str = ""
    channel: str = ""
    state: str = ""
    reason: str = ""
    since: datetime | None = None  #: decided then or later


def claim(session: Session, account: str, rows: Sequence[OutboxRow]) -> None:
    """Claim touches, all or none. AlreadyClaimed when any is known already, however it ended."""
    try:
        with session.savepoint():
            session.change(_INSERT, [_values(account, row) for row in rows])
    except IntegrityError:
        if taken := _taken(session, account, [row.touch_key for row in rows]):
            raise AlreadyClaimed(taken) from None
        raise


def insert_ended(session: Session, account: str, rows: Sequence[OutboxRow]) -> int:
    """Record touches that end without a call; a touch that is known keeps what it has. Tells how many were new.

    ValueError for a row that has not ended.
    """
    for row in rows:
        if row.state not in ENDS or row.ended_at is None:
            raise ValueError(f"touch {row.touch_key} has not ended")
    statement = dialect.insert_new(session.dialect, outbox, "account", "touch_key")
    return session.change(statement, [_values(account, row) for row in rows])


def finish(session: Session, account: str, endings: Sequence[Ending]) -> int:
    """End claimed touches. One that is not claimed (ended already, or unknown) keeps what it has.

    Tells how many ended now. ValueError for a state that is no end.
    """
    for ending in endings:
        if ending.state not in ENDS:
            raise ValueError(f"touch {ending.touch_key}: {ending.state!r} is no end")
    return session.change(
        _FINISH,
        [
            {"of_account": account, **{f"new_{name}": getattr(ending, name) for name in _ENDING_FIELDS}}
            for ending in endings
        ],
    )


def get(session: Session, account: str, touch_key: str) -> OutboxRow | None:
    """Look up one touch."""
    query = _SELECT.where(outbox.c.account == account, outbox.c.touch_key == touch_key)
    row = session.ask(query).mappings().one_or_none()
    return OutboxRow(**row) if row else None


def open_claims(session: Session, account: str) -> list[OutboxRow]:
    """List the touches that are claimed and not ended, in the order they were decided."""
    query = _SELECT.where(outbox.c.account == account, outbox.c.state == CLAIMED)
    return [OutboxRow(**row) for row in session.ask(query.order_by(outbox.c.decided_at, outbox.c.touch_key)).mappings()]


def listing(
    session: Session, account: str, wanted: OutboxFilter = OutboxFilter(), *, limit: int = 100, after: str = ""
) -> list[OutboxRow]:
    """List touches by key, at most ``limit``, beginning behind the key ``after``."""
    query = _SELECT.where(*_conditions(account, wanted), outbox.c.touch_key > after)
    return [OutboxRow(**row) for row in session.ask(query.order_by(outbox.c.touch_key).limit(limit)).mappings()]


def counts(session: Session, account: str, wanted: OutboxFilter = OutboxFilter()) -> dict[tuple[str, str, str], int]:
    """Count touches: (channel, state, reason) -> number."""
    kind = (outbox.c.channel, outbox.c.state, outbox.c.reason)
    query = select(*kind, func.count()).where(*_conditions(account, wanted)).group_by(*kind)
    return {(channel, state, reason): n for channel, state, reason, n in session.ask(query)}


def _values(account: str, row: OutboxRow) -> dict[str, Any]:
    return {"account": account, **{name: getattr(row, name) for name in _FIELDS}}


def _taken(session: Session, account: str, keys: Collection[str]) -> list[str]:
    """Tell which of ``keys`` are in the outbox or stand twice among themselves."""
    taken = {key for key, times in Counter(keys).items() if times > 1}
    for part in chunks(keys):
        query = select(outbox.c.touch_key).where(outbox.c.account == account, outbox.c.touch_key.in_(part))
        taken.update(session.ask(query).scalars())
    return sorted(taken)


def _conditions(account: str, wanted: OutboxFilter) -> list[ColumnElement[bool]]:
    asked = {name: getattr(wanted, name) for name in ("lead", "playbook", "channel", "state", "reason")}
    conditions = [outbox.c.account == account, *(outbox.c[name] == value for name, value in asked.items() if value)]
    if wanted.since is not None:
        conditions.append(outbox.c.decided_at >= wanted.since)
    return conditions


_FIELDS = tuple(item.name for item in fields(OutboxRow))
_ENDING_FIELDS = tuple(item.name for item in fields(Ending))
_SELECT = select(*(outbox.c[name] for name in _FIELDS))
_INSERT = insert(outbox)
_FINISH = (
    update(outbox)
    .where(
        outbox.c.account == bindparam("of_account"),
        outbox.c.touch_key == bindparam("new_touch_key"),
        outbox.c.state == CLAIMED,
    )
    .values({name: bindparam(f"new_{name}") for name in _ENDING_FIELDS if name != "touch_key"})
)
