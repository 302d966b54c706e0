"""Templates: the texts of a playbook, worked out for one lead in a sandbox.

A template may name what the context holds, choose with ``{% if %}``, go round a short list with ``{% for %}`` and keep
a value with ``{% set %}``. Nothing in it can reach the machine, read a clock, or take more than a moment. A value that
is not known is never printed as an empty space: that is an error which names the value and the line.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import islice
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any, TypeVar, cast

import jinja2
from jinja2 import nodes
from jinja2.exceptions import SecurityError
from jinja2.lexer import Lexer
from jinja2.parser import Parser
from jinja2.runtime import LoopContext, new_context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS as JINJA_TESTS

from cadence.errors import RenderError
from cadence.playbook.blank import Blank
from cadence.playbook.filters import FILTERS, MAX_TEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = [
    "METHODS",
    "SANDBOX",
    "TESTS",
    "TEXT_FILE",
    "FrontLine",
    "Rendered",
    "Sandbox",
    "Template",
    "TextError",
    "check_bounds",
    "compile_text",
    "front_matter",
    "instantiate",
    "line_of",
    "offset_of",
    "parse_template",
    "parse_text",
    "plain_newlines",
    "read_with",
    "render",
    "stumble",
    "work_out",
]

MAX_TEMPLATE = 100_000  #: characters of a template file
MAX_ROUNDS = 100  #: rounds of one loop
MAX_LOOPS = 20  #: loops in one text
MAX_NESTED_LOOPS = 2
MAX_DEPTH = 80  #: tags and brackets within each other

TEXT_FILE = "<template>"  #: file name of a text under way, as tracebacks and frames say it

Tree = TypeVar("Tree", bound=nodes.Node)

#: What may be asked of a value by its type; everything else is out of reach.
METHODS: Mapping[type, frozenset[str]] = MappingProxyType(
    {
        str: frozenset(
            {
                "startswith",
                "endswith",
                "lower",
                "upper",
                "title",
                "capitalize",
                "strip",
                "lstrip",
                "rstrip",
                "split",
                "count",
                "find",
                "isdigit",
                "isalpha",
                "removeprefix",
                "removesuffix",
            }
        ),
        datetime: frozenset(
            {"year", "month", "day", "hour", "minute", "weekday", "isoweekday", "date", "time", "strftime", "isoformat"}
        ),
        date: frozenset({"year", "month", "day", "weekday", "isoweekday", "strftime", "isoformat"}),
        timedelta: frozenset({"days", "seconds", "total_seconds"}),
        LoopContext: frozenset(
            {"index", "index0", "revindex", "revindex0", "first", "last", "length", "previtem", "nextitem"}
        ),
    }
)


def _is_known(value: Any) -> bool:
    return not isinstance(value, Blank | jinja2.Undefined) and value is not None


TESTS: Mapping[str, Any] = MappingProxyType(
    {
        **{
            name: JINJA_TESTS[name]
            for name in (
                *("odd", "even", "divisibleby", "string", "number", "in", "true", "false", "eq", "equalto", "ne"),
                *("gt", "greaterthan", "ge", "lt", "lessthan", "le", "==", "!=", ">", ">=", "<", "<="),
            )
        },
        "defined": _is_known,
        "undefined": lambda value: not _is_known(value),
        "none": lambda value: not _is_known(value),
    }
)


class TextError(RenderError):
    """A text cannot be read or worked out; ``offset`` and ``length`` say where in it, in characters."""

    def __init__(self, message: str, *, offset: int = 0, length: int = 1, help: str = "") -> None:  # noqa: A002
        super().__init__(message, help=help)
        self.offset = offset
        self.length = length


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


class Sandbox(ImmutableSandboxedEnvironment):
    """Where every text of a playbook is worked out: a closed list of filters, tests and methods; no loader."""

    intercepted_binops = frozenset({"*", "%", "**"})

    def __init__(self) -> None:
        super().__init__(undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)
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
            if attribute in obj:
                return obj[attribute]
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
        raise RenderError(f"a loop may go round {MAX_ROUNDS} times at most", help="make the range shorter")
    return rounds


def _rounds(items: Iterable[Any]) -> list[Any]:
    listed = list(islice(items, MAX_ROUNDS + 1))
    if len(listed) > MAX_ROUNDS:
        raise RenderError(f"a loop may go round {MAX_ROUNDS} times at most", help="go round a shorter list")
    return listed


def _kept(value: Any) -> Any:
    if isinstance(value, str | list | tuple) and len(value) > MAX_TEXT:
        raise RenderError(f"a text grows past {MAX_TEXT:,} characters here", help="shorten it")
    return value


SANDBOX = Sandbox()

_ALLOWED_NODES = (nodes.Template, nodes.Output, nodes.If, nodes.For, nodes.Assign, nodes.Expr, nodes.Helper)
_TAG_NAMES: Mapping[type[nodes.Node], str] = MappingProxyType(
    {
        nodes.AssignBlock: "set",
        nodes.CallBlock: "call",
        nodes.FilterBlock: "filter",
        nodes.FromImport: "from",
        nodes.Scope: "autoescape",
    }
)


def parse_text(text: str) -> nodes.Template:
    """Read a text into its tree, in which ``lineno`` is an offset in characters; raises :class:`TextError`."""
    if len(text) > MAX_TEMPLATE:
        raise TextError(f"the text is longer than {MAX_TEMPLATE:,} characters", help="shorten it")
    tree = read_with(lambda: Parser(SANDBOX, text).parse())
    check_bounds(tree)
    return tree


def read_with(parse: Callable[[], Tree]) -> Tree:
    """Run a parser; what it cannot read becomes a :class:`TextError`."""
    try:
        return parse()
    except jinja2.TemplateSyntaxError as error:
        raise TextError(error.message or "", offset=error.lineno) from None
    except RecursionError:
        raise TextError("brackets or tags are nested too deeply", help="simplify it") from None
    except (ValueError, OverflowError):
        raise TextError("a number is too long to read", help="shorten it") from None


def check_bounds(tree: nodes.Node) -> None:
    """Refuse what a text may not do, or what could take more than a moment; raises :class:`TextError`."""
    loops, ahead = 0, [(tree, 0, 0)]
    while ahead:
        node, depth, around = ahead.pop()
        if not isinstance(node, _ALLOWED_NODES):
            tag = _TAG_NAMES.get(type(node), type(node).__name__.lower())
            message = f"`{{% {tag} %}}` is not available in templates"
            raise TextError(message, offset=node.lineno or 0, length=len(tag), help=_help(tag))
        if isinstance(node, nodes.NSRef):
            raise TextError("a name that is set has no dots", offset=node.lineno, help="choose a plain name")
        if isinstance(node, nodes.Pow):
            raise TextError("`**` is not available here", offset=node.lineno, length=2, help="multiply with *")
        if isinstance(node, nodes.For):
            loops, around = loops + 1, around + 1
            if node.recursive or around > MAX_NESTED_LOOPS or loops > MAX_LOOPS:
                help_text = f"at most {MAX_LOOPS} loops, and one within another"
                raise TextError("too many loops", offset=node.lineno, length=3, help=help_text)
        if depth > MAX_DEPTH:
            raise TextError("brackets or tags are nested too deeply", offset=node.lineno, help="simplify it")
        ahead.extend((child, depth + 1, around) for child in node.iter_child_nodes())


def _help(tag: str) -> str:
    if tag in ("include", "import", "from", "extends"):
        return "write the text out here: a template stands alone"
    return "a template has if, for and {% set name = value %}"


def instantiate(tree: nodes.Template) -> jinja2.Template:
    """Make a bounded tree ready to run; raises :class:`TextError`."""
    for loop in tree.find_all(nodes.For):
        loop.iter = _through("_rounds", loop.iter)
    for assignment in tree.find_all(nodes.Assign):
        assignment.node = _through("_kept", assignment.node)
    tree.set_environment(SANDBOX)
    try:
        return jinja2.Template.from_code(SANDBOX, SANDBOX.compile(tree, filename=TEXT_FILE), SANDBOX.globals)
    except jinja2.TemplateSyntaxError as error:
        raise TextError(error.message or "", offset=error.lineno) from None
    except (RecursionError, SyntaxError, MemoryError):
        raise TextError("brackets or tags are nested too deeply", help="simplify it") from None


def _through(name: str, node: nodes.Node) -> nodes.Filter:
    return nodes.Filter(cast("nodes.Expr", node), name, [], [], None, None, lineno=node.lineno)


@lru_cache(maxsize=1024)
def compile_text(text: str) -> jinja2.Template:
    """Make a text ready to run, once; raises :class:`TextError`."""
    return instantiate(parse_text(text))


def work_out(text: str, context: Mapping[str, Any]) -> str:
    """Work a text out in a context; raises :class:`TextError` with the place that failed."""
    ready = compile_text(text)
    try:
        written = _write(ready, context)
    except Exception as error:  # noqa: BLE001 - a sandboxed text may raise anything
        raise stumble(ready, error) from None
    return written


def _write(ready: jinja2.Template, context: Mapping[str, Any]) -> str:
    pieces, size = [], 0
    for piece in ready.root_render_func(new_context(SANDBOX, None, {}, {**SANDBOX.globals, **context}, shared=True)):
        size += len(piece)
        if size > MAX_TEXT:
            raise RenderError(f"the text grows past {MAX_TEXT:,} characters", help="shorten it")
        pieces.append(piece)
    return "".join(pieces)


def stumble(ready: jinja2.Template, error: Exception) -> TextError:
    """Say in plain words what went wrong while a text was worked out, and where; no value of the lead appears."""
    message, help_text = _plain(error)
    return TextError(message, offset=_offset(ready, error.__traceback__), help=help_text)


_NO_SUCH = re.compile(r"'([^']+)' is undefined|has no (?:attribute|element) '?([^']+)'?$")


def _plain(error: Exception) -> tuple[str, str]:
    if isinstance(error, RenderError):
        return error.message, error.help
    if isinstance(error, jinja2.UndefinedError | SecurityError):
        return _plain_undefined(str(error))
    if isinstance(error, ZeroDivisionError):
        return "it divides by zero", "ask first whether the number is known"
    if isinstance(error, TypeError):
        return "it puts values together that do not fit, such as a text and a number", "join texts with ~"
    return f"it cannot be worked out ({type(error).__name__})", "simplify it"


def _plain_undefined(message: str) -> tuple[str, str]:
    match = _NO_SUCH.search(message)
    name = (match[1] or match[2]) if match else ""
    if not name or name.lstrip("-").isdigit():
        return "it takes a part that is not there", "ask first whether it is there"
    return f"'{name}' is not something a text can name", ""


def offset_of(ready: jinja2.Template, code_line: int) -> int:
    """Return the place in a text that a line of its compiled code was made from."""
    lines, offsets = _places(ready)
    found = bisect_right(lines, code_line)
    return offsets[found - 1] if found else 0


@lru_cache(maxsize=128)
def _places(ready: jinja2.Template) -> tuple[list[int], list[int]]:
    places = ready.debug_info
    return [line for _, line in places], [offset for offset, _ in places]


def _offset(ready: jinja2.Template, traceback: TracebackType | None) -> int:
    line = 0
    while traceback:
        if traceback.tb_frame.f_code.co_filename == TEXT_FILE:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return offset_of(ready, line)


@dataclass(frozen=True, slots=True)
class Template:
    """A text of a playbook, as its file says it."""

    name: str  #: file name below ``templates/``, such as ``new/instant.sms.j2``
    channel: str
    subject: str  #: of an e-mail; empty elsewhere
    body: str
    body_line: int = 1  #: line of the file on which the body begins
    subject_line: int = 1


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text made for one lead."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class FrontLine:
    """One ``key: value`` line of an e-mail's front matter."""

    key: str  #: empty when the line is none
    value: str
    offset: int  #: of the line in the file
    value_offset: int  #: of the value in the file


