"""``cadence schedule``: the recipes run, setting up is done once, and other people's lines stay."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Answer, Shop

PROGRAM = Path(sys.executable).with_name("cadence")
FAKES = {
    "crontab": """
there="$FAKES/crontab.txt"
[ "$1" = "-l" ] && { [ -e "$there" ] && exec cat "$there"; echo "no crontab for me" >&2; exit 1; }
[ "$1" = "-" ] && { echo "crontab -" >> "$FAKES/calls"; exec cat > "$there"; }
exit 2
""",
    "systemctl": """
case "$2" in
  is-enabled|is-active) [ -e "$FAKES/on.$4" ]; exit ;;
  enable) shift 3; for each; do touch "$FAKES/on.$each"; done; set -- --user enable --now "$@" ;;
  disable) shift 3; for each; do rm -f "$FAKES/on.$each"; done; set -- --user disable --now "$@" ;;
esac
echo "systemctl $*" >> "$FAKES/calls"
[ -e "$FAKES/no-bus" ] && { echo "Failed to connect to bus: No medium found" >&2; exit 1; }
exit 0
""",
    "launchctl": """
case "$1" in
  print) [ -e "$FAKES/on.${2##*/}" ]; exit ;;
  bootstrap) name=$(basename "$3" .plist); touch "$FAKES/on.$name" ;;
  bootout) rm "$FAKES/on.${2##*/}" ;;
esac
echo "launchctl $1" >> "$FAKES/calls"
""",
    "schtasks": """
case "$1" in
  /Query) [ -e "$FAKES/on.$3" ]; exit ;;
  /Create) touch "$FAKES/on.$4" ;;
  /Delete) rm "$FAKES/on.$4" ;;
