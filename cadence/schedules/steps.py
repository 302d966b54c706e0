"""Steps of setting up a schedule: each says what it does, knows whether it is done already, and does it."""

from __future__ import annotations

import os
import shlex
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from cadence.errors import CadenceError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

__all__ = ["Feed", "Remove", "Run", "Step", "Write", "ask", "carry_out"]

SECONDS = 60


class Step(Protocol):
    """One thing to do."""

    @property
    def said(self) -> str:
        """What it does, as ``write FILE``."""

    def needed(self) -> bool:
        """Tell whether it would change anything."""

    def do(self) -> None:
        """Do it; CadenceError, with what was said, when that fails."""


@dataclass(frozen=True, slots=True)
class Write:
    """A file with a content of its own."""

    path: Path
    content: bytes

    @property
    def said(self) -> str:
        """What it does."""
        return f"write {self.path}"

    def needed(self) -> bool:
        """Tell whether the file is missing or says something else."""
        return not self.path.is_file() or self.path.read_bytes() != self.content

    def do(self) -> None:
        """Make the file, whole or not at all."""
        beside = self.path.with_name(f".{self.path.name}.new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_bytes(self.content)
            beside.replace(self.path)
        except OSError as error:
            raise CadenceError(f"cannot write {self.path}: {error.strerror}") from error


@dataclass(frozen=True, slots=True)
class Remove:
    """A file that goes."""

    path: Path

    @property
    def said(self) -> str:
        """What it does."""
        return f"remove {self.path}"

    def needed(self) -> bool:
        """Tell whether the file is there."""
        return self.path.is_file()

    def do(self) -> None:
        """Remove the file."""
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise CadenceError(f"cannot remove {self.path}: {error.strerror}") from error


@dataclass(frozen=True, slots=True)
class Run:
    """A command."""

    words: tuple[str, ...]
    wanted: bool = True  #: False: what it would bring about is so already

    @property
    def said(self) -> str:
        """What it does."""
        return f"run {shlex.join(self.words)}"

    def needed(self) -> bool:
        """Tell whether it is still to be done."""
        return self.wanted

    def do(self) -> None:
        """Run the command."""
        _call(self.words)


@dataclass(frozen=True, slots=True)
class Feed:
    """A command that is given a text, and how a person would say that."""

    words: tuple[str, ...]
    text: bytes
    said: str  #: beginning with ``put`` or ``take``
    wanted: bool = True  #: False: what it would bring about is so already

    def needed(self) -> bool:
        """Tell whether it is still to be done."""
        return self.wanted

    def do(self) -> None:
        """Run the command."""
        _call(self.words, self.text)


def carry_out(steps: Sequence[Step], tell: Callable[[str], None], *, dry_run: bool = False) -> bool:
    """Take the steps in order, telling of each; tell whether there was anything to do."""
    needed = [step for step in steps if step.needed()]
    for step in needed:
        if dry_run:
            tell(f"would {step.said}")
        else:
            step.do()
            tell(_did(step.said))
    return bool(needed)


def ask(words: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
    """Run a command that changes nothing, and return what it answered; CadenceError when it cannot be run."""
    return _started(words, b"")


def _call(words: Sequence[str], text: bytes = b"") -> None:
    done = _started(words, text)
    if done.returncode:
        said = (done.stderr or done.stdout).decode("utf-8", "replace").strip()
        raise CadenceError(
            f"`{shlex.join(words)}` ended with {done.returncode}" + (f": {said}" if said else ""),
            help="what was done before it stays; mend that and run the command again",
        )


def _started(words: Sequence[str], text: bytes) -> subprocess.CompletedProcess[bytes]:
    try:
        # The tools say things in the reader's language; some of it is looked at here.
        plain = {**os.environ, "LC_ALL": "C"}
        return subprocess.run(words, input=text, capture_output=True, env=plain, timeout=SECONDS, check=False)  # noqa: S603 - words of our own
    except (OSError, subprocess.TimeoutExpired) as error:
        why = getattr(error, "strerror", None) or "it did not end"
        raise CadenceError(f"cannot run {words[0]}: {why}") from error


def _did(said: str) -> str:
    verb, _, what = said.partition(" ")
    return f"{ {'write': 'wrote', 'remove': 'removed', 'run': 'ran', 'put': 'put', 'take': 'took'}[verb] } {what}"
