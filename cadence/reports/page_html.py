"""A page of numbers to print or to send on. It needs nothing but itself: no script, no font, no picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.reports.printed import printed

if TYPE_CHECKING:
    from cadence.reports.page import Page

__all__ = ["render_page"]


def render_page(page: Page) -> str:
    """Return the page, as text to be written in UTF-8."""
    return printed("page.html.j2").render(page=page)
