"""Answers: where the leads of a stage go that an edited page lacks, as whoever publishes it says. Never backwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.engine.names import stage_in

if TYPE_CHECKING:
    from cadence.playbook.compile import Plan

__all__ = ["leads_backwards"]


def leads_backwards(old: Plan, new: Plan, stage: str, to: str) -> str:
    """Name the stage behind which a lead of a removed one would fall if it went to ``to``; empty: it does not.

    ``stage`` is one of ``old`` that ``new`` lacks, ``to`` one of ``new``. What stood before the removed stage stays
    behind a lead that has come so far: it may go only to what stands after all of that on the new page. An end is no
    way back.
    """
    target = new.playbook.stages[to]
    removed = old.playbook.stages.get(stage)
    if removed is None or target.end:
        return ""
    for passed in old.playbook.stages.values():
        if passed.index < removed.index and not passed.end:
            now = stage_in(new, passed.id, old)
            if now and now.index >= target.index:
                return now.id
    return ""
