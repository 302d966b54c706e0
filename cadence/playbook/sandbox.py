"""The sandbox in which every text and condition of a playbook is worked out.

Nothing in it can reach the machine, read a clock, or take more than a moment: the filters, tests and methods are closed
lists, there is nothing to load, and loops and numbers have bounds.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import jinja2
from jinja2.lexer import Lexer
from jinja2.nodes import EvalContext
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS as JINJA_TESTS
from jinja2.utils import missing

from cadence.errors import RenderError
from cadence.playbook.blank import Blank
from cadence.playbook.filters import FILTERS, MAX_TEXT
from cadence.playbook.markup import Markup, in_html, in_markdown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = ["METHODS", "SANDBOX", "SANDBOXES", "TESTS", "Asked"]

MAX_ROUNDS = 100  #: rounds of one loop

#: What may be asked of a value by its type; everything else is out of reach.
METHODS: Mapping[type, frozenset[str]] = MappingProxyType(
    {
        str: frozenset(
            (
                *("startswith", "endswith", "lower", "upper", "title", "capitalize", "strip", "lstrip", "rstrip"),
                *("split", "count", "find", "isdigit", "isalpha", "removeprefix", "removesuffix"),
            )
        ),
        datetime: frozenset(
            (
                *("year", "month", "day", "hour", "minute", "weekday", "isoweekday", "date", "time"),
                *("strftime", "isoformat"),
            )
        ),
        date: frozenset(("year", "month", "day", "weekday", "isoweekday", "strftime", "isoformat")),
        timedelta: frozenset(("days", "seconds", "total_seconds")),
        LoopContext: frozenset(
            ("index", "index0", "revindex", "revindex0", "first", "last", "length", "previtem", "nextitem")
        ),
    }
)


_UNKNOWN = (Blank, jinja2.Undefined)


def _is_known(value: Any) -> bool:
    return not isinstance(value, _UNKNOWN) and value is not None


def _is_unknown(value: Any) -> bool:
    return not _is_known(value)


_JINJA_TESTS = (
    *("odd", "even", "divisibleby", "string", "number", "in", "true", "false", "eq", "equalto", "ne"),
    *("gt", "greaterthan", "ge", "lt", "lessthan", "le", "==", "!=", ">", ">=", "<", "<="),
)

#: What may stand behind ``is``.
TESTS: Mapping[str, Any] = MappingProxyType(
    {
        **{name: JINJA_TESTS[name] for name in _JINJA_TESTS},
        "defined": _is_known,
        "undefined": _is_unknown,
        "none": _is_unknown,
    }
)


class _OffsetLexer(Lexer):
    """Counts characters where Jinja counts lines, so that every node of a text knows its exact place."""

    def tokeniter(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> Iterator[tuple[int, str, str]]:
        at = 0
        try:
            for _, token, value in super().tokeniter(source, name, filename, state):
                at = source.find(value, at)
                yield at, token, value
                at += len(value)
        except jinja2.TemplateSyntaxError as error:
            raise jinja2.TemplateSyntaxError(error.message or "", at) from None


_NO_FUNCTIONS: Mapping[str, Any] = MappingProxyType({})


class Asked(Context):
    """What a text or condition that is worked out may ask for; a mapping that works out names when asked will do."""

    def __init__(self, known: Mapping[str, Any], functions: Mapping[str, Any] = _NO_FUNCTIONS) -> None:
        """``known``: the names and what stands for them; ``functions``: what may be called beside them."""
        self.parent = known  # type: ignore[assignment]
        self.functions = functions
        self.vars = {}
        self.exported_vars = set()
        self.environment = SANDBOX
        self.eval_ctx = _EVALUATION
        self.name = None
        self.blocks = {}
        self.globals_keys = set()

    def resolve_or_missing(self, key: str) -> Any:
        """Return what stands for a name."""
        if key in self.vars:
            return self.vars[key]
        try:
            return self.parent[key]
        except KeyError:
            return self.functions.get(key, missing)


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, narrowed to what a text to a customer needs."""

    intercepted_binops = frozenset({"*", "%", "**"})

    def __init__(self, printed: Callable[[Any], Any]) -> None:
        """``printed``: what is made of every value that is printed."""
        super().__init__(
            undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False, finalize=printed
        )
        self.filters = {**FILTERS, "_rounds": _rounds, "_kept": _kept}
        self.tests = dict(TESTS)
        self.globals = {"range": _range}
        self._offset_lexer = _OffsetLexer(self)

    @property
    def lexer(self) -> Lexer:
        """The lexer of every text."""
        return self._offset_lexer

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return ``obj.attribute``: an entry, or one of the harmless methods of a plain value."""
        if isinstance(obj, dict):
            try:
                return obj[attribute]
            except KeyError:
                pass
        elif isinstance(obj, Blank) and attribute in obj.children:
            return obj.children[attribute]
        elif isinstance(obj, jinja2.Undefined) or any(
            isinstance(obj, kind) and attribute in names for kind, names in METHODS.items()
        ):
            return getattr(obj, attribute)
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return ``obj[argument]``."""
        try:
            return obj[argument]
        except (TypeError, LookupError):
            return self.undefined(obj=obj, name=argument)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Reckon with numbers only: a text times a million is no number."""
        if operator == "**" or not (isinstance(left, int | float | Blank) and isinstance(right, int | float | Blank)):
            raise RenderError(f"`{operator}` works on numbers only here", help="join texts with ~")
        return super().call_binop(context, operator, left, right)


def _range(*bounds: int) -> range:
    rounds = range(*bounds)
    if rounds[MAX_ROUNDS : MAX_ROUNDS + 1]:
        raise _too_many_rounds("make the range shorter")
    return rounds


def _rounds(items: Iterable[Any]) -> list[Any]:
    """Filter of what every loop goes round."""
    listed = list(islice(items, MAX_ROUNDS + 1))
    if len(listed) > MAX_ROUNDS:
        raise _too_many_rounds("go round a shorter list")
    return listed


def _too_many_rounds(advice: str) -> RenderError:
    return RenderError(f"a loop may go round {MAX_ROUNDS} times at most", help=advice)


def _printed(value: Any) -> Any:
    """Filter of every value that is printed: a method without its brackets is no text."""
    if callable(value) and not isinstance(value, jinja2.Undefined):
        raise RenderError("this is something a value can do, not a text", help="put () behind it, or take it away")
    return value


def _printed_in(write: Callable[[str], str]) -> Callable[[Any], Any]:
    """Make the filter of every value that is printed into marked-up text."""

    def printed(value: Any) -> Any:
        known = _printed(value)
        return known if isinstance(known, _UNKNOWN) else write(str(known))

    return printed


def _kept(value: Any) -> Any:
    """Filter of every value that a text keeps with ``set``."""
    if isinstance(value, str | list | tuple) and len(value) > MAX_TEXT:
        raise RenderError(f"a text grows past {MAX_TEXT:,} characters here", help="shorten it")
    return value


SANDBOX = _Sandbox(_printed)
#: By how a text is marked up. They differ only in how values are printed.
SANDBOXES: Mapping[Markup, _Sandbox] = MappingProxyType(
    {"": SANDBOX, "markdown": _Sandbox(_printed_in(in_markdown)), "html": _Sandbox(_printed_in(in_html))}
)
_EVALUATION = EvalContext(SANDBOX)
