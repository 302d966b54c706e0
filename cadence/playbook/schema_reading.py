"""A page beside its JSON Schema: the words for the parts of the page, and the faults of its shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cadence.playbook.forms import FORMS
from cadence.playbook.schema_validator import Validator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cadence.playbook.forms import Form
    from cadence.playbook.marks import Path
    from cadence.playbook.schema_validator import Schema
    from cadence.playbook.source import Page

__all__ = ["Fault", "Reading"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault of shape."""

    path: Path  #: of the value, or of the key that is missing
    code: str
    message: str  #: what is wrong
    help: str = ""  #: what to do about it
    key: bool = False  #: point at the key
    later: bool = False  #: the later checks find it too
    beside: bool = False  #: not worth saying of a value of the wrong type
    meant: str = ""  #: the key that was meant instead


_PAGES = {
    "playbook": "a playbook",
    "workspace": "cadence.yaml",
    "samples": "a page of sample leads",
    "test": "a page of tests",
}
_ITEMS = {
    "touches": "touch",
    "schedule": "row",
    "rules": "rule",
    "team": "person",
    "on_miss": "step",
    "leads": "lead",
    "events": "event",
    "stages": "stage",
    "sla": "promise",
    "routing": "role",
    "reviews": "review",
    "law": "row",
    "tests": "test",
    "expect": "expectation",
}
#: Keys that name an item of these; other items are named by their id or their event.
_NAMES = {"test": ("test",), "expectation": ("touch", "skip", "stop", "stage", "sla", "alert", "step")}
_KINDS = {
    "touch": "a touch",
    "row": "a row of 'schedule:'",
    "stage": "a stage",
    "sla": "a promise",
    "consequence": "a step of 'on_miss:'",
    "routing": "a role of 'routing:'",
    "review": "a review",
    "member": "a person of the team",
    "law_row": "a row of 'law:'",
    "case": "a test",
    "happening": "an event",
    "expectation": "an expectation",
}


class Reading:
    """One page beside its schema: what its parts are called, and how they are written."""

    def __init__(self, page: Page, kind: str, schema: Schema) -> None:
        self.page = page
        self.kind = kind
        self.schema = schema
        self.definitions: Mapping[str, Any] = schema.get("definitions", {})
        self.validator = Validator(schema)
        self._names = {id(definition): name for name, definition in self.definitions.items()}

    def place(self, fault: Fault) -> tuple[int, int]:
        """Where the fault stands, for sorting."""
        mark = self.page.key_mark(fault.path) if fault.key else self.page.value_mark(fault.path)
        return mark.line, mark.column

    def form(self, schema: Any) -> Form | None:
        """The form that a definition gives its texts."""
        return FORMS.get(self._names.get(id(schema), ""))

    def owner(self, path: Path) -> str:
        """Name the map at a path."""
        if not path:
            return _PAGES[self.kind]
        last, above = path[-1], path[-2] if len(path) > 1 else ""
        noun = _ITEMS.get(str(above))
        if isinstance(last, str):
            return f"the {noun} '{last}'" if noun else f"'{last}:'"
        said = self.at(path)
        keys = _NAMES.get(str(noun), ("id", "event"))
        name = next((said[key] for key in keys if key in said), None) if isinstance(said, dict) else None
        return f"the {noun or 'item'} '{name}'" if isinstance(name, str) else f"this {noun or 'item'}"

    def name(self, path: Path) -> str:
        """Name the value at a path."""
        if not path:
            return "the page"
        last = path[-1]
        return f"'{last}:'" if isinstance(last, str) else f"item {last + 1} of {self.name(path[:-1])}"

    def at(self, path: Path) -> Any:
        """What the page says at a path."""
        value: Any = self.page.data
        for step in path:
            value = value[step]
        return value

    def written(self, path: Path) -> str:
        """How the value is written on the page."""
        mark = self.page.value_mark(path)
        return self.page.lines[mark.line - 1][mark.column - 1 :][: mark.length].strip()

    def home(self, key: str) -> str:
        """Name the part of the page to which a key belongs; empty when there is none."""
        if key in self.schema["properties"]:
            return _PAGES[self.kind]
        for name, part in self.schema["properties"].items():
            if key in part.get("properties", {}):
                return f"'{name}:'"
        return next(
            (_KINDS[name] for name in _KINDS if key in self.definitions.get(name, {}).get("properties", {})), ""
        )
