"""Meaning checks of variants: each that is named is there, and those that are there differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from cadence.playbook.diagnostics import did_you_mean
from cadence.playbook.lint_rules import Fault, Reading, rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cadence.playbook.marks import Path

__all__ = ["RULES"]


class _Parted(NamedTuple):
    """A stage or a role, whose touches or rules may each be for the leads of one variant."""

    path: Path
    name: str
    what: str  #: what a variant consists of: ``touch`` or ``rule``
    variants: Mapping[str, int]
    parts: tuple[tuple[Path, Mapping[str, Any]], ...]


def _parted(reading: Reading) -> Iterator[_Parted]:
    for role, said in reading.data.get("routing", {}).items():
        path: Path = ("routing", role)
        rules = tuple(((*path, "rules", number), each) for number, each in enumerate(said.get("rules", ())))
        yield _Parted(path, f"the routing of '{role}'", "rule", said.get("variants", {}), rules)
    for stage, said in reading.stages.items():
        touches = tuple((touch.path, touch.data) for touch in reading.touches_of(stage))
        yield _Parted(("stages", stage), f"the stage '{stage}'", "touch", said.get("variants", {}), touches)


@rule("unknown-variant")
def unknown_variant(reading: Reading) -> Iterator[Fault]:
    """A touch or a rule for leads of a variant that there is none of."""
    for place in _parted(reading):
        for path, said in place.parts:
            name = said.get("variant")
            if name is None or name in place.variants:
                continue
            yield Fault(
                (*path, "variant"),
                f"{place.name} has no variant '{name}'" if place.variants else f"{place.name} has no variants",
                did_you_mean(name, place.variants)
                or (
                    f"the variants are: {', '.join(place.variants)}"
                    if place.variants
                    else f"name them, with their weights: variants: {{{name}: 1, as-now: 1}}"
                ),
            )


@rule("no-difference", severity="warning")
def no_difference(reading: Reading) -> Iterator[Fault]:
    """Variants that are the same, so that there is nothing to compare."""
    for place in _parted(reading):
        if len(place.variants) == 1:
            yield Fault(
                (*place.path, "variants"),
                f"{place.name} has one variant, so there is nothing to compare it with",
                f"add the way it is done now, for instance: variants: {{{next(iter(place.variants))}: 1, as-now: 1}}",
                key=True,
            )
            continue
        used = {said.get("variant") for _, said in place.parts}
        first, *others = [name for name in place.variants if name not in used] or [""]
        for other in others:
            yield Fault(
                (*place.path, "variants", other),
                f"'{other}' is the same as '{first}': no {place.what} is for the leads of either alone",
                f"write 'variant: {other}' at a {place.what} that only they get, or remove '{other}'",
                key=True,
            )


@rule("anchor-of-other-variant")
def anchor_of_other_variant(reading: Reading) -> Iterator[Fault]:
    """A touch that counts from one which its own leads do not get."""
    for stage in reading.stages:
        variants = {touch.id: touch.data.get("variant") for touch in reading.touches_of(stage)}
        for touch in reading.touches_of(stage):
            anchor = touch.data.get("anchor", "")
            of = variants.get(anchor)
            if of is not None and of != touch.data.get("variant") and anchor not in reading.events:
                yield Fault(
                    (*touch.path, "anchor"),
                    f"'{anchor}' is only for the leads of '{of}', and '{touch.id}' is for others too"
                    if touch.data.get("variant") is None
                    else f"'{anchor}' is only for the leads of '{of}', and '{touch.id}' for those of another variant",
                    "count from a touch that the same leads get, or remove 'anchor:' to count from the stage's begin",
                )


RULES = (unknown_variant, no_difference, anchor_of_other_variant)
