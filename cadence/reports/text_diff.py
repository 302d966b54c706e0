"""Two texts held against each other, line by line, with the words that differ in brackets."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from itertools import zip_longest

__all__ = ["text_diff"]

_WORDS = re.compile(r"\s+|\S+")


def text_diff(expected: str, came: str) -> list[str]:
    """Return lines that begin with ``-`` (was expected), ``+`` (came) or a blank (both); far-off lines are left out."""
    old, new = expected.rstrip("\n").split("\n"), came.rstrip("\n").split("\n")
    lines: list[str] = []
    for kind, start, end, first, last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            lines += _context(old[start:end], before=bool(start), after=end < len(old) or last < len(new))
            continue
        for was, now in zip_longest(old[start:end], new[first:last]):
            if was is not None and now is not None:
                was, now = _marked(was, now)
            lines += [f"- {was}"] if was is not None else []
            lines += [f"+ {now}"] if now is not None else []
    return lines


def _context(lines: list[str], *, before: bool, after: bool) -> list[str]:
    """Keep the line next to a difference, and say that others are left out."""
    keep = before + after
    if len(lines) <= keep + 1:
        return [f"  {line}" for line in lines]
    return [
        *([f"  {lines[0]}"] if before else []),
        "  …",
        *([f"  {lines[-1]}"] if after else []),
    ]


def _marked(old: str, new: str) -> tuple[str, str]:
    """Put the words that differ in brackets; all of them differing, none."""
    was, now = _WORDS.findall(old), _WORDS.findall(new)
    left, right = "", ""
    matcher = SequenceMatcher(None, was, now, autojunk=False)
    if not any(was[block.a].strip() for block in matcher.get_matching_blocks() if block.size):
        return old, new
    for kind, start, end, first, last in matcher.get_opcodes():
        before, after = "".join(was[start:end]), "".join(now[first:last])
        left += before if kind == "equal" or not before else f"[{before}]"
        right += after if kind == "equal" or not after else f"[{after}]"
    return left, right
