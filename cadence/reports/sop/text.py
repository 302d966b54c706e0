"""A procedure as Markdown, and as plain data."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from cadence.reports.plan_words import listed
from cadence.reports.preview_words import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.reports.sop.procedure import Card, End, Procedure, Promise
    from cadence.reports.sop.steps import Action

__all__ = ["action_words", "end_name", "procedure_data", "procedure_lines", "trigger_words"]

_MARKS = re.compile(r"([\\`<\[])")


def procedure_data(found: Procedure) -> dict[str, Any]:
    """Return the procedure as plain data; the keys stay as they are from version to version."""
    data = asdict(found)
    data["rules"] = {rule.name.lower(): rule.text for rule in found.rules}
    return data


def procedure_lines(found: Procedure) -> Iterator[str]:
    """Write the procedure as a Markdown page."""
    yield f"# {_line(found.title)}"
    yield ""
    yield f"{_line(found.business)}: `{found.playbook}`, version {found.version}."
    yield ""
    for name, text in found.rules:
        yield f"- **{name}**: {_line(text)}"
    for card in found.cards:
        yield ""
        yield f"## {card.number}. {_line(card.title)}: {_line(card.owner)}"
        yield ""
        yield from _card_lines(card)
    if found.ends:
        yield ""
        yield "## Ends"
        yield ""
        for end in found.ends:
            yield f"- **{end_name(end)}**: {_line(_trigger(end))}"
    yield ""
    yield found.notes.replace("*", r"\*")


def end_name(end: End) -> str:
    """``won``; ``closed (lost)``."""
    return end.stage if end.stage == end.outcome else f"{end.stage} ({end.outcome})"


def _card_lines(card: Card) -> Iterator[str]:
    yield f"- **Trigger**: {_line(_trigger(card))}"
    if card.by_people:
        yield f"- **Action**: {_line('; '.join(map(action_words, card.by_people)))}"
    if card.by_itself:
        yield f"- **Sent**: {_line('; '.join(map(action_words, card.by_itself)))}"
    yield from (f"- {_line(_promise(promise))}" for promise in card.promises)
    if card.to_leave:
        yield f"- **To leave**: {_line(', '.join(card.to_leave))}"


def _trigger(of: Card | End) -> str:
    return trigger_words(of.triggers, of.to_enter)


def trigger_words(triggers: tuple[str, ...], needs: tuple[str, ...]) -> str:
    """``no decision; needs follow-up date``."""
    return (listed(triggers) if triggers else "nothing leads here") + (f"; needs {', '.join(needs)}" if needs else "")


def action_words(action: Action) -> str:
    """``call: first-call at once or at opening``."""
    return f"{action.kind}{f' by {action.owner}' if action.owner else ''}: {', '.join(action.steps)}"


def _promise(promise: Promise) -> str:
    warned = f", warned {promise.warning}" if promise.warning else ""
    miss = f"; **miss**: {', '.join(promise.miss)}" if promise.miss else ""
    return f"**Limit**: {promise.name} {promise.limit}{warned}; **proof**: {promise.proof}{miss}"


def _line(text: str) -> str:
    """The text in one line, without what Markdown would take for code, a link or HTML."""
    return _MARKS.sub(r"\\\1", visible(text, line=True))
