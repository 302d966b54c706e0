"""What the public endpoint needs to know of a workspace, and what it needs done."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from cadence.channels.kit import CADENCE_SECRET, SHORTEST_SECRET, Secret
from cadence.channels.twilio_line import TOKEN
from cadence.errors import CadenceError
from cadence.web.signatures import key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

    from cadence.inbox.message import Item
    from cadence.playbook.model import Workspace

__all__ = ["SECRETS", "Desk", "Door", "open_door", "present", "public_url"]

TWILIO_MORE = Secret(
    "TWILIO_WEBHOOK_TOKEN",
    "further tokens that Twilio may sign with, with commas between them: the other one of a change, a subaccount's",
    needed=False,
)
SENDGRID_KEY = Secret(
    "SENDGRID_WEBHOOK_KEY",
    "the verification key: SendGrid, Settings, Mail Settings, Event Webhook; several with commas between them",
)
SECRETS = (TOKEN, TWILIO_MORE, SENDGRID_KEY, CADENCE_SECRET)


class Desk(Protocol):
    """Who takes what comes in. Called from several threads at once."""

    def take(self, items: Sequence[Item]) -> None:
        """Record items for good before returning, each key once for ever; StoreError when that cannot be done now."""

    def way_out(self, handle: str) -> bool:
        """Have mails to the person of an enrolment's reply handle end, for good before returning.

        False when no enrolment has that handle; StoreError when it cannot be done now. Done twice, it is done: but a
        person who came back and leaves again leaves again.
        """

    def check(self) -> None:
        """StoreError when nothing could be recorded now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One workspace as those outside see it."""

    account: str
    business: str  #: its name, for the page of the way out
    public_url: str  #: where providers and people reach us, without a slash at its end
    twilio_tokens: tuple[str, ...] = field(default=(), repr=False)  #: empty: nothing of Twilio's is believed
    sendgrid_keys: tuple[EllipticCurvePublicKey, ...] = ()  #: empty: nothing of SendGrid's is believed
    secret: str = field(default="", repr=False)  #: signs the way out; empty: there is none
    addresses: tuple[str, ...] = ()  #: that our mails come from, in small letters
    ring: str = ""  #: phone that rings when a customer calls; empty: none does
    ring_for: int = 18  #: seconds

    @property
    def prefix(self) -> str:
        """Path before every path of ours, such as ``/cadence``; empty: none."""
        return urlsplit(self.public_url).path

    def url(self, path: str, query: str = "") -> str:
        """Return the public address of a path of ours."""
        return f"{self.public_url}{path}?{query}" if query else f"{self.public_url}{path}"


def present() -> datetime:
    """Return the present instant, in whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def open_door(workspace: Workspace, setting: Callable[[str], str]) -> Door:
    """Make it from the page and the settings of the machine; CadenceError, with what to do, for what is missing."""
    url = public_url(workspace)
    mail = workspace.channels.get("email")
    services = {channel.via for channel in workspace.channels.values()}
    tokens = _of(setting, TOKEN, needed="twilio" in services) + _of(setting, TWILIO_MORE)
    keys = _of(setting, SENDGRID_KEY, needed="sendgrid" in services)
    secret = _of(setting, CADENCE_SECRET, needed="email" in workspace.channels, whole=True)
    if secret and len(secret[0]) < SHORTEST_SECRET:
        raise CadenceError(
            f"{CADENCE_SECRET.name} is too short to sign anything",
            help=f"put another into .env or the environment: {CADENCE_SECRET.what}",
        )
    return Door(
        account=workspace.account,
        business=workspace.business.name,
        public_url=url,
        twilio_tokens=tokens,
        sendgrid_keys=tuple(key_of(each) for each in keys),
        secret="".join(secret),
        addresses=tuple(
            str(each).lower() for each in ((mail.sender, mail.options.get("reply_to")) if mail else ()) if each
        ),
        ring=workspace.inbound.ring,
        ring_for=workspace.inbound.ring_for,
    )


def public_url(workspace: Workspace) -> str:
    """Return where a workspace is reached from outside; CadenceError when it says nothing of that."""
    if not workspace.public_url:
        raise CadenceError(
            "cadence.yaml says no public_url: nobody could reach this",
            help="write the address that leads here, such as  public_url: https://hooks.example.com;\n"
            "  without one, every tick asks the providers itself, and nothing needs to be served",
        )
    return workspace.public_url


def _of(setting: Callable[[str], str], secret: Secret, *, needed: bool = False, whole: bool = False) -> tuple[str, ...]:
    """Return what a setting says, once for each comma unless it is one ``whole``."""
    said = setting(secret.name).strip()
    if not said and needed:
        raise CadenceError(
            f"{secret.name} is not set: what comes in could not be believed",
            help=f"put it into .env or the environment: {secret.what}",
        )
    return tuple(each for part in ([said] if whole else said.split(",")) if (each := part.strip()))
