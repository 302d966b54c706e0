"""Meaning checks of pages whose shape is right: what each says must make sense as a whole.

Every rule of the tuples below looks at the whole page by itself, so that one run shows every fault.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from cadence.playbook import (
    lint_business,
    lint_channels,
    lint_conditions,
    lint_events,
    lint_first_text,
    lint_promises,
    lint_renames,
    lint_replies,
    lint_results,
    lint_stages,
    lint_team,
    lint_touches,
    lint_variants,
    lint_ways,
)
from cadence.playbook.lint_rules import Reading, Rule, WorkspaceReading

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from cadence.playbook.diagnostics import Diagnostic
    from cadence.playbook.source import Page

__all__ = ["PLAYBOOK_RULES", "WORKSPACE_RULES", "lint_playbook", "lint_workspace"]

#: What is asked of a playbook.
PLAYBOOK_RULES: tuple[Rule[Reading], ...] = (
    *lint_stages.RULES,
    *lint_events.RULES,
    *lint_team.RULES,
    *lint_touches.RULES,
    *lint_variants.RULES,
    *lint_renames.RULES,
    *lint_channels.RULES,
    *lint_promises.RULES,
    *lint_conditions.RULES,
    *lint_results.RULES,
    *lint_first_text.RULES,
)

#: What is asked of ``cadence.yaml``.
WORKSPACE_RULES: tuple[Rule[WorkspaceReading], ...] = (*lint_business.RULES, *lint_ways.RULES, *lint_replies.RULES)

_NO_TEXTS: Mapping[str, str] = MappingProxyType({})

Subject = TypeVar("Subject", Reading, WorkspaceReading)


def lint_playbook(
    page: Page,
    workspace: Page | None,
    template_names: Collection[str],
    *,
    texts: Mapping[str, str] = _NO_TEXTS,
    rules: Iterable[Rule[Reading]] = PLAYBOOK_RULES,
) -> list[Diagnostic]:
    """List every fault of meaning of a playbook that passed the schema, in page order.

    ``workspace`` is the page of ``cadence.yaml`` once it passed its own schema; without it, whatever depends on it
    is not judged. ``template_names`` are the files below ``templates/``, such as ``new/instant.sms.j2``; ``texts`` what
    stands in them.
    """
    reading = Reading(page, WorkspaceReading(workspace) if workspace else None, frozenset(template_names), texts)
    return _found(rules, reading)


def lint_workspace(page: Page, *, rules: Iterable[Rule[WorkspaceReading]] = WORKSPACE_RULES) -> list[Diagnostic]:
    """List every fault of meaning of a ``cadence.yaml`` that passed the schema, in page order."""
    return _found(rules, WorkspaceReading(page))


def _found(rules: Iterable[Rule[Subject]], subject: Subject) -> list[Diagnostic]:
    found: Sequence[Diagnostic] = [fault for rule in rules for fault in rule.find(subject)]
    return sorted(found, key=lambda fault: (fault.line, fault.column, fault.code))
