"""What mail servers and mail programs report of a mail of ours: it bounced, is late, was read, was called spam.

Reports in the standard's form (RFC 3462): delivery status (RFC 3464), read receipts (RFC 8098), complaints (RFC 5965).
A bounce in no form is a message, and the reading of replies knows it for a machine's.
"""

from __future__ import annotations

import re
from email import message_from_string
from typing import TYPE_CHECKING, Literal

from cadence.inbox.letter import ADDRESS, Letter, clean
from cadence.inbox.message import Receipt
from cadence.masking import Mask

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from email.message import Message

    from cadence.inbox.message import Status

__all__ = ["receipt_of"]

LONGEST_DETAIL = 300
MOST_PARTS = 50

_KINDS = ("delivery-status", "global-delivery-status", "disposition-notification", "global-disposition-notification",
          "feedback-report")  # fmt: skip
_HANDLE = re.compile(r"<?\s*([a-z2-7]{20})\.\d{1,6}@")
_CODE = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
#: Nothing will ever reach the address (RFC 3463): 5.1.x is about it, but .7 to .9 about the sender's; the mailbox is
#: closed; there is no such domain, in Exchange's way too.
_DEAD = re.compile(r"5\.1\.(?:0|1|2|3|4|5|6|10)$|5\.2\.1$|5\.4\.4$|5\.4\.310$")
#: Codes that say nothing; the words behind them do.
_VAGUE = re.compile(r"5\.0\.\d+$|5\.4\.1$|5\.5\.0$|$")
_NOBODY = re.compile(
    r"user unknown|unknown user|no such (?:user|recipient|mailbox|person|address)|(?:does not|doesn't) exist"
    r"|recipient(?: address)? (?:rejected|not found)|invalid (?:recipient|mailbox)|mailbox (?:not found|unavailable)"
    r"|unknown (?:recipient|address|mailbox)|address (?:rejected|unknown|not found)|nxdomain|domain not found"
    r"|(?:account|mailbox) (?:has been |is )?(?:disabled|closed|deactivated)",
    re.IGNORECASE,
)
_COMPLAINTS: dict[str, Status] = {
    "abuse": "complained", "fraud": "complained", "virus": "complained", "other": "complained",
    "opt-out": "opted_out", "opt-out-list": "opted_out",
}  # fmt: skip


def receipt_of(letter: Letter, *, source: str, key: str, at: datetime) -> Receipt | Literal["no report"] | None:
    """Return what a report tells; None: nothing of use. ``no report``: it is none, or cannot be read as one."""
    parts = list(_leaves(letter.message))
    kind, part = next(
        ((kind.removeprefix("global-"), part) for part in parts if (kind := _report_kind(part))), ("", letter.message)
    )
    if not kind or letter.message.get_content_type() != "multipart/report":
        return "no report"
    told = [_fields(each) for each in _blocks(part)]
    if kind == "delivery-status":
        found = _delivery(told)
    elif kind == "disposition-notification":
        found = _disposition(told)
    else:
        found = _complaint(told)
    if found is None or isinstance(found, str):
        return found
    status, address, code, detail = found
    return Receipt(
        source=source,
        key=key,
        at=at,
        channel="email",
        status=status,
        handle=_handle(letter, parts, told),
        address=address,
        code=code[:20],
        detail=Mask().text(" ".join(detail.split()))[:LONGEST_DETAIL],
    )


_Told = tuple["Status", str, str, str]  # status, address, code, detail
_Fields = dict[str, str]


def _delivery(told: list[_Fields]) -> _Told | Literal["no report"] | None:
    """Read a delivery status: of several recipients, the one that was not reached."""
    recipients = [each for each in told if "action" in each or "status" in each]
    if not recipients:
        return "no report"
    recipients.sort(key=lambda each: each.get("action", "").lower() != "failed")
    first = recipients[0]
    said = first.get("diagnostic-code", "")
    status, code = _outcome(first.get("action", "").lower(), first.get("status", ""), said)
    address = _address(first.get("final-recipient", "")) or _address(first.get("original-recipient", ""))
    return status, address, code, said.partition(";")[2] or said


