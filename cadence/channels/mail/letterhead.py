"""What all mails of a workspace have in common: who writes, where answers go, what stands at the foot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cadence.channels.kit import CADENCE_SECRET, SHORTEST_SECRET
from cadence.channels.mail.addresses import ascii_address
from cadence.channels.mail.compose import Foot
from cadence.channels.mail.unsubscribe import link_of, make_token
from cadence.errors import CadenceError

if TYPE_CHECKING:
    from cadence.channels.kit import Kit

__all__ = ["Letterhead", "letterhead_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """What all mails of a workspace have in common."""

    account: str
    business: str
    postal_address: str
    phone: str  #: E.164
    zone: str  #: IANA name: the clock that appointments are written on
    sender: str  #: address that mails come from
    reply_to: str  #: address that answers go to, before the handle is put into it
    public_url: str = ""  #: empty: there is no page on which one could unsubscribe
    secret: str = ""  #: signs the links to that page

    def foot(self, reply_handle: str) -> Foot:
        """Return the foot of an enrolment's mails."""
        return Foot(self.business, self.postal_address, self.phone, self.link(reply_handle))

    def link(self, reply_handle: str) -> str:
        """Return the link by which the person of an enrolment unsubscribes; empty: there is none."""
        if not self.public_url or not reply_handle:
            return ""
        return link_of(self.public_url, make_token(self.secret, self.account, reply_handle))


def letterhead_of(kit: Kit) -> Letterhead:
    """Make a workspace's letterhead; CadenceError, with what to do, when mails could not lawfully leave."""
    business, workspace = kit.workspace.business, kit.workspace
    if not business.postal_address.strip():
        raise CadenceError(
            "the business has no postal address; no e-mail can go",
            help='the law wants it at the foot of each: add postal_address: "..." below business: in cadence.yaml',
        )
    secret = kit.secret(CADENCE_SECRET)
    if len(secret) < SHORTEST_SECRET:
        raise CadenceError(
            "CADENCE_SECRET is too short; no e-mail can go",
            help=f"put another into .env or the environment: {CADENCE_SECRET.what}",
        )
    sender = _own(kit.settings.sender, "from")
    return Letterhead(
        account=kit.account,
        business=business.name,
        postal_address=business.postal_address,
        phone=business.phone,
        zone=business.timezone,
        sender=sender,
        reply_to=_own(str(kit.settings.options.get("reply_to") or sender), "reply_to"),
        public_url=workspace.public_url,
        secret=secret,
    )


def _own(address: str, key: str) -> str:
    try:
        return ascii_address(address)
    except ValueError as fault:
        raise CadenceError(f"'{key}:' of the channel email in cadence.yaml: {fault}") from None
