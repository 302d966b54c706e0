"""The first text message a lead can get: it must say who writes, and how to have no more of it.

Carriers ask for both in the first message; a person who knows neither takes it for spam. Which text is the first is
only known when it goes, so every one that can be is looked at.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cadence.playbook.lint_channels import texts_of
from cadence.playbook.lint_rules import Fault, Place, Reading, rule
from cadence.playbook.lint_touches import length_of

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["RULES", "says_the_way_out"]

_WAY_OUT = re.compile(
    r"\b(?:STOP|STOPALL|UNSUBSCRIBE|OPT-?OUT)\b"
    r"|(?i:\b(?:reply|respond|answer|text|send)\s+(?:us\s+|back\s+|with\s+)?[\"'“‘]?stop\b(?!\s+by\b))"
    r"|(?i:\bopt(?:ing)?[ -]out\b|\bunsubscribe\b)"
)
_NAMED = re.compile(r"\bbusiness\.name\b")


def says_the_way_out(text: str) -> bool:
    """Tell whether a text says how to get no more: ``Reply STOP to opt out``, or words to that effect."""
    return bool(_WAY_OUT.search(text))


@rule("first-text", severity="warning")
def first_text(reading: Reading) -> Iterator[Fault]:
    """A text that may be the first, and does not say who writes or how to stop it."""
    for place in _may_be_first(reading):
        for text in texts_of(place):
            written = reading.texts.get(f"{text.name}.sms.j2") if text.channel == "sms" else None
            if written is None:
                continue
            lacks = [
                what
                for what, is_there in (
                    ("name the business", _names(written, reading)),
                    ("say how to get no more", says_the_way_out(written)),
                )
                if not is_there
            ]
            if lacks:
                yield Fault(
                    text.path,
                    f"'{text.name}' may be the first text a lead gets, and it does not {' nor '.join(lacks)}",
                    "write for instance: This is {{ business.name }}. ... Reply STOP to opt out.",
                    key=text.key,
                )


def _may_be_first(reading: Reading) -> Iterator[Place]:
    """Yield the touches of the stages that leads come in by, before which no text is sure to go."""
    for stage, said in reading.stages.items():
        if not said.get("enter_on"):
            continue
        texting = [place for place in reading.touches_of(stage) if "sms" in {text.channel for text in texts_of(place)}]
        sure = [place for place in texting if place.channel == "sms" and not place.data.keys() & {"if", "answers"}]
        for place in texting:
            before = [other for other in sure if other.data.get("variant") in (None, place.data.get("variant"))]
            if not any(other is not place and _surely_before(other, place, texting) for other in before):
                yield place


def _surely_before(first: Place, then: Place, stage: list[Place]) -> bool:
    """Tell whether one touch is due before another, whatever the day and hour."""
    anchor = then.data.get("anchor", "")
    if anchor == first.id:
        return True
    if first.data.get("send") == "now" and "anchor" not in first.data:
        return bool(anchor) or "send" not in then.data
    between = next((place for place in stage if place.id == anchor and place is not then), None)
    if between is not None:
        return _surely_before(first, between, [place for place in stage if place is not then])
    if anchor or "anchor" in first.data or "clock" in {*first.data, *then.data}:
        return False
    if "after" in first.data and "after" in then.data:
        early, late = length_of(first.data["after"]), length_of(then.data["after"])
        return bool(early and late and early < late)
    return "day" in first.data and "day" in then.data and bool(first.data["day"] < then.data["day"])


def _names(text: str, reading: Reading) -> bool:
    if _NAMED.search(text):
        return True
    name = reading.workspace.data["business"]["name"] if reading.workspace else ""
    return bool(name) and name.casefold() in text.casefold()


RULES = (first_text,)
