"""Meaning checks of the words under ``replies:``: they can be read, and do not take every other answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.playbook.lint_rules import Fault, WorkspaceReading, rule
from cadence.playbook.phrases import Phrase, parse_phrase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.playbook.marks import Path

__all__ = ["RULES"]

_ANYWHERE = {
    "opt_out": "an opt-out",
    "snooze": "a wish for later",
    "not_interested": "a no",
    "automatic": "a machine's",
}
_KINDS = (*_ANYWHERE, "opt_in", "acknowledgement")
#: Words that answer any question.
_ANSWERS = frozenset({"yes", "y", "yep", "yeah", "yup", "ok", "okay", "sure", "si", "claro", "confirm", "confirmed"})


@rule("bad-phrase")
def bad_phrase(reading: WorkspaceReading) -> Iterator[Fault]:
    """Words that cannot be looked for."""
    for path, written in _phrases(reading):
        try:
            parse_phrase(written)
        except ValueError as error:
            yield Fault(
                path, f"'{written}' cannot be looked for: {error}", "write plain words, such as: no more roof texts"
            )


@rule("wide-phrase", severity="warning")
def wide_phrase(reading: WorkspaceReading) -> Iterator[Fault]:
    """Words that take many answers that mean something else."""
    for path, written in _phrases(reading):
        kind = str(path[1])
        phrase = _read(written)
        if phrase is None:
            continue
        if kind in _ANYWHERE and phrase.fewest < 2:
            yield Fault(
                path,
                f"'{written}' is one word, and every answer that has it is taken for {_ANYWHERE[kind]}",
                "add the words that stand around it, such as: no more roof texts",
            )
        if kind == "opt_in" and phrase.fewest < 2 and _ANSWERS & phrase.first.words:
            yield Fault(
                path,
                f"'{written}' answers many questions, and does not say that a person wants messages again",
                "choose words that say so, such as: text me again",
            )


def _phrases(reading: WorkspaceReading) -> Iterator[tuple[Path, str]]:
    for kind, written in reading.data.get("replies", {}).items():
        if kind in _KINDS:
            yield from ((("replies", kind, number), each) for number, each in enumerate(written))


def _read(written: str) -> Phrase | None:
    try:
        return parse_phrase(written)
    except ValueError:
        return None


RULES = (bad_phrase, wide_phrase)
