"""The plain look of every mail: one column, the reader's own fonts, nothing to load."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from css_inline import CSSInliner

__all__ = ["laid_out"]

_STYLE = """
body { margin: 0; padding: 0; }
.mail { max-width: 600px; margin: 0 auto; padding: 24px 20px;
  font-family: -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; font-size: 16px; line-height: 1.5; }
p, ul, ol, blockquote, pre { margin: 0 0 16px; }
ul, ol { padding-left: 24px; }
li { margin: 0 0 6px; }
h1, h2, h3 { margin: 24px 0 12px; line-height: 1.25; }
h1 { font-size: 24px; } h2 { font-size: 20px; } h3 { font-size: 17px; }
blockquote { padding-left: 12px; border-left: 3px solid #c8ccd0; }
img { max-width: 100%; height: auto; }
.foot { margin-top: 32px; padding-top: 12px; border-top: 1px solid #c8ccd0; font-size: 13px; line-height: 1.5; }
.foot p { margin: 0 0 4px; }
"""

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<div class="mail">
{body}
{foot}
</div>
</body>
</html>
"""

_WHOLE_PAGE = re.compile(r"\s*<(?:!doctype|html)\b", re.IGNORECASE)
_END = re.compile(r"</body\s*>|</html\s*>", re.IGNORECASE)


def laid_out(body: str, foot: str, title: str) -> str:
    """Return a whole HTML page with its styles on the elements themselves, as mail programs want them.

    ``body`` is HTML; one that is a whole page keeps its own look, and gets only the foot. Nothing is fetched.
    """
    if not _WHOLE_PAGE.match(body):
        foot = f'<div class="foot">\n{foot}\n</div>' if foot else ""
        closed = _inliner().inline_fragment(body, "")  # whatever it leaves open may not swallow the foot
        return str(_inliner().inline(_PAGE.format(title=escape(title), style=_STYLE, body=closed, foot=foot)))
    end = _END.search(body)
    at = end.start() if end else len(body)
    own = f'<div style="margin-top: 32px; font-size: 13px; line-height: 1.5;">\n{foot}\n</div>\n'
    return str(_inliner().inline(body[:at] + own + body[at:]))


@lru_cache(maxsize=1)
def _inliner() -> CSSInliner:
    from css_inline import CSSInliner

    return CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)
