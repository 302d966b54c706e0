"""Why leads were lost, as plain data and as a page."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from cadence.engine.events import instant_text
from cadence.playbook.words import EVENTS
from cadence.reports.cells import clip
from cadence.reports.numbers_words import NONE, NOTHING, most_first
from cadence.reports.page import Page, Table
from cadence.reports.preview_words import visible

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from cadence.reports.reasons import Reason

__all__ = ["reasons_data", "reasons_page"]

_KINDS = {
    "lead.lost": "lost",
    "lead.disqualified": "not a job for us",
    "not_interested": "not interested",
    "silence": "nobody answered",
    "opt_out": "asked us to stop",
}
_LONGEST = 40  #: cells of a reason


def reasons_data(reasons: Sequence[Reason], *, account: str, now: datetime, since: timedelta) -> dict[str, Any]:
    """Return the reasons as plain data; the keys stay as they are from version to version."""
    return {
        "at": instant_text(now),
        "account": account,
        "since": instant_text(now - since),
        "before_since": instant_text(now - 2 * since),
        "number": sum(each.now for each in reasons),
        "number_before": sum(each.before for each in reasons),
        "reasons": [
            {
                "reason": each.reason,
                "kind": each.kind,
                "number": each.now,
                "before": each.before,
                "by_source": dict(each.by_source),
                "by_stage": [
                    {"playbook": playbook, "stage": stage, "number": number}
                    for (playbook, stage), number in sorted(each.by_stage.items())
                ],
            }
            for each in reasons
        ],
    }


def reasons_page(reasons: Sequence[Reason], *, business: str, period: str) -> Page:
    """Lay the reasons out, the most frequent first."""
    rows = [
        (
            clip(visible(each.reason, line=True), _LONGEST) or NONE,
            _KINDS.get(each.kind) or (EVENTS[each.kind].title if each.kind in EVENTS else each.kind),
            f"{each.now:,}",
            f"{each.before:,}",
            most_first(Counter({visible(name, line=True): number for name, number in each.by_source.items()})),
            most_first(Counter({"/".join(filter(None, place)): number for place, number in each.by_stage.items()})),
        )
        for each in reasons
    ]
    head = ("REASON", "WHAT HAPPENED", "NUMBER", "BEFORE", "FROM", "STOOD IN")
    total = ("all", "", f"{sum(e.now for e in reasons):,}", f"{sum(e.before for e in reasons):,}", "", "")
    return Page(
        business=business,
        title="why leads were lost",
        about=f"The last {period}, and the {period} before.",
        tables=(Table(head=head, words=(0, 1, 4, 5), rows=(*rows, total)),) if rows else (),
        nothing=f"{NOTHING}: no lead was lost or turned away.",
    )
