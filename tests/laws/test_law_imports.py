"""The house keeps its laws: pure rooms do no I/O and read no clock, and arrows run one way."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import cadence

PACKAGE = Path(cadence.__file__).parent
PURE = ("timing", "playbook", "engine")

#: Standard modules that reach the machine, the network or chance. Third-party ones are allowed by name below.
REACHES_OUT = {
    "asyncio", "concurrent", "ftplib", "getpass", "glob", "http", "imaplib", "logging", "multiprocessing", "os",
    "pathlib", "pickle", "platform", "poplib", "random", "secrets", "select", "shelve", "shutil", "signal", "smtplib",
    "socket", "sqlite3", "ssl", "subprocess", "sys", "tempfile", "threading", "time", "urllib", "uuid",
}  # fmt: skip
LIBRARIES = {"croniter", "holidays", "jinja2", "jsonschema", "markupsafe", "yaml"}
CLOCKS = {("datetime", "now"), ("datetime", "today"), ("datetime", "utcnow"), ("date", "today"), ("time", "time")}

#: The ground of whatever runs: settings of the machine, and telling of what happens without telling too much.
TALK = ("machine", "masking", "logs")
#: Room -> rooms it may import. What stands in none of them belongs to the ground (errors) or to the doors (cli).
ARROWS = {
    "timing": set(),
    "playbook": {"timing"},
    "engine": {"playbook", "timing"},
    "leads": {"engine", "playbook", "timing"},
    "testing": {"leads", "engine", "playbook", "timing"},
    "handles": set(),
    "channels": {"engine", "playbook", "timing", "handles", *TALK},
    "inbox": {"channels", "leads", "playbook", "timing", "handles", *TALK},
    "store": {"engine", "playbook", "timing"},
    "runner": {
        "store",
        "inbox",
        "handles",
        "channels",
        "leads",
        "engine",
        "playbook",
        "timing",
        "files",
        "workspace",
        *TALK,
    },
    "reports": {
        "runner",
        "store",
        "channels",
        "testing",
        "leads",
        "engine",
        "playbook",
        "timing",
        "files",
        "workspace",
        *TALK,
    },
    "web": {"runner", "store", "channels", "inbox", "playbook", *TALK},
    "doctor": {
        "web",
        "runner",
        "store",
        "inbox",
        "channels",
        "schedules",
        "playbook",
        "timing",
        "files",
        "workspace",
        *TALK,
    },
    "files": set(),
    "machine": set(),
    "masking": {"machine"},
    "logs": {"machine", "masking"},
    "workspace": {"playbook", "timing", "files", "inbox"},
    "schedules": {"files"},
    "cli": {
        "doctor",
        "web",
        "runner",
        "reports",
        "store",
        "inbox",
        "channels",
        "testing",
        "leads",
        "schedules",
        "files",
        "workspace",
        *PURE,
        *TALK,
    },
}


def _modules(room: str) -> list[Path]:
    single = PACKAGE / f"{room}.py"
    return [single] if single.is_file() else sorted((PACKAGE / room).rglob("*.py"))


def _imports(path: Path) -> set[str]:
    """Return every module a file imports anywhere in it, inside functions too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written in full"
            names.add(node.module or "")
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def _rooms(path: Path) -> set[str]:
    return {name.split(".")[1] for name in _imports(path) if name.startswith("cadence.")} - {"errors", "__version__"}


PURE_FILES = [path for room in PURE for path in _modules(room)]


def test_pure_rooms_are_there() -> None:
    """The walk below looks at something."""
    assert len(PURE_FILES) > 40


@pytest.mark.parametrize("path", PURE_FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_pure_room_imports_nothing_that_does_io(path: Path) -> None:
    """playbook, timing and engine import nothing that reads files, the network, the environment or chance."""
    tops = {name.split(".")[0] for name in _imports(path)}

    assert tops & REACHES_OUT == set()

    foreign = {top for top in tops if top not in sys.stdlib_module_names and top != "cadence"}
    assert foreign <= LIBRARIES


@pytest.mark.parametrize("path", PURE_FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_pure_room_reads_no_clock_and_opens_no_file(path: Path) -> None:
    """``now`` is always an argument; nothing is opened."""
    calls = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            function = node.func
            if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
                calls.add((function.value.id, function.attr))
            elif isinstance(function, ast.Name):
                calls.add(("", function.id))

    assert calls & CLOCKS == set()
    assert calls & {("", "open"), ("", "input"), ("", "print"), ("", "exec"), ("", "eval")} == set()


@pytest.mark.parametrize("room", sorted(ARROWS))
def test_arrows_run_one_way(room: str) -> None:
    """A room imports only rooms below it, so there are no circles between rooms."""
    wrong = {
        f"{path.relative_to(PACKAGE)} -> {other}"
        for path in _modules(room)
        for other in _rooms(path)
        if other not in ARROWS[room] | {room}
    }

    assert wrong == set()


def test_every_room_is_on_the_plan() -> None:
    """No room is built beside the plan."""
    rooms = {path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name not in ("data", "__pycache__")}
    rooms |= {path.stem for path in PACKAGE.glob("*.py")} - {"__init__", "errors"}

    assert rooms == set(ARROWS)
