"""Trying a text on made-up leads: one of whom all is known, and every other that could make a difference to it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from jinja2 import nodes

from cadence.playbook.blank import Blank, parts_of
from cadence.playbook.stumbles import offset_now
from cadence.playbook.templates import compile_text, work_out
from cadence.playbook.trees import TextError

if TYPE_CHECKING:
    from collections.abc import Callable

    from cadence.playbook.samples import Samples

__all__ = ["Trial", "try_text"]

_MOST_SAMPLES = 512

Path = tuple[str, ...]
Context = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a text."""

    written: tuple[str, ...]  #: as it came out, for each lead it could be worked out for
    holes: tuple[tuple[int, str], ...]  #: offset and dotted name of each value that some lead lacks
    failures: tuple[TextError, ...]  #: what went wrong beside the holes


def try_text(text: str, tree: nodes.Template, samples: Samples) -> Trial:
    """Work a text that can be read out for every lead that makes a difference; ``tree`` is its tree."""
    written: list[str] = []
    holes: list[tuple[int, str]] = []
    failures: list[TextError] = []

    def note_hole(path: str) -> None:
        holes.append((offset_now(compile_text(text)), path))

    for lead in _leads(tree, _noted(samples.full, note_hole), _noted(samples.bare, note_hole)):
        before = len(holes)
        try:
            written.append(work_out(text, lead))
        except TextError as failure:
            if len(holes) == before:
                failures.append(failure)
    return Trial(tuple(written), tuple(dict.fromkeys(holes)), tuple(failures))


class _Noted(Blank):
    """A blank that lets itself be printed, and has that noted."""

    __slots__ = ("tell",)

    tell: Callable[[str], None]

    def _used(self) -> None:
        self.tell(self.path)

    def _printed(self) -> str:
        self.tell(self.path)
        return ""


def _noted(value: Any, tell: Callable[[str], None]) -> Any:
    if isinstance(value, Blank):
        noted = _Noted(value.path, _noted(dict(value.children), tell))
        noted.tell = tell
        return noted
    return {name: _noted(part, tell) for name, part in value.items()} if isinstance(value, Mapping) else value


def _leads(tree: nodes.Template, full: Context, bare: Context) -> Iterator[Context]:
    """Yield a context for every lead that could make a difference to the text, within reason."""
    choices = _choices(tree, full, bare)
    if math.prod(len(options) + 1 for options in choices.values()) <= _MOST_SAMPLES:
        picks: Iterable[Mapping[Path, Any]] = _combined(choices)
    else:
        least = {path: options[0] for path, options in choices.items()}
        each = [(path, option) for path, options in choices.items() for option in options]
        few = [dict(pair) for size in (0, 1, 2) for pair in itertools.combinations(each, size)]
        picks = itertools.islice((base | some for some in few for base in ({}, least)), 4 * _MOST_SAMPLES)
    for pick in picks:
        lead = full
        for path in sorted(pick, key=len, reverse=True):
            lead = _with(lead, path, pick[path])
        if _can_be(lead):
            yield lead


def _can_be(lead: Context) -> bool:
    """Tell whether there is such a lead: where the name is known, the first name is taken from it."""
    return bool(lead["lead"]["first_name"] or not lead["lead"]["name"])


def _combined(choices: Mapping[Path, list[Any]]) -> Iterator[Mapping[Path, Any]]:
    paths = list(choices)
    for picked in itertools.product(*([_KEEP, *choices[path]] for path in paths)):
        yield {path: value for path, value in zip(paths, picked, strict=True) if value is not _KEEP}


_KEEP = object()
_WEEKEND_MORNING = timedelta(days=4, hours=-9)


def _choices(tree: nodes.Template, full: Context, bare: Context) -> dict[Path, list[Any]]:
    """Say for each name the text uses which values but the full lead's matter: none at all, or one it asks for."""
    choices: dict[Path, list[Any]] = {}
    paths = _paths(tree)
    for path in sorted(paths):
        known, unknown = _at(full, path), _at(bare, path)
        if path[0] == "lock":
            choices[("lock",)] = [bare["lock"]]
        elif isinstance(unknown, Blank) and not (path[0] in ("events", "touches") and path[-1] in ("at", "outcome")):
            choices[path] = [unknown]
        elif isinstance(known, bool):
            choices[path] = [not known]
    for path, constant in _asked(tree):
        if not isinstance(_at(full, path), Mapping | None):
            numbers = not isinstance(constant, str | bool)
            choices.setdefault(path, []).extend([constant - 1, constant + 1] if numbers else [constant])
    if any(path[0] == "now" and len(path) > 1 for path in paths):
        choices[("now",)] = [full["now"] + _WEEKEND_MORNING]
    return choices


def _paths(tree: nodes.Node) -> set[Path]:
    paths = {_path(node) for node in tree.find_all((nodes.Name, nodes.Getattr, nodes.Getitem))}
    if ("lead", "first_name") in paths:
        paths.add(("lead", "name"))
    return paths - {()}


def _path(node: nodes.Node) -> Path:
    """Return the dotted path an expression spells; empty when it is none."""
    if isinstance(node, nodes.Name):
        return (node.name,)
    if isinstance(node, nodes.Getattr) and (before := _path(node.node)):
        return (*before, node.attr)
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const) and (before := _path(node.node)):
        return (*before, str(node.arg.value))
    return ()


def _asked(tree: nodes.Node) -> Iterator[tuple[Path, Any]]:
    """Yield each path that is compared with constants, and each of them."""
    for compare in tree.find_all(nodes.Compare):
        for operand in compare.ops:
            if path := _path(compare.expr):
                yield from ((path, const.value) for const in operand.find_all(nodes.Const) if const.value is not None)


def _at(context: Any, path: Path) -> Any:
    for name in path:
        children = parts_of(context)
        if not isinstance(children, Mapping) or name not in children:
            return None
        context = children[name]
    return context


def _with(context: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    return {**context, path[0]: _with(context[path[0]], path[1:], value)}
