"""What a plan is about: which pages, which time, whose names stand for whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cadence.reports.preview_words import visible

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from cadence.runner.planning import Edited, Planned, Stranded

__all__ = ["PlanHead", "head_of"]

_NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanHead:
    """The head of a plan."""

    account: str
    business: str
    zone: str  #: the business's
    at: datetime  #: the publication it was made for
    until: datetime
    edited: tuple[Edited, ...]
    answers: Mapping[str, Mapping[str, str]]
    stranded: tuple[Stranded, ...]
    leads: int  #: in flight in the edited playbooks
    burst: int
    members: Mapping[str, str]  #: member id -> name

    @property
    def several(self) -> bool:
        """Whether more than one playbook was edited."""
        return len(self.edited) > 1

    def member(self, member: str) -> str:
        """Name a member."""
        return visible(self.members.get(member, member), line=True) or _NOBODY


def head_of(planned: Planned, burst: int) -> PlanHead:
    """Return the head of a plan; ``burst``: more leads than this are many at once."""
    workspaces = [plan.workspace for plan in (*planned.before.current.values(), *planned.plans)]
    shop = workspaces[-1].business
    return PlanHead(
        account=planned.account,
        business=shop.name,
        zone=shop.timezone,
        at=planned.span.at,
        until=planned.span.end,
        edited=planned.edited,
        answers=planned.answers,
        stranded=planned.stranded,
        leads=planned.leads,
        burst=burst,
        members={member.id: member.name for workspace in workspaces for member in workspace.team},
    )
