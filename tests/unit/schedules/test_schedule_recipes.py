"""Recipes are read by their schedulers as they are meant, whatever the folders are called."""

from __future__ import annotations

import plistlib
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from cadence.errors import UsageError
from cadence.schedules.job import Job, job_name, program_words, tick_job, watch_job
from cadence.schedules.recipes import KINDS, cron_line, launchd_plist, recipe, systemd_files, windows_xml

PLACES = [
    "/srv/shop",
    "/srv/Summit Roofing & Sons",
    "/srv/100% <roof> \"quoted\" 'single'",
    "/srv/back\\slash $HOME `id` ; #!",
    "/srv/d\u00e4cher/\u5c4b\u6839",
    "/srv/%h $$ {{title}}",
]
TASK = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"


def jobs(place: str, program: str = "/opt/my tools/cadence") -> tuple[Job, Job]:
    return tick_job("cadence-summit", (program,), Path(place)), watch_job("cadence-summit", (program,), Path(place))


def systemd_reads(text: str) -> dict[str, dict[str, str]]:
    """Read a unit as systemd does: sections of NAME=VALUE, a percent sign twice is one."""
    sections: dict[str, dict[str, str]] = {}
    for line in text.splitlines():
        if line.startswith("["):
            current = sections.setdefault(line.strip("[]"), {})
        elif line:
            name, _, value = line.partition("=")
            current[name] = value
    return sections


def systemd_words(command: str) -> list[str]:
    """Take a command apart as systemd.service(5) says: quotes, backslashes, specifiers, variables."""
    words = [
        re.sub(r"\\(.)", r"\1", quoted) if quoted else bare
        for quoted, bare in re.findall(r'"((?:[^"\\]|\\.)*)"(?= |$)|([^\s"\\]+)(?= |$)', command)
    ]
    assert all("$" not in word.replace("$$", "") for word in words[1:])
    assert all("%" not in word.replace("%%", "") for word in words)
    return [word.replace("%%", "%").replace("$$", "$") for word in words]


def cron_reads(line: str) -> tuple[str, str]:
    """Split a line as crontab(5) says: five fields, a command up to a percent sign that is not marked."""
    *when, command = line.rstrip("\n").split(" ", 5)
    assert not re.search(r"(?<!\\)%", command)
    return " ".join(when), command.replace("\\%", "%")


@pytest.mark.parametrize("place", PLACES)
def test_every_scheduler_reads_the_command_that_is_meant(place: str) -> None:
    for job in jobs(place):
        service = systemd_reads(systemd_files(job)[f"{job.name}.service"])
        _, command = cron_reads(cron_line(job))
        plist = plistlib.loads(launchd_plist(job).encode())
        action = ET.fromstring(windows_xml(job).encode("utf-16")).find(f".//{TASK}Exec")
        assert action is not None

        assert systemd_words(service["Service"]["ExecStart"]) == list(job.words)
        assert shlex.split(command.removesuffix(" >/dev/null 2>&1")) == list(job.words)
        assert action.findtext(f"{TASK}Command") == job.program[0]
        assert action.findtext(f"{TASK}Arguments") == subprocess.list2cmdline(job.words[1:])
        if job.watches:
            assert plist["ProgramArguments"][:2] == ["/bin/sh", "-c"]
            before, _, notice = plist["ProgramArguments"][2].partition(" || ")
            assert shlex.split(before) == list(job.words)
            assert shlex.split(notice)[:2] == ["osascript", "-e"]
        else:
            assert plist["ProgramArguments"] == list(job.words)


def test_ticks_start_every_minute_and_the_watchdog_every_quarter_of_an_hour() -> None:
    tick, watch = jobs("/srv/shop")
    timer = systemd_reads(systemd_files(tick)["cadence-summit.timer"])
    service = systemd_reads(systemd_files(tick)["cadence-summit.service"])
    task = ET.fromstring(windows_xml(tick))

    assert timer["Timer"] == {"OnCalendar": "*:0/1", "AccuracySec": "1s", "Persistent": "true"}
    assert timer["Install"] == {"WantedBy": "timers.target"}
    assert (service["Service"]["Type"], service["Service"]["TimeoutStartSec"]) == ("oneshot", "5min")
    assert cron_reads(cron_line(tick))[0] == "* * * * *"
    assert plistlib.loads(launchd_plist(tick).encode())["StartInterval"] == 60
    assert task.findtext(f".//{TASK}Interval") == "PT1M"
    assert systemd_reads(systemd_files(watch)["cadence-summit-watch.timer"])["Timer"]["OnCalendar"] == "*:0/15"
    assert cron_reads(cron_line(watch))[0] == "*/15 * * * *"
    assert plistlib.loads(launchd_plist(watch).encode())["StartInterval"] == 900
    assert ET.fromstring(windows_xml(watch)).findtext(f".//{TASK}Interval") == "PT15M"
    assert watch.words[-6:] == ("status", "--quiet", "--stale-after", "10m", "--since", "15m")


@pytest.mark.parametrize("place", PLACES)
def test_systemd_finds_nothing_to_say_about_the_units(place: str, tmp_path: Path) -> None:
    """Where systemd is, it is asked itself."""
    program = tmp_path / "my %h tools" / "cadence"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    files = {name: text for job in jobs(place, str(program)) for name, text in systemd_files(job).items()}
    for name, text in files.items():
        (tmp_path / name).write_text(text)

    if shutil.which("systemd-analyze"):
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / name) for name in files)],
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        mine = [line for line in done.stderr.splitlines() if "cadence-summit" in line]
        assert mine == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_path_that_no_schedule_can_name_is_refused(kind: str) -> None:
    for place in ("/srv/two\nlines", "/srv/bell\x07", "/srv/bad\udcff"):
        with pytest.raises(UsageError, match="no schedule can name"):
            recipe(kind, jobs(place)[0])


def test_task_scheduler_would_read_a_variable_between_percent_signs() -> None:
    with pytest.raises(UsageError, match="two percent signs"):
        recipe("windows", jobs("/srv/%USERNAME%")[0])


def test_what_things_are_called() -> None:
    assert job_name("summit", Path("/srv/x")) == "cadence-summit"
    assert job_name("", Path("/srv/My Shop & Sons")) == "cadence-my-shop-sons"
    assert job_name("", Path("/srv/\u5c4b")) == "cadence-shop"
    assert job_name("summit", Path("/srv/x"), "night-2") == "cadence-night-2"
    for name in ("a b", "../x", "-x", "x" * 41):
        with pytest.raises(UsageError):
            job_name("summit", Path("/srv/x"), name)


def test_the_program_is_named_by_its_absolute_path(tmp_path: Path) -> None:
    own = tmp_path / "cadence"
    own.write_text("")

    assert program_words(str(own)) == (str(own),)
    for called in ("cadence", "/nowhere/cadence", "pytest"):
        (word,) = program_words(called)
        assert Path(word) == Path(sys.executable).with_name("cadence")
