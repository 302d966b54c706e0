"""The commands of the documentation are run, and print what the documentation says they print.

The tutorial and the README go through the installed program; the how-to pages, for speed, through its entry point.
A page's fenced blocks are taken in their order: ``console`` is run in a folder of the page's own, ``… file=NAME``
writes a file, ``diff file=NAME`` edits one. In what a command prints, ``...`` stands for anything. A command ends well
unless the next one is ``echo $?``.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cadence.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = Path(sys.executable).with_name("cadence")
FENCE = re.compile(r"^```(?P<info>[^\n`]+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
HOW_TOS = sorted((ROOT / "docs" / "howto").glob("*.md"))


def installed(words: list[str], folder: Path) -> tuple[int, str]:
    """Run the installed program; return its exit code and all it printed."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("CADENCE_", "GITHUB_"))}
    done = subprocess.run(
        [str(PROGRAM), *words],
        cwd=folder,
        env={**clean, "COLUMNS": "120"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=120,
    )
    return done.returncode, done.stdout


def called(words: list[str], folder: Path) -> tuple[int, str]:
    """Call the program's entry point; return its exit code and all it printed."""
    printed, before = io.StringIO(), sys.argv
    sys.argv = ["cadence", *words]
    try:
        with chdir(folder), redirect_stdout(printed), redirect_stderr(printed), pytest.raises(SystemExit) as end:
            main()
    finally:
        sys.argv = before
    return int(end.value.code or 0), printed.getvalue()


@dataclass
class Terminal:
    """A folder, and what the last command there did."""

    folder: Path
    program: Callable[[list[str], Path], tuple[int, str]] = installed
    code: int = 0
    printed: str = ""
    unchecked: str = ""  #: a command that failed, and that nobody has asked about yet

    def run(self, command: str) -> str:
        words = shlex.split(command)
        if command == "echo $?":
            self.unchecked = ""
            return f"{self.code}\n"
        assert not self.unchecked, f"`{self.unchecked}` failed:\n{self.printed}"
        if words[0] == "cd":
            self.folder /= words[1]
            return ""
        if words[0] == "cat":
            return "".join((self.folder / name).read_text(encoding="utf-8-sig") for name in words[1:])
        assert words[0] == "cadence", f"the documentation runs {words[0]}"
        self.code, self.printed = self.program(words[1:], self.folder)
        self.unchecked = command if self.code else ""
        return self.printed

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def edit(self, name: str, diff: str) -> None:
        lines = diff.splitlines(keepends=True)
        old = "".join(line[1:] for line in lines if line[0] in " -")
        new = "".join(line[1:] for line in lines if line[0] in " +")
        before = (self.folder / name).read_text(encoding="utf-8")
        assert before.count(old) == 1, f"{name} has not exactly one place with:\n{old}"
        self.write(name, before.replace(old, new))


def expected(text: str) -> re.Pattern[str]:
    """What the documentation says a command prints, as a pattern: ``...`` is any lines, or any part of a line."""
    lines = (
        "(?:.*\n)*?" if line == "..." else ".*?".join(map(re.escape, line.split("..."))) + "\n"
        for line in text.strip().splitlines()
    )
    return re.compile("".join(lines))


def follow(page: Path, terminal: Terminal) -> int:
    """Do what a page says; return how many commands it had."""
    commands = 0
    for block in FENCE.finditer(page.read_text(encoding="utf-8")):
        kind, _, rest = block["info"].partition(" ")
        file = rest.removeprefix("file=") if rest.startswith("file=") else ""
        if kind == "diff" and file:
            terminal.edit(file, block["body"])
        elif file:
            terminal.write(file, block["body"])
        elif kind == "console":
            for step in re.split(r"^\$ ", block["body"], flags=re.MULTILINE)[1:]:
                command, _, said = step.partition("\n")
                printed = terminal.run(command)
                commands += 1
                assert expected(said).fullmatch(f"{printed.strip()}\n" if printed.strip() else ""), (
                    f"{page.name}: $ {command}\n{printed}"
                )
    assert not terminal.unchecked, f"{page.name}: `{terminal.unchecked}` failed:\n{terminal.printed}"
    return commands


def test_the_tutorial_can_be_followed_to_its_end(tmp_path: Path) -> None:
    assert follow(ROOT / "docs" / "tutorial.md", Terminal(tmp_path)) > 20


def test_the_taste_in_the_readme_is_what_the_program_prints(tmp_path: Path) -> None:
    assert follow(ROOT / "README.md", Terminal(tmp_path)) > 2


@pytest.mark.parametrize("page", HOW_TOS, ids=lambda page: page.stem)
def test_a_how_to_works_in_a_starter_workspace(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    for variable in ("CADENCE_STORE", "GITHUB_ACTIONS"):
        monkeypatch.delenv(variable, raising=False)
    Terminal(tmp_path, called).run("cadence init shop --trade roofer")

    assert follow(page, Terminal(tmp_path / "shop", called)) > 0


def test_a_page_that_says_something_else_is_caught(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n$ cadence --version\ncadence, version none of this\n```\n", encoding="utf-8")

    with pytest.raises(AssertionError, match=r"page\.md"):
        follow(page, Terminal(tmp_path))


def test_a_command_that_fails_unsaid_is_caught(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n$ cadence no-such-command\n...\n$ cadence --version\n...\n```\n", encoding="utf-8")

    with pytest.raises(AssertionError, match="no-such-command"):
        follow(page, Terminal(tmp_path))
