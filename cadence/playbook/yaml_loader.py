"""PyYAML's loaders that a page can be parsed with: the fastest there is, and the one in plain Python."""

from __future__ import annotations

from typing import Any

import yaml

__all__ = ["FASTEST", "PlainLoader"]


class PlainLoader(yaml.SafeLoader):
    """PyYAML's own loader, made to agree with libyaml that a text in brackets may have a ``?`` in it."""

    in_text = False

    def scan_plain(self) -> Any:
        """Scan a text without quotes."""
        self.in_text = True
        try:
            return super().scan_plain()
        finally:
            self.in_text = False

    def peek(self, index: int = 0) -> Any:
        """Look at a character ahead; the text itself is taken from the buffer."""
        character = super().peek(index)
        return "x" if character == "?" and self.in_text else character


#: PyYAML's loader around libyaml where it was built with it; :class:`PlainLoader` gives the same results, slower.
FASTEST: Any = getattr(yaml, "CSafeLoader", PlainLoader)
