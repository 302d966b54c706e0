"""Settings of this machine: the environment, and behind it the ``.env`` of the workspace."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from cadence.errors import CadenceError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["SETTINGS_FILE", "kept_settings", "machine_name", "setting"]

SETTINGS_FILE = ".env"  #: settings and secrets; never on a page

#: A line that means the same to everybody: nothing, a remark, or a name with a value that needs no interpreting.
_PLAIN = re.compile(
    r"""[ \t]*(?:\#.*)?
    |[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)=
     (?:(?P<bare>[^\s'"\#\\$`]*)|'(?P<single>[^'"\\$]*)'|"(?P<double>[^'"\\$]*)")[ \t]*""",
    re.VERBOSE,
)


def machine_name() -> str:
    """Return what this machine is called among others."""
    if hasattr(os, "uname"):
        return os.uname().nodename
    import platform

    return platform.node()


def setting(root: Path, name: str) -> str:
    """Return one setting: of the environment, else of ``.env``; empty when it is in neither."""
    return os.environ.get(name) or kept_settings(root).get(name, "")


def kept_settings(root: Path) -> Mapping[str, str]:
    """Return the settings in ``.env``; CadenceError when it cannot be read.

    A file of plain lines is read here: every tick reads it, and the library that knows the rest of the form takes
    as long to load as a whole idle tick.
    """
    file = root / SETTINGS_FILE
    if not file.is_file():
        return {}
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise CadenceError(f"cannot read {file}: {said}") from None
    lines = [_PLAIN.fullmatch(line) for line in text.split("\n")]
    if all(lines):
        return {
            line["name"]: line["bare"] or line["single"] or line["double"] or ""
            for line in lines
            if line and line["name"]
        }
    from dotenv import dotenv_values

    return {name: value or "" for name, value in dotenv_values(file).items()}
