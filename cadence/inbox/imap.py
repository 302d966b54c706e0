"""The mailbox that answers arrive in, as a source that every tick asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cadence.channels.kit import Secret
from cadence.errors import CadenceError
from cadence.inbox.imap_poll import poll

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from cadence.channels.kit import Kit
    from cadence.inbox.polled import Polled
    from cadence.playbook.model import Imap

__all__ = ["IMAP_PASSWORD", "Mailbox", "poll"]

IMAP_PASSWORD = Secret("IMAP_PASSWORD", "the password of the mailbox, or better an app password made for cadence alone")


class Mailbox:
    """One folder of one mailbox, read over IMAP."""

    name = "imap"
    secrets = (IMAP_PASSWORD,)

    def __init__(self, settings: Imap, password: str, *, ours: Collection[str] = ()) -> None:
        """``ours``: the addresses we write from; what they write without answering anybody is no answer."""
        self.settings = settings
        self.ours = frozenset(each.lower() for each in ours if each)
        self._password = password

    @classmethod
    def from_kit(cls, kit: Kit) -> Mailbox:
        """Make it for one workspace; CadenceError, with what to do, when something it needs is not there."""
        settings = kit.workspace.inbound.imap
        if settings is None:
            raise CadenceError(
                "no mailbox is named that answers arrive in",
                help="name it in cadence.yaml: inbound: {imap: {host: imap.example.com, user: hello@example.com}}",
            )
        email = kit.workspace.channels.get("email")
        ours = (email.sender, str(email.options.get("reply_to") or "")) if email else ()
        return cls(settings, kit.secret(IMAP_PASSWORD), ours=(settings.user, *ours))

    def poll(self, cursor: Mapping[str, Any], now: datetime) -> Polled:
        """Read what is new, the oldest first; the first time nothing, but where to begin. Never raises."""
        return poll(self.settings, self._password, cursor, now, ours=self.ours)
