"""What the floors share: the page of the benchmark, written out as a program by a careful hand.

No playbook, no log to fold, no reasons, no derivations: the three touches are constants. The promises are the same: the
right touch, in the lead's zone and send window, within the limits, its text made in a sandbox that does not pass over
what is not known.
"""

from __future__ import annotations

import json
import os
import socket
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from benchmarks.people import ACCOUNT, WORKSPACE

if TYPE_CHECKING:
    import jinja2

__all__ = [
    "ACCOUNT",
    "BATCH",
    "BUSINESS",
    "EVENT_COLUMNS",
    "OUTBOX_COLUMNS",
    "TEAM",
    "TOUCHES",
    "Message",
    "Past",
    "Standing",
    "claimed_row",
    "decide",
    "due_instant",
    "instant",
    "lease",
    "outbox_row",
    "segments",
    "sent_row",
    "standing_row",
    "window_opens",
    "zone_named",
]

BATCH = 100


class _Touch(NamedTuple):
    name: str
    channel: str
    day: int
    line: int
    body: jinja2.Template
    subject: jinja2.Template | None


def _text(name: str, line: int, day: int, channel: str) -> _Touch:
    text = (WORKSPACE / "templates" / "bench" / f"{name}.{channel}.j2").read_text(encoding="utf-8").strip()
    subject = None
    if channel == "email":
        head, text = text.removeprefix("---\n").split("\n---\n")
        subject = _JINJA.from_string(head.removeprefix("subject: "))
    return _Touch(name, channel, day, line, _JINJA.from_string(text), subject)


_JINJA = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
TOUCHES = (_text("first", 18, 1, "sms"), _text("second", 19, 3, "email"), _text("third", 20, 7, "sms"))
BUSINESS = {
    "name": "Bench Roofing",
    "phone": "+18165550100",
    "postal_address": "1 Main St, Kansas City, MO 64105",
}
TEAM = {"lee": {"name": "Lee Ortiz", "phone": "+18165550103", "email": "lee@example.com"}}
_WINDOW = {"sms": (time(8), time(20)), "email": (time(7), time(21))}
_TOUCH_TIME = time(10)
_GAP, _PER_DAY, _PER_WEEK, _EXPIRES = timedelta(hours=4), 2, 4, timedelta(hours=24)


class Past(NamedTuple):
    """A touch that was claimed or ended."""

    visit: int
    touch: str
    channel: str
    state: str
    ended_at: str | None


class Standing(NamedTuple):
    """What is read of a lead that is due."""

    lead: str
    name: str
    phone: str
    email: str
    attributes: str
    enrolment: str
    playbook: str
    digest: str
    stage: str
    visit: int
    owner: str
    started_at: str


class Message(NamedTuple):
    """A touch to be carried out, and when to look at the lead again."""

    lead: str
    enrolment: str
    visit: int
    playbook: str
    digest: str
    stage: str
    touch: str
    channel: str
    due_at: str
    address: str
    subject: str
    body: str
    segments: int
    line: int
    owner: str
    key: str
    wake_at: str | None
    following: str  #: the touch after it; empty: none


def decide(at: Standing, past: list[Past], now: datetime) -> Message | str | None:
    """Return the message that goes now, or when to look again (None: never)."""
    record = json.loads(at.attributes)
    zone = zone_named(record["zones"][0])
    ended = {each.touch for each in past if each.visit == at.visit}
    left = [touch for touch in TOUCHES if touch.name not in ended]
    start = datetime.fromisoformat(at.started_at)
    for place, touch in enumerate(left):
        due = due_instant(start.astimezone(zone).date(), touch.day, zone, start)
        if due > now:
            return instant(due)
        if now - due > _EXPIRES:
            continue
        wait = window_opens(touch.channel, now, zone) or _limits(past, now, zone)
        if wait:
            return instant(wait)
        address = at.phone if touch.channel == "sms" else at.email
        if not address:
            continue
        context = {
            "lead": {**record, "name": at.name, "phone": at.phone, "email": at.email},
            "business": BUSINESS,
            "owner": TEAM[at.owner],
        }
        later = [due_instant(start.astimezone(zone).date(), each.day, zone, start) for each in left[place + 1 :]]
        body = touch.body.render(context)
        return Message(
            *(at.lead, at.enrolment, at.visit, at.playbook, at.digest, at.stage, touch.name, touch.channel),
            due_at=instant(due),
            address=address,
            subject=touch.subject.render(context) if touch.subject else "",
            body=body,
            segments=segments(body) if touch.channel == "sms" else 0,
            line=touch.line,
            owner=at.owner,
            key=f"{at.enrolment}/{at.visit}/{touch.name}",
            wake_at=instant(later[0]) if later else None,
            following=left[place + 1].name if later else "",
        )
    return None


