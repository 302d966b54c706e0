"""Where what comes in can be asked for: the lists of the services that carry messages, and the shop's mailbox.

An installed extension adds its own by an entry point of the group ``cadence.sources``, named ``CHANNEL.SERVICE``, of a
class with ``from_kit(kit)`` that makes a :class:`cadence.inbox.polled.Source`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cadence.channels.kit import Kit
from cadence.channels.registry import load_extension, redirected_to
from cadence.playbook.model import ChannelSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cadence.inbox.polled import Source
    from cadence.playbook.model import Workspace

__all__ = ["BUILT_IN", "GROUP", "source_class", "sources_of"]

GROUP = "cadence.sources"  #: entry points of extensions

#: ``CHANNEL.SERVICE`` -> ``module:Class``.
BUILT_IN = {
    "sms.twilio": "cadence.inbox.twilio_poll:TwilioInbox",
    "email.sendgrid": "cadence.inbox.sendgrid_poll:SendGridLists",
    "mailbox.imap": "cadence.inbox.imap:Mailbox",
}


def sources_of(
    workspace: Workspace, mode: str, account: str, root: Path, setting: Callable[[str], str]
) -> list[Source]:
    """Make every source that a tick asks: none in log mode, or where the shop does without.

    CadenceError, with what to do, when one needs a secret that is not there.
    """
    if mode == "log" or not workspace.inbound.poll:
        return []
    settings = dict(workspace.channels)
    if workspace.inbound.imap:
        settings["mailbox"] = ChannelSettings(via="imap", sender=workspace.inbound.imap.user)
    made: list[Source] = []
    for channel, its in settings.items():
        kind = source_class(f"{channel}.{its.via}")
        if kind is not None:
            kit = Kit(
                account=account,
                root=root,
                channel=channel,
                settings=its,
                workspace=workspace,
                setting=setting,
                redirect=redirected_to(workspace) if mode == "redirect" else {},
            )
            made.append(kind.from_kit(kit))
    return made


def source_class(name: str) -> Any:
    """Return the class that hears a service, named ``CHANNEL.SERVICE``; None: there is none.

    CadenceError when an extension that brings it cannot be loaded.
    """
    if name in BUILT_IN:
        module, _, attribute = BUILT_IN[name].partition(":")
        return getattr(import_module(module), attribute)
    from importlib.metadata import entry_points

    points = [point for point in entry_points(group=GROUP) if point.name == name]
    return load_extension(points[0]) if points else None
