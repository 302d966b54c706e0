"""Secrets: which are not set, too short or of the wrong form, and who may read the file they stand in."""

from __future__ import annotations

import secrets
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cadence.channels.kit import CADENCE_SECRET, SHORTEST_SECRET
from cadence.channels.registry import channel_class
from cadence.channels.twilio_line import KEY, TOKEN
from cadence.doctor.finding import Finding
from cadence.errors import CadenceError
from cadence.machine import SETTINGS_FILE
from cadence.playbook.model import ChannelSettings
from cadence.runner.hearing.sources import source_class

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.channels.kit import Secret
    from cadence.doctor.case import Case

__all__ = ["check", "unset"]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A secret that the shop's pages make necessary, or useful."""

    secret: Secret
    needed: bool


def check(case: Case) -> Iterator[Finding]:
    """Look at every secret that is needed, and at ``.env``."""
    wanted = _wanted(case)
    lacking = unset(case)
    for each in wanted.values():
        if each.secret.name in lacking:
            yield _unset(case, each.secret)
    yield from _own_secret(case)
    yield from _forms(case, lacking)
    yield from _file(case)
    there = sum(1 for each in wanted.values() if each.needed) - len(lacking)
    if there and not lacking:
        yield Finding(code="set", verdict="fine", says="all that are needed are set")
    elif not wanted:
        yield Finding(code="set", verdict="fine", says="none is needed")


def unset(case: Case) -> frozenset[str]:
    """Return the names of the secrets that are needed and not set."""
    return frozenset(name for name, each in _wanted(case).items() if each.needed and not case.setting(name).strip())


def _wanted(case: Case) -> dict[str, _Wanted]:
    """Collect what the ways out, the sources and the public endpoint ask for."""
    workspace = case.workspace
    found: dict[str, _Wanted] = {}

    def add(secret: Secret, needed: bool) -> None:
        before = found.get(secret.name)
        found[secret.name] = _Wanted(before.secret if before else secret, needed or bool(before and before.needed))

    services = {settings.via for settings in workspace.channels.values()}
    for channel, settings in workspace.channels.items():
        with suppress(CadenceError):  # a service that is not there is told of elsewhere
            for secret in channel_class(channel, settings.via).secrets:
                add(secret, secret.needed)
    for secret in _of_sources(case):
        add(secret, secret.needed)
    if "twilio" in services:
        add(TOKEN, bool(workspace.public_url) or not case.setting(KEY.name).strip())
    mail = workspace.channels.get("email")
    if mail and mail.via == "smtp" and mail.options.get("user"):
        from cadence.channels.smtp import SMTP_PASSWORD

        add(SMTP_PASSWORD, True)
    if mail or "webhook" in workspace.channels:
        add(CADENCE_SECRET, True)
    if workspace.public_url:
        from cadence.web.door import SECRETS, SENDGRID_KEY

        for secret in SECRETS:
            if secret.name != SENDGRID_KEY.name or "sendgrid" in services:
                add(secret, secret is SENDGRID_KEY)
    return found


def _of_sources(case: Case) -> Iterator[Secret]:
    workspace = case.workspace
    if not workspace.inbound.poll:
        return
    names = [f"{channel}.{settings.via}" for channel, settings in workspace.channels.items()]
    for name in [*names, *(["mailbox.imap"] if workspace.inbound.imap else [])]:
        with suppress(CadenceError):
            yield from getattr(source_class(name), "secrets", ())


def _unset(case: Case, secret: Secret) -> Finding:
    if secret.name == CADENCE_SECRET.name:
        return Finding(
            code="unset",
            verdict=case.missing,
            says=f"{secret.name} is not set: it signs links, and lets answers be recognised",
            do="put this line into .env, made up just now for you, and keep it for good",
            paste=f"{secret.name}={secrets.token_hex(32)}",
        )
    return Finding(code="unset", verdict=case.missing, says=f"{secret.name} is not set", do=secret.what)


def _own_secret(case: Case) -> Iterator[Finding]:
    own = case.setting(CADENCE_SECRET.name).strip()
    if own and (len(own) < SHORTEST_SECRET or len(set(own)) < 8):
        yield Finding(
            code="short",
            verdict="wrong",
            says=f"{CADENCE_SECRET.name} is too short, or too easy to guess",
            do="put this line into .env in its place; it was made up just now. Links in mails that went already end",
            paste=f"{CADENCE_SECRET.name}={secrets.token_hex(32)}",
        )


def _forms(case: Case, lacking: frozenset[str]) -> Iterator[Finding]:
    """Make each way out as a tick would, and tell why one cannot be made; nobody is asked."""
    said: set[str] = set()
    own = {CADENCE_SECRET.name} if any(_own_secret(case)) else set()
    for channel, settings in {"audience": ChannelSettings(via="audience"), **case.workspace.channels}.items():
        try:
            kind = channel_class(channel, settings.via)
            if not lacking.intersection(secret.name for secret in kind.secrets):
                kind.from_kit(case.kit(channel, settings))
        except CadenceError as fault:
            if fault.message not in said and not any(name in fault.message for name in own):
                said.add(fault.message)
                yield Finding(code="way_out", verdict=case.missing, says=f"{channel}: {fault.message}", do=fault.help)
    if case.workspace.public_url and not lacking:
        from cadence.web.door import open_door

        try:
            open_door(case.workspace, case.setting)
        except CadenceError as fault:
            if not any(name in fault.message for name in own):
                yield Finding(code="door", verdict=case.missing, says=fault.message, do=fault.help)


def _file(case: Case) -> Iterator[Finding]:
    file = case.root / SETTINGS_FILE
    if not file.is_file() or sys.platform == "win32":
        return
    if file.stat().st_mode & 0o077:
        yield Finding(
            code="readable",
            verdict="wrong" if case.in_earnest else "look",
            says="others on this machine can read .env, and so the secrets in it",
            do=f"`chmod 600 {file}`",
        )
