"""Ways out by name: which class carries a channel by a service, and all the ways out of one workspace.

The services cadence knows are named here and loaded when a workspace asks for them. Installed extensions add theirs by
an entry point of the group ``cadence.channels``, named ``CHANNEL.SERVICE``: ``email.mailgun = "package:Class"`` makes
``channels: {email: {via: mailgun, ...}}`` work. See docs/howto/write-a-channel.md.
"""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from cadence.channels.channel import Channel, NotNow, Refused
from cadence.channels.kit import Kit
from cadence.channels.log import LogChannel
from cadence.errors import CadenceError
from cadence.playbook.diagnostics import did_you_mean
from cadence.playbook.model import ChannelSettings
from cadence.playbook.words import MESSAGE_CHANNELS, PROGRAM_CHANNELS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from importlib.metadata import EntryPoint
    from pathlib import Path

    from cadence.channels.channel import Finding, Outgoing, Result
    from cadence.playbook.model import Mode, Workspace

__all__ = [
    "BUILT_IN",
    "GROUP",
    "NoWay",
    "Redirected",
    "channel_class",
    "load_extension",
    "redirected_to",
    "services",
    "ways_out",
]

GROUP = "cadence.channels"  #: entry points of extensions
LOG_FILE = "messages.log"


#: ``CHANNEL.SERVICE`` -> ``module:Class``.
BUILT_IN = {
    "sms.twilio": "cadence.channels.twilio:TwilioSms",
    "voice.twilio": "cadence.channels.twilio_voice:TwilioVoice",
    "email.sendgrid": "cadence.channels.sendgrid:SendGridChannel",
    "email.smtp": "cadence.channels.smtp:SmtpChannel",
    "webhook.webhook": "cadence.channels.webhook:Webhook",
    "audience.audience": "cadence.channels.audience:Audience",
}


def services(channel: str) -> tuple[str, ...]:
    """List the services that can carry a channel: cadence's own, then those of installed extensions."""
    named = [*BUILT_IN, *(point.name for point in _extensions())]
    return tuple(dict.fromkeys(name.partition(".")[2] for name in named if name.startswith(f"{channel}.")))


def channel_class(channel: str, via: str) -> type[Channel]:
    """Return the class that carries a channel by a service; no other service is loaded.

    CadenceError when there is none, when two extensions bring it, or when the one that does cannot be loaded.
    """
    name = f"{channel}.{via}"
    if name in BUILT_IN:
        module, _, attribute = BUILT_IN[name].partition(":")
        built_in: type[Channel] = getattr(import_module(module), attribute)
        return built_in
    points = {point.value: point for point in _extensions() if point.name == name}
    if not points:
        known = services(channel)
        raise CadenceError(
            f"there is no service '{via}' for the channel {channel}",
            help=did_you_mean(via, known) or f"there is: {', '.join(known)}; extensions add their own",
        )
    if len(points) > 1:
        raise CadenceError(
            f"two installed extensions bring the service '{via}' for the channel {channel}",
            help=f"remove one of them: {', '.join(sorted(points))}",
        )
    return _loaded(next(iter(points.values())))


def ways_out(
    workspace: Workspace,
    account: str,
    root: Path,
    setting: Callable[[str], str],
    *,
    mode: Mode,
    log_file: Path | None = None,
) -> dict[str, Channel]:
    """Make every way out that is no person's: channel -> channel.

    ``mode`` is the account's own: a published version carries none. In mode log all of them write ``log_file`` (left
    out: ``messages.log`` of the workspace). In mode redirect messages go to the addresses under ``redirect:``, and what
    is for lists and programs is written down. A channel that cadence.yaml does not have is there too, and lets
    everything wait: an older version of a page may still use it.

    CadenceError, listing everything that is missing or wrong, when a way out cannot be made.
    """
    workspace = replace(workspace, mode=mode)
    log = LogChannel(log_file or root / LOG_FILE, ZoneInfo(workspace.business.timezone))
    if mode == "log":
        return dict.fromkeys((*MESSAGE_CHANNELS, *PROGRAM_CHANNELS), log)
    ways: dict[str, Channel] = {name: NoWay(name) for name in (*MESSAGE_CHANNELS, *PROGRAM_CHANNELS)}
    redirect = redirected_to(workspace) if mode == "redirect" else {}
    faults: list[CadenceError] = []
    for name, settings in {"audience": ChannelSettings(via="audience"), **workspace.channels}.items():
        if mode == "redirect" and name in PROGRAM_CHANNELS:
            ways[name] = log
            continue
        kit = Kit(
            account=account,
            root=root,
            channel=name,
            settings=settings,
            workspace=workspace,
            setting=setting,
            redirect=redirect,
        )
        try:
            ways[name] = _made(kit)
        except _Faults as found:
            faults += found.faults
    if faults:
        raise _together(faults)
    return ways


