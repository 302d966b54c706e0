"""Expectations as they stand on a page: what happened, written so that it reads back to exactly the same."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from cadence.playbook.words import PERSON_CHANNELS
from cadence.testing.cases import minute
from cadence.timing.durations import format_duration
from cadence.timing.shop_time import shop_instant

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from cadence.playbook.case_times import CaseTimes
    from cadence.testing.compare import Different
    from cadence.testing.happened import Happened

__all__ = ["as_block", "as_flow", "changed_item", "new_item"]

Item = dict[str, Any]

_MOMENT = "%Y-%m-%dT%H:%M"
#: What needs no quotes: words, and durations.
_PLAIN = re.compile(
    r"(?!(?:true|false|null|yes|no|on|off|y|n)$)[a-z][\w./-]*(?: [\w./-]+)*|(?:[0-9]+[wdhm])+", re.ASCII | re.IGNORECASE
)
_NARROW = 110  #: characters of an item that still goes on one line
#: What a new expectation says, in this order.
_ORDER = ("subject", "text", "owner", "due", "reason", "by", "is", "about")


def new_item(each: Happened, times: CaseTimes, *, lead: bool) -> Item:
    """Return the expectation of something that happened: all that is known of it; ``lead``: whom it is about, too."""
    item: Item = _when(each.at, times)
    if lead:
        item["lead"] = each.lead
    item[each.kind] = each.name
    for key in _ORDER:
        value = each.details.get(key)
        if value and (key != "owner" or each.kind != "touch" or each.channel in PERSON_CHANNELS):
            item[key] = _written(value, times)
    return item


def changed_item(item: Mapping[str, Any], different: Different, times: CaseTimes) -> Item:
    """Return an expectation of the page as it should have been; it goes on saying what it said, and no more."""
    happened, changed = different.happened, dict(item)
    if "at" in different.fields:
        moved = _after(happened.at, times) if "after" in item else _when(happened.at, times)
        rest = {key: value for key, value in changed.items() if key not in ("at", "after")}
        changed = {**moved, **rest}
    for key in different.fields:
        if key in ("at", "says"):
            continue
        value = happened.details.get(key)
        if value:
            changed[key] = _written(value, times)
        else:
            changed.pop(key, None)
    if "says" in different.fields:
        text = happened.details.get("text", "")
        changed = {("text" if key == "says" else key): (text if key == "says" else v) for key, v in changed.items()}
        if not text:
            changed.pop("text")
    return changed


def _when(at: datetime, times: CaseTimes) -> Item:
    """Name a minute by the shop's clock; one that the clock shows twice or never, by how long after the start."""
    text = f"{at.astimezone(times.zone):{_MOMENT}}"
    return {"at": text} if shop_instant(text, times.zone) == minute(at) else _after(at, times)


def _after(at: datetime, times: CaseTimes) -> Item:
    passed = minute(at) - minute(times.start)
    return {"after": format_duration(passed) if passed else "0m"}


def _written(value: Any, times: CaseTimes) -> Any:
    return f"{value.astimezone(times.zone):{_MOMENT}}" if hasattr(value, "astimezone") else value


def as_flow(item: Mapping[str, Any]) -> str:
    """Write an item in braces, on one line."""
    return "{" + ", ".join(f"{key}: {_flow(value)}" for key, value in item.items()) + "}"


def as_block(item: Mapping[str, Any], indent: int) -> str:
    """Write an item in the way that reads best, for a line behind a hyphen; further lines are indented so far."""
    flow = as_flow(item)
    if len(flow) + indent <= _NARROW and not any("\n" in str(value) for value in item.values()):
        return flow
    lines: list[str] = []
    for key, value in item.items():
        written = _block_text(value) if isinstance(value, str) and "\n" in value else None
        lines += [f"{key}: {written[0]}", *written[1]] if written else [f"{key}: {_flow(value)}"]
    blanks = " " * indent
    return "\n".join([lines[0], *(f"{blanks}{line}" if line else "" for line in lines[1:])])


def _flow(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _block_text(text: str) -> tuple[str, list[str]] | None:
    """Write a text of several lines as it is; None where YAML could not give it back."""
    body = text.removesuffix("\n")
    lines = body.split("\n")
    if not lines[0].strip() or lines[0][0] in " \t" or lines[-1] == "" or "\r" in text:
        return None
    return ("|" if text != body else "|-"), [f"  {line}" if line else "" for line in lines]
