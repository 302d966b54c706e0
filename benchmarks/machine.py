"""The machine, and processes on it: how long they take, how much memory they need."""

from __future__ import annotations

import compileall
import json
import os
import platform
import resource
import sqlite3
import subprocess
import sys
import sysconfig
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import cadence

__all__ = [
    "Job",
    "Run",
    "compile_bytecode",
    "environment",
    "machine_line",
    "median",
    "peak_memory",
    "run_to_end",
    "timed",
]

ROOT = Path(__file__).parent.parent
_PAGE = os.sysconf("SC_PAGE_SIZE") / 2**20


def machine_line() -> str:
    """Say what the figures were measured on."""
    model = platform.processor() or platform.machine()
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), model)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    return (
        f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, load {load:.1f} at the start"
    )


def compile_bytecode() -> None:
    """Compile cadence and every package beside it, as an installation does."""
    for folder in (Path(cadence.__file__).parent, ROOT / "benchmarks", Path(sysconfig.get_path("purelib"))):
        compileall.compile_dir(folder, quiet=2, workers=os.cpu_count() or 1)


def environment(**more: str) -> dict[str, str]:
    """Return this environment without what would change a measurement."""
    away = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "CADENCE_STORE", "PYTHONPATH")
    return {**{name: value for name, value in os.environ.items() if name not in away}, **more}


def median(values: list[float]) -> float:
    """Return the middle one."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def timed(command: list[str], **variables: str) -> float:
    """Run a process to its end; return its seconds. RuntimeError when it fails."""
    env = environment(**variables)
    nothing = os.open(os.devnull, os.O_RDWR)
    actions = [(os.POSIX_SPAWN_DUP2, nothing, number) for number in (0, 1, 2)]
    begin = time.perf_counter()
    child = os.posix_spawn(command[0], command, env, file_actions=actions)
    _, status = os.waitpid(child, 0)
    seconds = time.perf_counter() - begin
    os.close(nothing)
    if code := os.waitstatus_to_exitcode(status):
        raise RuntimeError(f"{' '.join(command)} ended with {code}")
    return seconds


@dataclass(frozen=True, slots=True)
class Run:
    """A process that ran to its end."""

    seconds: float
    cpu: float  #: seconds of processor time, of all its processes
    peak: float  #: MiB, resident, of all its processes together, at the worst moment
    peak_fair: float  #: the same, each shared page counted once
    output: Path


def run_to_end(command: list[str], output: Path, **variables: str) -> Run:
    """Run a process with its output in a file, and leave it alone: whoever watches takes time from what it watches."""
    return peak_memory(command, output, every=None, **variables)


def peak_memory(command: list[str], output: Path, *, every: float | None = 0.02, **variables: str) -> Run:
    """Run a process with its output in a file, and watch the memory of it and of all its children.

    ``every``: seconds between two looks; None: it is left alone, and the memory is not known.
    """
    begin = time.perf_counter()
    env, before = environment(**variables), resource.getrusage(resource.RUSAGE_CHILDREN)
    with (
        output.open("wb") as out,
        output.with_suffix(".err").open("w+b") as err,
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=env) as process,
    ):
        peak = fair = 0.0
        while every is not None and process.poll() is None:
            tree = _tree(process.pid)
            peak = max(peak, sum(map(_resident, tree)))
            fair = max(fair, _proportional(process.pid) if len(tree) == 1 else sum(map(_proportional, tree)))
            with suppress(subprocess.TimeoutExpired):
                process.wait(every)
        process.wait()
        seconds = time.perf_counter() - begin
        err.seek(0)
        said = err.read().decode()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {said}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(seconds, cpu, peak, fair, output)


def _tree(pid: int) -> list[int]:
    found = [pid]
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            children = (task / "children").read_text(encoding="ascii").split()
            found += [each for child in children for each in _tree(int(child))]
    return found


def _resident(pid: int) -> float:
    with suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * _PAGE
    return 0.0


def _proportional(pid: int) -> float:
    with suppress(OSError, StopIteration):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
        return int(next(line for line in lines if line.startswith("Pss:")).split()[1]) / 1024
    return 0.0


class Job:
    """A worker process (:mod:`benchmarks.worker`): loads everything, waits for the word, does one thing, tells."""

    def __init__(self, task: str, **values: Any) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", task, json.dumps(values, default=str)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(),
            text=True,
        )
        self._words, self._answers = cast("IO[str]", self._process.stdin), cast("IO[str]", self._process.stdout)
        self._line()  # ready

    def go(self) -> None:
        """Let it begin."""
        self._words.write("go\n")
        self._words.flush()

    def result(self) -> dict[str, Any]:
        """Wait for its end; return what it measured."""
        with self._process:
            answer: dict[str, Any] = json.loads(self._line())
        return answer

    def run(self) -> dict[str, Any]:
        """Let it begin, and wait."""
        self.go()
        return self.result()

    def _line(self) -> str:
        line = self._answers.readline()
        if not line:
            raise RuntimeError(f"a worker ended with {self._process.wait()}; its words are above")
        return line
