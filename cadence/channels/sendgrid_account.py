"""One account at SendGrid: its key, and where it is reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.channels.kit import Secret
from cadence.channels.peer import local_peer
from cadence.errors import CadenceError

if TYPE_CHECKING:
    from cadence.channels.kit import Kit

__all__ = ["HOSTS", "SENDGRID_API_KEY", "host_of"]

SENDGRID_API_KEY = Secret(
    "SENDGRID_API_KEY",
    "a key that may send mail and read suppressions, from SendGrid's Settings, API Keys; it begins with SG.",
)
HOSTS = {"global": "https://api.sendgrid.com", "eu": "https://api.eu.sendgrid.com"}


def host_of(kit: Kit) -> str:
    """Return where the workspace's account is reached; CadenceError, with what to do, when its region is none."""
    region = str(kit.settings.options.get("region") or "global")
    if region not in HOSTS:
        raise CadenceError(
            f"SendGrid has no region '{region}'",
            help="write in cadence.yaml, below email: options: {region: eu}; or leave it out",
        )
    return local_peer(kit.setting, "CADENCE_SENDGRID_URL") or HOSTS[region]
