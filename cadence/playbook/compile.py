"""Playbook, workspace, templates and law table become one immutable, digested plan.

A plan is made from its *content*: plain data with everything that decides what a lead receives. The same content
always makes the same plan and the same digest, whether it was read from files or from a published version.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from cadence.playbook.build import build_playbook, build_workspace
from cadence.playbook.shapes import EventVocabulary
from cadence.playbook.templates import Template, parse_template
from cadence.timing.law import LawTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cadence.playbook.model import Business, Member, Playbook, Touch, Workspace

__all__ = ["Plan", "compile_plan", "content_of", "template_file", "template_names"]

#: Parts of cadence.yaml that change where messages go or how pages are published, not what a lead receives.
_NOT_MEANING = ("mode", "redirect", "publish", "burst")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """What one version of a playbook means. Compared by identity; named by its digest."""

    digest: str  #: SHA-256 over the content, in hex
    file: str  #: page it was read from, for reasons
    playbook: Playbook
    workspace: Workspace
    templates: Mapping[str, Template]  #: template file name -> template
    law: LawTable
    content: str  #: the content as JSON text, as it is published
    members: Mapping[str, Member]  #: member id -> member
    events: EventVocabulary  #: what conditions and templates may say of events
    page: str = ""  #: the text of the page, as it was published; empty in versions published by earlier programs

    @property
    def short(self) -> str:
        """The first characters of the digest, as people name a version."""
        return self.digest[:8]

    def line_text(self, line: int) -> str:
        """Return what stands on a line of the page, from 1, without blanks around it; empty when that is not known."""
        lines = self.page.split("\n")
        return lines[line - 1].strip() if 0 < line <= len(lines) else ""

    def template_of(self, touch: Touch, variant: str = "") -> Template | None:
        """Return the template of a touch, or of one of its variants; None when it has none."""
        return self.templates.get(template_file(touch, variant)) if touch.template else None


def template_file(touch: Touch, variant: str = "") -> str:
    """Name the template file of a touch, such as ``new/instant.sms.j2``.

    A variant's text lies beside the touch's own: variant ``offer`` of ``nurture/story`` is ``nurture/offer``.
    """
    name = touch.template
    if variant:
        folder, _, _ = name.rpartition("/")
        name = f"{folder}/{variant}" if folder else variant
    return f"{name}.{touch.channel}.j2"


def template_names(playbook: Playbook) -> Iterable[str]:
    """List the template files a playbook uses."""
    names = {
        template_file(touch, variant)
        for stage in playbook.stages.values()
        for touch in stage.touches
        if touch.template
        for variant in (touch.variants or ("",))
    }
    return sorted(names)


def content_of(
    *,
    file: str,
    playbook: Mapping[str, Any],
    lines: Mapping[str, int],
    workspace: Mapping[str, Any],
    templates: Mapping[str, str],
    law: Any,
    page: str = "",
) -> str:
    """Write the content of a plan as JSON text; the order of stages and touches is kept.

    ``lines`` maps a dotted path in the page to its line; ``page`` is its text, which is kept to be shown.
    """
    meaning = {
        "playbook": playbook,
        "workspace": {key: value for key, value in workspace.items() if key not in _NOT_MEANING},
        "templates": dict(sorted(templates.items())),
        "law": law,
    }
    whole = {"meaning": meaning, "file": file, "lines": lines, "page": page}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


def compile_plan(content: str) -> Plan:
    """Make the plan of a content that was checked when it was written."""
    data = json.loads(content)
    meaning, lines = data["meaning"], data["lines"]
    workspace = build_workspace(meaning["workspace"])
    canonical = json.dumps(meaning, ensure_ascii=False, separators=(",", ":"))
    return Plan(
        digest=hashlib.sha256(canonical.encode()).hexdigest(),
        file=data["file"],
        playbook=build_playbook(meaning["playbook"], workspace, lambda path: lines.get(".".join(map(str, path)), 0)),
        workspace=workspace,
        templates=MappingProxyType(
            {name: _parse(name, text, workspace.business) for name, text in meaning["templates"].items()}
        ),
        law=LawTable.from_data(meaning["law"]).with_rows(workspace.law),
        content=content,
        members=MappingProxyType({member.id: member for member in workspace.team}),
        events=EventVocabulary(workspace.events),
        page=data.get("page", ""),
    )


def _parse(name: str, text: str, business: Business) -> Template:
    return replace(parse_template(name, name.split(".")[-2], text), business=business)
