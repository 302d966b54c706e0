"""What providers tell: a person's message, a receipt of one of ours, a call. A poll and a webhook make the same.

``key`` is the provider's own identity of the thing told: whatever comes twice has the same key and counts once.
Instants are aware UTC. Texts are as they came: nothing is stripped yet.
"""

from __future__ import annotations

from dataclasses import MISSING, asdict, dataclass, field, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Call", "Inbound", "Item", "Receipt", "from_data", "to_data"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """A message from a person."""

    source: str  #: who told: twilio, sendgrid (signed), imap, parse (mails that SendGrid passes on)
    key: str  #: such as the message SID, or the Message-ID
    at: datetime  #: when it was sent, or else told
    channel: Literal["sms", "email"]
    sender: str  #: phone in E.164 form, or e-mail address in small letters
    to: str  #: which of our addresses it went to
    text: str  #: of a mail: its text part, or the text of its HTML part
    subject: str = ""
    handle: str = ""  #: opaque name of an enrolment or a message, read from our own reply address
    answers: tuple[str, ...] = ()  #: the Message-IDs it answers, the nearest first
    headers: Mapping[str, str] = field(
        default_factory=dict
    )  #: of a mail, names in small letters: who wrote, a machine?
    told: Literal["", "STOP", "START", "HELP"] = ""  #: the provider has taken it for this, and acted on it


#: What became of a message. ``delivered``: it is there. ``undelivered``: it is not, and will not be. ``bounced``: nor
#: will anything else to this address. ``deferred``: not yet. ``blocked``: refused this time. ``filtered``: taken for
#: spam, or the sender may not send: the channel needs a person. ``complained``: called spam by its reader.
#: ``opted_out``: the person told the provider to stop. ``returned``: and has come back. ``opened``, ``clicked``: by
#: somebody, or by a machine that looks into mails. ``sent``: handed on. ``expired``: its window closed first.
Status = Literal[
    "sent", "delivered", "undelivered", "bounced", "deferred", "blocked", "filtered", "complained", "opted_out",
    "returned", "opened", "clicked", "expired",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of a message of ours, or of an address."""

    source: str
    key: str
    at: datetime
    channel: Literal["sms", "email", "voice"]
    status: Status
    provider_id: str = ""  #: of the message, as the provider answered at the sending; empty: not known
    handle: str = ""  #: of the message, as we named it; empty: not known
    address: str = ""  #: whose it was
    code: str = ""  #: the provider's
    detail: str = ""  #: a sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A phone call from a person."""

    source: str
    key: str
    at: datetime
    caller: str  #: phone in E.164 form; empty: withheld
    to: str
    answered: bool


Item = Inbound | Receipt | Call
_KINDS: dict[str, type[Inbound | Receipt | Call]] = {"message": Inbound, "receipt": Receipt, "call": Call}


def to_data(item: Item) -> tuple[str, dict[str, Any]]:
    """Return the kind of an item (message, receipt, call), and the item as JSON-able data."""
    kind = next(name for name, known in _KINDS.items() if isinstance(item, known))
    data = {**asdict(item), "at": item.at.isoformat()}
    told = {each.name for each in fields(item) if each.default is MISSING and each.default_factory is MISSING}
    return kind, {name: value for name, value in data.items() if name in told or value not in ("", (), {})}


def from_data(kind: str, data: Mapping[str, Any]) -> Item:
    """Read what :func:`to_data` made; ValueError, KeyError or TypeError when it is damaged."""
    known = _KINDS[kind]
    names = {each.name for each in fields(known)}
    values = {name: value for name, value in data.items() if name in names}
    if "answers" in values:
        values["answers"] = tuple(values["answers"])
    return known(**{**values, "at": datetime.fromisoformat(values["at"]).astimezone(UTC)})
