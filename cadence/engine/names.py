"""What a stage or touch of one version is called in another: renamed, or renamed back."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from cadence.playbook.compile import Plan
    from cadence.playbook.model import Stage, Touch

__all__ = ["stage_in", "stage_names", "touch_names"]

_SAME: Mapping[str, str] = {}


def stage_in(plan: Plan, stage: str, old: Plan | None) -> Stage | None:
    """Return the stage of ``plan`` in which a lead goes on that stands in ``stage`` of the version ``old``.

    None when there is none: the stage was removed. An older version does not know the names that a later one gave;
    there the later one says what its stages were.
    """
    stages = plan.playbook.stages
    return stages.get(stage) or stages.get(stage_names(plan, old).get(stage, ""))


@lru_cache(maxsize=256)
def stage_names(plan: Plan, old: Plan | None) -> Mapping[str, str]:
    """Return what stages had other names for: name elsewhere -> name in ``plan``."""
    before = old.playbook.stages.values() if old else ()
    return _names(plan.playbook.stages.values(), before)


@lru_cache(maxsize=1024)
def touch_names(plan: Plan, stage: str, old: Plan | None) -> Mapping[str, str]:
    """Return the same of the touches of a stage of ``plan``."""
    found = plan.playbook.stages.get(stage)
    if found is None:
        return _SAME
    names = {now: was for was, now in stage_names(plan, old).items()}
    before = old.playbook.stages.get(stage) or old.playbook.stages.get(names.get(stage, "")) if old else None
    return _names(found.touches, before.touches if before else ())


def _names(now: Collection[Stage | Touch], before: Iterable[Stage | Touch]) -> Mapping[str, str]:
    known = {each.id for each in now}
    found = {was: each.id for each in now for was in each.renamed_from}
    for each in before:
        if each.id not in known and each.id not in found:
            back = next((was for was in each.renamed_from if was in known), "")
            if back:
                found[each.id] = back
    return found
