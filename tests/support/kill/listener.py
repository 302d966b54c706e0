"""A tick in a process of its own that dies while it hears: ``python -m support.kill.listener ROOT URL AT PLACE``."""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cadence.channels.twilio_line import Credentials, TwilioLine
from cadence.inbox.twilio_poll import TwilioInbox
from cadence.runner import tick as ticks
from cadence.runner.account import open_account
from cadence.runner.clock import pretended_clock
from cadence.runner.hearing import hear
from support.twilio_desk import ACCOUNT, OURS, TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PLACES"]


def _die(*_: Any, **__: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def _before_handling() -> None:
    ticks.understand = _die


def _while_handling() -> None:
    hear.inbound.note = _die


def _after_handling() -> None:
    ticks.take_off_lists = _die


#: Where it dies: name -> what makes it.
PLACES: dict[str, Callable[[], None]] = {
    "kept, and not handled": _before_handling,
    "recorded, and not committed": _while_handling,
    "handled, and nothing decided": _after_handling,
}


def main() -> None:
    """Tick, and die."""
    root, url, at, place = sys.argv[1:]
    PLACES[place]()
    now = datetime.fromisoformat(at)
    source = TwilioInbox(TwilioLine(Credentials(ACCOUNT, ACCOUNT, TOKEN), base=url), sender=OURS)
    with open_account(Path(root), "summit", "log") as account:
        ticks.tick(account, now, clock=pretended_clock(now), sources=[source])


if __name__ == "__main__":
    main()
