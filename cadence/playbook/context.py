"""What conditions and templates see of a lead: plain dictionaries, in which what is not known is a :class:`Blank`."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from cadence.playbook.blank import Blank, parts_of
from cadence.playbook.shapes import BUSINESS, TOUCH
from cadence.playbook.words import LEAD_FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from cadence.playbook.model import Business, Member
    from cadence.playbook.shapes import EventVocabulary

__all__ = ["LazyContext", "business_view", "events_view", "lead_view", "lock_view", "owner_view", "touches_view"]

_NUMBERS = (int, float)


class LazyContext(dict[str, Any]):
    """Names, and what stands for each: worked out when it is first asked for by ``[]``, and then kept.

    Most conditions and texts use a few names of many. A name that is asked for while it is worked out is not there.
    """

    __slots__ = ("_makers", "_under_way")

    def __init__(self, makers: Mapping[str, Callable[[Any], Any]]) -> None:
        """``makers``: what works out each name, given the context."""
        self._makers = makers
        self._under_way: tuple[str, ...] = ()

    def __missing__(self, name: str) -> Any:
        make, before = self._makers[name], self._under_way
        if name in before:
            raise KeyError(name)
        self._under_way = (*before, name)
        try:
            found = self[name] = make(self)
        finally:
            self._under_way = before
        return found


def lead_view(record: Mapping[str, Any], own_fields: Iterable[str] = ()) -> dict[str, Any]:
    """Make ``lead``: every field of the language and of the workspace; what the record lacks is blank.

    The first name is taken from the name when it is not given; ``value`` is a number, 0 when unknown.
    """
    blanks = _lead_blanks(tuple(own_fields))
    known = {name: value for name, value in record.items() if name in blanks and value is not None and value != ""}
    view = {**blanks, **known}
    if not view["first_name"] and view["name"]:
        view["first_name"] = view["name"].split()[0]
    if not isinstance(view["value"], _NUMBERS):
        view["value"] = _number(view["value"])
    return view


@functools.lru_cache(maxsize=64)
def _lead_blanks(own_fields: tuple[str, ...]) -> Mapping[str, Any]:
    return {**{name: Blank(f"lead.{name}") for name in (*LEAD_FIELDS, *own_fields)}, "value": 0}


def _number(value: Any) -> float:
    try:
        return float(str(value).replace("$", "").replace(",", ""))
    except ValueError:
        return 0


def events_view(latest: Mapping[str, Mapping[str, Any]], vocabulary: EventVocabulary) -> dict[str, Any]:
    """Make ``events``: nested by the dots of their types, false where one has not happened.

    ``latest`` maps an event type to the latest such event: ``at`` and its data, moments as lead-local datetimes. Types
    the vocabulary does not know are left out.
    """
    view: Any = vocabulary.blanks
    for kind, facts in latest.items():
        if kind in vocabulary.paths:
            view = _happened(view, vocabulary.paths[kind], facts)
    return dict(view)


def _happened(node: Any, path: tuple[str, ...], facts: Mapping[str, Any]) -> Any:
    children = parts_of(node)
    if not path:
        return {**children, **{name: value for name, value in facts.items() if value is not None and value != ""}}
    below = {**children, path[0]: _happened(children[path[0]], path[1:], facts)}
    return Blank(node.path, below) if isinstance(node, Blank) else below


def touches_view(done: Mapping[str, Mapping[str, Any]], ids: Iterable[str]) -> dict[str, Any]:
    """Make ``touches``: touch id -> ``outcome`` and ``at``; false for one that has not ended."""
    return {name: dict(done[name]) if name in done else TOUCH.blank(f"touches.{name}") for name in ids}


def lock_view(by: str = "", at: datetime | None = None) -> dict[str, Any]:
    """Make ``lock``: whether the next step is locked, by which event, since when (lead-local)."""
    return {"held": bool(by), "by": by or Blank("lock.by"), "at": at or Blank("lock.at")}


def owner_view(member: Member) -> dict[str, Any]:
    """Make ``owner``."""
    known = {"id": member.id, "name": member.name, "first_name": member.first_name}
    return known | {name: getattr(member, name) or Blank(f"owner.{name}") for name in ("phone", "email")}


def business_view(business: Business) -> dict[str, Any]:
    """Make ``business``."""
    return {name: getattr(business, name) or Blank(f"business.{name}") for name in BUSINESS.children}
