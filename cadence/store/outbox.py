"""The outbox: every touch that was claimed or ended, once each.

A touch is claimed (committed, with a lease) before a provider is called, and settled after. What may follow what
is said in :mod:`cadence.store.states`. A claim whose lease has run out was interrupted between the two: its
outcome is unknown until the provider has been asked.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, func, insert, literal_column, or_, select, update
from sqlalchemy.exc import IntegrityError

from cadence.errors import StoreError
from cadence.store import dialect
from cadence.store.session import chunks
from cadence.store.states import CLAIMED, ENDS, FAILED, NEW, SENT, UNKNOWN, WAITS, before, may_become
from cadence.store.tables import outbox

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import ColumnElement

    from cadence.store.session import Session

__all__ = [
    "NEVER",
    "AlreadyClaimed",
    "Ending",
    "OutboxFilter",
    "OutboxRow",
    "ask_later",
    "claim",
    "counts",
    "get",
    "insert_ended",
    "listing",
    "of_leads",
    "open_keys",
    "open_rows",
    "settle",
    "standing",
    "trouble",
]

NEVER = datetime(9999, 12, 31, tzinfo=UTC)  #: ``check_at`` of an unknown that is left to a person


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
    """One touch that was claimed or has ended; or a message to a colleague, which is no touch of any lead."""

    touch_key: str  #: enrolment/visit/touch; alert/member/alert
    lead: str  #: empty: of none, it is to a colleague
    enrolment: str
    visit: int
    playbook: str
    digest: str  #: the version that decided
    stage: str
    touch: str
    channel: str
    state: str = CLAIMED  #: of :mod:`cadence.store.states`
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
    attempts: int = 0  #: how often it was claimed
    tries: int = 0  #: of them, calls that surely did not go
    holder: str = ""  #: the tick that has it in hand, or had
    called_at: datetime | None = None  #: when the last attempt was claimed, by the store's clock
    check_at: datetime | None = None  #: when somebody must look at it again, by the store's clock
    provider_id: str = ""  #: what the provider calls it
    handle: str = ""  #: its opaque name outside; empty: it has none
    good_until: datetime | None = None  #: its send window closes then
    delivery: str = ""  #: what the provider told of it afterwards, the furthest
    delivered_at: datetime | None = None  #: when that was

    @property
    def to_colleague(self) -> bool:
        """Whether it is a message to a colleague, whose id is ``owner``."""
        return not self.lead


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What became of an attempt."""

    touch_key: str
    attempts: int  #: the attempt it is about
    tries: int = 0  #: calls that surely did not go so far
    state: str  #: of :mod:`cadence.store.states`
    reason: str
    ended_at: datetime | None = None  #: None: more is to come
    detail: str = ""
    check_at: datetime | None = None  #: when somebody must look at it again; None: nobody
    provider_id: str = ""  #: what the provider calls it


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxFilter:
    """Which touches; empty fields ask nothing."""

    lead: str = ""
    playbook: str = ""
    channel: str = ""
    state: str = ""
    reason: str = ""
    since: datetime | None = None  #: decided then or later
    colleagues: bool | None = None  #: only what is to colleagues, or only what is not


def claim(session: Session, account: str, rows: Sequence[OutboxRow]) -> None:
    """Claim touches, all or none: new ones, and such as wait for another attempt.

    AlreadyClaimed when any is claimed already or has ended. ValueError for a row that cannot be claimed.
    """
    for row in rows:
        if row.state != CLAIMED or row.attempts < 1:
            raise ValueError(f"touch {row.touch_key} is not being claimed")
    again = [row for row in rows if row.attempts > 1]
    try:
        with session.savepoint():
            session.change(_INSERT, [_values(account, row) for row in rows if row.attempts == 1])
            values = [{f"new_{name}": value for name, value in _values(account, row).items()} for row in again]
            if session.change(_AGAIN, values) != len(again):
                keys = [row.touch_key for row in again]
                raise AlreadyClaimed(_taken(session, account, keys, or_wait=False) or keys)
    except IntegrityError:
        if taken := _taken(session, account, [row.touch_key for row in rows]):
            raise AlreadyClaimed(taken) from None
        raise


