"""Is there nothing to do? Asked every minute, so answered without loading anything of weight."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cadence.files import signature
from cadence.machine import machine_name
from cadence.runner.places import store_url
from cadence.runner.settings import account_named
from cadence.store.quick import idle_answer, note_idle

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["idle"]


def idle(root: Path, now: datetime) -> bool:
    """Tell whether a tick at ``now`` has nothing to do, and record that it looked.

    False whenever that is not plain: somebody is due, a file was edited, a touch was interrupted, another tick
    runs, the shop is paused, something came in or must be asked for, a colleague is to be told something, a review is
    to be held, the clock went back, the database is missing or out of reach.
    """
    account = account_named(root)
    if not account:
        return False
    url = store_url(root)
    answer = idle_answer(url, account, now)
    if answer is None or answer.open_claims or answer.paused or answer.unheard:
        return False
    if answer.alerts_due or answer.reviews_due:
        return False
    if answer.wake_at is not None and answer.wake_at <= now:
        return False
    if answer.last_at is not None and now < answer.last_at:
        return False
    if answer.source_signature != signature(root):
        return False
    holder = f"{machine_name()}:{os.getpid()}"
    note_idle(url, account, holder=holder, started_at=now, finished_at=datetime.now(UTC).replace(microsecond=0), at=now)
    return True
