"""What the stories of one page are made of: the page, its people, the ways into its stages."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cadence.playbook.compile import compile_plan
from cadence.testing.torture.moments import plain_morning
from cadence.testing.torture.people import HOME, person
from cadence.testing.torture.plain import Words, plain_page
from cadence.testing.torture.roads import Road, roads

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from cadence.playbook.compile import Plan

__all__ = ["Ground"]


@dataclass(frozen=True)
class Ground:
    """A page, and what a lead of it is like."""

    plan: Plan
    like: Mapping[str, Any]  #: fields of a sample lead of the page; empty: they are read from its conditions

    @cached_property
    def words(self) -> Words:
        """The page as text."""
        return plain_page(self.plan)

    @cached_property
    def roads(self) -> list[Road]:
        """The way into each stage."""
        return roads(self.plan)

    @cached_property
    def morning(self) -> datetime:
        """Ten past ten on a plain Tuesday."""
        return plain_morning(self.words)

    @property
    def zone(self) -> ZoneInfo:
        """The shop's clock."""
        return self.words.home

    def moved_to(self, zone: str) -> Ground:
        """Return the same page as the page of a shop in another zone."""
        content = json.loads(self.plan.content)
        content["meaning"]["workspace"]["business"]["timezone"] = zone
        return Ground(compile_plan(json.dumps(content, ensure_ascii=False)), self.like)

    def person(self, zone: str = HOME, **instead: Any) -> dict[str, Any]:
        """Return somebody whom the page takes and who lives in a zone; ``instead``: fields that differ."""
        return person(self.plan, zone, self.like, instead)