def insert_ended(session: Session, account: str, rows: Sequence[OutboxRow]) -> int:
    """Record touches that end without a call; one that is in hand, or has ended, keeps what it has.

    Tells how many ended now. ValueError for a row that has not ended.
    """
    for row in rows:
        if not may_become(NEW, row.state) or row.state not in ENDS or row.ended_at is None:
            raise ValueError(f"touch {row.touch_key} has not ended")
    statement = dialect.upsert(session.dialect, outbox, "account", "touch_key", keep=_KEPT, where=_WAITING)
    return session.change(statement, [_values(account, row) for row in rows])


def settle(session: Session, account: str, endings: Sequence[Ending]) -> list[str]:
    """Record what became of attempts; return the keys of those that were recorded.

    Left out: an attempt that is not the touch's last, and a state that may not follow the one it is in. So an answer
    that comes after the lease ran out is recorded as long as nothing else was found out meanwhile.
    ValueError for a state that no attempt ends in.
    """
    for ending in endings:
        if not may_become(CLAIMED, ending.state):
            raise ValueError(f"touch {ending.touch_key}: {ending.state!r} is no end of an attempt")
    known = standing(session, account, [ending.touch_key for ending in endings])
    settled = [
        ending
        for ending in endings
        if ending.touch_key in known
        and known[ending.touch_key][1] == ending.attempts
        and may_become(known[ending.touch_key][0], ending.state)
    ]
    session.change(
        _SETTLE,
        [
            {"of_account": account, **{f"new_{name}": getattr(ending, name) for name in _ENDING_FIELDS}}
            for ending in settled
        ],
    )
    return [ending.touch_key for ending in settled]


def standing(session: Session, account: str, touch_keys: Collection[str]) -> dict[str, tuple[str, int]]:
    """Tell the state and the attempts of touches; those that are not in the outbox are left out.

    In a writing session they stay as they are until its end.
    """
    found: dict[str, tuple[str, int]] = {}
    for part in chunks(touch_keys):
        query = _STANDING.where(outbox.c.account == account, outbox.c.touch_key.in_(part)).order_by(outbox.c.touch_key)
        if session.writes:
            query = dialect.for_update(session.dialect, query)
        found.update({key: (state, attempts) for key, state, attempts in session.ask(query)})
    return found


def ask_later(session: Session, account: str, instants: Mapping[str, datetime]) -> None:
    """Say when the provider is asked about unknown touches (key -> when); :data:`NEVER`: a person must look."""
    session.change(
        _ASK_LATER, [{"of_account": account, "of_key": key, "at": instant} for key, instant in instants.items()]
    )


def get(session: Session, account: str, touch_key: str) -> OutboxRow | None:
    """Look up one touch."""
    query = _SELECT.where(outbox.c.account == account, outbox.c.touch_key == touch_key)
    row = session.ask(query).mappings().one_or_none()
    return OutboxRow(**row) if row else None


def open_rows(session: Session, account: str, *, limit: int = 1000, after: OutboxRow | None = None) -> list[OutboxRow]:
    """List the touches that somebody must look at again (claimed or unknown), soonest first, at most ``limit``.

    ``after`` is the last row of the page before.
    """
    query = _SELECT.where(outbox.c.account == account, outbox.c.check_at.is_not(None))
    if after is not None:
        later = outbox.c.check_at > after.check_at
        query = query.where(or_(later, and_(outbox.c.check_at == after.check_at, outbox.c.touch_key > after.touch_key)))
    query = query.order_by(outbox.c.check_at, outbox.c.touch_key).limit(limit)
    return [OutboxRow(**row) for row in session.ask(query).mappings()]


def trouble(session: Session, account: str, since: datetime, *, limit: int = 1000) -> list[OutboxRow]:
    """List the touches decided at or after ``since`` that failed or wait for another attempt, newest first."""
    query = _SELECT.where(outbox.c.account == account, _IN_TROUBLE, outbox.c.decided_at >= since)
    query = query.order_by(outbox.c.decided_at.desc(), outbox.c.touch_key.desc()).limit(limit)
    return [OutboxRow(**row) for row in session.ask(query).mappings()]


def open_keys(session: Session, account: str) -> list[str]:
    """List the keys of the touches that somebody must look at again: of damaged rows, too."""
    query = select(outbox.c.touch_key).where(outbox.c.account == account, outbox.c.check_at.is_not(None))
    return list(session.ask(query.order_by(outbox.c.touch_key)).scalars())


def listing(
    session: Session, account: str, wanted: OutboxFilter = OutboxFilter(), *, limit: int = 100, after: str = ""
) -> list[OutboxRow]:
    """List touches by key, at most ``limit``, beginning behind the key ``after``."""
    query = _SELECT.where(*_conditions(account, wanted), outbox.c.touch_key > after)
    return [OutboxRow(**row) for row in session.ask(query.order_by(outbox.c.touch_key).limit(limit)).mappings()]


