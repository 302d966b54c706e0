"""The pages that come with the program, compiled once for all tests of a process."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from cadence.files import starter
from cadence.playbook.check import Checked, check_workspace
from cadence.workspace import rulebook

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cadence.playbook.compile import Plan

__all__ = ["starter_plans"]


@lru_cache(maxsize=1)
def starter_plans() -> Mapping[str, Plan]:
    """Return the starter playbooks: trade -> plan."""
    return {plan.playbook.id: plan for plan in _checked().plans}


def _checked() -> Checked:
    pages = sorted(starter("playbooks").glob("*.yaml"))
    texts = starter("templates")
    return check_workspace(
        rulebook(),
        workspace=starter("schemas", "starter.cadence.yaml").read_bytes(),
        playbooks={f"playbooks/{page.name}": page.read_bytes() for page in pages if page.name.count(".") == 1},
        samples={},
        templates={path.relative_to(texts).as_posix(): path.read_bytes() for path in texts.rglob("*.j2")},
    )
