"""A workspace read from disk and checked: what every command that looks at files starts from."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cadence.errors import InvalidWorkspace
from cadence.files import data_text, read_workspace, schema_text
from cadence.playbook.check import Checked, Rulebook, check_workspace

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["load_good_workspace", "load_workspace", "rulebook"]

KINDS = ("playbook", "workspace", "samples")


def load_workspace(root: Path) -> Checked:
    """Read and check the workspace in a folder."""
    files = read_workspace(root)
    return check_workspace(
        rulebook(),
        workspace=files.workspace,
        playbooks=files.playbooks,
        samples=files.samples,
        templates=files.templates,
    )


def load_good_workspace(root: Path) -> Checked:
    """Read and check a workspace; InvalidWorkspace when it has faults."""
    checked = load_workspace(root)
    if checked.has_errors:
        raise InvalidWorkspace(checked.diagnostics)
    return checked


@lru_cache(maxsize=1)
def rulebook() -> Rulebook:
    """Return what pages are held to: the schemas and the law table that came with the program."""
    return Rulebook(schemas={kind: schema_text(kind) for kind in KINDS}, law=_law())


def _law() -> Any:
    import yaml

    return yaml.safe_load(data_text("texting_hours.yaml"))
