"""The versions in force: which plan each playbook follows, and the older ones some leads still carry."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from cadence.playbook.compile import Plan
    from cadence.playbook.model import Stage

__all__ = ["Book"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Published plans of one account."""

    account: str
    current: Mapping[str, Plan]  #: playbook id -> the plan in force, in page order of the playbooks
    published_at: Mapping[str, datetime] = field(default_factory=lambda: MappingProxyType({}))  #: digest -> instant
    older: Mapping[str, Plan] = field(default_factory=lambda: MappingProxyType({}))  #: digest -> a plan once in force

    def plan(self, playbook: str, digest: str) -> Plan | None:
        """Return the plan an enrolment carries; the one in force when its own is not known any more."""
        current = self.current.get(playbook)
        if current is not None and current.digest == digest:
            return current
        return self.older.get(digest) or current

    def stage(self, playbook: str, digest: str, stage: str) -> Stage | None:
        """Return the stage an enrolment is in, if its plan still has it."""
        plan = self.plan(playbook, digest)
        return plan.playbook.stages.get(stage) if plan else None
