"""The starter playbooks as plans, and the odd but legal pages of the corpus."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from cadence.files import starter
from cadence.playbook.source import read_page
from cadence.workspace import load_good_workspace
from support.plans import plan_from

if TYPE_CHECKING:
    from cadence.playbook.compile import Plan

__all__ = ["GOOD_PAGES", "TRADES", "good_plan", "starter_plan"]

CORPUS = Path(__file__).parents[1] / "corpus"
GOOD_PAGES = [
    *(page for page in sorted((CORPUS / "good").glob("*.yaml")) if page.name != "cadence.yaml"),
    CORPUS / "full" / "playbook.yaml",
]

TRADES = ("hvac", "plumber", "roofer")


def starter_plan(trade: str) -> Plan:
    """Return the plan of a starter playbook, as `cadence init` makes the workspace."""
    return _plans()[trade]


def good_plan(page: Path) -> Plan:
    """Return the plan of a page of the corpus, in the shop that lies beside it, with texts of a word."""
    shop = next(path for name in ("cadence.yaml", "workspace.yaml") if (path := page.with_name(name)).is_file())
    data, workspace = (read_page(path.name, path.read_bytes())[0] for path in (page, shop))
    assert data is not None
    assert workspace is not None
    return plan_from(data.data, workspace=workspace.data)


@cache
def _plans() -> dict[str, Plan]:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        for part in ("playbooks", "templates"):
            shutil.copytree(starter(part), root / part)
        shutil.copyfile(starter("schemas", "starter.cadence.yaml"), root / "cadence.yaml")
        return {plan.playbook.id: plan for plan in load_good_workspace(root).plans}
