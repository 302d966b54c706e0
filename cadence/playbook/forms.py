"""Texts with a form of their own (durations, hours, short names): how each is to be written, in plain words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cadence.timing.cron import check_cron
from cadence.timing.durations import parse_duration
from cadence.timing.holidays import parse_holidays
from cadence.timing.hours import parse_day, parse_hours
from cadence.timing.law import parse_most
from cadence.timing.wall import parse_time
from cadence.timing.zones import find_zone

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["FORMS", "NAMES_IN", "Form"]

_Said = tuple[str, str]


def _by(read: Callable[[Any], object]) -> Callable[[Any], _Said | None]:
    """Ask the reader of a value: what it refuses it explains, as ``what is wrong; what to write``."""

    def say(value: Any) -> _Said | None:
        try:
            read(value)
        except ValueError as refusal:
            message, _, advice = str(refusal).rpartition("; ")
            return message or advice, advice if message else ""
        return None

    return say


def _say(message: str, advice: str) -> Callable[[Any], _Said]:
    return lambda value: (message.format(value), advice)


def _short_name(value: Any) -> _Said:
    meant = re.sub(r"[^a-z0-9_]+", "-", str(value).lower()).strip("-_")[:64]
    advice = "use small letters, digits, hyphens and underscores"
    return f"'{value}' is not a short name", f"write {meant}; {advice}" if meant else advice


def _phone(value: Any) -> _Said:
    digits = re.sub(r"[\s().+-]", "", str(value)).removeprefix("1")
    example = f"+1{digits}" if re.fullmatch("[2-9][0-9]{9}", digits, re.ASCII) else "+18165550100"
    return "this phone number is not complete", f'write it with the country in front, in quotes: "{example}"'


@dataclass(frozen=True, slots=True)
class Form:
    """A form that texts of one definition have."""

    code: str
    say: Callable[[Any], _Said | None]
    later: bool = False  #: the later checks find what is wrong with it
    numbers: bool = False  #: a number in its place is meant as such a text


_EVENT = Form(
    "bad-event", _say("'{}' is not the name of an event", "names are written like estimate.sent, in small letters")
)
_HOURS = Form("bad-hours", _by(parse_day), later=True, numbers=True)
_WAIT = _say("'{}' is not a time to wait", "write 0m for at once, or a duration such as 15m, 2h or 3d")

#: Definition of the schemas -> its form; names of what stands in a map are forms too.
FORMS: Mapping[str, Form] = {
    "text": Form("missing-value", _say("nothing stands between the quotes", "write a text, or remove the key")),
    "phrase": Form("missing-value", _say("nothing stands between the quotes", "write a few plain words")),
    "condition": Form(
        "missing-value", _say("nothing stands between the quotes", "write a condition, or remove the key")
    ),
    "id": Form("bad-id", _short_name),
    "renamed": Form("bad-id", _short_name),
    "lead_id": Form("bad-id", _short_name),
    "touch_id": Form("bad-id", _short_name),
    "title": Form(
        "missing-value", _say("'{}' is no sentence on one line", "write a few words, no more than 160 letters")
    ),
    "event": _EVENT,
    "anchor": Form(
        "bad-event", _say("'{}' is neither an event nor a touch", "write it like estimate.sent, or name a touch")
    ),
    "requirement": Form(
        "bad-event", _say("'{}' is nothing that can be known", "write it like lead.zip or no_decision.follow_up_due")
    ),
    "template": Form(
        "bad-template", _say("'{}' is not the name of a text", "write it like new/instant, without the ending")
    ),
    "field": Form("bad-field", _say("'{}' is not the name of a field", "use small letters, digits and underscores")),
    "duration": Form("bad-duration", _by(lambda value: parse_duration(str(value))), later=True, numbers=True),
    "delay": Form("bad-duration", _WAIT, numbers=True),
    "time": Form("bad-time", _by(lambda value: parse_time(str(value))), later=True, numbers=True),
    "span": _HOURS,
    "day_hours": _HOURS,
    "hours": _HOURS,
    "day": Form("bad-day", _by(lambda key: parse_hours({key: "closed"})), later=True),
    "date": Form(
        "bad-date",
        _say("'{}' is not a date of the calendar", "write year, month and day, such as 2026-12-24"),
        later=True,
    ),
    "holiday": Form("bad-date", _by(lambda value: parse_holidays([str(value)])), later=True, numbers=True),
    "cron": Form("bad-cron", _by(check_cron), later=True),
    "zone": Form("unknown-zone", _by(find_zone), later=True),
    "phone": Form("bad-phone", _phone, numbers=True),
    "email": Form("bad-email", _say("'{}' is not an e-mail address", "write it like hello@example.com")),
    "link": Form(
        "bad-link", _say("'{}' is not an address on the web", "write it whole, such as https://www.example.com")
    ),
    "public_link": Form(
        "bad-link",
        _say("'{}' is not an address that others can reach safely", "write it like https://hooks.example.com"),
    ),
    "endpoint": Form(
        "bad-link",
        _say(
            "'{}' is not an address of a program that one may write to", "write it like https://crm.example.com/hooks"
        ),
    ),
    "folder": Form("bad-folder", _say("'{}' is not a folder below this one", "write it like audiences")),
    "host": Form("bad-link", _say("'{}' is not the name of a mail server", "write it like mail.example.com")),
    "service_id": Form(
        "bad-id",
        _say("'{}' is not the number of a messaging service", "it begins with MG; its page shows it"),
    ),
    "provider": Form("bad-id", _say("'{}' is not the name of a service", "write it like twilio, sendgrid or smtp")),
    "state": Form(
        "bad-state", _say("'{}' is not a state", "write two capitals, such as TX, or US for the whole country")
    ),
    "country": Form(
        "bad-state",
        _say("'{}' is not a country abroad", "write two capitals, such as GB; for the United States write: state: US"),
    ),
    "frequency": Form("bad-frequency", _by(parse_most), later=True, numbers=True),
    "zip": Form("bad-zip", _say("'{}' is not a ZIP code", 'write five digits in quotes, such as "64110"')),
    "moment": Form(
        "bad-date", _say("'{}' is not a day with a time", "write it like 2026-11-24T16:40, in the shop's own time")
    ),
}

#: Map -> the form its names have; in other maps they are short names, of the form ``id``.
NAMES_IN = {
    "next": "event",
    "events": "event",
    "lead_fields": "field",
    "lead": "field",
    "new_lead": "field",
    "data": "field",
    "leads": "lead_id",
    "hours_on": "date",
}
