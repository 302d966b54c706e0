"""A workspace read from disk and checked: what every command that looks at files starts from."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cadence.errors import InvalidWorkspace
from cadence.files import data_text, read_workspace, schema_text
from cadence.playbook.check import Checked, Rulebook, check_workspace
from cadence.playbook.yaml_loader import FASTEST

if TYPE_CHECKING:
    from pathlib import Path

    from cadence.inbox.rules import Rules
    from cadence.playbook.model import Replies

__all__ = ["load_good_workspace", "load_workspace", "reply_rules", "rulebook"]

KINDS = ("playbook", "workspace", "samples", "test")


def load_workspace(root: Path, *, tests: bool = False) -> Checked:
    """Read and check the workspace in a folder; its tests too when they are asked for.

    They are left out otherwise: a fault in a test keeps nothing from being published.
    """
    files = read_workspace(root)
    return check_workspace(
        rulebook(),
        workspace=files.workspace,
        playbooks=files.playbooks,
        samples=files.samples,
        templates=files.templates,
        tests=files.tests if tests else {},
    )


def load_good_workspace(root: Path, *, tests: bool = False) -> Checked:
    """Read and check a workspace, its tests too when asked for; InvalidWorkspace when it has faults."""
    checked = load_workspace(root, tests=tests)
    if checked.has_errors:
        raise InvalidWorkspace(checked.diagnostics)
    return checked


@lru_cache(maxsize=1)
def rulebook() -> Rulebook:
    """Return what pages are held to: the schemas and the law table that came with the program."""
    return Rulebook(schemas={kind: schema_text(kind) for kind in KINDS}, law=_law())


@lru_cache(maxsize=8)
def reply_rules(own: Replies) -> Rules:
    """Return what answers are read by: the rules that came with the program, and a shop's own words."""
    import yaml

    from cadence.inbox.rules import Rules

    return Rules.from_data(yaml.safe_load(data_text("reply_rules.yaml"))).for_shop(own)


def _law() -> Any:
    import yaml

    return yaml.load(data_text("texting_hours.yaml"), Loader=FASTEST)  # noqa: S506 - safe, and our own
