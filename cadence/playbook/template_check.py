"""What is wrong with a template, found before a lead ever gets it.

A template is read, its names are held against what a context has, and it is tried on made-up leads: one of whom all is
known, one of whom hardly anything is, and what lies between wherever that makes a difference to the text. Whatever
would print a hole, cost too much, or offer as an answer a word that means opting out, is reported with its place.
"""

from __future__ import annotations

import inspect
import itertools
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from jinja2 import nodes

from cadence.playbook.blank import Blank, spelled
from cadence.playbook.conditions import name_faults, plain_syntax
from cadence.playbook.diagnostics import Diagnostic, did_you_mean
from cadence.playbook.samples import Samples
from cadence.playbook.segments import count_segments, not_gsm
from cadence.playbook.shapes import Shape
from cadence.playbook.templates import (
    TEXT_FILE,
    FrontLine,
    TextError,
    compile_text,
    front_matter,
    line_of,
    offset_of,
    parse_text,
    plain_newlines,
    work_out,
)
from cadence.playbook.words import MESSAGE_CHANNELS, OPT_OUT_WORDS

__all__ = ["check_template", "opt_out_offers"]

_MOST_SAMPLES = 512
_MOST_HOLES = 50
_FRONT_KEYS = ("subject",)

Path = tuple[str, ...]
Context = Mapping[str, Any]


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
        if channel in MESSAGE_CHANNELS and written is not None:
            self._stray(body, begins, _MERGE_FIELD if channel == "email" else _STRAY)
        if channel in MESSAGE_CHANNELS and written:
            self._opt_outs(body, begins, written)
        if channel == "sms" and written:
            self._cost(body, begins, max(written, key=lambda text: count_segments(text).segments), max_segments)

    def _stray(self, body: str, begins: int, pattern: re.Pattern[str]) -> None:
        for found in itertools.islice(pattern.finditer(_words_of(body)), _MOST_HOLES):
            advice = "a value is written with two braces on each side: {{ lead.first_name }}"
            message = f"'{found[0]}' would be sent as it stands"
            self.report(begins + found.start(), len(found[0]), "stray-brace", message, advice)

    def _bad_character(self, text: str, begins: int, written: list[str]) -> None:
        """Report the first character that no phone shows, in the file or in what comes of it."""
        here = _CONTROL.search(text)
        odd = here or next(filter(None, map(_CONTROL.search, written)), None)
        if odd:
            message = f"U+{ord(odd[0]):04X} is no character to send"
            self.report(begins + (here.start() if here else 0), 1, "bad-character", message, "take it away")

    def _opt_outs(self, body: str, begins: int, written: list[str]) -> None:
        offers = opt_out_offers(_words_of(body))
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
                meant = did_you_mean(line.key, _FRONT_KEYS) or "an e-mail has: subject"
                self.report(line.offset, len(line.key or line.value), "unknown-key", message, meant)
        subjects = [line for line in lines if line.key == "subject"]
        for again in subjects[1:]:
            self.report(again.offset, len(again.key), "duplicate-key", "the subject is given twice", "keep one")
        if subjects and subjects[0].value:
            return subjects[0], begins
        place = subjects[0].offset if subjects else 0
        self.report(place, 1, "no-subject", "this e-mail has no subject", "begin the file: ---, subject: ..., ---")
        return None, begins

    def _part(self, text: str, begins: int, noun: str) -> list[str] | None:
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
            self.report(begins + _opener(text, error), error.length, "bad-syntax", message, advice)
            return None
        for fault in faults:
            self.report(begins + fault.offset, fault.length, fault.code, fault.message, fault.help)
        if faults:
            return []
        written, known = self._tried(text, tree, begins)
        if known and written and not all(one.strip() for one in written):
            some = "" if not any(one.strip() for one in written) else " for some leads"
            self.report(begins, 1, "empty-text", f"{noun} comes out empty{some}", "write what every lead may read")
        self._bad_character(text, begins, written)
        return written

    def _tried(self, text: str, tree: nodes.Template, begins: int) -> tuple[list[str], bool]:
        """Work the text out for every lead that makes a difference, and report what goes wrong.

        Returns what it came out as, and whether no hole was printed.
        """
        holes: list[tuple[int, str]] = []
        written = []
        tell = partial(_tell, text, holes)
        for sample in _leads(tree, _noted(self.samples.full, tell), _noted(self.samples.bare, tell)):
            before = len(holes)
            try:
                written.append(work_out(text, sample))
            except TextError as error:
                if len(holes) == before:
                    offset, length = _tag_at(text, error.offset)
                    self.report(begins + offset, length, "cannot-render", error.message, error.help)
        for offset, path in itertools.islice(dict.fromkeys(holes), _MOST_HOLES):
            self._hole(text, begins, offset, path)
        return written, not holes

    def _hole(self, text: str, begins: int, offset: int, path: str) -> None:
        here = spelled(path)
        start, length = _tag_at(text, offset, here)
        advice = f"put {{% if {here} %}} ... {{% endif %}} around the words"
        if self._is_text(path):
            advice = f"write {{{{ {here} or '{_INSTEAD.get(path, '...')}' }}}}, or {advice}"
        self.report(begins + start, length, "may-be-empty", f"'{path}' is not known of every lead", advice)

    def _is_text(self, path: str) -> bool:
        shape = self.shape
        for name in path.split("."):
            shape = shape.children.get(name, Shape("any"))
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


