"""A value that is not known, of a lead or of anything else that a text may name: a :class:`Blank`."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn

from cadence.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Blank", "BlankError", "parts_of", "spelled"]

_NOTHING: Mapping[str, Any] = MappingProxyType({})


def spelled(path: str) -> str:
    """Write a dotted name as a template does: ``touches['first-call'].at``."""
    head, *rest = path.split(".")
    return head + "".join(f".{name}" if name.isidentifier() else f"['{name}']" for name in rest)


class BlankError(RenderError):
    """A value that is not known was written into a text or reckoned with; ``path`` is its dotted name."""

    def __init__(self, path: str) -> None:
        super().__init__(f"'{path}' is not known", help=f"write {{{{ {spelled(path)} or 'something else' }}}}")
        self.path = path


class Blank(str):
    """A value that is not known: false, empty, equal to the empty text, never larger or smaller than a number.

    Printing it, joining it to a text or reckoning with it raises :class:`BlankError`: a customer must never read the
    hole. What a text method makes of it is not known either.
    """

    __slots__ = ("_children", "_path")

    _path: str
    _children: Mapping[str, Any]

    def __new__(cls, path: str, children: Mapping[str, Any] = _NOTHING) -> Blank:
        """``path`` is the dotted name; ``children`` are what may be named below it."""
        self = super().__new__(cls)
        self._path = path
        self._children = children
        return self

    @property
    def path(self) -> str:
        """The dotted name, such as ``lead.first_name``."""
        return self._path

    @property
    def children(self) -> Mapping[str, Any]:
        """What may be named below it."""
        return self._children

    def __getattr__(self, name: str) -> Any:
        try:
            return self._children[name]
        except KeyError:
            raise AttributeError(name) from None

    def __getitem__(self, key: Any) -> Any:
        return self._children.get(key, self) if isinstance(key, str) else self

    def __reduce__(self) -> tuple[Any, ...]:
        return Blank, (self._path, dict(self._children))

    def __repr__(self) -> str:
        return f"Blank({self._path!r})"

    def _used(self) -> None:
        """Hear that it was reckoned with; for those who listen."""

    def _printed(self) -> str:
        raise BlankError(self._path)

    def _refuse(self, *_: object) -> NoReturn:
        self._used()
        raise BlankError(self._path)

    def _same(self, *_: object, **__: object) -> Blank:
        return self

    def _no_parts(self, *_: object, **__: object) -> list[str]:
        return []

    def __str__(self) -> str:
        return self._printed()

    def __format__(self, format_spec: str) -> str:
        return self._printed()

    def __lt__(self, other: object) -> bool:
        return isinstance(other, str) and bool(other)

    def __le__(self, other: object) -> bool:
        return isinstance(other, str)

    def __gt__(self, other: object) -> bool:
        return False

    def __ge__(self, other: object) -> bool:
        return isinstance(other, str) and not other

    __add__ = __radd__ = __mul__ = __rmul__ = __mod__ = __rmod__ = _refuse
    __sub__ = __rsub__ = __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = _refuse
    __neg__ = __pos__ = __abs__ = __round__ = _refuse
    lower = upper = title = capitalize = strip = lstrip = rstrip = _same
    replace = removeprefix = removesuffix = casefold = swapcase = _same
    date = time = _same
    split = rsplit = splitlines = _no_parts


def parts_of(value: Any) -> Any:
    """Return what may be named below a value that is a dictionary or a blank, as a dictionary; any other, as it is."""
    return value.children if isinstance(value, Blank) else value
