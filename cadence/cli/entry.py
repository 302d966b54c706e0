"""The way in. A tick that finds nothing to do, as nearly every one, is answered without loading the command line."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the program; see :func:`cadence.cli.main.main`."""
    if _is_plain_tick(words := sys.argv[1:]) and _nothing_to_do(words):
        sys.stdout.write("nothing due\n")
        return
    from cadence.cli.main import main as command_line

    command_line()


def _is_plain_tick(words: list[str]) -> bool:
    return words[-1:] == ["tick"] and (len(words) == 1 or (len(words) == 3 and words[0] in ("-C", "--workspace")))


def _nothing_to_do(words: list[str]) -> bool:
    """Ask; whatever is not plain is left to the command, which says what is wrong."""
    from datetime import UTC, datetime
    from pathlib import Path

    from cadence.errors import CadenceError
    from cadence.files import find_workspace
    from cadence.machine import setting
    from cadence.runner.idle import idle

    try:
        root = find_workspace(Path(words[1]) if len(words) > 1 else Path.cwd())
        return not setting(root, "CADENCE_PING_URL") and idle(root, datetime.now(UTC).replace(microsecond=0))
    except (CadenceError, OSError, ValueError):
        return False
