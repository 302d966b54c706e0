"""The states of a touch in the outbox, and every way from one to another.

This is the one place that says what may follow what; every query that changes a state asks it.

    (new) ──► claimed ──► sent
      │          │ ├────► failed       the provider will not carry it
      │          │ ├────► waits        it surely did not go: tried again later, under a new attempt
      │          │ └────► unknown      the answer was lost: the provider is asked, else a person
      │          │
      │       unknown ──► sent | waits | failed
      │       waits ────► claimed | skipped | stopped | failed | sent   (the last: its answer came after all)
      └──────────────────────────► skipped | stopped | failed     it ends without a call
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "CLAIMED",
    "ENDS",
    "FAILED",
    "LEGAL",
    "NEW",
    "OPEN",
    "SENT",
    "STOPPED",
    "UNKNOWN",
    "WAITS",
    "before",
    "may_become",
]

NEW = ""  #: not in the outbox yet
WAITS = "waits"  #: claimed once, surely not gone, to be tried again
CLAIMED = "claimed"  #: intent and lease are committed; it is being carried out, or its tick died
UNKNOWN = "unknown"  #: it may have gone: it counts as sent, and never goes again without proof
SENT = "sent"
SKIPPED = "skipped"
STOPPED = "stopped"
FAILED = "failed"

LEGAL: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        NEW: frozenset({CLAIMED, SKIPPED, STOPPED, FAILED}),
        WAITS: frozenset({CLAIMED, SKIPPED, STOPPED, FAILED, SENT}),
        CLAIMED: frozenset({SENT, FAILED, WAITS, UNKNOWN}),
        UNKNOWN: frozenset({SENT, FAILED, WAITS}),
        SENT: frozenset(),
        SKIPPED: frozenset(),
        STOPPED: frozenset(),
        FAILED: frozenset(),
    }
)
OPEN = frozenset({CLAIMED, UNKNOWN, WAITS})  #: more is to come
ENDS = frozenset(LEGAL) - OPEN - {NEW}  #: nothing follows


def may_become(state: str, following: str) -> bool:
    """Tell whether a touch may go from one state to the other."""
    return following in LEGAL[state]


def before(state: str) -> frozenset[str]:
    """Return the states that ``state`` may follow."""
    return frozenset(earlier for earlier, following in LEGAL.items() if state in following)
