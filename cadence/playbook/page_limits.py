"""The limits of a page: what is larger, deeper or worse than these is not read to its end."""

from __future__ import annotations

__all__ = ["MOST_BYTES", "MOST_FAULTS", "MOST_NESTED", "MOST_NODES"]


MOST_BYTES = 1_000_000  #: a larger file is not a page
MOST_NESTED = 50  #: levels of lists and maps
MOST_NODES = 20_000  #: keys, values, lists and maps
MOST_FAULTS = 200  #: shown of one page
