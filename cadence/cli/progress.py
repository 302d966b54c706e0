"""Progress of long work, on a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["LONG", "with_progress"]

LONG = 200  #: leads; a longer run shows how far it is

_T = TypeVar("_T")


def with_progress(items: Iterable[_T], total: int, *, label: str, steps: Callable[[_T], int]) -> Iterator[_T]:
    """Go through items, which make ``steps`` of ``total`` each; show on a terminal how far it is."""
    if total < LONG or not sys.stderr.isatty():
        yield from items
        return
    with click.progressbar(length=total, label=label, file=sys.stderr) as bar:
        for item in items:
            yield item
            bar.update(steps(item))
