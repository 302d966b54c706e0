"""One thing that was looked at, and what there is to do about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Finding", "Verdict", "worst"]

#: ``unasked``: it was not looked at, and nothing is known; ``person``: it cannot be looked at from here.
Verdict = Literal["fine", "look", "wrong", "unasked", "person"]
_FROM_BAD_TO_GOOD: tuple[Verdict, ...] = ("wrong", "look", "fine", "unasked")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A plain verdict on one thing. No text holds a secret, or anybody's number but the shop's own."""

    code: str  #: stays as it is from version to version
    verdict: Verdict
    says: str
    do: str = ""
    paste: str = ""  #: a line to be copied whole

    def data(self) -> dict[str, Any]:
        """Return it as JSON-able data."""
        return {name: value for name, value in asdict(self).items() if value or name != "paste"}


def worst(findings: Iterable[Finding]) -> Verdict:
    """Return the verdict on several things together; what only a person can see does not count."""
    there = {each.verdict for each in findings}
    return next((verdict for verdict in _FROM_BAD_TO_GOOD if verdict in there), "unasked")
