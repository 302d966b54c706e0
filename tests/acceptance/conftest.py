"""The installed program, run as a person runs it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest

from support.entry import call
from support.quiet import quiet

if TYPE_CHECKING:
    from collections.abc import Callable

PROGRAM = Path(sys.executable).with_name("cadence")


@dataclass(frozen=True)
class Answer:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """What ``--json`` printed."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Shop:
    """A workspace, and the program run in it."""

    folder: Path

    def run(self, *words: str, expect: int = 0, env: dict[str, str] | None = None) -> Answer:
        """Run a command there; ``expect`` is the exit code it must end with."""
        answer = run("-C", str(self.folder), *words, env=env)
        assert answer.code == expect, f"cadence {' '.join(words)} ended with {answer.code}\n{answer.out}\n{answer.err}"
        assert "Traceback" not in answer.err
        return answer

    def tick(self, now: str, expect: int = 0) -> str:
        """Tick at a business-local time; return the summary line."""
        return self.run("tick", "--now", now, expect=expect).out

    def tell_nobody(self) -> Shop:
        """Have colleagues told nothing and no review held, where it is about what goes to leads."""
        page = self.folder / "cadence.yaml"
        page.write_text(quiet(page.read_text(encoding="utf-8")), encoding="utf-8")
        for path in (self.folder / "playbooks").glob("*.yaml"):
            text = path.read_text(encoding="utf-8")
            path.write_text(re.sub(r"(?ms)^reviews:\n(  .*?\n)+", "", text), encoding="utf-8")
        return self

    def texts(self) -> str:
        """Return what would have been sent so far."""
        log = self.folder / "messages.log"
        return log.read_text(encoding="utf-8") if log.is_file() else ""

    def to_leads(self) -> str:
        """Return what would have been sent to leads, without what colleagues are told."""
        entries = re.split(r"(?m)^(?=--- )", self.texts())
        return "".join(entry for entry in entries if "(alert/" not in entry.partition("\n")[0])


class NearShop(Shop):
    """The same, the program run in this process: for facts that need many commands."""

    def run(self, *words: str, expect: int = 0, env: dict[str, str] | None = None) -> Answer:
        """Run a command there; the environment is this process's own, and ``env``."""
        with patch.dict(os.environ, env or {}):
            answer = Answer(*call(self.folder, *words))
        assert answer.code == expect, f"cadence {' '.join(words)} ended with {answer.code}\n{answer.out}\n{answer.err}"
        return answer


def run(*words: str, env: dict[str, str] | None = None, cwd: Path | None = None) -> Answer:
    """Run the installed program."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("CADENCE_", "GITHUB_"))}
    done = subprocess.run(
        [str(PROGRAM), *words], capture_output=True, text=True, env={**clean, **(env or {})}, cwd=cwd, timeout=120
    )
    return Answer(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def program() -> Callable[..., Answer]:
    """Return the installed program."""
    return run


@pytest.fixture
def make_shop(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[..., Shop]:
    """Return what makes a starter workspace; a module that says ``IN_THIS_PROCESS`` works it here, which costs less."""
    near = getattr(request.module, "IN_THIS_PROCESS", False)

    def make(*trades: str) -> Shop:
        folder = tmp_path / "shop"
        words = ("init", str(folder), *(word for trade in trades for word in ("--trade", trade)))
        answer = call(tmp_path, *words) if near else run(*words)
        assert answer.code == 0, answer.err
        return NearShop(folder) if near else Shop(folder)

    return make


@pytest.fixture
def near_shop(tmp_path: Path) -> NearShop:
    """Return a starter workspace for roofers, worked in this process."""
    folder = tmp_path / "shop"
    assert call(tmp_path, "init", str(folder), "--trade", "roofer").code == 0
    return NearShop(folder)


@pytest.fixture(scope="session")
def near() -> Callable[[Path], NearShop]:
    """Return what opens a workspace that is there, worked in this process."""
    return NearShop
