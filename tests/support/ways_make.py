"""Messages, kits and shops for the tests of ways out."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from cadence.channels.channel import Outgoing
from cadence.channels.kit import Kit
from cadence.playbook.build import build_workspace
from support.make import NOW
from support.plans import WORKSPACE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cadence.playbook.model import Workspace
    from support.lab import Lab

__all__ = ["MARIA", "kit", "open_for_business", "outgoing", "shop"]

MARIA: Mapping[str, Any] = MappingProxyType(
    {
        "id": "maria",
        "name": "Maria López",
        "first_name": "Maria",
        "last_name": "López",
        "phone": "+18165550142",
        "email": "Maria.Lopez+roof@gmail.com",
        "city": "St. Louis",
        "state": "MO",
        "zip": "64110",
        "zones": ["America/Chicago"],
        "zone_source": "zip",
        "states": ["MO"],
    }
)


def outgoing(channel: str = "webhook", to: str = "crm", *, lead: Mapping[str, Any] = MARIA, **changes: Any) -> Outgoing:
    """Make a touch of a lead."""
    name = str(lead.get("id", "maria"))
    data = {"playbook": "roofer", "stage": "new", "touch": "hello", "enrolment": f"{name}/roofer", "owner": "dana"}
    values: dict[str, Any] = {
        "key": f"{name}/roofer/1/hello",
        "attempt": 1,
        "lead": name,
        "channel": channel,
        "to": to,
        "subject": "",
        "body": "A new lead",
        "at": NOW,
        "called_at": NOW,
        "handle": hashlib.sha256(name.encode()).hexdigest()[:20],
        "data": {**data, "lead": dict(lead)},
    }
    return Outgoing(**{**values, **changes})


def shop(mode: str = "live", redirect: Mapping[str, str] = {}, **channels: Any) -> Workspace:
    """Make a shop with these channels, as cadence.yaml would say them."""
    return build_workspace({**WORKSPACE, "mode": mode, "redirect": redirect, "channels": channels})


def kit(channel: str, settings: Mapping[str, Any], env: Mapping[str, str] = {}, root: Path = Path()) -> Kit:
    """Make the kit of one way out; ``env`` are the settings of the machine."""
    workspace = shop(**{channel: settings})
    return Kit(
        account=workspace.account,
        root=root,
        channel=channel,
        settings=workspace.channels[channel],
        workspace=workspace,
        setting=lambda name: env.get(name, ""),
        redirect={},
    )


def open_for_business(lab: Lab) -> None:
    """Have a shop work in live mode, in which what leaves has a name and the lead's record goes with it."""
    account = replace(lab.desk.account, mode="live", secret="made up once, kept for good, long enough")
    lab.desk = replace(lab.desk, account=account)
