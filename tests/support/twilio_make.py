"""Messages, settings and channels for tests of Twilio."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cadence.channels.channel import Outgoing
from cadence.channels.kit import Kit
from cadence.channels.twilio import TwilioSms
from cadence.channels.twilio_line import Credentials, TwilioLine
from cadence.playbook.build import build_workspace
from support.twilio_desk import ACCOUNT, OURS, TOKEN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from support.twilio_desk import TwilioDesk

__all__ = ["BODY", "HER", "NOW", "kit", "line", "outgoing", "sms"]

NOW = datetime(2026, 11, 24, 19, 10, tzinfo=UTC)
HER = "+18165550142"
BODY = "Hi Maria, it's Dana of Summit Roofing. When would suit you for a look at the roof? Reply STOP to end."


def outgoing(**given: Any) -> Outgoing:
    """Return a text to Maria."""
    message = {"key": "maria/roofer/-/1/1/instant", "attempt": 1, "lead": "maria", "channel": "sms", "to": HER,
               "subject": "", "body": BODY, "at": NOW, "called_at": NOW}  # fmt: skip
    return Outgoing(**{**message, **given})


def line(desk: TwilioDesk, *, timeout: float = 5.0, token: str = TOKEN) -> TwilioLine:
    """Return a line to the desk."""
    return TwilioLine(Credentials(ACCOUNT, ACCOUNT, token), base=desk.url, timeout=timeout)


def sms(desk: TwilioDesk, *, timeout: float = 5.0, **given: Any) -> TwilioSms:
    """Return a channel to the desk."""
    return TwilioSms(line(desk, timeout=timeout), **{"sender": OURS, **given})


def kit(settings: Mapping[str, str], channel: str = "sms", **page: Any) -> Kit:
    """Return what a channel is made from; ``settings`` are those of the machine, ``page`` more of cadence.yaml."""
    data = {
        "account": "summit",
        "business": {"name": "Summit Roofing", "phone": OURS, "timezone": "America/Chicago"},
        "team": [],
        "channels": {channel: {"via": "twilio", "from": OURS, **page.pop("own", {})}},
        **page,
    }
    workspace = build_workspace(data)
    return Kit(
        account="summit",
        root=Path(),
        channel=channel,
        settings=workspace.channels[channel],
        workspace=workspace,
        setting=lambda name: settings.get(name, ""),
        redirect=workspace.redirect if workspace.mode == "redirect" else {},
    )
