"""The bytes of a file become text: UTF-8 with plain line breaks and no invisible characters, or diagnostics."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cadence.playbook.marks import START, Mark, diagnostic_at
from cadence.playbook.page_limits import MOST_BYTES, MOST_FAULTS

if TYPE_CHECKING:
    from cadence.playbook.diagnostics import Diagnostic

__all__ = ["UNPRINTABLE", "decode"]

#: A character that no page may hold.
UNPRINTABLE = re.compile("[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_BYTE_ORDER = (
    (b"\xff\xfe\0\0", "UTF-32"),
    (b"\0\0\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_SAVE_AS = "in the editor choose 'save with encoding' and UTF-8"


def decode(file: str, raw: bytes) -> tuple[str, list[Diagnostic]]:
    """Decode a file; line breaks become LF. The text is whole when there are no faults."""

    def fault(code: str, message: str, advice: str, mark: Mark = START) -> Diagnostic:
        return diagnostic_at(file, lines, mark, code, message, advice)

    lines: tuple[str, ...] = ()
    if len(raw) > MOST_BYTES:
        size = f"{len(raw) / 1_000_000:.1f}"
        return "", [
            fault("too-large", f"the file has {size} MB; a page has at most 1 MB", "see whether it is the right file")
        ]
    coding = next((name for start, name in _BYTE_ORDER if raw.startswith(start)), "") or _wide(raw)
    if coding:
        return "", [fault("bad-encoding", f"the file is saved as {coding}, not as UTF-8", _SAVE_AS)]
    raw = raw.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    text = raw.decode("utf-8", errors="replace")
    lines = tuple(text.split("\n"))
    faults = []
    for number, line in enumerate(raw.split(b"\n")):
        try:
            found = UNPRINTABLE.search(line.decode("utf-8"))
        except UnicodeDecodeError as error:
            column = len(line[: error.start].decode("utf-8")) + 1
            message = f"line {number + 1} holds a character that is not saved as UTF-8"
            faults.append(fault("bad-encoding", message, _SAVE_AS, Mark(number + 1, column, 1)))
        else:
            if found:
                message = f"an invisible character (U+{ord(found[0]):04X}) stands here"
                mark = Mark(number + 1, found.start() + 1, 1)
                faults.append(fault("bad-character", message, "delete it and type the place anew", mark))
        if len(faults) == MOST_FAULTS:
            mark = Mark(number + 1, 1, 1)
            faults.append(fault("too-many-faults", "there are more faults than these", "mend these first", mark))
            break
    return text, faults


def _wide(raw: bytes) -> str:
    """Name the encoding with two or four bytes a character that a text without a byte order mark has; else nothing."""
    start = raw[:1000]
    share = start.count(0) / len(start) if start else 0
    return "UTF-32" if share > 0.6 else "UTF-16" if share > 0.3 else ""
