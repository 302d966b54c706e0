"""Where a workspace keeps its database."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["STORE_VARIABLE", "store_path", "store_url"]

STORE_VARIABLE = "CADENCE_STORE"
STORE_FILE = "cadence.db"
_SQLITE = "sqlite:///"


def store_url(root: Path) -> str:
    """Return the database's URL: ``CADENCE_STORE``, else ``cadence.db`` in the workspace."""
    return os.environ.get(STORE_VARIABLE) or f"{_SQLITE}{root / STORE_FILE}"


def store_path(root: Path) -> Path | None:
    """Return the database's file, whether it exists or not; None for one that is not a file."""
    url = store_url(root)
    return Path(url.removeprefix(_SQLITE)).expanduser() if url.startswith(_SQLITE) else None
