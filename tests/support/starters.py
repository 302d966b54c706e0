"""The starter playbooks as plans."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from cadence.files import starter
from cadence.workspace import load_good_workspace

if TYPE_CHECKING:
    from cadence.playbook.compile import Plan

__all__ = ["TRADES", "starter_plan"]

TRADES = ("hvac", "plumber", "roofer")


def starter_plan(trade: str) -> Plan:
    """Return the plan of a starter playbook, as `cadence init` makes the workspace."""
    return _plans()[trade]


@cache
def _plans() -> dict[str, Plan]:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        for part in ("playbooks", "templates"):
            shutil.copytree(starter(part), root / part)
        shutil.copyfile(starter("schemas", "starter.cadence.yaml"), root / "cadence.yaml")
        return {plan.playbook.id: plan for plan in load_good_workspace(root).plans}
