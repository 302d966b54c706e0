"""The few settings of cadence.yaml that a command needs before anything else is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cadence.errors import InvalidWorkspace
from cadence.files import WORKSPACE_FILE, schema_text

if TYPE_CHECKING:
    from pathlib import Path

    from cadence.playbook.model import Workspace

__all__ = ["Settings", "read_settings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What opens an account."""

    account: str
    mode: str
    timezone: str
    workspace: Workspace


def read_settings(root: Path) -> Settings:
    """Read cadence.yaml; InvalidWorkspace when it has faults."""
    from cadence.playbook.check import check_workspace_page

    checked = check_workspace_page(WORKSPACE_FILE, (root / WORKSPACE_FILE).read_bytes(), schema_text("workspace"))
    if checked.model is None:
        raise InvalidWorkspace(checked.diagnostics)
    workspace = checked.model
    return Settings(
        account=workspace.account, mode=workspace.mode, timezone=workspace.business.timezone, workspace=workspace
    )
