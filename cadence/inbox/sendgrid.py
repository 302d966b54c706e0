"""What SendGrid tells: events of mails of ours, and mails to us that it has taken apart.

Sources: twilio.com/docs/sendgrid/for-developers/tracking-events/event and .../parsing-email/inbound-email.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from cadence.handles import HANDLE
from cadence.inbox.letter import clean, in_letters, open_letter
from cadence.inbox.mail import read_letter, read_mail
from cadence.inbox.message import Receipt
from cadence.inbox.page_text import page_text
from cadence.logs import get_log
from cadence.masking import Mask

if TYPE_CHECKING:
    from cadence.inbox.message import Inbound, Status

__all__ = ["events", "moment", "parsed", "sentence"]

LONGEST = 300  #: characters of a sentence
LONGEST_TEXT = 100_000
LONGEST_PAGE = 400_000

_STATUSES: dict[str, Status] = {
    "processed": "sent",
    "deferred": "deferred",
    "delivered": "delivered",
    "open": "opened",
    "click": "clicked",
    "spamreport": "complained",
    "unsubscribe": "opted_out",
    "group_unsubscribe": "opted_out",
    "group_resubscribe": "returned",
}
#: Why a mail was dropped before it went: words of the reason -> what that means; the first that fits.
_DROPPED: tuple[tuple[str, Status], ...] = (
    ("unsubscribed", "opted_out"),
    ("spam reporting", "complained"),
    ("spam content", "filtered"),
    ("over package quota", "filtered"),
    ("bounced", "bounced"),
    ("invalid smtpapi", "undelivered"),
    ("invalid", "bounced"),
)


def events(payload: Sequence[object], now: datetime) -> list[Receipt]:
    """Return what the events of one call tell. What is damaged or of an unknown kind is left out, and logged by number.

    ``now`` stands in for a time that makes no sense. Never raises.
    """
    receipts, unknown, damaged = [], 0, 0
    for entry in payload:
        if not isinstance(entry, Mapping) or not isinstance(entry.get("event"), str):
            damaged += 1
        elif (status := _status(entry)) is None:
            unknown += 1
        else:
            receipts.append(_receipt(entry, status, now))
    if unknown or damaged:
        get_log().event("sendgrid.left_out", unknown=unknown, damaged=damaged)
    return receipts


def _status(entry: Mapping[str, Any]) -> Status | None:
    """Return what an event means; None: of a kind that is not known."""
    kind = entry["event"]
    if kind == "bounce":
        return "blocked" if _text(entry, "type").lower() == "blocked" else "bounced"
    if kind == "dropped":
        reason = _text(entry, "reason").lower()
        return next((status for words, status in _DROPPED if words in reason), "undelivered")
    return _STATUSES.get(kind)


def _receipt(entry: Mapping[str, Any], status: Status, now: datetime) -> Receipt:
    handle = _text(entry, "cadence_message")
    return Receipt(
        source="sendgrid",
        key=_text(entry, "sg_event_id")[:250] or _made_key(entry),
        at=moment(entry.get("timestamp")) or now.astimezone(UTC),
        channel="email",
        status=status,
        provider_id=_text(entry, "sg_message_id").partition(".")[0],
        handle=handle if HANDLE.fullmatch(handle) else "",
        address=_text(entry, "email").strip().lower(),
        code=(_text(entry, "status") or _text(entry, "type") or _text(entry, "event"))[:40],
        detail=sentence(_text(entry, "reason") or _text(entry, "response")),
    )


def _text(entry: Mapping[str, Any], name: str) -> str:
    value = entry.get(name)
    return clean(value) if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""


def _made_key(entry: Mapping[str, Any]) -> str:
    return f"sha256:{sha256(repr(sorted(entry.items(), key=repr)).encode('utf-8', 'replace')).hexdigest()}"


def moment(stamp: object) -> datetime | None:
    """Return the instant of a Unix time; None: it is none."""
    if isinstance(stamp, str) and re.fullmatch(r"\d{1,12}", stamp, re.ASCII):
        stamp = int(stamp)
    if isinstance(stamp, bool) or not isinstance(stamp, int | float) or not 0 < stamp < 10**11:
        return None
    return datetime.fromtimestamp(int(stamp), UTC)


def sentence(said: str) -> str:
    """Return what a mail server said, without addresses."""
    return Mask().text(" ".join(clean(said).split()))[:LONGEST]


def parsed(fields: Mapping[str, bytes], now: datetime, *, ours: Sequence[str] = ()) -> Inbound | Receipt | None:
    """Return what a mail tells that came through Inbound Parse, whole (field ``email``) or taken apart.

    Each field is in the letters that ``charsets`` names. ``ours``: the addresses we write from, in small letters.
    None: nothing, or our own copy. Never raises.
    """
    also_to = _envelope(fields)
    whole = fields.get("email") or fields.get("rawEmail")
    if whole:
        return read_mail(whole, received=now, source="parse", ours=ours, also_to=also_to)
    charsets = _object(fields.get("charsets", b""))
    read = {name: in_letters(value, str(charsets.get(name, ""))) for name, value in fields.items() if name in _READ}
    text = read.get("text", "")[:LONGEST_TEXT]
    if not text.strip():
        text = page_text(read.get("html", "")[:LONGEST_PAGE])
    text = clean(text.replace("\r\n", "\n").replace("\r", "\n")).strip("\n")[:LONGEST_TEXT]
    head = _head(fields.get("headers", b""), read)
    raw = head + b"\r\n\r\n" + text.encode()
    if not raw.strip():
        return None
    try:
        letter = open_letter(head + b"\r\n\r\n")
        return read_letter(letter, raw, received=now, source="parse", ours=ours, also_to=also_to, text=text)
    except Exception:  # noqa: BLE001 - made to break its reader; what can be seen in it is told
        return read_mail(raw, received=now, source="parse", ours=ours, also_to=also_to)


_NAME = re.compile(rb"^([A-Za-z-]{1,40})[ \t]*:", re.MULTILINE)
_READ = ("text", "html", "from", "to", "cc", "subject")


def _head(headers: bytes, read: Mapping[str, str]) -> bytes:
    """Return a mail's headers; those that are missing are made from the fields that repeat them."""
    lines = [headers.strip(b"\r\n")] if headers.strip() else []
    there = {found[1].lower().decode() for found in _NAME.finditer(headers)}
    missing = [name for name in ("from", "to", "cc", "subject") if read.get(name) and name not in there]
    lines += [f"{name}: {' '.join(read[name].split())}".encode() for name in missing]
    return b"\r\n".join(lines)


def _envelope(fields: Mapping[str, bytes]) -> list[str]:
    said = _object(fields.get("envelope", b"")).get("to", [])
    return [clean(each) for each in said if isinstance(each, str)][:50] if isinstance(said, list) else []


def _object(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
