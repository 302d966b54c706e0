"""Setting up a schedule for the current user, and taking it down again, on each kind of machine."""

from __future__ import annotations

import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from cadence.errors import Refused
from cadence.schedules import crontab
from cadence.schedules.recipes import label, launchd_plist, systemd_files, windows_xml
from cadence.schedules.steps import Feed, Remove, Run, Step, Write, ask

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cadence.schedules.job import Job

__all__ = ["Setup", "by_hand", "fitting_kind", "setup"]

_TOOLS = {"systemd": "systemctl", "cron": "crontab", "launchd": "launchctl", "windows": "schtasks"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What there is to do."""

    install: tuple[Step, ...]
    uninstall: tuple[Step, ...]
    others: bool = False  #: what is there under that name is another workspace's
    note: str = ""  #: what a person must know about this scheduler


def fitting_kind() -> str:
    """Return the scheduler that fits this machine."""
    if sys.platform == "win32":
        return "windows"
    if sys.platform == "darwin":
        return "launchd"
    runs_systemd = shutil.which("systemctl") and Path("/run/systemd/system").is_dir()
    return "systemd" if runs_systemd else "cron"


def setup(kind: str, jobs: Sequence[Job]) -> Setup:
    """Work out the steps for ``jobs``, the tick first. Refused when the scheduler's tool is missing."""
    tool = _TOOLS[kind]
    if shutil.which(tool) is None:
        raise Refused(
            f"this machine has no {tool}, so {kind} cannot be set up from here", help=by_hand(kind, jobs[0].name)
        )
    return {"systemd": _systemd, "cron": _cron, "launchd": _launchd, "windows": _windows}[kind](jobs)


def by_hand(kind: str, name: str, recipe: str = "") -> str:
    """Say what a person does with a ``recipe``, such as "this"; else with what ``cadence schedule print`` prints."""
    recipe = recipe or f"what `cadence schedule print {kind}` prints"
    return {
        "systemd": f"save {recipe} as {name}.service and {name}.timer in ~/.config/systemd/user, "
        f"then run `systemctl --user enable --now {name}.timer`",
        "cron": f"run `crontab -e`, where there is one, and add {recipe}",
        "launchd": f"save {recipe} as ~/Library/LaunchAgents/local.{name}.plist, "
        f"then run `launchctl bootstrap gui/$(id -u) ~/Library/LaunchAgents/local.{name}.plist`",
        "windows": f"save {recipe} as {name}.xml, "
        f"then run `schtasks /Create /TN {name} /XML {name}.xml` as administrator",
    }[kind]


def _systemd(jobs: Sequence[Job]) -> Setup:
    folder = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd" / "user"
    files = {folder / name: text.encode() for job in jobs for name, text in systemd_files(job).items()}
    writes = [Write(path, content) for path, content in files.items()]
    changed, present = any(write.needed() for write in writes), any(path.is_file() for path in files)
    user, timers = ("systemctl", "--user"), tuple(f"{job.name}.timer" for job in jobs)
    running = not changed and not any(
        ask((*user, question, "--quiet", timer)).returncode
        for question in ("is-enabled", "is-active")
        for timer in timers
    )
    return Setup(
        install=(
            *writes,
            Run((*user, "daemon-reload"), changed),
            Run((*user, "enable", "--now", *timers), not running),
        ),
        uninstall=(
            Run((*user, "disable", "--now", *timers), present),
            *(Remove(path) for path in files),
            Run((*user, "daemon-reload"), present),
        ),
        others=any(_another(_text(folder / f"{job.name}.service"), job) for job in jobs),
        note="they run while you are logged in; `loginctl enable-linger` keeps them running",
    )


def _cron(jobs: Sequence[Job]) -> Setup:
    name = jobs[0].name
    before = crontab.read()
    after, without = crontab.with_jobs(before, jobs), crontab.without(before, name)
    feed = ("crontab", "-")
    return Setup(
        install=(Feed(feed, after, f"put {len(jobs)} lines into your crontab", after != before),),
        uninstall=(Feed(feed, without, f"take {len(jobs)} lines out of your crontab", without != before),),
        others=_another(crontab.block_of(before, name), jobs[0]),
        note="cron mails you what the second line prints; MAILTO= in the crontab names somebody else",
    )


def _launchd(jobs: Sequence[Job]) -> Setup:
    folder = Path.home() / "Library" / "LaunchAgents"
    domain = f"gui/{os.getuid()}"
    install: list[Step] = []
    uninstall: list[Step] = []
    others = False
    for job in jobs:
        file, here = folder / f"{label(job)}.plist", f"{domain}/{label(job)}"
        others = others or _another(_text(file), job)
        write = Write(file, launchd_plist(job).encode())
        changed, loaded = write.needed(), not ask(("launchctl", "print", here)).returncode
        install += [
            write,
            Run(("launchctl", "bootout", here), loaded and changed),
            Run(("launchctl", "bootstrap", domain, str(file)), changed or not loaded),
        ]
        uninstall += [Run(("launchctl", "bootout", here), loaded), Remove(file)]
    return Setup(
        install=tuple(install),
        uninstall=tuple(uninstall),
        others=others,
        note="they run while you are logged in and the machine is awake",
    )


def _windows(jobs: Sequence[Job]) -> Setup:
    folder = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "cadence"
    install: list[Step] = []
    uninstall: list[Step] = []
    others = False
    for job in jobs:
        file = folder / f"{job.name}.xml"
        others = others or _another(_text(file, "utf-16"), job)
        write = Write(file, windows_xml(job).encode("utf-16"))
        known = not ask(("schtasks", "/Query", "/TN", job.name)).returncode
        create = ("schtasks", "/Create", "/F", "/TN", job.name, "/XML", str(file))
        install += [write, Run(create, write.needed() or not known)]
        uninstall += [Run(("schtasks", "/Delete", "/F", "/TN", job.name), known), Remove(file)]
    return Setup(
        install=tuple(install),
        uninstall=tuple(uninstall),
        others=others,
        note="if Task Scheduler refuses, open the terminal as administrator and run this again",
    )


def _another(there: str, job: Job) -> bool:
    """Tell whether what is there starts something in another workspace."""
    folder = str(job.workspace)
    forms = {
        folder,
        escape(folder),
        folder.replace("%", "%%"),
        folder.replace("%", "\\%"),
        folder.replace("\\", "\\\\"),
    }
    return bool(there) and not any(re.search(re.escape(form) + r"(?=[\"'<\s:]|$)", there) for form in forms)


def _text(file: Path, encoding: str = "utf-8") -> str:
    return file.read_bytes().decode(encoding, "replace") if file.is_file() else ""
