"""What is wrong with a template, found before a lead ever gets it.

A template is read, its names are held against what a context has, and it is tried on made-up leads: one of whom all is
known, one of whom hardly anything is, and what lies between wherever that makes a difference to the text. Whatever
would print a hole, cost too much, or offer as an answer a word that means opting out, is reported with its place.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any

from cadence.playbook.blank import Blank, parts_of, spelled
from cadence.playbook.diagnostics import Diagnostic, did_you_mean
from cadence.playbook.expressions import name_faults
from cadence.playbook.front_matter import FrontLine, front_matter
from cadence.playbook.markup import markup_of
from cadence.playbook.opt_out_words import opt_out_offers
from cadence.playbook.segments import count_segments, not_gsm
from cadence.playbook.shapes import ANY, Shape
from cadence.playbook.syntax import plain_syntax
from cadence.playbook.tags import name_in_tag, place_of, without_tags
from cadence.playbook.templates import compile_text, line_of, plain_newlines
from cadence.playbook.trees import TextError, parse_text
from cadence.playbook.trials import try_text
from cadence.playbook.words import MESSAGE_CHANNELS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cadence.playbook.samples import Samples

__all__ = ["check_template"]

_MOST_HOLES = 50
_FRONT_KEYS = ("subject", "invite")


def check_template(
    template_file: str, template_text: str, channel: str, shape: Shape, samples: Samples, max_segments: int = 2
) -> list[Diagnostic]:
    """List the faults of one template file, in the order of the file.

    ``shape`` says what may be named, ``samples`` what is known of every lead that gets this text; an SMS may need
    ``max_segments`` parts at most.
    """
    check = _Check(template_file, plain_newlines(template_text), shape, samples)
    check.file_of(channel, max_segments)
    return sorted(set(check.found))


class _Check:
    def __init__(self, file: str, text: str, shape: Shape, samples: Samples) -> None:
        self.file = file
        self.text = text
        self.lines = text.split("\n")
        self.shape = shape
        self.samples = samples
        self.found: list[Diagnostic] = []

    def report(self, offset: int, length: int, code: str, message: str, advice: str = "") -> None:
        """Keep a fault; ``offset`` is in the file."""
        line = line_of(self.text, offset)
        column = offset - (self.text.rfind("\n", 0, offset) + 1) + 1
        source = self.lines[line - 1]
        length = max(1, min(length, len(source) - column + 1))
        self.found.append(Diagnostic(self.file, line, column, length, "error", code, message, advice, source))

    def file_of(self, channel: str, max_segments: int) -> None:
        """Check the file as one of a channel."""
        subject, begins = self._front() if channel == "email" else (None, 0)
        if subject:
            self._part(subject.value, subject.value_offset, "the subject")
        body = self.text[begins:]
        written = self._part(body, begins, "the text")
        if channel == "email" and markup_of(channel, body) == "markdown":
            self._html(body, begins)
        if channel in MESSAGE_CHANNELS and written is not None:
            self._stray(body, begins, _MERGE_FIELD if channel == "email" else _STRAY)
        if channel in MESSAGE_CHANNELS and written:
            self._opt_outs(body, begins, written)
        if channel == "sms" and written:
            self._cost(body, begins, max(written, key=lambda text: count_segments(text).segments), max_segments)

    def _stray(self, body: str, begins: int, pattern: re.Pattern[str]) -> None:
        for found in itertools.islice(pattern.finditer(without_tags(body)), _MOST_HOLES):
            advice = "a value is written with two braces on each side: {{ lead.first_name }}"
            message = f"'{found[0]}' would be sent as it stands"
            self.report(begins + found.start(), len(found[0]), "stray-brace", message, advice)

    def _html(self, body: str, begins: int) -> None:
        """Report the first HTML in a Markdown text: its reader would see the tags."""
        found = _HTML_TAG.search(without_tags(body))
        if found:
            advice = "write Markdown, such as **bold**; or begin the text with < and write all of it in HTML"
            message = f"'{found[0]}' would be sent as it stands: this text is Markdown"
            self.report(begins + found.start(), len(found[0]), "html-in-markdown", message, advice)

    def _bad_character(self, text: str, begins: int, written: Sequence[str]) -> None:
        """Report the first character that no phone shows, in the file or in what comes of it."""
        here = _CONTROL.search(text)
        odd = here or next(filter(None, map(_CONTROL.search, written)), None)
        if odd:
            message = f"U+{ord(odd[0]):04X} is no character to send"
            self.report(begins + (here.start() if here else 0), 1, "bad-character", message, "take it away")

    def _opt_outs(self, body: str, begins: int, written: Sequence[str]) -> None:
        offers = opt_out_offers(without_tags(body))
        for start, end, word in offers:
            self._opt_out(begins + start, end - start, word)
        for text in written if not offers else ():
            for _, _, word in opt_out_offers(text):
                self._opt_out(begins, 1, word)

    def _opt_out(self, offset: int, length: int, word: str) -> None:
        self.report(
            offset,
            length,
            "opt-out-word",
            f"'{word}' is offered as an answer, but it means: never write to me again",
            "offer another word, such as YES, NO or C; STOP only to opt out",
        )

    def _front(self) -> tuple[FrontLine | None, int]:
        try:
            lines, begins = front_matter(self.text)
        except TextError as error:
            self.report(error.offset, error.length, "bad-syntax", error.message, error.help)
            return None, 0
        for line in lines:
            if line.key not in _FRONT_KEYS:
                message = f"'{line.key}' is not known here" if line.key else "this line is no `key: value`"
                meant = did_you_mean(line.key, _FRONT_KEYS) or "an e-mail has: subject, invite"
                self.report(line.offset, len(line.key or line.value), "unknown-key", message, meant)
        for key in _FRONT_KEYS:
            for again in [line for line in lines if line.key == key][1:]:
                self.report(again.offset, len(again.key), "duplicate-key", f"'{key}' is given twice", "keep one")
        for invite in [line for line in lines if line.key == "invite"][:1]:
            self._invite(invite)
        subjects = [line for line in lines if line.key == "subject"]
        if subjects and subjects[0].value:
            return subjects[0], begins
        place = subjects[0].offset if subjects else 0
        self.report(place, 1, "no-subject", "this e-mail has no subject", "begin the file: ---, subject: ..., ---")
        return None, begins

    def _invite(self, line: FrontLine) -> None:
        """Check that ``invite:`` names an appointment, and one that every lead has who gets this e-mail."""
        appointments = [f"'{kind}'" for kind in _dated(self.shape.children["events"])]
        length, offset = max(len(line.value), 1), line.value_offset if line.value else line.offset
        if f"'{line.value}'" not in appointments:
            message = f"'{line.value}' is no event with a beginning (starts_at)"
            meant = did_you_mean(line.value, [kind.strip("'") for kind in appointments])
            self.report(offset, length, "unknown-event", message, meant or f"it may be {', '.join(appointments)}")
            return
        begins: Any = self.samples.bare["events"]
        for name in (*line.value.split("."), "starts_at"):
            begins = parts_of(begins)[name]
        if isinstance(begins, Blank):
            advice = f"send it from a stage that requires {line.value}.starts_at, or from a touch anchored on it"
            message = f"not every lead who gets this e-mail has '{line.value}'"
            self.report(offset, length, "may-be-empty", message, advice)

    def _part(self, text: str, begins: int, noun: str) -> Sequence[str] | None:
        """Check one text of the file; return what it comes out as, for each lead it was tried on.

        None when it cannot be read.
        """
        try:
            tree = parse_text(text)
            faults = name_faults(tree, text, self.shape, code="unknown-variable")
            if not faults:
                compile_text(text)
        except TextError as error:
            message, advice = plain_syntax(error.message, error.help)
            self.report(begins + place_of(text, error), error.length, "bad-syntax", message, advice)
            return None
        for fault in faults:
            self.report(begins + fault.offset, fault.length, fault.code, fault.message, fault.help)
        if faults:
            return ()
        trial = try_text(text, tree, self.samples)
        for failure in trial.failures:
            offset, length = name_in_tag(text, failure.offset)
            self.report(begins + offset, length, "cannot-render", failure.message, failure.help)
        for offset, path in trial.holes[:_MOST_HOLES]:
            self._hole(text, begins, offset, path)
        if not trial.holes:
            self._empty(begins, trial.written, noun)
        self._bad_character(text, begins, trial.written)
        return trial.written

    def _empty(self, begins: int, written: Sequence[str], noun: str) -> None:
        is_empty = {not text.strip() for text in written}
        if True in is_empty:
            some = " for some leads" if False in is_empty else ""
            self.report(begins, 1, "empty-text", f"{noun} comes out empty{some}", "write what every lead may read")

    def _hole(self, text: str, begins: int, offset: int, path: str) -> None:
        here = spelled(path)
        start, length = name_in_tag(text, offset, here)
        advice = f"put {{% if {here} %}} ... {{% endif %}} around the words"
        if self._is_text(path):
            advice = f"write {{{{ {here} or '{_INSTEAD.get(path, '...')}' }}}}, or {advice}"
        self.report(begins + start, length, "may-be-empty", f"'{path}' is not known of every lead", advice)

    def _is_text(self, path: str) -> bool:
        shape = self.shape
        for name in path.split("."):
            shape = shape.children.get(name, ANY)
        return shape.kind in ("text", "any")

    def _cost(self, body: str, begins: int, written: str, allowed: int) -> None:
        cost = count_segments(written.strip())
        if cost.segments <= allowed:
            return
        odd = not_gsm(written)
        place = next((at for at, char in enumerate(body) if char in odd), 0)
        message = f"this needs up to {cost.segments} SMS segments ({cost.units} characters of {cost.encoding})"
        message += f"; max_segments is {allowed}"
        self.report(begins + place, 1, "too-many-segments", message, _shorter(odd, allowed))


def _dated(events: Shape, before: str = "") -> Iterator[str]:
    """List the events that say when something begins."""
    for name, shape in events.children.items():
        path = f"{before}{name}"
        if shape.kind == "event" and "starts_at" in shape.children:
            yield path
        yield from _dated(shape, f"{path}.")


_INSTEAD = {"lead.first_name": "there", "lead.name": "there", "lead.service": "your project", "lead.city": "your area"}
_PLAIN_CHARS = {
    "’": "'",
    "‘": "'",
    "“": '"',
    "”": '"',
    "`": "'",
    "–": "-",
    "—": "-",
    "•": "-",
    "…": "...",
    "\xa0": "a space",
}


def _shorter(odd: list[str], allowed: int) -> str:
    if not odd:
        room = 160 if allowed == 1 else 153 * allowed
        return f"shorten it to {room} characters with long names filled in, or raise max_segments"
    shown = {char: char if char.isprintable() else f"U+{ord(char):04X}" for char in odd[:6]}
    named = [f"{shown[char]} (write {_PLAIN_CHARS[char]})" if char in _PLAIN_CHARS else shown[char] for char in shown]
    return f"these characters leave room for only 70 a segment: {', '.join(named)}"


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_HTML_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>\n]*)?/?>|<!--")
_MERGE_FIELD = re.compile(r"(?<!\{)\{\s*[A-Za-z_][\w.]*\s*\}")
_STRAY = re.compile(rf"\}}\}}|%\}}|{_MERGE_FIELD.pattern}")
