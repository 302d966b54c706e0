"""Asking SendGrid whom it writes to no more: bounces, blocks, spam reports, invalid addresses, unsubscribes.

It takes a mail to such a person as if nothing were wrong, and drops it. Nobody need reach us to learn of it. Source:
the suppressions of SendGrid's API description (GET /v3/suppression/..., at most 500 entries a page, times inclusive).
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cadence.channels.sendgrid_account import HOSTS, SENDGRID_API_KEY, host_of
from cadence.inbox.letter import ADDRESS, clean
from cadence.inbox.message import Receipt
from cadence.inbox.polled import Polled
from cadence.inbox.sendgrid import moment, sentence

if TYPE_CHECKING:
    from cadence.channels.kit import Kit
    from cadence.inbox.message import Status

__all__ = ["EVERY", "LISTS", "OVERLAP", "PAGE", "SendGridLists"]

#: List -> what it means for an address.
LISTS: Mapping[str, Status] = {
    "unsubscribes": "opted_out",
    "spam_reports": "complained",
    "bounces": "bounced",
    "invalid_emails": "bounced",
    "blocks": "blocked",
}
EVERY = timedelta(minutes=5)  #: five questions each time; every minute would be too many
OVERLAP = timedelta(hours=1)  #: read again each time: lists lag
PAGE = 500
MOST_PAGES = 10  #: in one poll; the rest is read by the next
TIMEOUT = 6.0  #: seconds for each step of a call
PATIENCE = 12.0  #: seconds for a whole poll


class _Unable(Exception):  # noqa: N818 - says what is so
    """A list could not be read; its text says why."""


@dataclass(slots=True)
class _Window:
    """What is being read of a list: entries from ``start`` to ``end`` (Unix times), ``offset`` of them read."""

    start: int
    end: int
    offset: int = 0


@dataclass(slots=True)
class _Cursor:
    """How far was read."""

    asked: datetime | None = None  #: when all lists were last read to their ends
    until: dict[str, int] = field(default_factory=dict)  #: list -> Unix time up to which all was read
    open: dict[str, _Window] = field(default_factory=dict)  #: list -> what is read half

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> _Cursor:
        """Read what :meth:`data` made; whatever else it is, begin anew."""
        try:
            asked = datetime.fromisoformat(said["asked"]).astimezone(UTC) if said.get("asked") else None
            until = {name: int(said["until"][name]) for name in LISTS if name in said.get("until", {})}
            windows = {name: _Window(*map(int, said["open"][name])) for name in LISTS if name in said.get("open", {})}
            return cls(asked, until, windows)
        except (ValueError, TypeError, KeyError):
            return cls()

    def begin(self, now: int) -> None:
        """Begin a round: of each list, from before where it was read to, until now."""
        for name in LISTS:
            self.open[name] = _Window(min(self.until.get(name, now), now) - int(OVERLAP.total_seconds()), now)

    def data(self) -> dict[str, Any]:
        """Return it as JSON-able data."""
        windows = {name: [each.start, each.end, each.offset] for name, each in self.open.items()}
        return {"asked": self.asked.isoformat() if self.asked else "", "until": self.until, "open": windows}


class SendGridLists:
    """The lists of people that one SendGrid account writes to no more."""

    name = "sendgrid"
    secrets = (SENDGRID_API_KEY,)

    def __init__(self, key: str, *, host: str = HOSTS["global"], timeout: float = TIMEOUT) -> None:
        self.host = host
        self.timeout = timeout
        self._key = key

    @classmethod
    def from_kit(cls, kit: Kit) -> SendGridLists:
        """Make it for one workspace; CadenceError, with what to do, when something it needs is not there."""
        return cls(kit.secret(SENDGRID_API_KEY), host=host_of(kit))

    def poll(self, cursor: Mapping[str, Any], now: datetime) -> Polled:
        """Read what is new on the lists, every few minutes; the first poll begins at ``now``. Never raises.

        A list that is too long for one poll is read on by the next; what cannot be read stays to be read.
        """
        at = _Cursor.read(cursor)
        if at.asked and timedelta(0) <= now - at.asked < EVERY:
            return Polled(items=(), cursor=cursor)
        found: dict[str, Receipt] = {}
        problem, deadline, pages = "", time.monotonic() + PATIENCE, MOST_PAGES
        if not at.open:  # a new round; else the one before is read to its end first
            at.begin(int(now.timestamp()))
        try:
            while at.open and pages and time.monotonic() < deadline:
                self._read_on(at, now, found)
                pages -= 1
        except _Unable as unable:
            problem = str(unable)
        if not at.open or problem:  # after a bad day too: not every minute
            at.asked = now
        items = sorted(found.values(), key=lambda each: each.at)
        return Polled(items=items, cursor=at.data(), problem=problem)

    def _read_on(self, at: _Cursor, now: datetime, found: dict[str, Receipt]) -> None:
        """Read one page of the first list that is not read to its end."""
        name, window = next(iter(at.open.items()))
        entries = self._page(name, window)
        receipts = (_receipt(name, entry, now) for entry in entries)
        found.update({each.key: each for each in receipts if each})
        window.offset += PAGE
        if len(entries) < PAGE:
            at.until[name] = window.end
            del at.open[name]

    def _page(self, name: str, window: _Window) -> list[Any]:
        from urllib.error import URLError

        from python_http_client.exceptions import HTTPError
        from sendgrid import SendGridAPIClient

        logging.getLogger("python_http_client").setLevel(logging.WARNING)  # below, it writes down the key
        client = SendGridAPIClient(self._key, host=self.host).client  # a new one: its headers are shared by its calls
        client.timeout = self.timeout
        asked = {"start_time": window.start, "end_time": window.end, "limit": PAGE, "offset": window.offset}
        try:
            body = json.loads(client.suppression._(name).get(query_params=asked).body)
        except HTTPError as refusal:
            raise _Unable(_why(refusal.status_code)) from None
        except (URLError, TimeoutError) as error:
            late = isinstance(error, TimeoutError) or isinstance(error.reason, TimeoutError)
            raise _Unable(f"SendGrid {'did not answer in time' if late else 'cannot be reached'}; {_AGAIN}") from None
        except Exception:  # noqa: BLE001 - whatever came, it was no list
            body = None
        if not isinstance(body, list):
            raise _Unable(f"SendGrid's list of {name} made no sense; {_AGAIN}")
        return body


_AGAIN = "it is asked again"


def _why(status: int) -> str:
    if status == 401:
        return "SendGrid refuses the key: make a new one and put it into SENDGRID_API_KEY"
    if status == 403:
        return "the key in SENDGRID_API_KEY may not read suppressions: give it that right in SendGrid's API Keys"
    if status == 429:
        return f"SendGrid asks for patience; {_AGAIN}"
    return f"SendGrid could not give its lists (HTTP {status}); {_AGAIN}"


def _receipt(name: str, entry: object, now: datetime) -> Receipt | None:
    """Return what an entry means; None: it is damaged."""
    if not isinstance(entry, Mapping) or not isinstance(entry.get("email"), str):
        return None
    address = clean(entry["email"]).strip().lower()
    if not ADDRESS.fullmatch(address):
        return None
    at = moment(entry.get("created"))
    return Receipt(
        source="sendgrid",
        key=f"{name}:{address}:{int(at.timestamp()) if at else 0}",
        at=at or now,
        channel="email",
        status=LISTS[name],
        address=address,
        code=str(entry.get("status") or name)[:40],
        detail=sentence(str(entry.get("reason") or "")),
    )
