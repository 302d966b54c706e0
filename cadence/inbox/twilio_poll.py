"""Asking Twilio for what came in: nobody need reach us, and what a webhook lost is found all the same.

Each poll reads, with an overlap, the messages since the last one, and the calls. Once an hour it looks back further:
at receipts that come late, and at messages without a date of sending, which the list by date leaves out. What was
read before has the same keys.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cadence.channels.twilio_line import SECRETS, Failed, TwilioLine, utc
from cadence.inbox.polled import Polled
from cadence.inbox.twilio import MISSED, SOURCE, TERMINAL, call, message, receipt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from cadence.channels.kit import Kit
    from cadence.inbox.message import Item

__all__ = ["OVERLAP", "PAGE", "PAGES", "TwilioInbox"]

OVERLAP = timedelta(minutes=10)  #: read again each time: clocks differ, and lists lag
CALL_OVERLAP = timedelta(hours=1)  #: calls are listed by their start, and told of at their end
WIDE_EVERY, WIDE = timedelta(hours=1), timedelta(hours=48)  #: how often to look back, and how far
PAGE = 1000
PAGES = 10  #: that one poll reads of each list at most; the rest is read by the next
WIDE_PAGES = 5


@dataclass(frozen=True, slots=True)
class _Cursor:
    """How far was read; aware UTC."""

    first: datetime  #: when the first poll was; what is older is nobody's business
    messages: datetime  #: all was read until then, but for the backlog
    calls: datetime
    wide: datetime  #: the last look further back
    back_to: datetime  #: how far the backlog goes back
    backlog: str = ""  #: where to go on reading what one poll could not: path and query of a page

    @classmethod
    def read(cls, said: Mapping[str, Any], now: datetime) -> _Cursor:
        """Read what :meth:`data` made; whatever else it is, begin at ``now``."""
        try:
            instants = {name: utc(datetime.fromisoformat(said[name])) for name in _INSTANTS}
            backlog = said.get("backlog", "")
            return cls(**instants, backlog=backlog if str(backlog).startswith("/") else "")
        except (ValueError, TypeError, KeyError):
            return cls(now, now, now, now, now)

    def data(self) -> dict[str, Any]:
        """Return it as JSON-able data."""
        return {**{name: getattr(self, name).isoformat() for name in _INSTANTS}, "backlog": self.backlog}


_INSTANTS = ("first", "messages", "calls", "wide", "back_to")


@dataclass(slots=True)
class _Found:
    items: list[Item] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


class TwilioInbox:
    """Reads what came to our number, or to our messaging service."""

    name = SOURCE
    secrets = SECRETS

    def __init__(self, line: TwilioLine, *, sender: str, service: str = "", calls_from: str = "") -> None:
        """``sender`` is our number; ``service`` the messaging service, when there is one.

        ``calls_from`` is the number that voice messages come from, when it is another one.
        """
        self.line = line
        self.sender = sender
        self.service = service
        self.calls_from = calls_from or sender

    @classmethod
    def from_kit(cls, kit: Kit) -> TwilioInbox:
        """Make it for one workspace; CadenceError, with what to do, when its secrets are not there or wrong."""
        voice = kit.workspace.channels.get("voice")
        return cls(
            TwilioLine.from_kit(kit),
            sender=kit.settings.sender,
            service=str(kit.settings.options.get("service", "")),
            calls_from=voice.sender if voice and voice.via == "twilio" else "",
        )

    def poll(self, cursor: Mapping[str, Any], now: datetime) -> Polled:
        """Read what is new at ``now``; the first time (an empty ``cursor``) only what is as good as new.

        Never raises: what could not be read is a problem, and is read by a later poll.
        """
        now, found = utc(now), _Found()
        at = _Cursor.read(cursor, now)
        for step in (self._messages, self._backlog, self._calls, self._wide):
            try:
                at = step(at, now, found)
            except Failed as failed:  # one question that fails is enough for one poll
                found.problems.append(f"Twilio's list could not be read: {failed}.")
                break
        once = {item.key: item for item in found.items}
        items = tuple(sorted(once.values(), key=lambda item: item.at))
        return Polled(items=items, cursor=at.data(), problem=" ".join(dict.fromkeys(found.problems)))

    def _messages(self, at: _Cursor, now: datetime, found: _Found) -> _Cursor:
        since = min(at.messages, now) - OVERLAP
        pages = _Pages(self.line, lambda client: client.messages.page(date_sent_after=since, page_size=PAGE))
        found.items += self._items(pages.read(PAGES, since))
        if not pages.rest:
            return replace(at, messages=now)
        if at.backlog:  # two would be too many: this one is read anew
            found.problems.append("More messages came in than can be read; the oldest are read first.")
            return at
        return replace(at, messages=now, backlog=pages.rest, back_to=since)

    def _backlog(self, at: _Cursor, _: datetime, found: _Found) -> _Cursor:
        if not at.backlog:
            return at
        where = at.backlog
        pages = _Pages(self.line, lambda client: client.messages.get_page(client.api.absolute_url(where)))
        try:
            found.items += self._items(pages.read(PAGES, at.back_to))
        except Failed as failed:
            if failed.fault.status not in (400, 404):
                raise
            return replace(at, backlog="", messages=at.back_to)  # the page is not kept any more: all is read anew
        return replace(at, backlog=pages.rest)

    def _wide(self, at: _Cursor, now: datetime, found: _Found) -> _Cursor:
        if timedelta(0) <= now - at.wide < WIDE_EVERY:
            return at
        since = max(now - WIDE, at.first - OVERLAP)
        pages = _Pages(self.line, lambda client: client.messages.page(page_size=PAGE))
        found.items += self._items(pages.read(WIDE_PAGES, since))
        return replace(at, wide=now)

    def _items(self, records: Iterable[Any]) -> Iterator[Item]:
        for each in records:
            item = self._item(each)
            if item is not None:
                yield item

    def _item(self, record: Any) -> Item | None:
        params = _params(MessageSid=record.sid, From=record.from_, To=record.to, Body=record.body or "")
        if record.direction == "inbound":
            ours = record.to == self.sender or (self.service and record.messaging_service_sid in (self.service, None))
            return message(params, _moment(record)) if ours else None
        ours = record.from_ == self.sender or (self.service and record.messaging_service_sid == self.service)
        if not ours or record.status not in TERMINAL:
            return None
        params |= _params(MessageStatus=record.status, ErrorCode=str(record.error_code or ""))
        return receipt(params, record.date_updated or _moment(record))

    def _calls(self, at: _Cursor, now: datetime, found: _Found) -> _Cursor:
        since = max(min(at.calls, now) - CALL_OVERLAP, at.first - OVERLAP)
        pages = _Pages(self.line, lambda client: client.calls.page(start_time_after=since, page_size=PAGE))
        records = list(pages.read(PAGES, since))
        legs: defaultdict[str, list[str]] = defaultdict(list)
        for each in records:
            if each.parent_call_sid:
                legs[each.parent_call_sid].append(str(each.status))
        for each in records:
            item = self._call(each, legs[each.sid])
            found.items += [item] if item else []
        return replace(at, calls=now)

    def _call(self, record: Any, legs: list[str]) -> Item | None:
        caller = record._from  # noqa: SLF001 - the SDK has no other name for it
        params = _params(CallSid=record.sid, From=caller, To=record.to, CallStatus=record.status,
                         Direction=record.direction)  # fmt: skip
        ended = record.end_time or record.date_updated or _moment(record)
        if record.direction == "outbound-api" and caller == self.calls_from:
            return receipt(params, ended)
        if record.direction != "inbound" or record.to != self.sender:
            return None
        if record.status in ("completed", *MISSED) and legs:  # somebody's phone rang for it
            if not all(each in ("completed", *MISSED) for each in legs):
                return None
            params["DialCallStatus"] = "completed" if "completed" in legs else legs[-1]
        return call(params, ended)


class _Pages:
    """A list, page by page, newest first."""

    def __init__(self, line: TwilioLine, first: Callable[[Any], Any]) -> None:
        self._line = line
        self._first = first
        self.rest = ""  #: where the list goes on that was not read to its end

    def read(self, most: int, since: datetime) -> list[Any]:
        """Return what began at ``since`` or later; the list is left where a whole page is older."""
        found: list[Any] = []
        page = self._line.call(self._first)
        for number in range(1, most + 1):
            records = self._line.call(_records_of(page))
            found += [each for each in records if _moment(each) >= since]
            older = bool(records) and all(_moment(each) < since for each in records)
            following = "" if older else _path(page.next_page_url)
            if not following or number == most:
                self.rest = following
                return found
            page = self._line.call(_after(page))
        return found


def _records_of(page: Any) -> Callable[[Any], list[Any]]:
    return lambda _: list(page)


def _after(page: Any) -> Callable[[Any], Any]:
    return lambda _: page.next_page()


def _moment(record: Any) -> datetime:
    """Return when a message was sent, or a call began; else when it was made."""
    sent = getattr(record, "date_sent", None) or getattr(record, "start_time", None)
    moment: datetime | None = sent or record.date_created
    return moment or datetime.min.replace(tzinfo=UTC)


def _path(url: str | None) -> str:
    """Return path and query of an address: the next poll may reach Twilio by another."""
    from urllib.parse import urlsplit

    parts = urlsplit(url or "")
    return f"{parts.path}?{parts.query}" if parts.path else ""


def _params(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}
