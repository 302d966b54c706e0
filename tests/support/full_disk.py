"""A shop on a disk that fills up under a tick, and has room again. Run by itself, a process for each:

    FOLDER small|limit MOMENT    the disk fills up at a moment; ``small``: FOLDER is a file system of its own, filled to
                                 the last byte; ``limit``: this process may make no file longer than the log is
    FOLDER                       it has room again; what the provider has is read from standard input

Says as JSON what happened.
"""

from __future__ import annotations

import json
import resource
import sqlite3
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cadence.errors import CadenceError
from cadence.runner.account import open_account
from cadence.runner.clock import pretended_clock
from cadence.runner.steps import Step
from cadence.runner.tick import tick
from support.desk import Desk, minutes, open_desk
from support.lab import Lab, Provider, texts_page

if TYPE_CHECKING:
    from collections.abc import Callable

LEADS = 40
MOMENTS = {
    "at the claim": Step.BEFORE_CLAIM,
    "before the claim is committed": Step.BEFORE_CLAIM_COMMIT,
    "under a call": Step.AFTER_CALL,
    "before the results are committed": Step.BEFORE_COMMIT,
}


def _fill(folder: Path, how: str) -> None:
    if how == "limit":
        longest = (folder / "cadence.db-wal").stat().st_size  # where all that is written goes first
        resource.setrlimit(resource.RLIMIT_FSIZE, (longest, resource.RLIM_INFINITY))
        return
    with (folder / "filler").open("wb", buffering=0) as filler:
        for size in (65536, 4096, 512, 1):
            try:
                while filler.write(b"x" * size):
                    pass
            except OSError:
                continue


def _tick(desk: Desk, minute: int, provider: Provider, watch: Callable[[Step], None] = lambda _: None) -> Any:
    now = minutes(minute)
    channels = dict.fromkeys(("sms", "email", "audience"), provider)
    return tick(desk.account, now, clock=pretended_clock(now), channels=channels, plans=desk.plans, watch=watch)


def fills_up(folder: Path, how: str, moment: str) -> dict[str, Any]:
    """Tick while the disk fills up at a moment."""
    said: dict[str, Any] = {"refused": ""}
    with open_desk(folder / "shop") as desk:
        lab = Lab(desk, None)  # type: ignore[arg-type]  # nobody moves a clock here
        lab.write_page(texts_page("id: hello, send: now"))
        lab.add(LEADS)
        with closing(sqlite3.connect(folder / "shop" / "cadence.db")) as raw:
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # a log that was longer once has room without growing
        provider, full = _provider(), []

        def watch(step: Step) -> None:
            if step is MOMENTS[moment] and not full:
                full.append(step)
                _fill(folder / "shop", how)

        try:
            _tick(desk, 1, provider, watch)
        except CadenceError as error:
            said["refused"] = error.message
        return {**said, "calls": len(provider.calls), "states": lab.states(), "has": provider.has}


def has_room_again(folder: Path, has: dict[str, int]) -> dict[str, Any]:
    """Tick as another process, at the provider that ``has`` some already."""
    (folder / "shop" / "filler").unlink(missing_ok=True)
    with closing(sqlite3.connect(folder / "shop" / "cadence.db")) as raw:
        integrity = raw.execute("PRAGMA integrity_check").fetchone()[0]
    with open_account(folder / "shop", "summit", "log") as account:
        desk, provider = Desk(folder / "shop", account), _provider()
        provider.has.update(has)
        reports = [_tick(desk, minute, provider) for minute in (2, 3)]
        return {
            "integrity": integrity,
            "interrupted": sum(report.reconciled.interrupted for report in reports),
            "found": sum(report.reconciled.gone for report in reports),
            "states": Lab(desk, None).states(),  # type: ignore[arg-type]
            "has": provider.has,
        }


def _provider() -> Provider:
    provider = Provider(workers=0, per_call=100, visible_after=timedelta(0))
    provider.begins_within = timedelta(0)  # called by the tick itself, right after the claim
    return provider


if __name__ == "__main__":
    place, *words = sys.argv[1:]
    said = fills_up(Path(place), *words) if words else has_room_again(Path(place), json.load(sys.stdin))
    sys.stdout.write(json.dumps(said))