_INSTEAD = {"lead.first_name": "there", "lead.name": "there", "lead.service": "your project", "lead.city": "your area"}
_PLAIN_CHARS = {
    "’": "'",
    "‘": "'",
    "“": '"',
    "”": '"',
    "–": "-",
    "—": "-",
    "…": "...",
    "\xa0": "a space",
    "`": "'",
    "•": "-",
}


def _shorter(odd: list[str], allowed: int) -> str:
    if not odd:
        room = 160 if allowed == 1 else 153 * allowed
        return f"shorten it to {room} characters with long names filled in, or raise max_segments"
    shown = {char: char if char.isprintable() else f"U+{ord(char):04X}" for char in odd[:6]}
    named = [f"{shown[char]} (write {_PLAIN_CHARS[char]})" if char in _PLAIN_CHARS else shown[char] for char in shown]
    return f"these characters leave room for only 70 a segment: {', '.join(named)}"


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_MERGE_FIELD = re.compile(r"(?<!\{)\{\s*[A-Za-z_][\w.]*\s*\}")
_STRAY = re.compile(rf"\}}\}}|%\}}|{_MERGE_FIELD.pattern}")


def _opener(text: str, error: TextError) -> int:
    """Return where to point for a syntax error: the tag that is not closed, rather than the end of the text."""
    last = max(len(text.rstrip()) - 1, 0)
    if "nermost block that needs" in error.message:
        name = re.search(r"closed is '(\w+)'", error.message)
        opened: list[int] = []
        for tag in re.finditer(rf"\{{%[-+]?\s*(?P<end>end)?{name[1] if name else 'if'}\b", text):
            if not tag["end"]:
                opened.append(tag.start())
            elif opened:
                opened.pop()
        return opened[-1] if opened else min(error.offset, last)
    if error.message.startswith("unexpected end of template"):
        return max(text.rfind("{{"), text.rfind("{%"), 0)
    return min(error.offset, last)


def _tag_at(text: str, offset: int, path: str = "") -> tuple[int, int]:
    """Return place and length of a name in the tag around an offset; of all the tag says when it is not there."""
    opens = max(text.rfind("{{", 0, offset + 1), text.rfind("{%", 0, offset + 1), 0)
    closes = min((at for at in (text.find("}}", opens), text.find("%}", opens)) if at >= 0), default=len(text))
    said = re.compile(r"(?:\{[{%][-+]?\s*)?(.*?)\s*[-+]?", re.DOTALL).fullmatch(text, opens, closes)
    name = re.compile(rf"(?<![\w.]){re.escape(path)}(?![\w.])").search(text, opens, closes) if path else None
    if name:
        return name.start(), len(path)
    return (said.start(1), len(said[1])) if said else (offset, 1)


class _Noted(Blank):
    """A blank that lets itself be printed, and has that noted."""

    __slots__ = ("tell",)

    tell: Callable[[str], None]

    def _used(self) -> None:
        self.tell(self.path)

    def _printed(self) -> str:
        self.tell(self.path)
        return ""


def _noted(value: Any, tell: Callable[[str], None]) -> Any:
    if isinstance(value, Blank):
        noted = _Noted(value.path, _noted(dict(value.children), tell))
        noted.tell = tell
        return noted
    return {name: _noted(part, tell) for name, part in value.items()} if isinstance(value, Mapping) else value


def _tell(text: str, holes: list[tuple[int, str]], path: str) -> None:
    """Note that a blank was used by the expression that is being worked out right now."""
    frame = inspect.currentframe()
    while frame and frame.f_code.co_filename != TEXT_FILE:
        frame = frame.f_back
    holes.append((offset_of(compile_text(text), frame.f_lineno) if frame else 0, path))


