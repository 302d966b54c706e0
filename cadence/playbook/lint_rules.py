"""What a meaning check is: a named rule that reads a page and yields the faults it finds.

A rule is a small function with a code. The modules ``lint_*`` hold the rules, each in a tuple ``RULES``;
:mod:`cadence.playbook.lint` puts them together. A rule says where and what; the page turns that into a diagnostic.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from cadence.playbook.words import EVENTS, LEAD_FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from cadence.playbook.diagnostics import Diagnostic, Severity
    from cadence.playbook.marks import Path
    from cadence.playbook.source import Page

__all__ = ["Fault", "HasPage", "Place", "Reading", "Rule", "WorkspaceReading", "rule"]

Subject = TypeVar("Subject", bound="HasPage")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing a rule found."""

    path: Path  #: where in the page
    message: str  #: what is wrong
    help: str = ""  #: what to write instead
    key: bool = False  #: point at the key, not at its value
    offset: int = 0  #: characters into the value
    length: int | None = None  #: characters concerned; None: the whole value
    code: str = ""  #: a finer code than the rule's own


class HasPage:
    """Whatever rules read: it has a page to point into."""

    page: Page


@dataclass(frozen=True, slots=True)
class Rule(Generic[Subject]):
    """A named check; ``codes`` are all it may report, its own first."""

    code: str
    severity: Severity
    check: Callable[[Subject], Iterable[Fault]]
    codes: tuple[str, ...]

    def find(self, subject: Subject) -> Iterator[Diagnostic]:
        """Yield a diagnostic for every fault in the subject's page."""
        for fault in self.check(subject):
            yield subject.page.diagnostic(
                fault.path,
                fault.code or self.code,
                fault.message,
                help=fault.help,
                key=fault.key,
                severity=self.severity,
                offset=fault.offset,
                length=fault.length,
            )


def rule(
    code: str, *, severity: Severity = "error", also: tuple[str, ...] = ()
) -> Callable[[Callable[[Subject], Iterable[Fault]]], Rule[Subject]]:
    """Make a rule of a function; ``also`` names finer codes that its faults may carry."""

    def decorate(check: Callable[[Subject], Iterable[Fault]]) -> Rule[Subject]:
        return Rule(code, severity, check, (code, *also))

    return decorate


@dataclass(frozen=True, slots=True)
class Place:
    """A touch and where it stands."""

    path: Path
    stage: str
    data: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The touch's id."""
        return str(self.data["id"])

    @property
    def channel(self) -> str:
        """The way it goes out."""
        return str(self.data["channel"])

    def rows(self) -> Iterator[tuple[Path, Mapping[str, Any]]]:
        """Yield each row of its schedule; a touch without one is its own single row."""
        if not self.data.get("schedule"):
            yield self.path, self.data
        for number, row in enumerate(self.data.get("schedule", ())):
            yield (*self.path, "schedule", number), row


@dataclass(frozen=True)
class WorkspaceReading(HasPage):
    """A ``cadence.yaml`` under examination."""

    page: Page

    @cached_property
    def data(self) -> Mapping[str, Any]:
        """What the page says."""
        data: Mapping[str, Any] = self.page.data
        return data

    @cached_property
    def members(self) -> tuple[str, ...]:
        """Ids of the team."""
        return tuple(member["id"] for member in self.data["team"])

    @cached_property
    def roles(self) -> tuple[str, ...]:
        """Roles that somebody in the team has."""
        return tuple(dict.fromkeys(role for member in self.data["team"] for role in member["roles"]))


@dataclass(frozen=True)
class Reading(HasPage):
    """A playbook page under examination, with all it may refer to."""

    page: Page
    workspace: WorkspaceReading | None  #: None while cadence.yaml itself cannot be read
    templates: frozenset[str]  #: template files there are, such as ``new/instant.sms.j2``
    texts: Mapping[str, str] = field(default_factory=dict)  #: what stands in them, as far as it is known

    @cached_property
    def data(self) -> Mapping[str, Any]:
        """What the page says."""
        data: Mapping[str, Any] = self.page.data
        return data

    @cached_property
    def stages(self) -> Mapping[str, Mapping[str, Any]]:
        """The stages by id, in page order."""
        stages: Mapping[str, Mapping[str, Any]] = self.data["stages"]
        return stages

    @cached_property
    def touches(self) -> tuple[Place, ...]:
        """Every touch of the page."""
        return tuple(
            Place(("stages", stage_id, "touches", number), stage_id, touch)
            for stage_id, stage in self.stages.items()
            for number, touch in enumerate(stage.get("touches", ()))
        )

    def touches_of(self, stage: str) -> tuple[Place, ...]:
        """Return the touches of one stage."""
        return tuple(place for place in self.touches if place.stage == stage)

    @cached_property
    def events(self) -> Mapping[str, tuple[str, ...]]:
        """Event types the page may name, with the dates each carries."""
        own = self.workspace.data.get("events", {}) if self.workspace else {}
        return {kind: event.moments for kind, event in EVENTS.items()} | {
            kind: tuple(event.get("moments", ())) for kind, event in own.items()
        }

    @cached_property
    def lead_fields(self) -> tuple[str, ...]:
        """Fields a lead's record has: the common ones and the workspace's own."""
        own = self.workspace.data.get("lead_fields", {}) if self.workspace else {}
        return (*LEAD_FIELDS, *own)
