"""The few settings of cadence.yaml that a command needs before anything else is loaded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, cast

from cadence.errors import InvalidWorkspace
from cadence.files import WORKSPACE_FILE, schema_text

if TYPE_CHECKING:
    from pathlib import Path

    from cadence.playbook.model import Mode, Workspace

__all__ = ["Settings", "account_named", "read_settings"]

_ACCOUNT = re.compile(r"^account:[ \t]*[\"']?([a-z][a-z0-9-]*)[\"']?[ \t]*(?:#.*)?$", re.MULTILINE)


class Settings(NamedTuple):
    """What opens an account."""

    account: str
    mode: Mode
    timezone: str
    workspace: Workspace


def account_named(root: Path) -> str:
    """Return the account that cadence.yaml names, read without checking the page; empty when it is not plain."""
    found = _ACCOUNT.search((root / WORKSPACE_FILE).read_text(encoding="utf-8", errors="replace"))
    return found[1] if found else ""


def read_settings(root: Path) -> Settings:
    """Read cadence.yaml. While it has faults, the last good one goes on; InvalidWorkspace when there is none."""
    from cadence.playbook.check import check_workspace_page

    checked = check_workspace_page(WORKSPACE_FILE, (root / WORKSPACE_FILE).read_bytes(), schema_text("workspace"))
    if checked.model is not None:
        return _settings(checked.model, checked.model.mode)
    last_good = _last_good(root)
    if last_good is None:
        raise InvalidWorkspace(checked.diagnostics)
    return last_good


def _settings(workspace: Workspace, mode: Mode) -> Settings:
    return Settings(account=workspace.account, mode=mode, timezone=workspace.business.timezone, workspace=workspace)


def _last_good(root: Path) -> Settings | None:
    """Return the settings that the versions in force were published with."""
    from cadence.runner.account import load_book, open_account
    from cadence.runner.places import has_store
    from cadence.store import accounts

    name = account_named(root)
    if not name or not has_store(root):
        return None
    with open_account(root, name, "log") as account, account.store.read() as session:
        known = accounts.get(session, name)
        plan = next(iter(load_book(session, name).current.values()), None)
    return _settings(plan.workspace, cast("Mode", known.mode)) if known and plan else None
