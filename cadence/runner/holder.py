"""Who has a claim in hand: a name for this tick, and whether the tick of another name is surely gone."""

from __future__ import annotations

import os
import uuid
from contextlib import suppress
from pathlib import Path

from cadence.machine import machine_name

__all__ = ["is_surely_gone", "new_holder"]


def new_holder() -> str:
    """Return a name for one tick: machine, process, and something nobody else has."""
    return f"{_machine()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


def is_surely_gone(holder: str) -> bool:
    """Tell whether a tick's process is not there any more; False when that cannot be known from here.

    Only a process that this one can see is looked for, and only where looking does no harm.
    """
    machine, _, rest = holder.rpartition(":")[0].rpartition(":")
    if os.name != "posix" or machine != _machine() or not rest.isdigit():
        return False
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False


def _machine() -> str:
    """Name the machine, and within it the container: process numbers mean nothing outside."""
    space = ""
    with suppress(OSError):
        space = str(Path("/proc/self/ns/pid").readlink()).strip("pid:[]")
    return f"{machine_name()}/{space}"
