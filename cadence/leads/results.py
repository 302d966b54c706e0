"""What came of a call or a visit: exactly one of the words on the page, and the event that some of them stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.errors import Refused
from cadence.playbook.diagnostics import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cadence.playbook.compile import Plan

__all__ = ["result_of", "result_words"]


def result_words(plans: Iterable[Plan], kind: str) -> dict[str, str]:
    """Return the words for a ``call`` or ``visit`` that these pages have, each with its event (empty: none)."""
    words: dict[str, str] = {}
    for plan in plans:
        its: Mapping[str, str] = plan.playbook.results.get(kind, {})
        words = {**its, **words}
    return words


def result_of(plans: Iterable[Plan], kind: str, said: str) -> tuple[str, str]:
    """Return what was ``said`` as the page spells it, and the event recorded with it (empty: none).

    A page without words for it takes any. Refused, with the nearest word, for one that the page has not.
    """
    words = result_words(plans, kind)
    if not words:
        return said, ""
    plain = {" ".join(word.casefold().split()): word for word in words}
    word = plain.get(" ".join(said.casefold().split()))
    if word is None:
        near = did_you_mean(said, words)
        there = f"the words for a {kind} are: {', '.join(words)}"
        raise Refused(f"{said!r} is not what can come of a {kind}", help=f"{near} {there}" if near else there)
    return word, words[word]
