"""One mail, ready for any service that carries mails: addresses, headers, both parts, and a calendar file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cadence.channels.channel import Refused
from cadence.channels.mail.addresses import ascii_address, domain_of, message_id, reply_address
from cadence.channels.mail.compose import compose
from cadence.channels.mail.invitation import invitation
from cadence.channels.mail.unsubscribe import list_headers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cadence.channels.channel import Outgoing
    from cadence.channels.mail.letterhead import Letterhead

__all__ = ["Letter", "write_letter"]

_NO_HEADER = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_MOST_REFERENCES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail."""

    to: str
    sender: str
    sender_name: str
    reply_to: str
    subject: str
    text: str
    html: str
    headers: Mapping[str, str]  #: beside the usual ones: Message-ID, what it follows, and the way out
    invitation: bytes = b""  #: a calendar file; empty: none


def write_letter(message: Outgoing, head: Letterhead) -> Letter | Refused:
    """Make the mail of a message. Refused when its address is none, or its text does not fit into a mail."""
    try:
        to = ascii_address(message.to)
    except ValueError:
        return Refused("bad_address", "this is no e-mail address", because="address")
    if _NO_HEADER.search(message.subject + head.business):
        return Refused("bad_subject", "the subject, or the name of the business, holds a line break", because="text")
    reply_to = reply_address(head.reply_to, message.reply_handle)
    try:
        calendar = _calendar(message, head, reply_to)
    except (KeyError, TypeError, ValueError):
        return Refused("bad_invite", "the appointment cannot be written as a calendar file")
    foot = None if message.to_colleague else head.foot(message.reply_handle)
    parts = compose(message.body, foot, message.subject)
    return Letter(
        to=to,
        sender=head.sender,
        sender_name=head.business,
        reply_to=reply_to,
        subject=message.subject,
        text=parts.text,
        html=parts.html,
        headers=_headers(message, head, reply_to),
        invitation=calendar,
    )


def _headers(message: Outgoing, head: Letterhead, reply_to: str) -> dict[str, str]:
    domain = domain_of(head.sender)
    headers = {}
    if message.handle:
        headers["Message-ID"] = message_id(f"{message.handle}.{message.attempt}", domain)
    if message.thread:
        before = [message_id(name, domain) for name in message.thread[-_MOST_REFERENCES:]]
        headers |= {"In-Reply-To": before[-1], "References": " ".join(before)}
    if message.to_colleague:
        return headers
    return headers | list_headers(reply_to, head.link(message.reply_handle))


def _calendar(message: Outgoing, head: Letterhead, reply_to: str) -> bytes:
    invite = message.data.get("invite")
    if not invite:
        return b""
    return invitation(invite, business=head.business, organizer=reply_to, zone=head.zone, now=message.at)
