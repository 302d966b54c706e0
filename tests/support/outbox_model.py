"""What a touch may become, written out once more, and how machines that check it are played."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

if TYPE_CHECKING:
    from datetime import datetime

    from cadence.store.store import Store

__all__ = ["LEADS", "MAY_FOLLOW", "Touch", "numbers", "play"]

#: What may follow what, written out here once more: the program's own table is not asked.
MAY_FOLLOW = {
    "": {"claimed", "skipped", "stopped", "failed"},
    "waits": {"claimed", "skipped", "stopped", "failed", "sent"},  # sent: its answer came after all
    "claimed": {"sent", "failed", "waits", "unknown"},
    "unknown": {"sent", "failed", "waits"},
    "sent": set(),
    "skipped": set(),
    "stopped": set(),
    "failed": set(),
}
LEADS = ("maria", "bob")

numbers = count()  #: of accounts: every run of a machine has one of its own


@dataclass
class Touch:
    """What the model knows of a touch."""

    state: str = ""
    attempts: int = 0
    holder: str = ""
    check_at: datetime | None = None


def play(machine: type[RuleBasedStateMachine], shared: tuple[Store, Any], *, examples: int, steps: int) -> None:
    class Here(machine):  # type: ignore[valid-type, misc]
        store, clock = shared

    Here.__name__ = machine.__name__
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
