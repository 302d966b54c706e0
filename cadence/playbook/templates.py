"""Templates: the texts of a playbook, worked out for one lead in the sandbox.

A template may name what the context holds, choose with ``{% if %}``, go round a short list with ``{% for %}`` and keep
a value with ``{% set %}``. A value that is not known is never printed as an empty space: that is an error which names
the value and the line. In the body of an e-mail a value is words, never markup: see :mod:`cadence.playbook.markup`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from cadence.errors import RenderError
from cadence.playbook.filters import MAX_TEXT
from cadence.playbook.front_matter import FrontLine, front_matter
from cadence.playbook.markup import Markup, markup_of
from cadence.playbook.own_words import write_in
from cadence.playbook.sandbox import SANDBOX, Asked
from cadence.playbook.stumbles import stumble
from cadence.playbook.trees import TextError, make_ready, parse_text
from cadence.playbook.words import PHONE_CHANNELS
from cadence.timing.value import value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import jinja2

    from cadence.playbook.model import Business

__all__ = [
    "Rendered",
    "Template",
    "compile_text",
    "line_of",
    "parse_template",
    "plain_newlines",
    "render",
    "work_out",
]


_AT_ONCE = 50  #: pieces of a text between two looks at how long it is


@dataclass(frozen=True, slots=True)
class Template:
    """A text of a playbook, as its file says it."""

    name: str  #: file name below ``templates/``, such as ``new/instant.sms.j2``
    channel: str
    subject: str  #: of an e-mail; empty elsewhere
    body: str
    body_line: int = 1  #: line of the file on which the body begins
    subject_line: int = 1
    invite: str = ""  #: of an e-mail: the event whose appointment goes along as a calendar file; empty: none
    business: Business | None = None  #: who says so; None: whoever the context names


@value()
class Rendered:
    """A text made for one lead."""

    subject: str
    body: str


def parse_template(name: str, channel: str, text: str) -> Template:
    """Read a template file; an e-mail's front matter gives its subject. Raises RenderError when it never ends."""
    text = plain_newlines(text)
    if channel != "email":
        return Template(name, channel, "", text)
    try:
        lines, begins = front_matter(text)
    except TextError as fault:
        raise RenderError(f"{name}: {fault.message}", template=name, line=1, help=fault.help) from None
    subject, invite = (_front(lines, key) for key in ("subject", "invite"))
    return Template(
        name,
        channel,
        subject.value,
        text[begins:],
        line_of(text, begins),
        line_of(text, subject.value_offset),
        invite.value,
    )


def _front(lines: Iterable[FrontLine], key: str) -> FrontLine:
    return next((line for line in lines if line.key == key), FrontLine("", "", 0, 0))


def plain_newlines(text: str) -> str:
    """Return a file's text with plain newlines and without a byte order mark; columns stay what they were."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def line_of(text: str, offset: int) -> int:
    """Return the 1-based line of an offset."""
    return text.count("\n", 0, offset) + 1


def render(template: Template, context: Mapping[str, Any]) -> Rendered:
    """Make the text for one lead: blanks around a text or voice message are taken off, blank lines around others.

    Raises RenderError, naming what is not known and the line of the file.
    """
    subject = _part(template, template.subject, template.subject_line, context) if template.subject else ""
    markup = markup_of(template.channel, template.body)
    body = _part(template, template.body, template.body_line, context, markup)
    if markup == "markdown" and markup_of("email", body) == "html":
        body = body.lstrip().replace("<", "\\<", 1)  # whoever sends it tells by the first sign, too
    return Rendered(" ".join(subject.split()), body.strip() if template.channel in PHONE_CHANNELS else body.strip("\n"))


def _part(template: Template, text: str, first_line: int, context: Mapping[str, Any], markup: Markup = "") -> str:
    try:
        return work_out(text, context, markup, template.business)
    except TextError as fault:
        line = first_line + line_of(text, fault.offset) - 1
        message = f"{template.name}, line {line}: {fault.message}"
        raise RenderError(message, template=template.name, line=line, help=fault.help) from None


def work_out(text: str, context: Mapping[str, Any], markup: Markup = "", business: Business | None = None) -> str:
    """Work a text out in a context; raises :class:`TextError` with the place that failed."""
    ready = compile_text(text, markup, business)
    try:
        written = _write(ready, context)
    except Exception as error:  # noqa: BLE001 - a sandboxed text may raise anything
        raise stumble(ready, error) from None
    return written


@lru_cache(maxsize=1024)
def compile_text(text: str, markup: Markup = "", business: Business | None = None) -> jinja2.Template:
    """Make a text ready to run, once; raises :class:`TextError`."""
    tree = parse_text(text)
    return make_ready(write_in(tree, business) if business else tree, markup)


def _write(ready: jinja2.Template, context: Mapping[str, Any]) -> str:
    pieces = ready.root_render_func(Asked(context, SANDBOX.globals))
    text, more = "", True
    while more:
        some = [*islice(pieces, _AT_ONCE)]
        more = len(some) == _AT_ONCE
        text += "".join(some)
        if len(text) > MAX_TEXT:
            raise RenderError(f"the text grows past {MAX_TEXT:,} characters", help="shorten it")
    return text
