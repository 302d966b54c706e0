"""What a template may pipe a value through: ``{{ next_opening | when }}``.

The page's own filters write times, money and phone numbers as people do. The rest are the harmless ones of Jinja; what
reads chance or can grow without bound is left out. A value that is not known stays not known through every filter, so
``{{ lead.phone | phone or 'our line' }}`` works and a forgotten ``or`` is still caught.
"""

from __future__ import annotations

import functools
import re
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from jinja2 import filters as jinja
from jinja2 import pass_context

from cadence.errors import RenderError
from cadence.playbook.blank import Blank

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from jinja2.runtime import Context

__all__ = ["FILTERS", "MAX_TEXT", "MOMENT_FILTERS", "clock", "day", "money", "phone", "when"]

#: Characters a single text may grow to while a template is worked out.
MAX_TEXT = 100_000

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_FAR = 300  # days: further away than this, a day without its year is a riddle
_NANP = re.compile(r"(?:\+?1)?([2-9]\d\d)([2-9]\d\d)(\d{4})")


def clock(moment: Any) -> str:
    """Write a time of day: ``7:30 AM``, ``8 AM``."""
    if isinstance(moment, Blank):
        return moment
    if not isinstance(moment, datetime):
        help_text = "use `day` for a date" if isinstance(moment, date) else "give it a moment, such as next_opening"
        raise RenderError("`clock` needs a time of day", help=help_text)
    hour = moment.hour % 12 or 12
    minutes = f":{moment.minute:02}" if moment.minute else ""
    return f"{hour}{minutes} {'AM' if moment.hour < 12 else 'PM'}"


def day(moment: Any) -> str:
    """Write a day: ``Thursday, November 26``."""
    if isinstance(moment, Blank):
        return moment
    _need_date(moment, "day")
    return f"{_DAYS[moment.weekday()]}, {_MONTHS[moment.month - 1]} {moment.day}"


@pass_context
def when(context: Context | Mapping[str, Any], moment: Any) -> str:
    """Write a moment as one says it: ``today at 5:30 PM``, ``Monday at 8 AM``, ``Mon, Dec 7 at 8 AM``.

    Days are counted from ``now`` of the context, in its zone; a date without an hour is written without one.
    """
    if isinstance(moment, Blank):
        return moment
    _need_date(moment, "when")
    now = context.get("now")
    if not isinstance(now, datetime):
        raise RenderError("`when` needs to know what time it is", help="give `now` in the context")
    if not isinstance(moment, datetime):
        return _relative_day(moment, now.date())
    if moment.tzinfo and now.tzinfo:
        moment = moment.astimezone(now.tzinfo)
    return f"{_relative_day(moment.date(), now.date())} at {clock(moment)}"


def _relative_day(then: date, today: date) -> str:
    distance = (then - today).days
    if distance in (-1, 0, 1):
        return ("today", "tomorrow", "yesterday")[distance]
    if 1 < distance <= 6:
        return _DAYS[then.weekday()]
    year = f", {then.year}" if abs(distance) > _FAR else ""
    return f"{_DAYS[then.weekday()][:3]}, {_MONTHS[then.month - 1][:3]} {then.day}{year}"


def _need_date(moment: Any, name: str) -> None:
    if not isinstance(moment, date):
        raise RenderError(f"`{name}` needs a date or a time", help="give it a moment, such as next_opening")


def money(amount: Any) -> str:
    """Write an amount in US dollars: ``$8,400``, ``$89.50``."""
    if isinstance(amount, Blank):
        return amount
    try:
        if isinstance(amount, bool):
            raise InvalidOperation
        dollars = Decimal(str(amount).strip().removeprefix("$").replace(",", ""))
        cents = dollars.quantize(Decimal("0.01"), ROUND_HALF_UP)
    except InvalidOperation:
        raise RenderError("`money` needs a number", help="write the amount as a number, such as 8400") from None
    if not cents.is_finite():
        raise RenderError("`money` needs a number", help="write the amount as a number, such as 8400")
    figure = f"{abs(cents):,.2f}".removesuffix(".00")
    return f"-${figure}" if cents < 0 else f"${figure}"


def phone(number: Any) -> str:
    """Write a US or Canadian number as ``(816) 555-0100``; any other as it stands."""
    if isinstance(number, Blank):
        return number
    match = _NANP.fullmatch(str(number))
    return "({}) {}-{}".format(*match.groups()) if match else str(number)


def _default(value: Any, instead: Any = "", boolean: bool = False) -> Any:
    return jinja.do_default("" if isinstance(value, Blank) else value, instead, boolean or isinstance(value, Blank))


def _text(function: Callable[..., str]) -> Callable[..., str]:
    """Make a text filter that leaves a value that is not known as it is."""

    @functools.wraps(function)
    def apply(value: Any, *args: Any) -> str:
        return value if isinstance(value, Blank) else function(str(value), *args)

    return apply


@_text
def _replace(text: str, old: str, new: str) -> str:
    if len(text) + text.count(old) * len(new) > MAX_TEXT:
        raise RenderError(f"a text grows past {MAX_TEXT:,} characters here", help="shorten it")
    return text.replace(old, str(new))


@_text
def _truncate(text: str, length: int = 80) -> str:
    if len(text) <= length:
        return text
    return text[: max(length - 3, 0)].rsplit(" ", 1)[0] + "..."


def _join(values: Iterable[Any], between: str = "") -> str:
    texts = [str(value) for value in values]
    if sum(map(len, texts)) + len(between) * len(texts) > MAX_TEXT:
        raise RenderError(f"a text grows past {MAX_TEXT:,} characters here", help="shorten it")
    return between.join(texts)


def _first(values: Iterable[Any]) -> Any:
    return next(iter(values), Blank("first"))


def _last(values: Iterable[Any]) -> Any:
    return (list(values) or [Blank("last")])[-1]


#: Filters that take a date or a time.
MOMENT_FILTERS = ("when", "day", "clock")

#: Every filter of templates and conditions.
FILTERS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "when": when,
        "day": day,
        "clock": clock,
        "money": money,
        "phone": phone,
        "default": _default,
        "d": _default,
        "upper": _text(str.upper),
        "lower": _text(str.lower),
        "capitalize": _text(str.capitalize),
        "title": _text(jinja.do_title),
        "trim": _text(str.strip),
        "replace": _replace,
        "truncate": _truncate,
        "join": _join,
        "first": _first,
        "last": _last,
        "length": len,
        "count": len,
        "list": list,
        "int": jinja.do_int,
        "float": jinja.do_float,
        "round": jinja.do_round,
        "abs": abs,
    }
)
