"""A mail becomes what it tells: a person's message, or what became of one of ours.

Source of the headers a machine writes: RFC 3834 and what mail programs do without a standard (see
:mod:`cadence.inbox.automatic` for what they mean).
"""

from __future__ import annotations

import re
from datetime import UTC, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from cadence.inbox.bounces import receipt_of
from cadence.inbox.letter import ADDRESS, clean, in_letters, open_letter
from cadence.inbox.message import Inbound

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from cadence.inbox.letter import Letter
    from cadence.inbox.message import Receipt

__all__ = ["read_letter", "read_mail"]

#: Where our own reply address may stand; what the mail server notes itself is surer than what the writer wrote.
RECIPIENTS = ("to", "delivered-to", "x-original-to", "envelope-to", "x-forwarded-to", "resent-to", "cc")
#: What tells a machine from a person, and what the mail is about.
KEPT = (
    "auto-submitted", "precedence", "x-autoreply", "x-autorespond", "x-auto-response-suppress", "return-path",
    "list-id", "list-unsubscribe", "feedback-id", "x-failed-recipients", "content-type", "from", "sender", "reply-to",
    "subject",
)  # fmt: skip
LONGEST_KEPT = 500  #: characters of a header
LONGEST_KEY = 250
MOST_ANSWERS = 50
OLDEST = timedelta(days=7)  #: a mail may have been so long on its way; a date before that is wrong

_HANDLE = re.compile(r"([^\s<>\"(),:;@]{1,200}\+([a-z2-7]{20})@[^\s<>\"(),:;@]{1,255})", re.IGNORECASE)
_OUR_ID = re.compile(r"[a-z2-7]{20}\.\d{1,6}@")
_FROM = re.compile(rb"^from:[^\r\n]{0,500}", re.IGNORECASE | re.MULTILINE)


def read_mail(
    raw: bytes, *, received: datetime, source: str = "imap", ours: Collection[str] = (), also_to: Sequence[str] = ()
) -> Inbound | Receipt | None:
    """Return what a mail tells; None: nothing, or it is one of our own that came back as a copy.

    ``received``: when the mailbox got it. ``ours``: the addresses we write from, in small letters. ``also_to``:
    addresses it was delivered to, beside what its headers say. Never raises.
    """
    if not raw.strip():
        return None
    try:
        return read_letter(open_letter(raw), raw, received=received, source=source, ours=ours, also_to=also_to)
    except Exception:  # noqa: BLE001 - made to break its reader, or by a program that does not know better
        return _damaged(raw, source=source, received=received)


def read_letter(
    letter: Letter,
    raw: bytes,
    *,
    received: datetime,
    source: str,
    ours: Collection[str] = (),
    also_to: Sequence[str] = (),
    text: str | None = None,
) -> Inbound | Receipt | None:
    """Do the same for a mail that is open already. ``text`` is what it says, where somebody else has found that out.

    May raise whatever the standard library raises.
    """
    key = _key(letter, raw)
    at = _at(letter, received)
    receipt = receipt_of(letter, source=source, key=key, at=at)
    if receipt != "no report":
        return receipt
    handle, to = _reached(letter, ours, also_to)
    found = Inbound(
        source=source,
        key=key,
        at=at,
        channel="email",
        sender=letter.address("from", "reply-to", "sender"),
        to=to,
        text=letter.text() if text is None else text,
        subject=letter.one("subject")[:LONGEST_KEPT],
        handle=handle,
        answers=_answers(letter),
        headers={name: said[:LONGEST_KEPT] for name in KEPT if (said := letter.one(name))},
    )
    return None if _is_own(letter, found, ours) else found


def _key(letter: Letter, raw: bytes) -> str:
    """Return the identity of a mail: its Message-ID without brackets; else made from its bytes."""
    said = next(iter(letter.ids("message-id")), "")
    return said if 0 < len(said) <= LONGEST_KEY else f"sha256:{sha256(raw).hexdigest()}"


def _at(letter: Letter, received: datetime) -> datetime:
    """Return when it was sent, by its own word where that can be; its writer's clock may be wrong, or a lie."""
    received = received.astimezone(UTC)
    sent = letter.sent_at()
    return sent if sent is not None and received - OLDEST <= sent <= received else received


def _reached(letter: Letter, ours: Collection[str], also_to: Sequence[str]) -> tuple[str, str]:
    """Return the handle in the address a mail was written to, and that address."""
    for value in (*letter.every(*RECIPIENTS), *also_to):
        if found := _HANDLE.search(value):
            return found[2].lower(), clean(found[1]).lower()
    reached = [*letter.addresses("to", "cc"), *(each.lower() for each in also_to)]
    reached += letter.addresses("delivered-to", "x-original-to", "envelope-to")
    known = (each for each in reached if _without_plus(each) in ours)
    return "", next(known, reached[0] if reached else "")


def _answers(letter: Letter) -> tuple[str, ...]:
    """Return what it answers, the nearest first, each without its brackets."""
    found = [*letter.ids("in-reply-to"), *reversed(letter.ids("references"))]
    return tuple(dict.fromkeys(found))[:MOST_ANSWERS]


def _is_own(letter: Letter, found: Inbound, ours: Collection[str]) -> bool:
    """Tell whether we wrote it: a copy that was sent to us too. What answers one of ours is none, whoever wrote it."""
    if _OUR_ID.match(next(iter(letter.ids("message-id")), "")):
        return True
    return bool(found.sender) and _without_plus(found.sender) in ours and not found.handle


def _without_plus(address: str) -> str:
    name, at, domain = address.rpartition("@")
    return f"{name.partition('+')[0]}{at}{domain}"


def _damaged(raw: bytes, *, source: str, received: datetime) -> Inbound:
    """Return what can be seen in a mail that cannot be read: a person must look at it, and may be asked to."""
    head, _, body = in_letters(raw[:20_000], "utf-8").replace("\r\n", "\n").partition("\n\n")
    said = _FROM.search(raw[:20_000])
    sender = ADDRESS.search(in_letters(said[0][5:], "utf-8")) if said else None
    reached = _HANDLE.search(head)
    return Inbound(
        source=source,
        key=f"sha256:{sha256(raw).hexdigest()}",
        at=received.astimezone(UTC),
        channel="email",
        sender=clean(sender[0]).lower() if sender else "",
        to=clean(reached[1]).lower() if reached else "",
        text=clean(body or head),
        handle=reached[2].lower() if reached else "",
    )