esac
echo "schtasks $1" >> "$FAKES/calls"
""",
}


@dataclass(frozen=True)
class Machine:
    """A machine with schedulers that only note what they are told, and a home of its own."""

    folder: Path
    shop: Shop

    def schedule(self, *words: str, expect: int = 0, **env: str) -> Answer:
        home = {"HOME": str(self.folder / "home"), "XDG_CONFIG_HOME": "", "LOCALAPPDATA": ""}
        path = f"{self.folder / 'bin'}:/usr/bin:/bin"
        return self.shop.run(
            "schedule", *words, expect=expect, env={"PATH": path, "FAKES": str(self.folder), **home, **env}
        )

    def calls(self) -> list[str]:
        """What was told since the last time this was asked."""
        file = self.folder / "calls"
        told = file.read_text().splitlines() if file.is_file() else []
        file.unlink(missing_ok=True)
        return told

    def files(self) -> dict[str, bytes]:
        home = self.folder / "home"
        return {str(path.relative_to(home)): path.read_bytes() for path in home.rglob("*") if path.is_file()}

    @property
    def crontab(self) -> Path:
        return self.folder / "crontab.txt"


@pytest.fixture
def machine(make_shop: Callable[..., Shop], tmp_path: Path) -> Machine:
    for name, script in FAKES.items():
        fake = tmp_path / "bin" / name
        fake.parent.mkdir(exist_ok=True)
        fake.write_text(f"#!/bin/sh\n{script}")
        fake.chmod(0o755)
    return Machine(tmp_path, make_shop("roofer"))


KINDS = ("systemd", "cron", "launchd", "windows")
MADE = {
    "systemd": {
        f".config/systemd/user/cadence-summit{part}"
        for part in (".service", ".timer", "-watch.service", "-watch.timer")
    },
    "cron": set(),
    "launchd": {f"Library/LaunchAgents/local.cadence-summit{part}.plist" for part in ("", "-watch")},
    "windows": {f"AppData/Local/cadence/cadence-summit{part}.xml" for part in ("", "-watch")},
}


@pytest.mark.parametrize("kind", KINDS)
def test_setting_up_a_second_time_changes_nothing_and_taking_down_leaves_nothing(machine: Machine, kind: str) -> None:
    tried = machine.schedule("install", kind, "--dry-run")
    assert tried.out.startswith("would ")
    assert (machine.calls(), machine.files()) == ([], {})

    first = machine.schedule("install", kind)
    assert first.out.endswith("A tick starts every minute now; `cadence status` shows how they go.\n")
    assert [line.replace("would ", "").split(" ", 1)[1] for line in tried.out.splitlines()] == [
        line.split(" ", 1)[1] for line in first.out.splitlines()[:-1]
    ]  # fmt: skip
    assert machine.calls()
    assert set(machine.files()) == MADE[kind]

    before = machine.files()
    again = machine.schedule("install", kind)
    assert (again.out, again.err) == ("it is set up already; nothing changed\n", "")
    assert (machine.calls(), machine.files()) == ([], before)

    assert machine.schedule("uninstall", kind).out.endswith("No tick starts by itself any more.\n")
    assert machine.files() == {}
    assert list(machine.folder.glob("on.*")) == []
    machine.calls()
    assert machine.schedule("uninstall", kind).out == "no schedule is set up; nothing changed\n"
    assert machine.calls() == []


def test_systemd_is_told_to_read_anew_only_what_changed(machine: Machine) -> None:
    machine.schedule("install", "systemd")
    assert machine.calls() == [
        "systemctl --user daemon-reload",
        "systemctl --user enable --now cadence-summit.timer cadence-summit-watch.timer",
    ]
    (machine.folder / "on.cadence-summit.timer").unlink()
    assert machine.schedule("install", "systemd").out.startswith("ran systemctl --user enable --now")
    unit = machine.folder / "home/.config/systemd/user/cadence-summit.service"
    unit.write_text(unit.read_text().replace("5min", "1h"))
    assert f"wrote {unit}" in machine.schedule("install", "systemd").out
    assert "5min" in unit.read_text()


def test_a_scheduler_that_refuses_is_quoted(machine: Machine) -> None:
    (machine.folder / "no-bus").touch()
    refused = machine.schedule("install", "systemd", expect=1)

    assert "`systemctl --user daemon-reload` ended with 1: Failed to connect to bus" in refused.err
    assert "help: what was done before it stays" in refused.err


def test_lines_of_others_in_the_crontab_are_kept_to_the_byte(machine: Machine) -> None:
    theirs = b"MAILTO=office@example.com\n# night jobs \xe9\n0 3 * * *\t/opt/backup --all 100\\%\n\n@reboot x"
    machine.crontab.write_bytes(theirs)

    machine.schedule("install", "cron")
    both = machine.crontab.read_bytes()
    machine.crontab.write_bytes(both.replace(b"* * * * * ", b"*/5 * * * * ", 1) + b"# added behind\n")
    assert "put 2 lines into your crontab" in machine.schedule("install", "cron").out
    assert machine.crontab.read_bytes() == both + b"# added behind\n", "put back in its place"

    machine.schedule("uninstall", "cron")
    assert machine.crontab.read_bytes() == theirs + b"\n# added behind\n"


def test_a_crontab_whose_marks_were_edited_is_left_alone(machine: Machine) -> None:
    machine.schedule("install", "cron")
    edited = machine.crontab.read_text().replace("# <<< cadence-summit\n", "0 3 * * * theirs\n")
    machine.crontab.write_text(edited)

    for act in ("install", "uninstall"):
        assert "nothing was touched" in machine.schedule(act, "cron", expect=1).err
    assert machine.crontab.read_text() == edited


def test_the_cron_lines_run_from_anywhere_in_a_folder_of_any_name(machine: Machine) -> None:
    """As cron does it: the marks before percent signs go, the rest goes to the shell."""
    odd = machine.shop.folder.rename(machine.folder / "50% off & $more 'roofs'")
    shop = type(machine.shop)(odd)
    type(machine)(machine.folder, shop).schedule("install", "cron")
    tick, watch = [line for line in machine.crontab.read_text().splitlines() if not line.startswith("#")]

    for line in (tick, watch):
        command = line.split(" ", 5)[5].replace("\\%", "%")
        done = subprocess.run(["/bin/sh", "-c", command], cwd="/", env={"HOME": "/"}, capture_output=True, timeout=60)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert (odd / "cadence.db").is_file()


def test_two_shops_of_one_name_do_not_take_each_others_schedule(machine: Machine) -> None:
    machine.schedule("install", "cron")
    machine.schedule("install", "systemd")
    other = type(machine)(machine.folder, type(machine.shop)(machine.folder / "shop-2"))
    subprocess.run([str(PROGRAM), "init", str(other.shop.folder)], check=True, capture_output=True)

    for kind in ("cron", "systemd"):
        assert "starts the ticks of another workspace" in other.schedule("install", kind, expect=1).err
        other.schedule("install", kind, "--name", "second")
    lines = machine.crontab.read_text()
    assert lines.count(f"{machine.shop.folder} tick") == lines.count(f"{other.shop.folder} tick") == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_machine_without_the_tool_is_told_what_to_do_by_hand(machine: Machine, kind: str) -> None:
    refused = machine.schedule("install", kind, expect=1, PATH="/nowhere")

    assert "this machine has no" in refused.err
    assert f"what `cadence schedule print {kind}` prints" in refused.err
    assert machine.files() == {}


def test_what_is_printed_names_the_program_and_the_workspace(machine: Machine) -> None:
    for kind in KINDS:
        for words in ((), ("--watch",)):
            printed = machine.schedule("print", kind, *words)
            assert str(PROGRAM) in printed.out
            assert str(machine.shop.folder) in printed.out
            assert "note: `cadence schedule install` sets this up" in printed.err
    printed = machine.schedule("print", "windows").out
    assert ET.fromstring(printed.encode()).tag.endswith("Task")
    fits = machine.schedule("print").out
    assert fits == machine.schedule("print", "systemd" if Path("/run/systemd/system").is_dir() else "cron").out


def test_settings_of_this_shell_alone_are_pointed_out(machine: Machine) -> None:
    """A scheduler knows the .env, and no shell."""
    store = f"sqlite:///{machine.folder}/other.db"
    said = machine.schedule("install", "cron", CADENCE_STORE=store).err
    assert "note: CADENCE_STORE is set in this shell alone" in said

    (machine.shop.folder / ".env").write_text(f"CADENCE_STORE={store}\n")
    machine.schedule("uninstall", "cron")
    assert not re.search("CADENCE_STORE", machine.schedule("install", "cron", CADENCE_STORE=store).err)
