"""What a tick tells the log of: one function for each kind of line, so that every tick tells it alike.

Costs nothing while no log is open. Touches are named by their keys and never by an address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.logs import get_log

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = [
    "KINDS",
    "batch_done",
    "edit_held",
    "lead_set_aside",
    "tick_begins",
    "tick_broke_off",
    "tick_ends",
    "touch_ended",
    "touch_reconciled",
]

#: Kind of line -> what it tells.
KINDS = {
    "tick.begin": "a tick found something to do",
    "tick.end": "how it ended, with its counts",
    "tick.failed": "a tick broke off; `error`, `says` and `trace` tell where",
    "batch.done": "a batch of leads was decided, and its touches claimed",
    "touch.sent": "a channel took a touch; `provider_id` is its number there",
    "touch.failed": "a touch could not go and will not go; `code` says why",
    "touch.waits": "a touch has not gone and is tried again `until`",
    "touch.unknown": "the answer was lost: it may have gone",
    "touch.reconciled": "a channel was asked about such a touch; `state` is what came of it",
    "lead.set_aside": "a lead could not be decided; the others went on",
    "edit.held": "an edited page was not published",
    "library": "what a library of a channel warned of",
}
_LOOK_AT = ("failed", "unknown")  #: states of a touch that a person must look at


def tick_begins(*, account: str, at: datetime, mode: str) -> None:
    """Tell that a tick found something to do; ``at`` is the instant it judges by."""
    get_log().event("tick.begin", account=account, at=at, mode=mode)


def tick_ends(*, outcome: str, seconds: float, counts: Mapping[str, object]) -> None:
    """Tell how a tick ended, after how many ``seconds``, and its counts."""
    get_log().event("tick.end", outcome=outcome, seconds=seconds, counts=counts)


def tick_broke_off(error: BaseException) -> None:
    """Tell what stopped a tick half-way."""
    get_log().failure("tick.failed", error)


def batch_done(*, leads: int, claims: int, seconds: float) -> None:
    """Tell that a batch of ``leads`` was decided and recorded, with so many touches claimed to go."""
    get_log().event("batch.done", leads=leads, claims=claims, seconds=seconds)


def touch_ended(
    key: str,
    *,
    channel: str,
    state: str,
    attempt: int,
    provider_id: str = "",
    code: str = "",
    until: datetime | None = None,
) -> None:
    """Tell what became of one call to a channel: ``state`` is ``sent``, ``failed``, ``waits`` or ``unknown``."""
    log = get_log()
    tell = log.warning if state in _LOOK_AT else log.event
    more = {"provider_id": provider_id, "code": code, "until": until}
    given = {name: each for name, each in more.items() if each}
    tell(f"touch.{state}", touch=key, channel=channel, attempt=attempt, **given)


def touch_reconciled(key: str, *, channel: str, state: str, attempt: int, provider_id: str = "") -> None:
    """Tell what asking a channel about a touch in doubt came to."""
    log = get_log()
    tell = log.warning if state in _LOOK_AT else log.event
    tell("touch.reconciled", touch=key, channel=channel, state=state, attempt=attempt, provider_id=provider_id)


def lead_set_aside(lead: str, *, kind: str) -> None:
    """Tell that a lead could not be decided; ``kind`` is the kind of error."""
    get_log().warning("lead.set_aside", lead=lead, kind=kind)


def edit_held(sentence: str) -> None:
    """Tell that an edit was not published, and why."""
    get_log().warning("edit.held", why=sentence)
