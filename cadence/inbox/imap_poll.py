"""New mails of a mailbox, read and never touched: the folder is opened read-only, nothing is marked, moved or deleted.

How far it was read is a number of the server's (RFC 3501, 2.3.1.1). The first poll takes the next number and reads
nothing: what came before anybody was written to answers nothing. When the server numbers its mails anew, those since
the day before the last poll are read again; each has the same key as before, and counts once.
"""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from cadence.inbox.imap_words import Unable, in_words
from cadence.inbox.mail import read_mail
from cadence.inbox.message import Inbound
from cadence.inbox.polled import Polled

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from imap_tools import BaseMailBox

    from cadence.inbox.message import Item
    from cadence.playbook.model import Imap

__all__ = ["poll"]

TIMEOUT = 8.0  #: seconds for the connection, and for each answer
PATIENCE = 12.0  #: seconds for a whole poll; what is left is read by the next
MOST = 200  #: mails in one poll
LARGEST = 256 * 1024  #: bytes of a mail that are read: headers and text stand in front of what is attached
AT_ONCE = 20  #: mails in one question
OVERLAP = 50  #: numbers that are looked at again: a server of many machines may show a mail late
TRIES = 5  #: so often a mail may break the connection before it is passed over
HERE = frozenset({"localhost", "127.0.0.1", "::1"})  #: where a connection needs no encryption

_BEGINS = re.compile(rb"\d+ \(")
_UID = re.compile(rb"\bUID (\d+)")
_DATE = re.compile(rb'INTERNALDATE "([^"]{1,60})"')
_QUOTED = re.compile(rb'BODY\[\](?:<\d+>)? "((?:[^"\\]|\\.)*)"', re.DOTALL)


def poll(
    settings: Imap,
    password: str,
    cursor: Mapping[str, Any],
    now: datetime,
    *,
    ours: Collection[str] = (),
    most: int = MOST,
    timeout: float = TIMEOUT,
) -> Polled:
    """Read what is new in a mailbox, the oldest first; ``cursor`` is what the last poll returned, empty at first.

    ``ours``: the addresses we write from, in small letters; ``timeout`` in seconds. Items and cursor must be kept in
    one transaction. What is wrong with the mailbox is told, not raised; what was read before it broke off counts.
    """
    reading = _Reading(settings, dict(cursor), now, ours)
    problem = ""
    try:
        box = _opened(settings, password, timeout)
        try:
            reading.read(box, most, time.monotonic() + PATIENCE)
        finally:
            _left(box)
    except Exception as error:  # noqa: BLE001 - whatever a server does, the tick goes on and its owner is told
        problem = in_words(error, settings, timeout)
    return Polled(items=reading.items, cursor=reading.cursor, problem=problem)


def _opened(settings: Imap, password: str, timeout: float) -> BaseMailBox:
    """Connect and log in."""
    import ssl

    from imap_tools import MailBox, MailBoxUnencrypted

    if not (settings.user + password).isprintable():
        raise Unable("login_form")
    if settings.tls:
        # its default would trust any certificate
        box: BaseMailBox = MailBox(settings.host, settings.port, timeout, ssl_context=ssl.create_default_context())
    elif settings.host in HERE:
        box = MailBoxUnencrypted(settings.host, settings.port, timeout)
    else:
        raise Unable("not_encrypted")
    try:
        log_in = box.login if (settings.user + password).isascii() else box.login_utf8
        log_in(settings.user, password, initial_folder=None)
    except Exception as error:
        _left(box)
        raise Unable("login", error) from error
    return box


def _left(box: BaseMailBox) -> None:
    """Say good-bye, or just go."""
    try:
        box.logout()
    except Exception:  # noqa: BLE001 - the server is gone already
        box.client.shutdown()


