"""The tree of a text or of a condition: read, held to its bounds, and made ready to run in the sandbox.

Jinja counts lines; in these trees ``lineno`` is an offset in characters, so that every fault has its exact place.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar, cast

import jinja2
from jinja2 import nodes
from jinja2.parser import Parser

from cadence.errors import RenderError
from cadence.playbook.sandbox import SANDBOX, SANDBOXES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cadence.playbook.markup import Markup

__all__ = ["TEXT_FILE", "TextError", "make_ready", "parse_condition", "parse_text"]

MAX_TEMPLATE = 100_000  #: characters of a template file
MAX_CONDITION = 2_000  #: characters of a condition
MAX_LOOPS = 20  #: loops in one text
MAX_NESTED_LOOPS = 2
MAX_DEPTH = 80  #: tags and brackets within each other

TEXT_FILE = "<template>"  #: file name of a text under way, as tracebacks and frames say it

_Tree = TypeVar("_Tree", bound=nodes.Node)


class TextError(RenderError):
    """A text cannot be read or worked out; ``offset`` and ``length`` say where in it, in characters."""

    def __init__(self, message: str, *, offset: int = 0, length: int = 1, help: str = "") -> None:  # noqa: A002
        super().__init__(message, help=help)
        self.offset = offset
        self.length = length


def parse_text(text: str) -> nodes.Template:
    """Read a text into its tree; raises :class:`TextError`."""
    if len(text) > MAX_TEMPLATE:
        raise TextError(f"the text is longer than {MAX_TEMPLATE:,} characters", help="shorten it")
    return _bounded(lambda: Parser(SANDBOX, text).parse())


def parse_condition(text: str) -> nodes.Expr:
    """Read a condition, which is one expression, into its tree; raises :class:`TextError`."""
    if len(text) > MAX_CONDITION:
        raise TextError(f"the condition is longer than {MAX_CONDITION:,} characters", help="shorten it")
    return _bounded(lambda: _parse_expression(text))


def _parse_expression(text: str) -> nodes.Expr:
    parser = Parser(SANDBOX, text, state="variable")
    if parser.stream.eos:
        raise jinja2.TemplateSyntaxError("the condition is empty", 0)
    expression = parser.parse_expression()
    found = parser.stream.current
    if found.type != "eof":
        raise jinja2.TemplateSyntaxError(f"expected token 'end of condition', got '{found.value}'", found.lineno)
    return expression


def _bounded(parse: Callable[[], _Tree]) -> _Tree:
    try:
        tree = parse()
    except jinja2.TemplateSyntaxError as error:
        raise _syntax_error(error) from None
    except RecursionError:
        raise _too_deep() from None
    except (ValueError, OverflowError):
        raise TextError("a number is too long to read", help="shorten it") from None
    _check_bounds(tree)
    return tree


def _syntax_error(error: jinja2.TemplateSyntaxError) -> TextError:
    return TextError(error.message or "", offset=error.lineno)


def _too_deep(offset: int = 0) -> TextError:
    return TextError("brackets or tags are nested too deeply", offset=offset, help="simplify it")


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


def _check_bounds(tree: nodes.Node) -> None:
    """Refuse what a text may not do, or what could take more than a moment."""
    loops, ahead = 0, [(tree, 0, 0)]
    while ahead:
        node, depth, around = ahead.pop()
        if not isinstance(node, _ALLOWED_NODES):
            raise _no_such_tag(node)
        if isinstance(node, nodes.NSRef):
            raise TextError("a name that is set has no dots", offset=node.lineno, help="choose a plain name")
        if isinstance(node, nodes.Pow):
            raise TextError("`**` is not available here", offset=node.lineno, length=2, help="multiply with *")
        if isinstance(node, nodes.For):
            loops, around = loops + 1, around + 1
            if node.recursive or around > MAX_NESTED_LOOPS or loops > MAX_LOOPS:
                advice = f"at most {MAX_LOOPS} loops, and one within another"
                raise TextError("too many loops", offset=node.lineno, length=3, help=advice)
        if depth > MAX_DEPTH:
            raise _too_deep(node.lineno)
        ahead.extend((child, depth + 1, around) for child in node.iter_child_nodes())


def _no_such_tag(node: nodes.Node) -> TextError:
    tag = _TAG_NAMES.get(type(node), type(node).__name__.lower())
    advice = "a template has if, for and {% set name = value %}"
    if tag in ("include", "import", "from", "extends"):
        advice = "write the text out here: a template stands alone"
    message = f"`{{% {tag} %}}` is not available in templates"
    return TextError(message, offset=node.lineno or 0, length=len(tag), help=advice)


def make_ready(tree: nodes.Template, markup: Markup = "") -> jinja2.Template:
    """Make a bounded tree ready to run; its values are printed for ``markup``. Raises :class:`TextError`."""
    sandbox = SANDBOXES[markup]
    for loop in tree.find_all(nodes.For):
        loop.iter = _through("_rounds", loop.iter)
    for assignment in tree.find_all(nodes.Assign):
        assignment.node = _through("_kept", assignment.node)
    tree.set_environment(sandbox)
    try:
        return jinja2.Template.from_code(sandbox, sandbox.compile(tree, filename=TEXT_FILE), sandbox.globals)
    except jinja2.TemplateSyntaxError as error:
        raise _syntax_error(error) from None
    except (RecursionError, SyntaxError, MemoryError):
        raise _too_deep() from None


def _through(name: str, node: nodes.Node) -> nodes.Filter:
    return nodes.Filter(cast("nodes.Expr", node), name, [], [], None, None, lineno=node.lineno)
