"""The versions in force: which plan each playbook follows, and the older ones some leads still carry."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from cadence.playbook.compile import Plan
    from cadence.playbook.model import Stage

__all__ = ["Book"]

_NO_ANSWERS: Mapping[str, Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Published plans of one account."""

    account: str
    current: Mapping[str, Plan]  #: playbook id -> the plan in force, in page order of the playbooks
    published_at: Mapping[str, datetime] = field(default_factory=lambda: MappingProxyType({}))  #: digest -> instant
    older: Mapping[str, Plan] = field(default_factory=lambda: MappingProxyType({}))  #: digest -> a plan once in force
    #: digest -> stage that the version lacks -> where its leads go, as whoever published it has answered
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))

    def plan(self, playbook: str, digest: str) -> Plan | None:
        """Return the plan an enrolment carries; the one in force when its own is not known any more."""
        current = self.current.get(playbook)
        if current is not None and current.digest == digest:
            return current
        return self.older.get(digest) or current

    def with_plans(
        self, plans: Iterable[Plan], at: datetime, answers: Mapping[str, Mapping[str, str]] = _NO_ANSWERS
    ) -> Book:
        """Return the book as it would be with these plans published at ``at``, and no others in force.

        ``answers``: by playbook id, where the leads of a stage go that its plan lacks. A plan that is in force already
        stays as it was published.
        """
        current = {plan.playbook.id: plan for plan in plans}
        new = {name: plan for name, plan in current.items() if not self._has(plan)}
        return Book(
            account=self.account,
            current=MappingProxyType(current),
            published_at=MappingProxyType({**self.published_at, **dict.fromkeys([p.digest for p in new.values()], at)}),
            older=MappingProxyType({**self.older, **{plan.digest: plan for plan in self.current.values()}}),
            answers=MappingProxyType(
                {**self.answers, **{plan.digest: answers.get(name, {}) for name, plan in new.items()}}
            ),
        )

    def _has(self, plan: Plan) -> bool:
        current = self.current.get(plan.playbook.id)
        return current is not None and current.digest == plan.digest

    def stage(self, playbook: str, digest: str, stage: str) -> Stage | None:
        """Return the stage an enrolment is in, if its plan still has it."""
        plan = self.plan(playbook, digest)
        return plan.playbook.stages.get(stage) if plan else None