_FRONT_LINE = re.compile(r"(?P<key>[A-Za-z_][\w-]*)[ \t]*:(?:[ \t]+(?P<value>\S.*?))?[ \t]*")


def front_matter(text: str) -> tuple[list[FrontLine], int]:
    """Split the front matter from an e-mail's text: its lines, and the offset at which the body begins.

    Newlines must be plain. Raises :class:`TextError` when ``---`` opens it and none closes it.
    """
    if not re.match(r"---[ \t]*\n", text):
        return [], 0
    found: list[FrontLine] = []
    at = text.index("\n") + 1
    while at < len(text):
        line, _, _ = text[at:].partition("\n")
        if line.rstrip() == "---":
            return found, min(at + len(line) + 1, len(text))
        if line.strip() and not line.startswith("#"):
            found.append(_front_line(line, at))
        at += len(line) + 1
    raise TextError("the front matter is not closed", length=3, help="write a second line --- below subject:")


def _front_line(line: str, at: int) -> FrontLine:
    match = _FRONT_LINE.fullmatch(line)
    if not match:
        return FrontLine("", line, at, at)
    value, begins = match["value"] or "", match.start("value")
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        value, begins = value[1:-1], begins + 1
    return FrontLine(match["key"], value, at, at + max(begins, 0))


