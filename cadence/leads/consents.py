"""Consent: what a person agreed to, when, by what words. Kept in the lead's log; enough to show it in a dispute."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cadence.engine.events import Event, instant_text
from cadence.playbook.words import EVENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

__all__ = [
    "CHANNELS", "GIVEN", "KINDS", "WITHDRAWN", "Consent", "ConsentEntry", "RowConsent", "consent_fact",
    "consent_of_row", "entries_of", "fault_of", "standing", "withdrawal",
]  # fmt: skip

GIVEN, WITHDRAWN, ASKED = "consent.given", "consent.withdrawn", "asked"
CHANNELS = ("sms", "email", "voice")
#: Kind -> what it means.
KINDS = {
    "inquiry": "the person asked us for something, or agreed without a record in writing",
    "written": "the person agreed in writing, and the words are on record",
}
_ADDRESS = {"sms": "phone", "voice": "phone", "email": "email"}
_LINK = re.compile(r"https?://[^\s/]\S*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A consent as somebody tells of it."""

    channel: str  #: of :data:`CHANNELS`
    kind: str  #: of :data:`KINDS`
    source: str = ""  #: where it was given, such as ``web form``
    text: str = ""  #: the words the person agreed to, as they were shown
    url: str = ""  #: the page they stood on
    ip: str = ""  #: where the person sat
    at: datetime | None = None  #: when; None: not known


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentEntry:
    """One entry of a lead's consents, with whom it concerned at the time."""

    lead: str
    name: str
    address: str  #: the phone or e-mail address on record at the time
    channel: str  #: empty: every one
    what: str  #: given, withdrawn, or asked: the person's own inquiry
    kind: str
    source: str
    text: str
    url: str
    ip: str
    at: datetime
    recorded_at: datetime


def fault_of(consent: Consent) -> str:
    """Tell, in a clause, what a consent lacks to be recorded; empty: nothing."""
    if consent.kind == "written" and not consent.text:
        return "a written consent needs the words that the person agreed to"
    if consent.url and not _LINK.fullmatch(consent.url):
        return "the page is no address on the web, such as https://www.example.com/form"
    if consent.ip and not _is_ip(consent.ip):
        return "the IP address is none, such as 203.0.113.7"
    return ""


def consent_fact(consent: Consent, now: datetime) -> Event:
    """Return the fact that a person agreed; the same consent, told twice, has the same key."""
    at = consent.at or now
    told = {name: getattr(consent, name) for name in ("channel", "kind", "source", "text", "url", "ip")}
    data = {name: value for name, value in told.items() if value}
    words = "|".join(told.values())
    since = instant_text(consent.at) if consent.at else "listed"
    return Event(
        type=GIVEN,
        at=at,
        recorded_at=now,
        actor=EVENTS[GIVEN].actor.value,
        data=data,
        key=f"{GIVEN}/{since}/{hashlib.sha256(words.encode()).hexdigest()[:16]}",
    )


@dataclass(frozen=True, slots=True)
class RowConsent:
    """What one row of a list says of consent."""

    consent: Consent | None = None
    problems: tuple[tuple[str, str], ...] = ()  #: (column's field, why it cannot be used)
    notes: tuple[str, ...] = ()


def consent_of_row(told: Mapping[str, str], moment: Callable[[str], datetime]) -> RowConsent:
    """Read the cells of a row: ``consent`` and what stands beside it; ``moment`` reads a date and time.

    ``yes`` with the words the person agreed to is a written consent; without them it counts as given, no more.
    """
    answer = told.get("consent", "").casefold()
    problems: list[tuple[str, str]] = []
    if answer and answer not in (*_YES, *_NO, *KINDS):
        problems.append(("consent", "is neither yes nor no, written nor inquiry"))
    channel = told.get("consent_channel", "sms").casefold()
    if channel not in CHANNELS:
        problems.append(("consent_channel", "is no channel: write sms, email or voice"))
    at = None
    try:
        at = moment(told["consent_at"]) if "consent_at" in told else None
    except ValueError as error:
        problems.append(("consent_at", str(error)))
    if problems or answer in _NO or not answer:
        return RowConsent(None, tuple(problems))
    text = told.get("consent_text", "")
    kind = answer if answer in KINDS else "written" if text else "inquiry"
    consent = Consent(
        channel=channel,
        kind=kind,
        source=told.get("consent_source", "list"),
        text=text,
        url=told.get("consent_url", ""),
        ip=told.get("consent_ip", ""),
        at=at,
    )
    if fault := fault_of(consent):
        return RowConsent(None, (("consent", f"cannot be recorded: {fault}"),))
    unsaid = answer in _YES and not text
    return RowConsent(
        consent, (), ("the consent has no words, so it is not taken for a written one",) if unsaid else ()
    )


_YES = ("yes", "y", "true", "1", "x", "on", "agreed", "given", "opted in")
_NO = ("no", "n", "false", "0", "off", "declined", "not given", "opted out")


def entries_of(lead: str, log: Iterable[Event]) -> list[ConsentEntry]:
    """List what a lead's log, in the order it was recorded, says of consent: also the person's own inquiries."""
    record: dict[str, Any] = {}
    found: list[ConsentEntry] = []
    for event in log:
        kind = EVENTS.get(event.type)
        if event.type in ("lead.created", "lead.updated"):
            record |= event.data.get("lead", {})
        if event.type in (GIVEN, WITHDRAWN):
            found.append(_entry(lead, record, event, event.type.rpartition(".")[2], str(event.data.get("kind", ""))))
        elif kind and kind.inquiry and event.data.get("inquiry", True):
            found.append(_entry(lead, record, event, ASKED, "inquiry"))
    return found


def standing(entries: Iterable[ConsentEntry]) -> dict[str, ConsentEntry]:
    """Tell which consents given hold after all of ``entries``: channel -> the strongest, else the latest."""
    held: dict[str, ConsentEntry] = {}
    for each in entries:
        if each.what == "withdrawn":
            held = {channel: entry for channel, entry in held.items() if each.channel not in ("", channel)}
        elif each.what == "given" and not (each.kind != "written" and _written(held.get(each.channel))):
            held[each.channel] = each
    return held


def _written(entry: ConsentEntry | None) -> bool:
    return entry is not None and entry.kind == "written"


def _entry(lead: str, record: dict[str, Any], event: Event, what: str, kind: str) -> ConsentEntry:
    data = event.data
    channel = str(data.get("channel", ""))
    addresses = [str(record.get(name) or "") for name in ([_ADDRESS[channel]] if channel in _ADDRESS else _BOTH)]
    source = data.get("source") or (record.get("source") if event.type == "lead.created" else "") or ""
    return ConsentEntry(
        lead=lead,
        name=str(record.get("name") or ""),
        address=" ".join(filter(None, addresses)),
        channel=channel,
        what=what,
        kind=kind,
        source=str(source) if what != ASKED else ", ".join(filter(None, (event.type, str(source)))),
        text=str(data.get("text", "")),
        url=str(data.get("url", "")),
        ip=str(data.get("ip", "")),
        at=event.at,
        recorded_at=event.recorded_at,
    )


_BOTH = ("phone", "email")


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def withdrawal(channel: str, source: str, text: str, at: datetime, now: datetime) -> Event:
    """Return the fact that a person took consent back; an empty channel is every one."""
    told = {"channel": channel, "source": source, "text": text}
    return Event(
        type=WITHDRAWN,
        at=at,
        recorded_at=now,
        actor=EVENTS[WITHDRAWN].actor.value,
        data={name: value for name, value in told.items() if value},
    )
