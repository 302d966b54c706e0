"""A procedure as one page to print. It needs nothing but itself: no script, no font, no picture from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.reports.preview_words import visible
from cadence.reports.printed import printed
from cadence.reports.sop.text import action_words, end_name, trigger_words

if TYPE_CHECKING:
    from cadence.reports.sop.procedure import Procedure

__all__ = ["procedure_page"]


def procedure_page(found: Procedure) -> str:
    """Return the page, as text to be written in UTF-8."""
    return printed("sop/page.html.j2").render(
        found=found,
        line=lambda text: visible(text, line=True),
        action_words=action_words,
        end_name=end_name,
        trigger_words=trigger_words,
    )
