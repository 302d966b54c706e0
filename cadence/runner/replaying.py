"""What a replay needs of the store: the versions that were in force, the ledger as it was, the log as recorded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from cadence.engine.book import Book
from cadence.engine.replay import Replay
from cadence.engine.roster import Roster
from cadence.playbook.compile import Plan, compile_plan
from cadence.store import events, publications, suppressions, versions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from cadence.engine.replay import Redecided
    from cadence.store.session import Session
    from cadence.store.suppressions import SuppressionRow

__all__ = ["Books", "Ledger", "replay_account", "replay_of"]

#: A tick goes on with the versions it began with: for so long others may have been in force than were published.
UNDER_WAY = timedelta(minutes=2)


class Books:
    """The versions that were in force at any instant, as the publications tell; read as they are asked for."""

    def __init__(self, session: Session, account: str) -> None:
        self._session, self._account = session, account
        self._rows = publications.history(session, account)
        self._plans: dict[str, Plan] = {}
        self._books: dict[int, Book] = {}

    def at(self, instant: datetime) -> Book:
        """Return the versions in force at an instant, those published then included."""
        return self._after(self._number(instant))

    def around(self, instant: datetime) -> Sequence[Book]:
        """Return what a decision at an instant may have gone by, likeliest first: a tick may have begun before."""
        last, first = self._number(instant), self._number(instant - UNDER_WAY)
        return [self._after(number) for number in range(last, min(first, last) - 1, -1)]

    def plan(self, digest: str) -> Plan | None:
        """Return a version that was published at some time."""
        row = next((each for each in self._rows if each.digest == digest), None)
        return self._plan(row.playbook, digest) if row else None

    def published_at(self, digest: str, before: datetime) -> datetime | None:
        """Tell when a version was last published by an instant."""
        return next((row.at for row in reversed(self._rows) if row.digest == digest and row.at <= before), None)

    def _number(self, instant: datetime) -> int:
        """Count the publications up to an instant."""
        return next((n for n in range(len(self._rows), 0, -1) if self._rows[n - 1].at <= instant), 0)

    def _after(self, number: int) -> Book:
        if number not in self._books:
            self._books[number] = self._make(number)
        return self._books[number]

    def _make(self, number: int) -> Book:
        told = self._rows[:number]
        force: dict[str, tuple[str, datetime]] = {}
        for row in told:
            force[row.playbook] = row.digest, row.at
        force = {playbook: force[playbook] for playbook in sorted(force) if force[playbook][0]}
        digests = {digest for digest, _ in force.values()}
        return Book(
            account=self._account,
            current=MappingProxyType({name: self._plan(name, digest) for name, (digest, _) in force.items()}),
            published_at=MappingProxyType(dict(force.values())),
            older=_Older(self._plan, {row.digest: row.playbook for row in told if row.digest not in {"", *digests}}),
            answers=MappingProxyType(
                {digest: said for digest, said in {row.digest: row.answers for row in told}.items() if said}
            ),
        )

    def _plan(self, playbook: str, digest: str) -> Plan:
        if digest not in self._plans:
            self._plans[digest] = compile_plan(versions.content(self._session, self._account, playbook, digest))
        return self._plans[digest]


class _Older(Mapping[str, Plan]):
    """Versions once in force, by digest; each is compiled when it is asked for."""

    def __init__(self, compiled: Callable[[str, str], Plan], playbooks: Mapping[str, str]) -> None:
        self._compiled, self._playbooks = compiled, playbooks

    def __getitem__(self, digest: str) -> Plan:
        return self._compiled(self._playbooks[digest], digest)

    def __iter__(self) -> Iterator[str]:
        return iter(self._playbooks)

    def __len__(self) -> int:
        return len(self._playbooks)


class Ledger:
    """Which addresses of a lead nothing might go to, at any instant."""

    def __init__(self, session: Session, account: str) -> None:
        self._session, self._account = session, account
        self._empty = suppressions.count(session, account) == 0
        self._known: dict[str, list[SuppressionRow]] = {}

    def __call__(self, record: Mapping[str, Any], at: datetime) -> Mapping[tuple[str, str], str]:
        """Tell why nothing may go to an address: (channel or ``all``, address) -> reason."""
        if self._empty:
            return {}
        addresses = str(record.get("phone") or ""), str(record.get("email") or "").casefold()
        return {
            key: row.reason
            for address in addresses
            if address
            for key, row in suppressions.held_at(self._entries(address), at).items()
        }

    def _entries(self, address: str) -> list[SuppressionRow]:
        if address not in self._known:
            self._known[address] = suppressions.history(self._session, self._account, address)
        return self._known[address]


def replay_account(session: Session, account: str, books: Books | None = None) -> Iterator[Redecided]:
    """Decide the log of a whole account anew, in the order it was recorded, with the roster kept up."""
    replay = Replay((books or Books(session, account)).around, Ledger(session, account), Roster())
    return replay.run(events.in_order(session, account))


def replay_of(session: Session, account: str, books: Books) -> Replay:
    """Return a replay for logs of some leads; whose turn it was when one was shared out is taken from the record."""
    return Replay(books.around, Ledger(session, account))