def instant(moment: datetime) -> str:
    """Write an instant as the tables keep it."""
    return moment.isoformat()[:19] + "Z"


@lru_cache(maxsize=4096)
def due_instant(first: date, day: int, zone: ZoneInfo, start: datetime) -> datetime:
    """Return the touch's instant; a wall time that does not exist moves to the first that does."""
    local = datetime.combine(first + timedelta(days=day - 1), _TOUCH_TIME, zone)
    return max(local.astimezone(UTC).astimezone(zone).astimezone(UTC), start)


def window_opens(channel: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Return when the window opens; None when it is open."""
    opens, closes = _WINDOW[channel]
    local = now.astimezone(zone)
    if opens <= local.time() < closes:
        return None
    day = local.date() + timedelta(days=local.time() >= closes)
    return datetime.combine(day, opens, zone).astimezone(UTC)


def _limits(past: list[Past], now: datetime, zone: ZoneInfo) -> datetime | None:
    """Return when limits let another message go; None when they do."""
    sent = [datetime.fromisoformat(each.ended_at) for each in past if each.state == "sent" and each.ended_at]
    if sent and now - max(sent) < _GAP:
        return max(sent) + _GAP
    today = now.astimezone(zone).date()
    if sum(moment.astimezone(zone).date() == today for moment in sent) >= _PER_DAY:
        return datetime.combine(today + timedelta(days=1), time(0), zone).astimezone(UTC)
    recent = [moment for moment in sent if now - moment < timedelta(days=7)]
    return min(recent) + timedelta(days=7) if len(recent) >= _PER_WEEK else None


def segments(body: str) -> int:
    """Count the parts of a text message."""
    plain = body.isascii()
    single, several = (160, 153) if plain else (70, 67)
    return 1 if len(body) <= single else -(-len(body) // several)


@lru_cache(maxsize=64)
def zone_named(name: str) -> ZoneInfo:
    """Return a zone."""
    return ZoneInfo(name)


_HOLDER = f"{socket.gethostname()}:{os.getpid()}"
_LEASE = timedelta(seconds=120)

#: Columns of the two tables that a touch's rows go into, with their kinds.
OUTBOX_COLUMNS = {
    **dict.fromkeys(("account", "touch_key", "lead", "enrolment"), "text"),
    "visit": "int",
    **dict.fromkeys(("playbook", "digest", "stage", "touch", "channel", "state", "reason", "detail"), "text"),
    **dict.fromkeys(("due_at", "decided_at", "ended_at", "address", "subject", "body"), "text"),
    "segments": "int",
    "variant": "text",
    "line": "int",
    "owner": "text",
    "attempts": "int",
    "tries": "int",
    **dict.fromkeys(("holder", "called_at", "check_at", "provider_id", "handle"), "text"),
    **dict.fromkeys(("good_until", "delivery", "delivered_at"), "text"),
}
EVENT_COLUMNS = dict.fromkeys(
    ("account", "lead", "enrolment", "type", "at", "recorded_at", "job", "actor", "key", "data"), "text"
)


def lease() -> tuple[str, str, str]:
    """Return who has claims in hand, since when, and until when nobody else looks at them."""
    now = datetime.now(UTC)
    return _HOLDER, instant(now), instant(now + _LEASE)


def standing_row(message: Message) -> tuple[object, ...]:
    """Return what an enrolment's row says once a touch is claimed: what comes next, when, whose it is; and its key."""
    kind, owner = ("touch", message.owner) if message.following else ("", "")
    return kind, message.following, message.wake_at, owner, ACCOUNT, message.enrolment


def outbox_row(message: Message, at: str, held: tuple[str, str, str]) -> tuple[object, ...]:
    """Return the row of a touch that is claimed."""
    return (
        *(ACCOUNT, message.key, message.lead, message.enrolment, message.visit, message.playbook, message.digest),
        *(message.stage, message.touch, message.channel, "claimed", "sent", "", message.due_at, at, None),
        *(message.address, message.subject, message.body, message.segments, "", message.line, message.owner, 1, 0),
        *(*held, "", "", None, "", None),
    )


def claimed_row(message: Message, at: str) -> tuple[object, ...]:
    """Return the log entry of a touch that is claimed."""
    data = (
        f'{{"answers":"","attempt":1,"channel":"{message.channel}","counted":true,"due_at":"{message.due_at}",'
        f'"touch":"{message.touch}","visit":{message.visit}}}'
    )
    return (ACCOUNT, message.lead, message.enrolment, "touch.claimed", at, at, "", "engine", "", data)


def sent_row(message: Message, at: str) -> tuple[object, ...]:
    """Return the log entry of a touch that was sent."""
    data = f'{{"channel":"{message.channel}","touch":"{message.touch}","visit":{message.visit}}}'
    return (ACCOUNT, message.lead, message.enrolment, "touch.sent", at, at, "", "engine", "", data)
