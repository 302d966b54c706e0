"""Exit codes, as documented in ``cadence --help``."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["Exit"]


class Exit(IntEnum):
    """How a command ends."""

    FINE = 0  #: it did what was asked
    FINDINGS = 1  #: it found faults, or something failed or needs a person
    USAGE = 2  #: it was asked for something that cannot be asked
