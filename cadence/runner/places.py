"""Where a workspace keeps its database."""

from __future__ import annotations

from pathlib import Path

from cadence.machine import setting

__all__ = ["STORE_VARIABLE", "has_store", "store_path", "store_url"]

STORE_VARIABLE = "CADENCE_STORE"
STORE_FILE = "cadence.db"
_SQLITE = "sqlite:///"


def store_url(root: Path) -> str:
    """Return the database's URL: ``CADENCE_STORE`` of the environment or of ``.env``, else ``cadence.db`` beside it."""
    return setting(root, STORE_VARIABLE) or f"{_SQLITE}{root / STORE_FILE}"


def store_path(root: Path) -> Path | None:
    """Return the database's file, whether it exists or not; None for one that is not a file."""
    url = store_url(root)
    return Path(url.removeprefix(_SQLITE)).expanduser() if url.startswith(_SQLITE) else None


def has_store(root: Path) -> bool:
    """Tell whether there is a database: a file, or tables on a server. StoreError when the server cannot be asked."""
    path = store_path(root)
    if path is not None:
        return path.is_file()
    from cadence.store.quick import is_made

    return is_made(store_url(root))
