"""The program's entry point, called in this process: for facts that need many commands."""

from __future__ import annotations

import io
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, NamedTuple

import pytest

from cadence.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Called", "call"]


class Called(NamedTuple):
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str


def call(folder: Path, *words: str) -> Called:
    """Call the program in a folder; any exception but its own exit is a failure of the test."""
    printed, complained, before = io.StringIO(), io.StringIO(), sys.argv
    sys.argv = ["cadence", *words]
    try:
        with chdir(folder), redirect_stdout(printed), redirect_stderr(complained), pytest.raises(SystemExit) as end:
            main()
    finally:
        sys.argv = before
    return Called(int(end.value.code or 0), printed.getvalue(), complained.getvalue())
