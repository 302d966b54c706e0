"""A page of numbers to print or to send on. It needs nothing but itself: no script, no font, no picture."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Template

    from cadence.reports.page import Page

__all__ = ["render_page"]


def render_page(page: Page) -> str:
    """Return the page, as text to be written in UTF-8."""
    return _template().render(page=page)


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("cadence", "reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2")