def _leads(tree: nodes.Template, full: Context, bare: Context) -> Iterator[Context]:
    """Yield a context for every lead that could make a difference to the text, within reason."""
    choices = _choices(tree, full, bare)
    if math.prod(len(options) + 1 for options in choices.values()) <= _MOST_SAMPLES:
        picks: Iterable[Mapping[Path, Any]] = _combined(choices)
    else:
        least = {path: options[0] for path, options in choices.items()}
        few = [dict(pair) for size in (0, 1, 2) for pair in itertools.combinations(_each(choices), size)]
        picks = itertools.islice((base | some for some in few for base in ({}, least)), 4 * _MOST_SAMPLES)
    for pick in picks:
        lead = full
        for path in sorted(pick, key=len, reverse=True):
            lead = _with(lead, path, pick[path])
        if lead["lead"]["first_name"] or not lead["lead"]["name"]:
            yield lead


def _combined(choices: Mapping[Path, list[Any]]) -> Iterator[Mapping[Path, Any]]:
    paths = list(choices)
    for picked in itertools.product(*([_KEEP, *choices[path]] for path in paths)):
        yield {path: value for path, value in zip(paths, picked, strict=True) if value is not _KEEP}


def _each(choices: Mapping[Path, list[Any]]) -> Iterator[tuple[Path, Any]]:
    return ((path, option) for path, options in choices.items() for option in options)


_KEEP = object()
_WEEKEND_MORNING = timedelta(days=4, hours=-9)


def _choices(tree: nodes.Template, full: Context, bare: Context) -> dict[Path, list[Any]]:
    """Say for each name the text uses which values but the full lead's matter: none at all, or one it asks for."""
    choices: dict[Path, list[Any]] = {}
    for path in sorted(_paths(tree)):
        known, unknown = _at(full, path), _at(bare, path)
        if path[0] == "lock":
            choices[("lock",)] = [bare["lock"]]
        elif isinstance(unknown, Blank) and not (path[0] in ("events", "touches") and path[-1] in ("at", "outcome")):
            choices[path] = [unknown]
        elif isinstance(known, bool):
            choices[path] = [not known]
    for path, constant in _asked(tree):
        if not isinstance(_at(full, path), Mapping | None):
            numbers = not isinstance(constant, str | bool)
            choices.setdefault(path, []).extend([constant - 1, constant + 1] if numbers else [constant])
    if any(path[0] == "now" and len(path) > 1 for path in _paths(tree)):
        choices[("now",)] = [full["now"] + _WEEKEND_MORNING]
    return choices


def _paths(tree: nodes.Node) -> set[Path]:
    paths = {_path(node) for node in tree.find_all((nodes.Name, nodes.Getattr, nodes.Getitem))}
    if ("lead", "first_name") in paths:
        paths.add(("lead", "name"))
    return paths - {()}


def _path(node: nodes.Node) -> Path:
    """Return the dotted path an expression spells; empty when it is none."""
    if isinstance(node, nodes.Name):
        return (node.name,)
    if isinstance(node, nodes.Getattr) and (before := _path(node.node)):
        return (*before, node.attr)
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const) and (before := _path(node.node)):
        return (*before, str(node.arg.value))
    return ()


def _asked(tree: nodes.Node) -> Iterator[tuple[Path, Any]]:
    """Yield each path that is compared with constants, and each of them."""
    for compare in tree.find_all(nodes.Compare):
        for operand in compare.ops:
            if path := _path(compare.expr):
                yield from ((path, const.value) for const in operand.find_all(nodes.Const) if const.value is not None)


def _at(context: Any, path: Path) -> Any:
    for name in path:
        children = context.children if isinstance(context, Blank) else context
        if not isinstance(children, Mapping) or name not in children:
            return None
        context = children[name]
    return context


