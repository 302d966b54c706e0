"""A team that is told nothing: for tests that count what goes to leads."""

from __future__ import annotations

import re

__all__ = ["QUIET", "quiet"]

QUIET = ", alerts: {by: none}"  #: what stands in the line of each of the team


def quiet(page: str) -> str:
    """Return a cadence.yaml whose colleagues are told nothing."""
    plain = re.sub(r",\s+alerts: {.*}}", "}", page)
    return re.sub(r"(?m)^(  - {id: .*)}", rf"\1{QUIET}}}", plain)