class _Reading:
    """One poll: what was handed over so far, and the cursor that stands behind exactly that."""

    def __init__(self, settings: Imap, cursor: dict[str, Any], now: datetime, ours: Collection[str]) -> None:
        self.settings = settings
        self.cursor = cursor
        self.now = now
        self.ours = ours
        self.items: list[Item] = []

    def read(self, box: BaseMailBox, most: int, until: float) -> None:
        """Hand over what is new."""
        try:
            box.folder.set(self.settings.folder, readonly=True)
        except Exception as error:
            raise Unable("folder", error) from error
        new = self._new(box)
        waiting = new[:most]
        while waiting and time.monotonic() < until:
            waiting = self._step(box, waiting)
        if not waiting and len(new) <= most:
            self.cursor["at"] = self.now.isoformat()

    def _new(self, box: BaseMailBox) -> list[int]:
        """Return the numbers of the mails that are new, the oldest first."""
        name = sha256("\n".join((self.settings.host, self.settings.user, self.settings.folder)).encode()).hexdigest()
        validity = _told(box, "UIDVALIDITY")
        known = _known(self.cursor, name[:16])
        if known and known["validity"] == validity:
            low = max(known["floor"], known["uid"] + 1 - OVERLAP)
            read = set(known["read"])
            self.cursor = known
            return [uid for uid in _search(box, f"UID {low}:*") if uid >= low and uid not in read]
        found = _search(box, _since(known)) if known else []
        floor = found[0] if found else _next_number(box, self.settings.folder)
        self.cursor = {
            "mailbox": name[:16],
            "validity": validity,
            "floor": floor,  # what has a smaller number is from before
            "uid": floor - 1,
            "read": [],
            "since": known.get("since", self.now.isoformat()),
            "at": known.get("at", self.now.isoformat()),
        }
        return found

    def _step(self, box: BaseMailBox, waiting: list[int]) -> list[int]:
        """Hand over the next mails; return those that wait still. A mail that breaks everything holds up nobody."""
        first = waiting[0]
        stuck, times = self.cursor.get("stuck", (first, 0))
        times = times if stuck == first else 0
        if times >= TRIES:
            self._take(first, self._closed(first))
            return waiting[1:]
        asked = waiting[: 1 if times else AT_ONCE]
        self.cursor["stuck"] = [first, times + 1]  # stays when the connection breaks
        found = _fetched(box, asked)
        for uid in asked:
            self._take(uid, self._read(uid, found[uid]) if uid in found else None)  # else deleted meanwhile
        return waiting[len(asked) :]

    def _read(self, uid: int, mail: _Mail | None) -> Item | None:
        if mail is None:
            return self._closed(uid)
        raw, received = mail
        return read_mail(raw, received=received or self.now, ours=self.ours)

    def _take(self, uid: int, item: Item | None) -> None:
        self.items += [item] if item else []
        self.cursor.pop("stuck", None)
        last = max(self.cursor["uid"], uid)
        self.cursor["uid"] = last
        self.cursor["read"] = sorted(each for each in {*self.cursor["read"], uid} if each > last - OVERLAP)

    def _closed(self, uid: int) -> Inbound:
        """Return what stands for a mail that the server cannot give out: a person must look into the mailbox."""
        return Inbound(
            source="imap",
            key=f"imap:{self.cursor['mailbox']}:{self.cursor['validity']}:{uid}",
            at=self.now,
            channel="email",
            sender="",
            to="",
            text="",
            subject=f"A mail in {self.settings.folder} that the mail server cannot give out; look into the mailbox",
        )


_Mail = tuple[bytes, "datetime | None"]  # what is there of it, and when it came


def _known(cursor: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return a cursor of this mailbox; empty when it is another's, or damaged: then it begins anew."""
    try:
        if cursor.get("mailbox") != name:
            return {}
        instants = {each: datetime.fromisoformat(cursor[each]).isoformat() for each in ("at", "since")}
        stuck = {"stuck": [int(each) for each in cursor["stuck"][:2]]} if "stuck" in cursor else {}
        numbers = {each: int(cursor[each]) for each in ("validity", "floor", "uid")}
        return {**cursor, **instants, **numbers, "read": [int(uid) for uid in cursor["read"]], **stuck}
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}


def _fetched(box: BaseMailBox, uids: Sequence[int]) -> dict[int, _Mail | None]:
    """Return mails by number: what is there of them and when they came; None: the server cannot give it out.

    Mails that were deleted meanwhile are left out.
    """
    wanted = f"(UID INTERNALDATE BODY.PEEK[]<0.{LARGEST}>)"
    try:
        status, answer = box.client.uid("FETCH", ",".join(map(str, uids)), wanted)
    except box.client.abort:
        raise
    except box.client.error:  # refused as wrong
        status, answer = "BAD", []
    if status == "OK":
        return dict(_mails(answer))
    if len(uids) == 1:
        return {uids[0]: None}
    return {uid: mail for each in uids for uid, mail in _fetched(box, [each]).items()}


def _mails(answer: Sequence[Any]) -> dict[int, _Mail]:
    """Read an answer as the standard library hands it over: texts, and pairs of a text and the bytes it announces."""
    records: list[list[bytes]] = []
    for piece in answer:
        said, body = piece if isinstance(piece, tuple) else (piece or b"", b"")
        if _BEGINS.match(said):
            records.append([said, body])
        elif records:
            records[-1][0] += said
            records[-1][1] = records[-1][1] or body
    found = {}
    for about, body in records:
        uid, came = _UID.search(about), _DATE.search(about)
        if uid and b"BODY[" in about:  # else it tells of something else
            short = _QUOTED.search(about)
            raw = body or (re.sub(rb"\\(.)", rb"\1", short[1]) if short else b"")
            found[int(uid[1])] = (raw, _instant(came[1]) if came else None)
    return found


def _instant(said: bytes) -> datetime | None:
    from email.utils import parsedate_to_datetime

    try:
        came = parsedate_to_datetime(said.decode("ascii", "replace").strip())
        return came.astimezone(UTC) if came.tzinfo else came.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _search(box: BaseMailBox, criteria: str) -> list[int]:
    return sorted({int(uid) for uid in box.uids(criteria, charset=None)})


def _since(known: Mapping[str, Any]) -> str:
    """Return what to search for when all numbers are new: from the day before the last poll, none from before us."""
    from imap_tools import AND

    day = max(datetime.fromisoformat(known["at"]) - timedelta(days=1), datetime.fromisoformat(known["since"]))
    return str(AND(date_gte=day.date()))


def _told(box: BaseMailBox, what: str) -> int:
    """Return a number that the server told when the folder was opened; 0: it did not."""
    _, said = box.client.response(what)
    last = said[-1] if said else None
    return int(last) if isinstance(last, bytes) and last.isdigit() else 0


def _next_number(box: BaseMailBox, folder: str) -> int:
    told = _told(box, "UIDNEXT") or box.folder.status(folder, ["UIDNEXT"]).get("UIDNEXT", 0)
    return told or max(_search(box, "ALL"), default=0) + 1