def _with(context: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    if not isinstance(context, Mapping):
        return context
    return {**context, path[0]: _with(context[path[0]], path[1:], value)}


_WORD = "|".join(sorted(OPT_OUT_WORDS, key=len, reverse=True))
_WAY_OUT = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "OPTOUT"})  #: may be offered, for opting out
_OPEN, _CLOSE = r"[\"'“”‘’*_(\[]{0,3}", r"[\"'“”‘’*_)\]]{0,3}"
_NEXT = rf"{_CLOSE}\s{{0,9}}(?:,\s{{0,9}}or\b|,|/|\bor\b)\s{{0,9}}{_OPEN}"
_OFFER = rf"(?P<open>{_OPEN})(?P<words>(?:{_WORD})\b(?:{_NEXT}(?:{_WORD})\b)*)(?!-){_CLOSE}"
_VERB = r"(?i:\b(?:reply|respond|answer|text|txt|send|type|write|enter)\b)"
_FILLER = r"(?i:(?:\s{1,9}(?:back|us|me|with|the|word|keyword|just|only|simply|in|all|caps)\b){0,6})\s{0,9}:?\s{1,9}"
_ASKED = re.compile(rf"{_VERB}{_FILLER}{_OFFER}", re.IGNORECASE)
_LISTED = re.compile(rf"(?:\bor\s{{1,9}}|(?<![^.!?:\n])\s{{0,9}}|[/,;:]\s{{0,9}}){_OFFER}", re.IGNORECASE)
_SHORT_ANSWER = re.compile(
    rf"{_VERB}{_FILLER}{_OPEN}(?i:yes|y|no|n|ok|okay|c|confirm|r|\d)\b"
    rf"|\b(?:YES|Y|NO|N|OK|C|R|CONFIRM|HELP|[1-9]){_CLOSE}\W*(?:\b(?:to|for)\b|$)"
)
_AS_AN_ANSWER = re.compile(r"\s*(?:$|[,;:)]|to\b(?!\s+end\b)|if\b|or\b|and\b)", re.IGNORECASE)
_PURPOSE_AFTER = re.compile(r"\W*(?:to|if|when)\s+(.{1,80})", re.IGNORECASE)
_PURPOSE_BEFORE = re.compile(
    r"(?:^|,)\W*(?:if you [^,]{1,40}?)?\bto\s+([^,]{1,60}),?(?:\s+(?:please|just|simply))*\s*$", re.IGNORECASE
)
_OPTS_OUT = re.compile(
    r"opt(?:ing)?[ -]?out|unsubscrib|\b(?:stop|quit|leave|end|texts?|messages?|e-?mails?)\b|remove|no (?:more|longer)"
    r"|not (?:get|receive|hear|want)|cancel(?!\s+(?:your|the|this|my|our|an?|it)\b)",
    re.IGNORECASE,
)
_REACH = 200  #: characters around a word that may belong to its sentence


def opt_out_offers(text: str) -> list[tuple[int, int, str]]:
    """Find the opt-out words that a text offers as an answer to something else: (start, end, word).

    ``Reply STOP to opt out`` is the right way out and is not found; ``reply CANCEL to cancel`` is: the carrier would
    take the answer for an opt-out, and nothing could be sent to the person any more.
    """
    found: dict[int, tuple[int, int, str]] = {}
    for pattern, is_offer in ((_ASKED, _asked_for), (_LISTED, _listed)):
        for match in pattern.finditer(text):
            before = re.split(r"[.!?\n]", text[max(0, match.start() - _REACH) : match.start()])[-1]
            after = re.split(r"[.!?\n]", text[match.end() : match.end() + _REACH])[0]
            words = [word.upper() for word in re.findall(_WORD, match["words"], re.IGNORECASE)]
            start = match.start("words")
            if is_offer(match, before, after) and not _lets_out(words, before, after):
                found.setdefault(start, (start, match.end("words"), match["words"]))
    return sorted(found.values())


def _asked_for(match: re.Match[str], before: str, after: str) -> bool:
    return _stands_out(match, before + after) or bool(_AS_AN_ANSWER.match(after))


def _listed(match: re.Match[str], before: str, after: str) -> bool:
    purpose = re.match(r"\s+to\b", after, re.IGNORECASE)
    if not _stands_out(match, before + after):
        return bool(purpose and _SHORT_ANSWER.search(before))
    return bool(purpose or _SHORT_ANSWER.search(before) or re.search(_VERB, before))


def _stands_out(match: re.Match[str], around: str) -> bool:
    """Tell whether the word is set apart: in quotes, or in capitals that its sentence is not written in."""
    if re.search(r"[\"'“”‘’*]", match["open"]):
        return True
    shouted = around.upper() == around and len(re.findall(r"[A-Z]{2,}", around)) > 2
    return match["words"].split()[0].rstrip(",/").istitle() or (match["words"].isupper() and not shouted)


def _lets_out(words: list[str], before: str, after: str) -> bool:
    """Tell whether the words are offered for what they mean."""
    if not _WAY_OUT.intersection(words):
        return False
    purpose = _PURPOSE_AFTER.match(after) or _PURPOSE_BEFORE.search(before)
    return not purpose or bool(_OPTS_OUT.search(purpose[1]))


def _words_of(text: str) -> str:
    """Blank out what is not words of the text, so that every place stays where it is."""
    return re.sub(
        r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}",
        lambda tag: ("\N{REPLACEMENT CHARACTER}" if tag[0].startswith("{{") else " ") * len(tag[0]),
        text,
        flags=re.DOTALL,
    )
