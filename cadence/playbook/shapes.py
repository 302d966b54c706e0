"""What conditions and templates may name: a tree of names, each with the kind of value that stands there."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from cadence.playbook.blank import Blank
from cadence.playbook.words import EVENTS, LEAD_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "ANY",
    "BUSINESS",
    "FLAG",
    "NUMBER",
    "TEXT",
    "TOUCH",
    "EventVocabulary",
    "Shape",
    "context_shape",
    "path_below",
]

Kind = Literal["group", "event", "text", "number", "moment", "flag", "list", "any"]
OwnEvents: TypeAlias = "Mapping[str, tuple[str, tuple[str, ...]]]"  #: type -> (title, fields that hold a date)
_NO_EVENTS: OwnEvents = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Shape:
    """What may be named in a context: a tree, without values."""

    kind: Kind
    children: Mapping[str, Shape] = field(default_factory=lambda: MappingProxyType({}))
    item: Shape | None = None  #: of a list: what is in it

    def blank(self, path: str) -> Any:
        """Return what stands at a path while nothing is known: a blank, or a group of them."""
        children = self.blanks(path)
        return children if self.kind == "group" else Blank(path, children)

    def blanks(self, path: str = "") -> dict[str, Any]:
        """Return what stands below a path while nothing is known."""
        return {name: child.blank(path_below(path, name)) for name, child in self.children.items()}


def path_below(path: str, name: str) -> str:
    """Return the dotted name of a part; the whole context has the empty one."""
    return f"{path}.{name}" if path else name


TEXT, NUMBER, MOMENT, FLAG, ANY = Shape("text"), Shape("number"), Shape("moment"), Shape("flag"), Shape("any")


def _texts(*names: str) -> Shape:
    return Shape("group", dict.fromkeys(names, TEXT))


BUSINESS = _texts("name", "phone", "website", "booking_link", "postal_address")
TOUCH = Shape("event", {"outcome": TEXT, "at": MOMENT})


class EventVocabulary:
    """The events there are, those of the workspace included, and what each carries; make it once and keep it."""

    def __init__(self, own: OwnEvents = _NO_EVENTS) -> None:
        """``own``: the events of the workspace."""
        fields = {kind: _event_fields(event.moments, event.fields) for kind, event in EVENTS.items()}
        fields.update({kind: _event_fields(moments, ()) for kind, (_, moments) in own.items()})
        self.shape = Shape("group", _event_shapes(fields))
        self.blanks: Mapping[str, Any] = self.shape.blanks("events")
        self.paths = {kind: tuple(kind.split(".")) for kind in fields}


def _event_fields(moments: Iterable[str], fields: Iterable[str]) -> dict[str, Shape]:
    numbers = ("amount", "value")
    texts = {name: NUMBER if name in numbers else TEXT for name in fields}
    return {"at": MOMENT, **dict.fromkeys(moments, MOMENT), **texts}


def _event_shapes(fields: Mapping[str, dict[str, Shape]]) -> dict[str, Shape]:
    """Nest ``estimate.sent`` as ``estimate`` → ``sent``."""
    shapes = {}
    for head in dict.fromkeys(kind.partition(".")[0] for kind in fields):
        below = {kind[len(head) + 1 :]: known for kind, known in fields.items() if kind.startswith(head + ".")}
        children = _event_shapes(below)
        shapes[head] = Shape("event", {**children, **fields[head]}) if head in fields else Shape("group", children)
    return shapes


def context_shape(
    lead_fields: Iterable[str] = (),
    events: OwnEvents = _NO_EVENTS,
    touches: Iterable[str] = (),
) -> Shape:
    """Say what a template or condition may name.

    ``lead_fields`` and ``events`` are the workspace's own; ``touches`` the ids of the playbook's touches.
    """
    lead = {**dict.fromkeys(LEAD_FIELDS, TEXT), **dict.fromkeys(lead_fields, ANY), "value": NUMBER}
    enrolment = {
        "playbook": TEXT,
        "job": TEXT,
        "started_at": MOMENT,
        "contacts": NUMBER,
        "opens": NUMBER,
        "clicks": NUMBER,
    }
    return Shape(
        "group",
        {
            "lead": Shape("group", lead),
            "owner": _texts("id", "name", "first_name", "phone", "email"),
            "business": BUSINESS,
            "stage": _texts("id", "title"),
            "enrolment": Shape("group", enrolment),
            "touches": Shape("group", dict.fromkeys(touches, TOUCH)),
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
