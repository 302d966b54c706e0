"""What conditions and templates see: plain dictionaries, in which a value that is not known is a :class:`Blank`.

The engine builds the views for a lead; the shape says what may be named at all, for checking; the samples are made-up
contexts to try a template on: of a lead about whom everything is known, and of one about whom hardly anything is.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from cadence.errors import RenderError
from cadence.playbook.words import EVENTS, LEAD_FIELDS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from cadence.playbook.model import Business, Member

__all__ = [
    "Blank",
    "BlankError",
    "EventVocabulary",
    "Samples",
    "Shape",
    "bare_sample",
    "business_view",
    "context_shape",
    "events_view",
    "full_sample",
    "lead_view",
    "lock_view",
    "owner_view",
    "spelled",
    "touches_view",
]

Kind = Literal["group", "event", "text", "number", "moment", "flag", "list", "any"]
_NOTHING: Mapping[str, Any] = MappingProxyType({})


def spelled(path: str) -> str:
    """Write a dotted name as a template does: ``touches['first-call'].at``."""
    head, *rest = path.split(".")
    return head + "".join(f".{name}" if name.isidentifier() else f"['{name}']" for name in rest)


class BlankError(RenderError):
    """A value that is not known was written into a text or reckoned with; ``path`` is its dotted name."""

    def __init__(self, path: str) -> None:
        super().__init__(f"'{path}' is not known", help=f"write {{{{ {spelled(path)} or 'something else' }}}}")
        self.path = path


class Blank(str):
    """A value that is not known: false, empty, equal to the empty text, never larger or smaller than a number.

    Printing it, joining it to a text or reckoning with it raises :class:`BlankError`: a customer must never read the
    hole. What a text method makes of it is not known either.
    """

    __slots__ = ("_children", "_path")

    _path: str
    _children: Mapping[str, Any]

    def __new__(cls, path: str, children: Mapping[str, Any] = _NOTHING) -> Blank:
        """``path`` is the dotted name; ``children`` are what may be named below it."""
        self = super().__new__(cls)
        self._path = path
        self._children = children
        return self

    @property
    def path(self) -> str:
        """The dotted name, such as ``lead.first_name``."""
        return self._path

    @property
    def children(self) -> Mapping[str, Any]:
        """What may be named below it."""
        return self._children

    def __getattr__(self, name: str) -> Any:
        try:
            return self._children[name]
        except KeyError:
            raise AttributeError(name) from None

    def __getitem__(self, key: Any) -> Any:
        return self._children.get(key, self) if isinstance(key, str) else self

    def __reduce__(self) -> tuple[Any, ...]:
        return Blank, (self._path, dict(self._children))

    def __repr__(self) -> str:
        return f"Blank({self._path!r})"

    def _used(self) -> None:
        """Hear that it was reckoned with; for those who listen."""

    def _printed(self) -> str:
        raise BlankError(self._path)

    def _refuse(self, *_: object) -> NoReturn:
        self._used()
        raise BlankError(self._path)

    def _same(self, *_: object, **__: object) -> Blank:
        return self

    def _no_parts(self, *_: object, **__: object) -> list[str]:
        return []

    def __str__(self) -> str:
        return self._printed()

    def __format__(self, format_spec: str) -> str:
        return self._printed()

    def __lt__(self, other: object) -> bool:
        return isinstance(other, str) and bool(other)

    def __le__(self, other: object) -> bool:
        return isinstance(other, str)

    def __gt__(self, other: object) -> bool:
        return False

    def __ge__(self, other: object) -> bool:
        return isinstance(other, str) and not other

    __add__ = __radd__ = __mul__ = __rmul__ = __mod__ = __rmod__ = _refuse
    __sub__ = __rsub__ = __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = _refuse
    __neg__ = __pos__ = __abs__ = __round__ = _refuse
    lower = upper = title = capitalize = strip = lstrip = rstrip = _same
    replace = removeprefix = removesuffix = casefold = swapcase = _same
    date = time = _same
    split = rsplit = splitlines = _no_parts


@dataclass(frozen=True, slots=True)
class Shape:
    """What may be named in a context: a tree, without values."""

    kind: Kind
    children: Mapping[str, Shape] = field(default_factory=lambda: MappingProxyType({}))
    item: Shape | None = None  #: of a list: what is in it


TEXT, NUMBER, MOMENT, FLAG, ANY = Shape("text"), Shape("number"), Shape("moment"), Shape("flag"), Shape("any")


def _texts(*names: str) -> Shape:
    return Shape("group", dict.fromkeys(names, TEXT))


class EventVocabulary:
    """The events there are, those of the workspace included, and what each carries; make it once and keep it."""

    def __init__(self, own: Mapping[str, tuple[str, tuple[str, ...]]] = _NOTHING) -> None:
        """``own``: event type -> (title, data fields that hold a date), as in the workspace."""
        fields = {kind: _event_fields(event.moments, event.fields) for kind, event in EVENTS.items()}
        fields.update({kind: _event_fields(moments, ()) for kind, (_, moments) in own.items()})
        self.shape = Shape("group", _event_shapes(fields))
        self.blanks: Mapping[str, Any] = _blanks("events", self.shape)
        self.paths = {kind: tuple(kind.split(".")) for kind in fields}


def _event_fields(moments: Iterable[str], fields: Iterable[str]) -> dict[str, Shape]:
    numbers = ("amount", "value")
    texts = {name: NUMBER if name in numbers else TEXT for name in fields}
    return {"at": MOMENT, **dict.fromkeys(moments, MOMENT), **texts}


def _event_shapes(fields: Mapping[str, dict[str, Shape]]) -> dict[str, Shape]:
    """Nest ``estimate.sent`` as ``estimate`` → ``sent``."""
    heads = dict.fromkeys(kind.partition(".")[0] for kind in fields)
    shapes = {}
    for head in heads:
        below = {kind[len(head) + 1 :]: known for kind, known in fields.items() if kind.startswith(head + ".")}
        children = _event_shapes(below)
        shapes[head] = Shape("event", {**children, **fields[head]}) if head in fields else Shape("group", children)
    return shapes


def _blanks(path: str, shape: Shape) -> dict[str, Any]:
    return {name: _blank(_below(path, name), child) for name, child in shape.children.items()}


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _blank(path: str, shape: Shape) -> Any:
    below = _blanks(path, shape)
    return below if shape.kind == "group" else Blank(path, below)


def lead_view(record: Mapping[str, Any], own_fields: Iterable[str] = ()) -> dict[str, Any]:
    """Make ``lead``: every field of the language and of the workspace; what the record lacks is blank.

    The first name is taken from the name when it is not given; ``value`` is a number, 0 when unknown.
    """
    view = dict(_lead_blanks(tuple(own_fields)))
    view.update({name: value for name, value in record.items() if name in view and value is not None and value != ""})
    if not view["first_name"] and view["name"]:
        view["first_name"] = view["name"].split()[0]
    if not isinstance(view["value"], int | float):
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
    children = node.children if isinstance(node, Blank) else node
    if not path:
        return {**children, **{name: value for name, value in facts.items() if value is not None and value != ""}}
    below = {**children, path[0]: _happened(children[path[0]], path[1:], facts)}
    return Blank(node.path, below) if isinstance(node, Blank) else below


def touches_view(done: Mapping[str, Mapping[str, Any]], ids: Iterable[str]) -> dict[str, Any]:
    """Make ``touches``: touch id -> ``outcome`` and ``at``; false for one that has not ended."""
    return {name: dict(done[name]) if name in done else _blank(f"touches.{name}", _TOUCH) for name in ids}


def lock_view(by: str = "", at: datetime | None = None) -> dict[str, Any]:
    """Make ``lock``: whether the next step is locked, by which event, since when (lead-local)."""
    return {"held": bool(by), "by": by or Blank("lock.by"), "at": at or Blank("lock.at")}


def owner_view(member: Member) -> dict[str, Any]:
    """Make ``owner``."""
    known = {"id": member.id, "name": member.name, "first_name": member.first_name}
    return known | {name: getattr(member, name) or Blank(f"owner.{name}") for name in ("phone", "email")}


def business_view(business: Business) -> dict[str, Any]:
    """Make ``business``."""
    return {name: getattr(business, name) or Blank(f"business.{name}") for name in _BUSINESS.children}


_TOUCH = Shape("event", {"outcome": TEXT, "at": MOMENT})
_BUSINESS = _texts("name", "phone", "website", "booking_link", "postal_address")


def context_shape(
    lead_fields: Iterable[str] = (),
    events: Mapping[str, tuple[str, tuple[str, ...]]] = _NOTHING,
    touches: Iterable[str] = (),
) -> Shape:
    """Say what a template or condition may name.

    ``lead_fields`` and ``events`` are the workspace's own; ``touches`` the ids of the playbook's touches.
    """
    lead = {**dict.fromkeys(LEAD_FIELDS, TEXT), **dict.fromkeys(lead_fields, ANY), "value": NUMBER}
    enrolment = {"playbook": TEXT, "job": TEXT, "started_at": MOMENT, "contacts": NUMBER}
    return Shape(
        "group",
        {
            "lead": Shape("group", lead),
            "owner": _texts("id", "name", "first_name", "phone", "email"),
            "business": _BUSINESS,
            "stage": _texts("id", "title"),
            "enrolment": Shape("group", enrolment),
            "touches": Shape("group", dict.fromkeys(touches, _TOUCH)),
            "events": EventVocabulary(events).shape,
            "lock": Shape("group", {"held": FLAG, "by": TEXT, "at": MOMENT}),
            "score": TEXT,
            "now": MOMENT,
            "in_business_hours": FLAG,
            "next_opening": MOMENT,
            "offers": Shape("list", item=MOMENT),
            "variant": TEXT,
        },
    )


@dataclass(frozen=True, slots=True)
class Samples:
    """Two made-up contexts to try a template on."""

    full: Mapping[str, Any]  #: everything is known, and rather long
    bare: Mapping[str, Any]  #: only what is known of every lead


_ZONE = timezone(timedelta(hours=-6))
_NOW = datetime(2026, 11, 24, 16, 40, tzinfo=_ZONE)
_LATER = datetime(2026, 12, 9, 10, 30, tzinfo=_ZONE)  #: reads long: "Wed, Dec 9 at 10:30 AM"

_EXAMPLES: Mapping[str, Any] = {
    **{f"lead.{name}": example for name, (_, example) in LEAD_FIELDS.items()},
    "lead.name": "Christopher Montgomery",
    "lead.first_name": "Christopher",
    "lead.last_name": "Montgomery",
    "lead.address": "12345 Westminster Blvd",
    "lead.city": "Overland Park",
    "lead.service": "water heater replacement",
    "lead.source": "estimate-request",
    "lead.value": 12500,
    "owner.id": "alexandra",
    "owner.name": "Alexandra Robertson",
    "owner.first_name": "Alexandra",
    "owner.phone": "+18165550101",
    "owner.email": "alexandra@example.com",
    "business.name": "Summit Roofing",
    "business.phone": "+18165550100",
    "business.website": "https://summit.example.com",
    "business.booking_link": "https://summit.example.com/book",
    "business.postal_address": "1 Main St, Kansas City MO 64105",
    "stage.id": "estimate",
    "stage.title": "Estimate sent",
    "enrolment.playbook": "roofer",
    "enrolment.job": "garage",
    "lock.by": "appointment.booked",
    "score": "warm",
    "now": _NOW,
    "variant": "offer",
    "amount": 12500,
    "number": "E-10442",
    "outcome": "sent",
    "channel": "sms",
}
_BY_KIND: Mapping[str, Any] = {"text": "an example", "number": 3, "moment": _LATER, "flag": True, "any": "12"}
_ADDRESS = {"sms": ("lead.phone",), "call": ("lead.phone",), "email": ("lead.email",)}
_ALWAYS = (
    *("lead.id", "owner", "business.name", "business.phone", "stage", "score", "now", "offers"),
    *("in_business_hours", "next_opening", "enrolment.playbook", "enrolment.started_at", "enrolment.contacts"),
)


def full_sample(shape: Shape, business: Business | None = None, owner: Member | None = None) -> dict[str, Any]:
    """Make a context in which everything is known, with long values; ``business`` and ``owner`` as they really are."""
    sample: dict[str, Any] = _example("", shape)
    if business:
        sample["business"] = business_view(business)
    if owner:
        sample["owner"] = owner_view(owner)
    return sample


def _example(path: str, shape: Shape) -> Any:
    if shape.children:
        return {name: _example(_below(path, name), child) for name, child in shape.children.items()}
    if shape.kind == "list":
        return [_LATER, _LATER + timedelta(days=1)]
    return _EXAMPLES.get(path, _EXAMPLES.get(path.rpartition(".")[2], _BY_KIND.get(shape.kind, {})))


def bare_sample(
    channel: str,
    shape: Shape,
    business: Business | None = None,
    owner: Member | None = None,
    known: Collection[str] = (),
) -> dict[str, Any]:
    """Make the context of a lead of whom only the channel's address is known.

    ``known`` names what is known of every lead that gets this text all the same: ``lead.zip``,
    ``events.appointment.booked.starts_at``.
    """
    full = full_sample(shape, business, owner)
    sample: Any = _blanks("", shape)
    sample["lock"]["held"] = False
    sample["lead"]["value"] = 0
    if business:
        sample["business"] = full["business"]
    for path in (*_ALWAYS, *_ADDRESS.get(channel, ()), *known):
        sample = _known(sample, full, path.split("."))
    return dict(sample)


def _known(node: Any, full: Any, path: list[str]) -> Any:
    if not path:
        return {**node.children, "at": full["at"]} if isinstance(node, Blank) and isinstance(full, dict) else full
    head, *rest = path
    if not isinstance(full, dict) or head not in full:
        return node
    children = node.children if isinstance(node, Blank) else node
    below = {**children, head: _known(children[head], full[head], rest)}
    if not isinstance(node, Blank):
        return below
    return Blank(node.path, below) if isinstance(full[head], dict) else {**below, "at": full["at"]}
