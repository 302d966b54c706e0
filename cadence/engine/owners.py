"""Who gets a lead: a role's routing rules, then an even share among those present, then the fallback.

Shares are by a stable hash of lead and role, so a plan, a preview and a tick always name the same colleague.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cadence.playbook.compile import Plan
    from cadence.playbook.model import Member

__all__ = ["owner_of", "share"]


def owner_of(plan: Plan, wanted: str, lead: str, holds: Callable[[str], bool]) -> str:
    """Return the id of the member who gets a lead.

    ``wanted`` is a role or a member id; ``holds`` judges a rule's condition. Empty when nobody can be named.
    """
    if not wanted:
        return ""
    member = plan.members.get(wanted)
    if member and not member.absent:
        return member.id
    routing = plan.playbook.routing.get(wanted)
    for rule in routing.rules if routing else ():
        assigned = plan.members.get(rule.assign)
        if assigned and not assigned.absent and holds(rule.condition):
            return assigned.id
    fallback = routing.fallback if routing else "fallback"
    return (
        share(_present(plan, wanted), f"{lead}|{wanted}")
        or share(_present(plan, fallback), f"{lead}|{fallback}")
        or _anyone(plan, fallback)
    )


def share(members: Sequence[str], key: str) -> str:
    """Choose one of ``members`` by a stable hash of ``key``; empty when there are none."""
    if not members:
        return ""
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
    return members[number % len(members)]


def _present(plan: Plan, role: str) -> list[str]:
    return [member.id for member in plan.workspace.team if _has(member, role) and not member.absent]


def _anyone(plan: Plan, role: str) -> str:
    return next((member.id for member in plan.workspace.team if _has(member, role)), "")


def _has(member: Member, role: str) -> bool:
    return role in member.roles or role == member.id
