"""Meaning checks of ``results:``: what each word stands for, and that conditions ask for words there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinja2 import nodes

from cadence.playbook.conditions import condition_tree
from cadence.playbook.diagnostics import did_you_mean
from cadence.playbook.lint_conditions import conditions_of
from cadence.playbook.lint_events import named_events, result_events, split_moment
from cadence.playbook.lint_rules import Fault, Reading, rule
from cadence.playbook.words import EVENTS

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["RULES"]

#: What ends a job wherever the lead stands, whether a page names it or not.
_ENDING = ("lead.won", "lead.lost", "lead.disqualified")


@rule("idle-result", severity="warning")
def idle_result(reading: Reading) -> Iterator[Fault]:
    """A word that stands for an event which changes nothing on this page."""
    used = {event for _, event, _ in named_events(reading)}
    used |= {split_moment(reading, touch.data["anchor"])[0] for touch in reading.touches if "anchor" in touch.data}
    used |= {split_moment(reading, item)[0] for item in _criteria(reading)}
    asked = " ".join(condition.text for condition in conditions_of(reading))
    for path, kind, event in result_events(reading):
        if event == f"{kind}.logged":
            yield Fault(
                path, f"'{event}' is recorded with every {kind} already", f"write the word alone: {kind}: [{path[-1]}]"
            )
        elif event in reading.events and event not in used and not _means_something(event, asked):
            yield Fault(
                path,
                f"'{path[-1]}' stands for '{event}', and nothing on this page follows from that",
                f"name it in the 'next:' of the stage whose leads it moves on, for instance: next: {{{event}: won}}",
            )


def _criteria(reading: Reading) -> Iterator[str]:
    for said in reading.stages.values():
        for items in said.get("require", {}).values():
            yield from (item for item in items if isinstance(item, str))


def _means_something(event: str, asked: str) -> bool:
    return event in _ENDING or (event in EVENTS and EVENTS[event].person) or f"events.{event}" in asked


@rule("unknown-result")
def unknown_result(reading: Reading) -> Iterator[Fault]:
    """A condition that waits for a result that nobody can give."""
    results = reading.data.get("results", {})
    for condition in conditions_of(reading) if results else ():
        for kind, offset, word in _asked_results(condition.text):
            known = [str(each) for each in results.get(kind, ())]
            if known and word and word not in known:
                yield Fault(
                    condition.path,
                    f"'{word}' is no result of a {kind}",
                    did_you_mean(word, known) or f"the results of a {kind} are: {', '.join(known)}",
                    offset=offset,
                    length=len(word) + 2,
                )


def _asked_results(text: str) -> Iterator[tuple[str, int, str]]:
    """Yield the words that a condition holds the result of a call or visit against: kind, where, word."""
    tree = condition_tree(text)
    for compared in (tree, *tree.find_all(nodes.Compare)) if tree else ():
        if isinstance(compared, nodes.Compare):
            sides = [compared.expr, *(each.expr for each in compared.ops)]
            for kind in filter(None, map(_result_of, sides)):
                yield from ((kind, word.lineno, word.value) for side in sides for word in _words(side))


def _result_of(side: nodes.Expr) -> str:
    """Return call or visit when a side of a comparison is the result of one; else nothing."""
    names = []
    while isinstance(side, nodes.Getattr):
        names.append(side.attr)
        side = side.node
    if isinstance(side, nodes.Name) and side.name == "events" and names[:2] == ["result", "logged"]:
        return names[-1]
    return ""


def _words(side: nodes.Expr) -> Iterator[nodes.Const]:
    for each in side.items if isinstance(side, nodes.List | nodes.Tuple) else (side,):
        if isinstance(each, nodes.Const) and isinstance(each.value, str):
            yield each


RULES = (idle_result, unknown_result)
