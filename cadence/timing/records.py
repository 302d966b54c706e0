"""Records: frozen dataclasses that cost little to make.

The engine makes dozens of small values for every lead. A frozen dataclass writes each field through
``object.__setattr__``, which takes several times as long as a plain assignment. A record is the same class with another
``__init__``: the new instance is a plain one while its fields are written, and frozen from then on.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field, fields
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["record"]

_T = TypeVar("_T")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def record(*, kw_only: bool = True) -> Callable[[type[_T]], type[_T]]:
    """Make a class a frozen dataclass with slots, whose instances are quick to make.

    Its fields may have defaults and default factories; a subclass would have to be a record too.
    """

    def make(cls: type[_T]) -> type[_T]:
        made: type[_T] = dataclass(frozen=True, slots=True, kw_only=kw_only)(cls)
        made.__init__ = _quick_init(made)  # type: ignore[method-assign]
        return made

    return make


def _quick_init(cls: type[Any]) -> Callable[..., None]:
    plain = type(f"_Plain{cls.__name__}", (), {"__slots__": cls.__slots__})
    names: dict[str, Any] = {"_plain": plain, "_frozen": cls, "_become": object.__setattr__, "_MISSING": MISSING}
    parameters, body = ["self"], ["_become(self, '__class__', _plain)"]
    for place, each in enumerate(fields(cls)):
        if each.kw_only and "*" not in parameters:
            parameters.append("*")
        given = each.name
        if each.default is not MISSING:
            names[f"_d{place}"] = each.default
            given = f"{each.name}=_d{place}"
        elif each.default_factory is not MISSING:
            names[f"_d{place}"] = each.default_factory
            given = f"{each.name}=_MISSING"
            body.append(f"if {each.name} is _MISSING: {each.name} = _d{place}()")
        parameters.append(given)
        body.append(f"self.{each.name} = {each.name}")
    body.append("self.__class__ = _frozen")
    if hasattr(cls, "__post_init__"):
        body.append("self.__post_init__()")
    lines = "\n    ".join(body)
    exec(f"def __init__({', '.join(parameters)}):\n    {lines}\n", names)  # noqa: S102 - as dataclasses itself does
    init: Callable[..., None] = names["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    return init
