"""What a tick tells the log of: one function for each kind of line, so that every tick tells it alike.

Costs next to nothing while no log is open. Touches are named by their keys and never by an address.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cadence.logs import get_log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from cadence.runner.report import TickReport
    from cadence.store.outbox import Ending, OutboxRow

__all__ = ["KINDS", "Telling", "batch_done", "told", "touch_reconciled", "touch_settled"]

#: Kind of line -> what it tells.
KINDS = {
    "tick.begin": "a tick found something to do",
    "tick.end": "how it ended, with its counts",
    "tick.failed": "a tick broke off; `error`, `says` and `trace` tell where",
    "batch.done": "a batch of leads was decided, and its touches claimed",
    "touch.sent": "a channel took a touch; `provider_id` is its number there",
    "touch.failed": "a touch could not go and will not go; `why` says why",
    "touch.waits": "a touch has surely not gone, and is tried again",
    "touch.unknown": "the answer was lost: it may have gone; the channel is asked at `check_at`",
    "touch.reconciled": "a channel was asked about such a touch; `state` is what came of it",
    "lead.set_aside": "a lead could not be decided; the others went on",
    "edit.held": "an edited page was not published",
    "edit.faulty": "an edited page has a fault",
    "library": "what a library of a channel warned of",
}
_LOOK_AT = ("failed", "unknown")  #: states of a touch that a person may have to look at


class Telling:
    """The telling of one tick."""

    __slots__ = ("_began",)

    def __init__(self) -> None:
        self._began = time.monotonic()

    def begins(self, *, account: str, at: datetime, mode: str) -> None:
        """Tell that a tick found something to do; ``at`` is the instant it judges by."""
        get_log().event("tick.begin", account=account, at=at, mode=mode)

    def ends(self, report: TickReport) -> None:
        """Tell what was held or set aside, and how the tick ended."""
        log = get_log()
        if not log.on:
            return
        for lead, kind in report.set_aside.items():
            log.warning("lead.set_aside", lead=lead, kind=kind)
        for sentence in report.published.held:
            log.warning("edit.held", why=sentence)
        for fault in report.published.faults:
            log.warning("edit.faulty", file=fault.file, line=fault.line, code=fault.code, why=fault.message)
        counts = {name: figure for name, figure in report.counts().items() if figure}
        log.event("tick.end", outcome=report.outcome, seconds=self._seconds, counts=counts)

    def breaks_off(self, error: BaseException) -> None:
        """Tell what stopped a tick half-way."""
        get_log().failure("tick.failed", error, seconds=self._seconds)

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._began


@contextmanager
def told() -> Iterator[Telling]:
    """Tell of the tick in this block: that it breaks off, when it does; the rest is for the block to say."""
    telling = Telling()
    try:
        yield telling
    except BaseException as error:
        telling.breaks_off(error)
        raise


def batch_done(*, leads: int, claims: int, seconds: float) -> None:
    """Tell that a batch of ``leads`` was decided and recorded, with so many touches claimed to go."""
    get_log().event("batch.done", leads=leads, claims=claims, seconds=seconds)


def touch_settled(row: OutboxRow, ending: Ending) -> None:
    """Tell what became of one attempt at a channel."""
    log = get_log()
    if log.on:
        tell = log.warning if ending.state in _LOOK_AT else log.event
        tell(f"touch.{ending.state}", **_of(row, ending))


def touch_reconciled(row: OutboxRow, ending: Ending) -> None:
    """Tell what asking a channel about a touch in doubt came to."""
    log = get_log()
    if log.on:
        tell = log.warning if ending.state in _LOOK_AT else log.event
        tell("touch.reconciled", state=ending.state, **_of(row, ending))


def _of(row: OutboxRow, ending: Ending) -> dict[str, object]:
    more = {"provider_id": ending.provider_id, "check_at": ending.check_at}
    if ending.state != "sent":
        more["why"] = ending.detail or ending.reason
    given = {name: value for name, value in more.items() if value}
    return {"touch": row.touch_key, "channel": row.channel, "attempt": ending.attempts, **given}
