"""Writing an answer into a file of its own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cadence.errors import CadenceError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["write_new"]


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet, for its owner's eyes alone: it holds phones and addresses."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path} is there already", help="name a new file, or move that one away") from None
    except OSError as error:
        raise CadenceError(f"cannot write {path}: {error.strerror}") from None