class NoWay(Channel):
    """Lets everything wait until a person has said how it is to leave."""

    workers = 0

    def __init__(self, channel: str) -> None:
        self.channel = channel

    def send(self, messages: Sequence[Outgoing]) -> Sequence[Result]:
        """Send nothing."""
        said = f"cadence.yaml does not say how {self.channel} leaves; add it under 'channels:'"
        return [NotNow("no_channel", said, halt=True)] * len(messages)


class Redirected(Channel):
    """Sends everything to one address: of a rehearsal with the real service. A mail says whose it would have been."""

    def __init__(self, way: Channel, address: str) -> None:
        self.way = way
        self.address = address
        self.wants_data = way.wants_data
        self.workers = way.workers
        self.per_call = way.per_call
        self.begins_within = way.begins_within
        self.visible_after = way.visible_after

    def ready(self) -> None:
        """Ask the service's own channel."""
        self.way.ready()

    def send(self, messages: Sequence[Outgoing]) -> Sequence[Result]:
        """Carry messages to the one address; what is wrong with that one is not said of the people's own."""
        results = self.way.send([self._turned(message) for message in messages])
        return [replace(each, because="other") if isinstance(each, Refused) else each for each in results]

    def look_up(self, messages: Sequence[Outgoing]) -> Sequence[Finding]:
        """Find out what became of them there."""
        return self.way.look_up([self._turned(message) for message in messages])

    def _turned(self, message: Outgoing) -> Outgoing:
        subject = f"[to {message.to}] {message.subject}" if message.subject else ""
        return replace(message, to=self.address, subject=subject)


class _Faults(Exception):  # noqa: N818 - carries them
    """What is missing for one way out."""

    def __init__(self, *faults: CadenceError) -> None:
        super().__init__()
        self.faults = faults


def _made(kit: Kit) -> Channel:
    """Make one way out."""
    try:
        kind = channel_class(kit.channel, kit.settings.via)
    except CadenceError as fault:
        raise _Faults(fault) from None
    faults = []
    if kit.workspace.mode == "redirect" and kit.channel not in kit.redirect:
        faults.append(_no_redirect(kit.channel))
    for secret in kind.secrets:
        try:
            kit.secret(secret)
        except CadenceError as fault:
            faults.append(fault)
    if faults:
        raise _Faults(*faults)
    try:
        way = kind.from_kit(kit)
    except CadenceError as fault:
        raise _Faults(fault) from None
    address = kit.redirect.get(kit.channel)
    return Redirected(way, address) if address else way


def redirected_to(workspace: Workspace) -> Mapping[str, str]:
    """Return where each channel's messages go: a voice message to the phone that gets the texts."""
    given = dict(workspace.redirect)
    if "sms" in given:
        given.setdefault("voice", given["sms"])
    return given


def _no_redirect(channel: str) -> CadenceError:
    key = "sms" if channel == "voice" else channel
    return CadenceError(
        f"the mode is redirect, and cadence.yaml does not say where {channel} goes",
        help=f"write your own address there: redirect: {{{key}: ...}}",
    )


def _together(faults: Sequence[CadenceError]) -> CadenceError:
    """Make one error of all, each said once."""
    said = dict.fromkeys((fault.message, fault.help) for fault in faults)
    if len(said) == 1:
        message, advice = next(iter(said))
        return CadenceError(message, help=advice)
    lines = "".join(f"\n  - {message}" + (f"\n    {advice}" if advice else "") for message, advice in said)
    return CadenceError(f"{len(said)} things are missing before anything can leave:{lines}")


def _extensions() -> Sequence[EntryPoint]:
    from importlib.metadata import entry_points

    return tuple(entry_points(group=GROUP))


def load_extension(point: EntryPoint) -> Any:
    """Load what an installed extension brings; CadenceError, naming it, when that fails."""
    try:
        return point.load()
    except Exception as error:
        raise CadenceError(
            f"the extension that brings the service '{point.name}' cannot be loaded: {type(error).__name__}",
            help=f"install it anew, or remove it; it names {point.value}",
        ) from error


def _loaded(point: EntryPoint) -> type[Channel]:
    found = load_extension(point)
    if not (isinstance(found, type) and issubclass(found, Channel)):
        raise CadenceError(
            f"the extension that brings the service '{point.name}' is no way out: {point.value} is not a Channel",
            help="tell its author; docs/howto/write-a-channel.md says what one needs",
        )
    return found