def _outcome(action: str, status: str, said: str) -> tuple[Status, str]:
    """Return what became of a mail, and the code that says so."""
    told = _CODE.search(status)
    code = told[1] if told else ""
    if action == "delivered":
        return "delivered", code
    if action in ("relayed", "expanded"):
        return "sent", code
    if action == "delayed":
        return "deferred", code
    inner = _CODE.search(said)
    if inner and (not code or code.endswith(".0.0")):  # the other server knew better
        code = inner[1]
    if _DEAD.match(code) or (_VAGUE.match(code) and _NOBODY.search(said)):
        return "bounced", code
    return ("undelivered" if code.startswith("4") else "blocked"), code


def _disposition(told: list[_Fields]) -> _Told | None:
    """Read what a mail program did with a mail: shown, or (of no use) thrown away unread."""
    for each in told:
        if "displayed" in each.get("disposition", "").lower():
            return "opened", _address(each.get("final-recipient", "")), "", "a read receipt"
    return None


def _complaint(told: list[_Fields]) -> _Told | None:
    """Read a complaint as mailbox providers send it."""
    for each in told:
        if status := _COMPLAINTS.get(each.get("feedback-type", "").lower()):
            return status, _address(each.get("original-rcpt-to", "")), "", "a complaint by its reader"
    return None


def _handle(letter: Letter, parts: list[Message], told: list[_Fields]) -> str:
    """Return our name of the mail that a report is about: from its Message-ID, wherever that is repeated."""
    said = [each.get("original-message-id", "") for each in told]
    for part in parts:
        if part.get_content_type() in ("text/rfc822-headers", "message/global-headers"):
            said.append(_header(message_from_string(_content(part)), "message-id"))
        else:
            said.append(_header(part, "message-id"))  # of the mail sent back whole; other parts have none
    said += [*letter.ids("in-reply-to"), *letter.ids("references")]
    return next((found[1] for each in said if (found := _HANDLE.match(each.strip()))), "")


def _leaves(message: Message) -> Iterator[Message]:
    """Go through the parts of a report: the report itself is not gone into, the mail sent back is."""
    open_parts = [message]
    for _ in range(MOST_PARTS):
        if not open_parts:
            return
        part = open_parts.pop(0)
        if part is not message:
            yield part
        held = part.get_payload() if part.is_multipart() and not _report_kind(part) else []
        open_parts += [each for each in held if not isinstance(each, str)] if isinstance(held, list) else []


def _report_kind(part: Message) -> str:
    kind = part.get_content_type().partition("/")
    return kind[2] if kind[0] == "message" and kind[2] in _KINDS else ""


def _blocks(part: Message) -> Iterator[Message]:
    """Go through the groups of fields of a report."""
    held = part.get_payload() if part.is_multipart() else []
    for each in held[:MOST_PARTS] if isinstance(held, list) else []:
        if not isinstance(each, str):
            yield each
            yield from (message_from_string(text) for text in _content(each).split("\n\n")[:MOST_PARTS] if text.strip())
    if not part.is_multipart():
        yield from (message_from_string(text) for text in _content(part).split("\n\n")[:MOST_PARTS] if text.strip())


def _content(part: Message) -> str:
    raw = None if part.is_multipart() else part.get_payload(decode=True)
    return raw[:100_000].decode("utf-8", "replace").replace("\r\n", "\n") if isinstance(raw, bytes) else ""


def _fields(block: Message) -> _Fields:
    return {name.lower(): _header(block, name) for name in list(block.keys())[:MOST_PARTS]}


def _header(block: Message, name: str) -> str:
    return clean(" ".join(str(block.get(name, ""))[:1000].split()))


def _address(said: str) -> str:
    """Return the address in such a field as ``rfc822; somebody@example.com``."""
    found = ADDRESS.search(said.partition(";")[2] or said)
    return clean(found[0]).lower() if found else ""
