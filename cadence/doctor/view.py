"""What was found, as a person reads it: a line for what is fine, more for what needs somebody."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

from cadence.doctor.finding import worst

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cadence.doctor.case import Case
    from cadence.doctor.examine import Examined
    from cadence.doctor.finding import Finding, Verdict

__all__ = ["lines"]

_WIDTH = 100
_LABEL = 18
_WORDS: dict[Verdict, str] = {"fine": "ok", "look": "look", "wrong": "WRONG", "unasked": "-"}
_COMMAND = re.compile(r"`[^`]*`")
_GLUE = "\x00"  #: stands for a blank at which no line ends


def lines(found: Examined, case: Case) -> Iterator[str]:
    """Yield the whole page."""
    yield _headline(found, case)
    yield ""
    for name, findings in found.groups:
        yield from _group(name, findings)
    if found.checklist:
        yield ""
        yield "Only a person can see to these. Tick them off:"
        for item in found.checklist:
            yield from _wrapped("  [ ] ", item.says)


def _headline(found: Examined, case: Case) -> str:
    there = [each.verdict for group in found.groups for each in group.findings]
    wrong, look = there.count("wrong"), there.count("look")
    told = [f"{wrong} thing{'s are' if wrong != 1 else ' is'} wrong"] * bool(wrong)
    told += [f"{look} thing{'s' * (look != 1)} to look at"] * bool(look)
    before = " before anything leaves" if case.workspace.mode == "log" and told else ""
    return f"{case.workspace.business.name}: {', '.join(told) or 'all that can be seen from here is fine'}{before}."


def _group(name: str, findings: Sequence[Finding]) -> Iterator[str]:
    """Yield what is fine on one line, and below it each thing that is not with what to do."""
    label = f"{_WORDS[worst(findings)]:<6}{name}".ljust(_LABEL)
    quiet = [each.says for each in findings if each.verdict in ("fine", "unasked")]
    loud = sorted(
        (each for each in findings if each.verdict in ("wrong", "look")), key=lambda each: each.verdict != "wrong"
    )
    if quiet:
        yield from _wrapped(label, "; ".join(quiet), indent=_LABEL)
    else:
        yield label.rstrip()
    for each in loud:
        mark = f"        {'!' if each.verdict == 'wrong' else '*'} "
        if each.do and len(mark) + len(each.says) + len(each.do) + 4 <= _WIDTH:
            yield f"{mark}{each.says} -> {each.do}"
        else:
            yield from _wrapped(mark, each.says)
            yield from _wrapped("          -> ", each.do)
        if each.paste:
            yield f"             {each.paste}"


def _wrapped(mark: str, text: str, *, indent: int = 0) -> Iterator[str]:
    """Yield a text in lines behind its mark; a command stays whole, so that it can be copied."""
    whole = _COMMAND.sub(lambda found: found[0].replace(" ", _GLUE), text)
    for line in textwrap.wrap(
        whole, _WIDTH, initial_indent=mark, subsequent_indent=" " * (indent or len(mark)), break_long_words=False,
        break_on_hyphens=False,
    ):  # fmt: skip
        yield line.replace(_GLUE, " ")
