"""Meaning checks of ``renamed_from``: a name that was given up is given up, and by one part of the page alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from cadence.playbook.lint_rules import Fault, Reading, rule

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from cadence.playbook.marks import Path

__all__ = ["RULES"]


class _Family(NamedTuple):
    """Parts of a page that are told apart by name: the stages, or the touches of one."""

    what: str
    names: Collection[str]
    parts: tuple[tuple[Path, str, Mapping[str, Any]], ...]  #: path, name now, what the page says


def _families(reading: Reading) -> Iterator[_Family]:
    stages = tuple((("stages", name), name, said) for name, said in reading.stages.items())
    yield _Family("stage", tuple(reading.stages), stages)
    for stage in reading.stages:
        touches = tuple((touch.path, touch.id, touch.data) for touch in reading.touches_of(stage))
        yield _Family("touch", tuple(touch.id for touch in reading.touches_of(stage)), touches)


def _old_names(path: Path, said: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    names = said.get("renamed_from", ())
    if isinstance(names, str):
        yield (*path, "renamed_from"), names
    else:
        yield from (((*path, "renamed_from", number), name) for number, name in enumerate(names))


@rule("old-name-in-use")
def old_name_in_use(reading: Reading) -> Iterator[Fault]:
    """A name that something is said to have had, and that something has, or that two had."""
    for family in _families(reading):
        had: dict[str, str] = {}
        for path, now, said in family.parts:
            for where, name in _old_names(path, said):
                if name in family.names:
                    yield Fault(
                        where,
                        f"there still is a {family.what} '{name}' here",
                        f"remove '{name}' if it goes on as '{now}'; leave 'renamed_from:' out if both are wanted",
                    )
                elif name in had:
                    yield Fault(
                        where,
                        f"'{had[name]}' says that it was '{name}', too",
                        f"only one {family.what} can go on as what '{name}' was",
                    )
                had.setdefault(name, now)


RULES = (old_name_in_use,)
