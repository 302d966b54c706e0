"""Values: dataclasses that nobody changes, and that cost little to make.

A frozen dataclass writes each field through ``object.__setattr__``, at several times the cost of a plain assignment,
and the engine makes dozens of small values for every lead. A value is frozen for the type checker, which sees all of
our code; at run time its fields are plain slots. It stands in the lowest room because every other one makes values.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["value"]

_T = TypeVar("_T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value(*, kw_only: bool = False) -> Callable[[type[_T]], type[_T]]:
    """Make a class a dataclass with slots, compared and hashed by its fields, which no code may write to."""
    return dataclass(slots=True, kw_only=kw_only, unsafe_hash=True)
