"""Examples of mails, and of the shop that writes them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cadence.channels.channel import Outgoing
from cadence.channels.kit import Kit
from cadence.channels.mail.letterhead import Letterhead
from cadence.engine.invites import invite_data
from cadence.playbook.model import Business, ChannelSettings, Workspace

__all__ = ["HANDLE", "HEAD", "NOW", "REPLY", "SECRET", "invite", "kit", "mail"]

NOW = datetime(2026, 11, 24, 19, 10, tzinfo=UTC)  #: 1:10 PM in Kansas City
HANDLE = "mmmmmmmmmmmmmmmmmm23"
REPLY = "rrrrrrrrrrrrrrrrrr45"
SECRET = "0123456789abcdef0123456789abcdef"
HEAD = Letterhead(
    account="summit",
    business="Summit Roofing",
    postal_address="1 Main St, Kansas City, MO 64105",
    phone="+18165550100",
    zone="America/Chicago",
    sender="hello@example.com",
    reply_to="hello@example.com",
)


def mail(to: str = "maria@example.com", **fields: Any) -> Outgoing:
    """Return a message; every field can be given another value."""
    given: dict[str, Any] = {
        "key": "maria/roofer/-/1/1/day-1", "attempt": 1, "lead": "maria", "channel": "email", "to": to,
        "subject": "Your roof", "body": "Hi Maria,\n\nhere is the **list**.", "at": NOW, "called_at": NOW,
        "handle": HANDLE, "reply_handle": REPLY,
    }  # fmt: skip
    return Outgoing(**{**given, **fields})


def invite(**fields: Any) -> dict[str, Any]:
    """Return the invitation to an appointment, as a message's data holds it."""
    given: dict[str, Any] = {
        "identity": ("summit", "maria/roofer/-/1", "appointment.booked"),
        "business": "Summit Roofing",
        "record": {
            "service": "roof repair", "address": "418 Oak St", "city": "Kansas City", "state": "MO", "zip": "64110",
        },
        "starts_at": datetime(2026, 12, 1, 17, tzinfo=UTC),
        "ends_at": datetime(2026, 12, 1, 18, 30, tzinfo=UTC),
        "recorded_at": NOW,
    }  # fmt: skip
    return invite_data(**{**given, **fields})


def kit(
    *,
    via: str = "sendgrid",
    settings: dict[str, str] | None = None,
    options: dict[str, Any] | None = None,
    postal_address: str = HEAD.postal_address,
    **workspace: Any,
) -> Kit:
    """Return what a channel is made from."""
    business = Business(name=HEAD.business, phone=HEAD.phone, timezone=HEAD.zone, postal_address=postal_address)
    channel = ChannelSettings(via=via, sender=HEAD.sender, options=options or {})
    shop = Workspace(account="summit", business=business, team=(), channels={"email": channel}, mode="live")
    known = {"CADENCE_SECRET": SECRET} if settings is None else settings
    return Kit(
        account="summit",
        root=Path("/nowhere"),
        channel="email",
        settings=channel,
        workspace=replace(shop, **workspace),
        setting=lambda name: known.get(name, ""),
        redirect={},
    )
