"""An audit as one printable page. It needs nothing but itself: no script, no font, no picture from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.reports.audit.sentences import day_of, days_of, how_read, missing, outcome, pace_rows, to_do, verdict
from cadence.reports.preview_words import visible
from cadence.reports.printed import printed

if TYPE_CHECKING:
    from cadence.reports.audit.audit import Audit

__all__ = ["audit_page"]


def audit_page(audit: Audit, file: str) -> str:
    """The page, as text to be written in UTF-8; every unlocked lead is named. ``file`` is what the export is called."""
    now = audit.export.as_of
    return printed("audit/page.html.j2").render(
        file=visible(file, line=True),
        number=audit.number,
        verdict=verdict(audit),
        outcome=outcome(audit),
        leads=[
            (each.lead.row, day_of(each.lead.came_in, now), *(visible(text, line=True) for text in texts))
            for each in (audit.unlocked if audit.number else ())
            for texts in [(each.lead.name, each.lead.owner or "nobody", each.lead.status, missing(each, now))]
        ],
        days=days_of(audit),
        tables=[
            (title, [each for each in audit.lists if each.is_leak is is_leak and not each.cannot])
            for title, is_leak in (("Where they leak", True), ("What nobody keeps hold of", False))
        ],
        paces=list(pace_rows(audit)),
        lists=[
            ("What to do", list(to_do(audit))),
            ("What the export cannot tell", audit.untold),
            ("How it was read", list(how_read(audit))),
        ],
    )