def of_leads(session: Session, account: str, leads: Collection[str], since: datetime) -> list[OutboxRow]:
    """List the touches of ``leads`` that were decided at ``since`` or later, in the order of their keys."""
    found: list[OutboxRow] = []
    for part in chunks(leads):
        query = _SELECT.where(outbox.c.account == account, outbox.c.lead.in_(part), outbox.c.decided_at >= since)
        found += [OutboxRow(**row) for row in session.ask(query).mappings()]
    return sorted(found, key=attrgetter("touch_key"))


def counts(session: Session, account: str, wanted: OutboxFilter = OutboxFilter()) -> dict[tuple[str, str, str], int]:
    """Count touches: (channel, state, reason) -> number."""
    kind = (outbox.c.channel, outbox.c.state, outbox.c.reason)
    query = select(*kind, func.count()).where(*_conditions(account, wanted)).group_by(*kind)
    return {(channel, state, reason): n for channel, state, reason, n in session.ask(query)}


def _values(account: str, row: OutboxRow) -> dict[str, Any]:
    return {"account": account, **dict(zip(_FIELDS, _OF_ROW(row), strict=True))}


def _taken(session: Session, account: str, keys: Sequence[str], *, or_wait: bool = True) -> list[str]:
    """Tell which of ``keys`` are in the outbox, or stand twice among themselves.

    ``or_wait`` false: those that wait for another attempt are left out.
    """
    taken = {key for key, times in Counter(keys).items() if times > 1}
    known = standing(session, account, keys)
    taken.update(key for key, (state, _) in known.items() if or_wait or state != WAITS)
    return sorted(taken)


def _conditions(account: str, wanted: OutboxFilter) -> list[ColumnElement[bool]]:
    asked = {name: getattr(wanted, name) for name in ("lead", "playbook", "channel", "state", "reason")}
    conditions = [outbox.c.account == account, *(outbox.c[name] == value for name, value in asked.items() if value)]
    if wanted.since is not None:
        conditions.append(outbox.c.decided_at >= wanted.since)
    if wanted.colleagues is not None:
        conditions.append(outbox.c.lead.is_(None) if wanted.colleagues else outbox.c.lead.is_not(None))
    return conditions


_FIELDS = tuple(item.name for item in fields(OutboxRow))
_OF_ROW = attrgetter(*_FIELDS)
_ENDING_FIELDS = tuple(item.name for item in fields(Ending))
_SELECT = select(*(outbox.c[name] for name in _FIELDS))
_STANDING = select(outbox.c.touch_key, outbox.c.state, outbox.c.attempts)
_INSERT = insert(outbox)
_IN_TROUBLE = or_(outbox.c.state == literal_column(f"'{FAILED}'"), outbox.c.state == literal_column(f"'{WAITS}'"))
_WAITING = outbox.c.state == literal_column(f"'{WAITS}'")
#: What a touch that ends without a further call keeps of its attempts.
_KEPT = (
    "attempts", "tries", "holder", "called_at", "provider_id", "address", "subject", "body", "segments", "variant",
    "handle", "delivery", "delivered_at",
)  # fmt: skip
_AGAIN = (
    update(outbox)
    .where(
        outbox.c.account == bindparam("new_account"),
        outbox.c.touch_key == bindparam("new_touch_key"),
        outbox.c.state == WAITS,
        outbox.c.attempts == bindparam("new_attempts") - 1,
    )
    .values({name: bindparam(f"new_{name}") for name in _FIELDS if name != "touch_key"})
)
_ASK_LATER = (
    update(outbox)
    .where(
        outbox.c.account == bindparam("of_account"),
        outbox.c.touch_key == bindparam("of_key"),
        outbox.c.state == literal_column(f"'{UNKNOWN}'"),
    )
    .values(check_at=bindparam("at"))
)
_SETTLE = (
    update(outbox)
    .where(
        outbox.c.account == bindparam("of_account"),
        outbox.c.touch_key == bindparam("new_touch_key"),
        outbox.c.attempts == bindparam("new_attempts"),
        or_(*(outbox.c.state == literal_column(f"'{state}'") for state in sorted(before(SENT)))),
    )
    .values({name: bindparam(f"new_{name}") for name in _ENDING_FIELDS if name not in ("touch_key", "attempts")})
)