def plain_newlines(text: str) -> str:
    """Return a file's text with plain newlines and without a byte order mark; columns stay what they were."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def parse_template(name: str, channel: str, text: str) -> Template:
    """Read a template file; an e-mail's front matter gives its subject. Raises RenderError when it never ends."""
    text = plain_newlines(text)
    if channel != "email":
        return Template(name, channel, "", text)
    try:
        lines, begins = front_matter(text)
    except TextError as fault:
        raise RenderError(f"{name}: {fault.message}", template=name, line=1, help=fault.help) from None
    subject = next((line for line in lines if line.key == "subject"), FrontLine("", "", 0, 0))
    return Template(
        name, channel, subject.value, text[begins:], line_of(text, begins), line_of(text, subject.value_offset)
    )


def line_of(text: str, offset: int) -> int:
    """Return the 1-based line of an offset."""
    return text.count("\n", 0, offset) + 1


def render(template: Template, context: Mapping[str, Any]) -> Rendered:
    """Make the text for one lead: the ends of an SMS and the blank lines around any other body are taken off.

    Raises RenderError, naming what is not known and the line of the file.
    """
    subject = _part(template, template.subject, template.subject_line, context) if template.subject else ""
    body = _part(template, template.body, template.body_line, context)
    return Rendered(" ".join(subject.split()), body.strip() if template.channel == "sms" else body.strip("\n"))


def _part(template: Template, text: str, first_line: int, context: Mapping[str, Any]) -> str:
    try:
        return work_out(text, context)
    except TextError as fault:
        line = first_line + line_of(text, fault.offset) - 1
        message = f"{template.name}, line {line}: {fault.message}"
        raise RenderError(message, template=template.name, line=line, help=fault.help) from None
