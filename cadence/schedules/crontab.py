"""The current user's crontab: read, and changed in nothing but the lines between our own marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.errors import CadenceError, Refused
from cadence.schedules.recipes import cron_line
from cadence.schedules.steps import ask

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cadence.schedules.job import Job

__all__ = ["block_of", "read", "with_jobs", "without"]

_NOBODY = (b"no crontab for", b"No such file")  #: how programs say that there is none yet


def read() -> bytes:
    """Return the crontab as it stands; empty when there is none. CadenceError when it cannot be read."""
    answer = ask(("crontab", "-l"))
    if answer.returncode and not any(said in answer.stderr for said in _NOBODY):
        said = answer.stderr.decode("utf-8", "replace").strip()
        raise CadenceError(f"the crontab cannot be read: {said}", help="nothing in it was touched")
    return b"" if answer.returncode else answer.stdout


def with_jobs(before: bytes, jobs: Sequence[Job]) -> bytes:
    """Return the crontab with the lines of ``jobs``, in their old place when they have one."""
    begin, end = _marks(jobs[0].name)
    block = b"".join([begin, *(cron_line(job).encode() for job in jobs), end])
    start, stop = _place(before, jobs[0].name)
    if start == stop and before and not before.endswith(b"\n"):
        block = b"\n" + block
    return before[:start] + block + before[stop:]


def without(before: bytes, name: str) -> bytes:
    """Return the crontab without our lines."""
    start, stop = _place(before, name)
    return before[:start] + before[stop:]


def block_of(crontab: bytes, name: str) -> str:
    """Return our lines as they stand; empty when there are none."""
    start, stop = _place(crontab, name)
    return crontab[start:stop].decode("utf-8", "replace")


def _marks(name: str) -> tuple[bytes, bytes]:
    return (
        f"# >>> {name}: these lines are from `cadence schedule install`, which writes them anew\n".encode(),
        f"# <<< {name}\n".encode(),
    )


def _place(crontab: bytes, name: str) -> tuple[int, int]:
    """Return where our lines begin and end; twice the end of the crontab when there are none.

    Refused when a mark is missing or stands twice: somebody edited them, and what lies between may be theirs.
    """
    begin, end = (mark.split(b":")[0].rstrip(b"\n") for mark in _marks(name))
    position, starts, stops = 0, [], []
    for line in crontab.splitlines(keepends=True):
        if line.rstrip() == begin or line.startswith(begin + b":"):
            starts.append(position)
        position += len(line)
        if line.rstrip() == end:
            stops.append(position)
    if not starts and not stops:
        return len(crontab), len(crontab)
    if len(starts) != 1 or len(stops) != 1 or stops[0] <= starts[0]:
        raise Refused(
            f"the marks around the lines of {name} in the crontab are not as they were written; nothing was touched",
            help=f"remove the lines of {name} and their marks with `crontab -e`, and run this again",
        )
    return starts[0], stops[0]
