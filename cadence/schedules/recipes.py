"""Recipes: a job as the files and lines that each scheduler reads, every path quoted as that scheduler asks.

The recipes are data, in ``cadence/data/schedules``; here their ``{{words}}`` are filled in.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from cadence.errors import UsageError
from cadence.files import data_text
from cadence.schedules.job import refuse_unprintable

if TYPE_CHECKING:
    from cadence.schedules.job import Job

__all__ = ["KINDS", "cron_line", "label", "launchd_plist", "recipe", "systemd_files", "windows_xml"]

KINDS = ("systemd", "cron", "launchd", "windows")
_WORD = re.compile(r"\{\{(\w+)\}\}")


def recipe(kind: str, job: Job) -> str:
    """Return a job as the scheduler ``kind`` reads it; UsageError for a path that it cannot name."""
    if kind == "systemd":
        return "\n".join(f"# {name}\n{text}" for name, text in systemd_files(job).items())
    return {"cron": cron_line, "launchd": launchd_plist, "windows": windows_xml}[kind](job)


def systemd_files(job: Job) -> dict[str, str]:
    """Return a service and the timer that starts it, by file name (systemd.service(5), systemd.timer(5))."""
    program, *others = job.words
    command = " ".join([_systemd_word(program, variables=False), *map(_systemd_word, others)])
    title = job.title.replace("%", "%%")
    return {
        f"{job.name}.service": _filled("systemd.service", job, title=title, command=command),
        f"{job.name}.timer": _filled("systemd.timer", job, title=title, minutes=str(job.minutes)),
    }


def _systemd_word(word: str, *, variables: bool = True) -> str:
    """Quote a word; ``variables``: a dollar would begin one, as it does everywhere but in the program's path."""
    word = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    word = word.replace("$", "$$") if variables else word
    return word if re.fullmatch(r"[\w./:=@+,-]+", word) else f'"{word}"'


def cron_line(job: Job) -> str:
    """Return a line of a crontab (crontab(5)): a percent sign would end the command, were it not marked.

    What a tick prints is thrown away: it is in the database. What the watchdog prints is mailed by cron.
    """
    command = shlex.join(job.words) + ("" if job.watches else " >/dev/null 2>&1")
    when = "* * * * *" if job.minutes == 1 else f"*/{job.minutes} * * * *"
    return _filled("cron", job, when=when, command=command.replace("%", "\\%"))


def launchd_plist(job: Job) -> str:
    """Return a property list (launchd.plist(5)); the watchdog shows a notice, as nothing else would tell."""
    words = job.words
    if job.watches:
        notice = 'display notification "Something needs you: run cadence status" with title "cadence"'
        words = ("/bin/sh", "-c", f"{shlex.join(words)} || osascript -e {shlex.quote(notice)}")
    lines = "\n".join(f"    <string>{escape(word)}</string>" for word in words)
    return _filled("launchd.plist", job, label=label(job), words=lines, seconds=str(job.minutes * 60))


def label(job: Job) -> str:
    """Return what launchd calls a job."""
    return f"local.{job.name}"


def windows_xml(job: Job) -> str:
    """Return a task of the Windows Task Scheduler (task scheduler schema 1.2)."""
    program, *others = job.words
    arguments = subprocess.list2cmdline(others)
    if re.search(r"%[^%]+%", f"{program} {arguments}"):
        raise UsageError(
            "the path holds two percent signs, and Task Scheduler would read a variable between them",
            help="give the folder a name without them",
        )
    return _filled(
        "windows.xml",
        job,
        title=escape(job.title),
        minutes=str(job.minutes),
        program=escape(program),
        arguments=escape(arguments),
    )


def _filled(name: str, job: Job, **words: str) -> str:
    refuse_unprintable(job)
    return _WORD.sub(lambda found: words[found[1]], data_text(f"schedules/{name}"))
