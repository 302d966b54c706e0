"""What is to be started, and how often: the tick, and the look at whether ticks run."""

from __future__ import annotations

import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from cadence.errors import UsageError

__all__ = ["Job", "job_name", "program_words", "refuse_unprintable", "tick_job", "watch_job"]

STALE_AFTER = "10m"
WATCH_EVERY = 15  #: minutes; it tells of a failure once, and of what lasts each time
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One command, started again and again."""

    name: str  #: of files and tasks, such as ``cadence-summit``
    title: str  #: what it does, in one line
    program: tuple[str, ...]  #: what to run, by its absolute path
    workspace: Path
    arguments: tuple[str, ...]  #: behind the workspace
    minutes: int  #: from one start to the next
    watches: bool = False  #: it is the watchdog

    @property
    def words(self) -> tuple[str, ...]:
        """The whole command."""
        return (*self.program, "-C", str(self.workspace), *self.arguments)


def tick_job(name: str, program: tuple[str, ...], workspace: Path) -> Job:
    """Return the tick, every minute."""
    return Job(
        name=name,
        title=f"cadence in {workspace}: do what is due",
        program=program,
        workspace=workspace,
        arguments=("tick",),
        minutes=1,
    )


def watch_job(name: str, program: tuple[str, ...], workspace: Path) -> Job:
    """Return the look that says nothing while all is well, every quarter of an hour."""
    return Job(
        name=f"{name}-watch",
        title=f"cadence in {workspace}: say when something needs a person",
        program=program,
        workspace=workspace,
        arguments=("status", "--quiet", "--stale-after", STALE_AFTER, "--since", f"{WATCH_EVERY}m"),
        minutes=WATCH_EVERY,
        watches=True,
    )


def job_name(account: str, workspace: Path, given: str = "") -> str:
    """Return what the files and tasks of a workspace are called; UsageError for a name that cannot be one."""
    if given and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}", given):
        raise UsageError(f"--name {given!r} cannot name a schedule", help="use letters, digits and dashes")
    plain = re.sub(r"[^a-z0-9]+", "-", workspace.name.lower()).strip("-")
    return f"cadence-{given or account or plain[:40] or 'shop'}"


def program_words(called_as: str) -> tuple[str, ...]:
    """Return how to start this very program from anywhere; ``called_as`` is how it was started now."""
    called = Path(called_as)
    sibling = Path(sys.executable).with_name("cadence.exe" if sys.platform == "win32" else "cadence")
    if called.stem == "cadence" and called.parent != Path() and called.is_file():
        return (str(called.absolute()),)
    if sibling.is_file():
        return (str(sibling),)
    found = shutil.which("cadence")
    return (str(Path(found).absolute()),) if found else (sys.executable, "-m", "cadence.cli.main")


def refuse_unprintable(job: Job) -> None:
    """Refuse a path that no schedule can name; UsageError."""
    for word in job.words:
        if _UNPRINTABLE.search(word):
            raise UsageError(
                f"the path {word!r} holds characters that no schedule can name",
                help="give the folder a plain name and try again",
            )
