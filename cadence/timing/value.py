"""Values: dataclasses that nobody changes, and that cost little to make.

A frozen dataclass writes each field through ``object.__setattr__``, at several times the cost of a plain assignment,
and the engine makes dozens of small values for every lead. A value is frozen for the type checker, which sees all of
our code; at run time its fields are plain slots. It stands in the lowest room because every other one makes values.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field, fields
from typing import TYPE_CHECKING, ParamSpec, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["maker", "value"]

_T = TypeVar("_T")
_P = ParamSpec("_P")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value(*, kw_only: bool = False) -> Callable[[type[_T]], type[_T]]:
    """Make a class a dataclass with slots, compared and hashed by its fields, which no code may write to."""
    return dataclass(slots=True, kw_only=kw_only, unsafe_hash=True)


def maker(kind: Callable[_P, _T]) -> Callable[_P, _T]:
    """Return a function that makes values of a kind, every field by its name, as calling the class does.

    A class that is called with names has them put into a dictionary and taken out again; a function has not. For a
    value of many fields, made many times for every lead, that is half its cost.
    """
    signature, body = [], ["self = new(kind)"]
    known: dict[str, object] = {"kind": kind, "new": object.__new__}
    for each in fields(kind):  # type: ignore[arg-type]  # a class, whose call is its signature
        given = each.default_factory is MISSING
        known[f"_{each.name}"] = each.default if given else each.default_factory
        optional = "" if given and each.default is MISSING else f" = _{each.name}" if given else " = new"
        signature.append(f"{each.name}{optional}")
        value = each.name if given else f"_{each.name}() if {each.name} is new else {each.name}"
        body.append(f"self.{each.name} = {value}")
    if hasattr(kind, "__post_init__"):
        body.append("self.__post_init__()")
    lines = "\n    ".join((*body, "return self"))
    exec(f"def make(*, {', '.join(signature)}):\n    {lines}", known)  # noqa: S102 - as dataclasses make __init__
    made: Callable[_P, _T] = known["make"]  # type: ignore[assignment]
    return made
