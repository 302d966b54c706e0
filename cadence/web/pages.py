"""The pages of the way out, for people on a phone who want no more mails: no script, no cookie, nothing from afar."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING

from flask import Response

if TYPE_CHECKING:
    from jinja2 import Template

__all__ = ["ask", "done", "later", "unknown"]

STYLE = """
:root { color-scheme: light dark; --ink: #1a2230; --soft: #4a5364; --paper: #ffffff; --line: #d5dbe4;
  --button: #0b4f9e; --on-button: #ffffff; }
@media (prefers-color-scheme: dark) { :root { --ink: #edf0f5; --soft: #a9b3c3; --paper: #12161d; --line: #333c4a;
  --button: #8ab8f2; --on-button: #0c1420; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 3rem 1.25rem; font: 1.125rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  color: var(--ink); background: var(--paper); }
main { max-width: 32rem; margin: 0 auto; }
.business { margin: 0 0 1rem; color: var(--soft); overflow-wrap: anywhere; }
h1 { margin: 0 0 .75rem; font-size: 1.625rem; line-height: 1.25; }
p { margin: 0 0 1rem; }
button { margin: .5rem 0 1.5rem; padding: .875rem 1.5rem; width: 100%; font: inherit; font-weight: 600; cursor: pointer;
  color: var(--on-button); background: var(--button); border: 2px solid transparent; border-radius: .5rem; }
button:focus-visible { outline: 3px solid var(--ink); outline-offset: 3px; }
button span { display: block; font-weight: 400; }
.other { padding-top: 1rem; border-top: 1px solid var(--line); color: var(--soft); }
.other h2 { margin: 0 0 .5rem; font-size: 1.125rem; color: var(--ink); }
"""
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


def ask(business: str) -> Response:
    """Ask whether mails shall end."""
    return _page(200, business, "ask")


def done(business: str) -> Response:
    """Say that they have ended."""
    return _page(200, business, "done")


def unknown(business: str) -> Response:
    """Say, kindly, that the link is not one of ours."""
    return _page(404, business, "unknown")


def later(business: str) -> Response:
    """Say that it could not be done just now."""
    return _page(503, business, "later")


def _page(status: int, business: str, name: str) -> Response:
    return Response(
        _template().render(business=business, page=name, style=STYLE), status, HEADERS, mimetype="text/html"
    )


@lru_cache(maxsize=1)
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("cadence", "web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    return environment.get_template("way_out.html.j2")
