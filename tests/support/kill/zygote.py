"""A process that has loaded the program once, and forks off workers: real processes that are there in milliseconds.

Each worker opens the database itself, after the fork. Orders come in as one JSON line, what became of them goes out
as one. It ends when its starter does, and everything with it.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
import traceback
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from cadence.workspace import load_workspace
from support.kill.worker import Order, work

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cadence.playbook.compile import Plan

__all__ = ["LONGEST", "Ended", "Zygote", "running_zygote"]

LONGEST = 120.0  #: seconds that a round may take
TESTS = Path(__file__).parents[2]


@dataclass
class Ended:
    """What became of a worker."""

    end: str = "stuck"  #: done, killed, failed, or stuck: it was still there after :data:`LONGEST`
    at: str = ""  #: where it died; empty: at a moment of somebody else's choice
    counts: dict[str, Any] = field(default_factory=dict)  #: of its tick, when it is done
    error: str = ""


class Zygote:
    """The process, seen from the test."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, orders: Sequence[Order]) -> list[Ended]:
        """Have workers begin at the same moment; return when all have ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([asdict(order) for order in orders]) + "\n")
        self._process.stdin.flush()
        return [Ended(**each) for each in json.loads(self._process.stdout.readline())]


@contextmanager
def running_zygote() -> Iterator[Zygote]:
    """Start a process that forks workers."""
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "support.kill.zygote"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=TESTS,
    )  # fmt: skip
    with process:
        try:
            yield Zygote(process)
        finally:
            process.kill()


@dataclass
class _Child:
    process: int
    pipe: IO[bytes]  #: what it tells
    order: Order
    ended: Ended = field(default_factory=Ended)
    ready: bool = False
    told: bytes = b""


def _round(orders: Sequence[Order], plans: dict[str, Plan]) -> list[Ended]:
    go, start = os.pipe()
    children = [_fork(order, plans, go, start) for order in orders]
    os.close(go)
    deadline = time.monotonic() + LONGEST
    _listen(children, lambda: all(child.ready or child.pipe.closed for child in children), deadline)
    os.close(start)
    began = time.monotonic()
    for child in sorted((each for each in children if each.order.die_after), key=lambda each: each.order.die_after):
        _listen(children, lambda: False, began + child.order.die_after)
        if not child.pipe.closed:
            os.kill(child.process, signal.SIGKILL)
    _listen(children, lambda: False, deadline)
    for child in children:
        if not child.pipe.closed:
            os.kill(child.process, signal.SIGKILL)
            os.waitpid(child.process, 0)
            child.pipe.close()
    return [child.ended for child in children]


def _listen(children: Sequence[_Child], enough: Any, until: float) -> None:
    """Take in what children tell, until there is nobody left, or enough, or it is time."""
    while (living := {child.pipe: child for child in children if not child.pipe.closed}) and not enough():
        rest = until - time.monotonic()
        if rest <= 0:
            return
        for pipe in select.select(list(living), [], [], rest)[0]:
            _hear(living[pipe])


def _hear(child: _Child) -> None:
    text = os.read(child.pipe.fileno(), 65536)
    child.told += text
    *lines, _ = child.told.split(b"\n")
    child.ready = child.ready or b"ready" in lines
    if text:
        return
    child.pipe.close()
    _, status = os.waitpid(child.process, 0)
    for line in lines:
        word, _, rest = line.decode().partition(" ")
        if word == "at":
            child.ended.at = rest
        elif word == "done":
            child.ended.end, child.ended.counts = "done", json.loads(rest)
        elif word == "failed":
            child.ended.end, child.ended.error = "failed", json.loads(rest)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        child.ended.end = "killed"
    elif child.ended.end == "stuck":
        child.ended.end, child.ended.error = "failed", f"ended with status {status}"


def _fork(order: Order, plans: dict[str, Plan], go: int, start: int) -> _Child:
    hears, tells = os.pipe()
    process = os.fork()
    if process:
        os.close(tells)
        return _Child(process, os.fdopen(hears, "rb", buffering=0), order)
    try:
        os.close(hears)
        os.close(start)

        def tell(line: str) -> None:
            os.write(tells, f"{line}\n".encode())

        counts = work(order, plans, tell, lambda: _wait(go))
        tell(f"done {json.dumps(counts)}")
    except BaseException:  # noqa: BLE001 - it is told, whatever it is
        with suppress(OSError):
            tell(f"failed {json.dumps(traceback.format_exc())}")
    finally:
        os._exit(0)


def _wait(go: int) -> None:
    os.read(go, 1)  # nothing comes: the other end is closed


def main() -> None:
    """Serve."""
    shops: dict[str, dict[str, Plan]] = {}
    for line in sys.stdin:
        orders = [Order(**each) for each in json.loads(line)]
        root = orders[0].root
        if root not in shops:  # from its pages: no database is open when workers are forked
            shops[root] = {plan.digest: plan for plan in load_workspace(Path(root)).plans}
        ended = _round(orders, shops[root])
        sys.stdout.write(json.dumps([asdict(each) for each in ended]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
