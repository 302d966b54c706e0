"""Where at the providers the addresses of the endpoint are entered."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from cadence.web.door import public_url
from cadence.web.hooks import OVERRIDES

if TYPE_CHECKING:
    from cadence.playbook.model import Workspace

__all__ = ["Place", "places"]


@dataclass(frozen=True, slots=True)
class Place:
    """One field to fill in."""

    service: str
    where: str  #: the way through its pages
    enter: str
    note: str = ""

    def data(self) -> dict[str, Any]:
        """Return it as JSON-able data."""
        return asdict(self)

    def lines(self) -> list[str]:
        """Return it as a person reads it."""
        return [f"{self.service}: {self.where}", f"  {self.enter}", *([f"  {self.note}"] if self.note else [])]


def places(workspace: Workspace) -> list[Place]:
    """List what to enter where for the services that a workspace uses; CadenceError without a public_url."""
    url = public_url(workspace)
    found = []
    services = {name: settings.via for name, settings in workspace.channels.items()}
    sms = workspace.channels.get("sms")
    if sms and sms.via == "twilio":
        where = (
            "Messaging, Services, the service, Integration, Send a webhook"
            if sms.options.get("service")
            else f"Phone Numbers, {sms.sender}, Messaging, A message comes in: Webhook, HTTP POST"
        )
        found.append(Place("Twilio", where, f"{url}/twilio/sms{OVERRIDES}"))
        found.append(
            Place(
                "Twilio",
                f"Phone Numbers, {sms.sender}, Voice, A call comes in: Webhook, HTTP POST",
                f"{url}/twilio/voice{OVERRIDES}",
                "Only if calls nobody answers shall be followed up."
                + ("" if workspace.inbound.ring else " `ring` under `inbound:` names the phone that rings."),
            )
        )
    if "twilio" in services.values():
        found.append(Place("Twilio", "nothing to enter; goes along with every message", f"{url}/twilio/status"))
    if services.get("email") == "sendgrid":
        found.append(
            Place(
                "SendGrid",
                "Settings, Mail Settings, Event Webhooks",
                f"{url}/sendgrid/events",
                "All deliverability events; Signed Event Webhook on, its key into .env as SENDGRID_WEBHOOK_KEY.",
            )
        )
        found.append(
            Place(
                "SendGrid",
                "Settings, Inbound Parse",
                f"{url}/sendgrid/inbound",
                "Only if answers go to a domain of their own whose MX is mx.sendgrid.net, and with a security policy "
                "that signs; else `imap` under `inbound:` fetches them.",
            )
        )
    if "email" in services:
        found.append(Place("mail", "nothing to enter; stands in every mail", f"{url}/u/..."))
    host = urlsplit(url).netloc
    found.append(Place("this machine", f"what leads {host} here", f"{url}/healthz", "Answers ok when all is well."))
    return found
