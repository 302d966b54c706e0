"""The rows a reader wants at first sight: what goes, what waits, what happens; the rest in a few words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cadence.engine.decision import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from cadence.reports.rows import PreviewRow

__all__ = ["condensed"]


def condensed(rows: Iterable[PreviewRow]) -> list[PreviewRow]:
    """Leave out touches whose condition does not hold, and tell touches that stopped together in one line."""
    kept: list[PreviewRow] = []
    stopped: dict[tuple[str, datetime, str], list[PreviewRow]] = {}
    for row in rows:
        if row.outcome == "skipped" and row.reason == Reason.CONDITION.code:
            continue
        if row.outcome != "stopped":
            kept.append(row)
            continue
        together = stopped.setdefault((row.lead, row.at, row.stage), [])
        together.append(row)
        if len(together) == 1:
            kept.append(row)
    return [_in_one_line(stopped[row.lead, row.at, row.stage]) if row.outcome == "stopped" else row for row in kept]


def _in_one_line(rows: list[PreviewRow]) -> PreviewRow:
    names = ", ".join(row.touch for row in rows)
    what = f"{len(rows)} touch{'es' * (len(rows) != 1)} of {rows[0].stage} will not go: {names}"
    return replace(rows[0], outcome="event", channel="event", touch="stopped", reason="", reason_text=what, detail="")
