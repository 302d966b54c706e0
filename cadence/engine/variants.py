"""Variants: which way a lead falls by a stable hash, and what then differs for it.

The same lead, place and weights always give the same variant, in a tick, a preview and a replay alike.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cadence.playbook.compile import Plan
    from cadence.playbook.model import Routing, Stage, Touch

__all__ = ["draw", "routing_variant", "sequence", "share", "stage_variant"]


def share(members: Sequence[str], key: str) -> str:
    """Choose one of ``members`` by a stable hash of ``key``; empty when there are none."""
    if not members:
        return ""
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
    return members[number % len(members)]


def draw(variants: Mapping[str, int], key: str) -> str:
    """Choose a variant by weight and by a stable hash of ``key``; empty when there are none."""
    return share([name for name, weight in variants.items() for _ in range(weight)], key)


def stage_variant(plan: Plan, stage: Stage, lead: str) -> str:
    """Choose the sequence that a lead gets in a stage; empty when it has one for all."""
    return draw(stage.variants, f"{lead}|{plan.playbook.id}|{stage.id}") if stage.variants else ""


def routing_variant(plan: Plan, routing: Routing, lead: str) -> str:
    """Choose by which of a role's rules a lead is shared out; empty when they hold for all."""
    return draw(routing.variants, f"{lead}|{plan.playbook.id}|routing.{routing.role}") if routing.variants else ""


def sequence(stage: Stage, variant: str) -> tuple[Touch, ...]:
    """Return the touches of a stage for a lead that got ``variant`` when it entered.

    A lead whose variant the page does not have goes on with the first: it came before there were any, or an edit took
    its own off the page.
    """
    if not stage.variants:
        return stage.touches
    own = variant if variant in stage.variants else next(iter(stage.variants))
    return tuple([touch for touch in stage.touches if touch.variant in ("", own)])
