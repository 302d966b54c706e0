"""Texts by Twilio. Facts on its API are in :mod:`cadence.channels.twilio_codes` and ``docs/howto/send-texts.md``."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cadence.channels.channel import Accepted, Channel, Lost, NotNow
from cadence.channels.twilio_codes import result_of
from cadence.channels.twilio_line import SECRETS, TIMEOUT, Failed, TwilioLine
from cadence.channels.twilio_lookup import CLOCKS_DIFFER, Listed, findings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from cadence.channels.channel import Finding, Outgoing, Result
    from cadence.channels.kit import Kit

__all__ = ["CALLBACK", "LEAST_LEFT", "TwilioSms", "listed_for", "ours_since", "sent", "time_left"]

CALLBACK = "/twilio/status"  #: path below the public URL that takes receipts
LONGEST_VALIDITY = timedelta(seconds=36_000)  #: Twilio takes no longer ValidityPeriod
LEAST_LEFT = timedelta(minutes=1)  #: what has less time than that is not handed over: it would wait and expire there
QUESTIONS = 8  #: lists asked for at once
PAGES, PAGE = 5, 1000  #: of one number's list


class TwilioSms(Channel):
    """Sends one text a call, from a number or through a messaging service."""

    secrets = SECRETS
    longest = 1600
    #: A call that nobody waits for any more may still be accepted, but within Twilio's own 15 seconds; its list shows
    #: it seconds later. The rest is for clocks and luck.
    visible_after = timedelta(minutes=2)

    def __init__(self, line: TwilioLine, *, sender: str, service: str = "", public_url: str = "") -> None:
        """``service`` is the messaging service that chooses the number, when there is one."""
        self.line = line
        self.sender = sender
        self.service = service
        self.callback = public_url + CALLBACK if public_url else ""

    @classmethod
    def from_kit(cls, kit: Kit) -> TwilioSms:
        """Make it for one workspace; CadenceError, with what to do, when its secrets are not there or wrong."""
        return cls(
            TwilioLine.from_kit(kit),
            sender=kit.settings.sender,
            service=str(kit.settings.options.get("service", "")),
            public_url=kit.workspace.public_url,
        )

    def send(self, messages: Sequence[Outgoing]) -> Sequence[Result]:
        """Send each text, once."""
        return [self._send(message) for message in messages]

    def look_up(self, messages: Sequence[Outgoing]) -> Sequence[Finding]:
        """Look for texts in Twilio's list, number by number."""
        listed = listed_for(self.line, messages, _texts_to)
        return findings(messages, listed, self.begins_within + timedelta(seconds=TIMEOUT))

    def _send(self, message: Outgoing) -> Result:
        text: dict[str, Any] = {"to": message.to, "body": message.body.encode("utf-8", "replace").decode()}
        text |= {"messaging_service_sid": self.service} if self.service else {"from_": self.sender}
        if self.callback:
            text["status_callback"] = self.callback
        left = time_left(message, self.begins_within)
        if left is not None:
            if left < LEAST_LEFT:
                return NotNow("window", "its send window is about to close")
            text["validity_period"] = int(min(left, LONGEST_VALIDITY).total_seconds())
        return sent(self.line, message, lambda client: client.messages.create(**text))


def time_left(message: Outgoing, begins_within: timedelta) -> timedelta | None:
    """Return how long a message may lie at Twilio so that it surely does not arrive outside its window; None: any time.

    Counted from the last moment its call may begin, so it needs no clock.
    """
    return None if message.until is None else message.until - max(message.at, message.called_at) - begins_within


def sent(line: TwilioLine, message: Outgoing, create: Callable[[Any], Any]) -> Result:
    """Create a message or a call, and tell what became of it."""
    try:
        sid = line.call(create).sid
    except Failed as failed:
        return result_of(failed.fault, max(message.at, message.called_at), attempt=message.attempt)
    return Accepted(sid) if isinstance(sid, str) and sid else Lost("no_sid", "Twilio's answer names no message")


def listed_for(
    line: TwilioLine, messages: Sequence[Outgoing], ask: Callable[[Any, str, datetime], list[Listed] | None]
) -> dict[str, list[Listed] | None]:
    """List what Twilio has for each number since the first of its messages may have been called, several at once.

    None for a number whose list could not be had; after the first such the others are not asked for any more.
    """
    since: dict[str, datetime] = {}
    for message in messages:
        since[message.to] = min(since.get(message.to, message.called_at), message.called_at)
    gave_up = threading.Event()

    def listed(to: str) -> list[Listed] | None:
        if gave_up.is_set():
            return None
        try:
            return line.call(lambda client: ask(client, to, since[to] - CLOCKS_DIFFER))
        except Failed:
            gave_up.set()
            return None

    with ThreadPoolExecutor(QUESTIONS) as pool:
        return dict(zip(since, pool.map(listed, since), strict=True))


def _texts_to(client: Any, to: str, since: datetime) -> list[Listed] | None:
    """List our texts to a number. Not by the day they were sent: what still waits at Twilio has none."""
    return ours_since(client.messages.page(to=to, page_size=PAGE), since, lambda each: each.body or "")


def ours_since(page: Any, since: datetime, text: Callable[[Any], str | None]) -> list[Listed] | None:
    """Read a list, newest first, as far back as ``since``; None when that is further than one reads."""
    found: list[Listed] = []
    for _ in range(PAGES):
        records = list(page)
        found += [
            Listed(each.sid, each.date_created, text(each))
            for each in records
            if each.date_created and each.date_created >= since and str(each.direction).startswith("outbound")
        ]
        if not records or all(_is_before(records, since)):
            return found
        page = page.next_page()
        if page is None:
            return found
    return None


def _is_before(records: Iterable[Any], since: datetime) -> Iterable[bool]:
    return (each.date_created is not None and each.date_created < since for each in records)
