"""Results of tests as JUnit XML, which build servers read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from cadence.reports.case_text import failure_lines
from cadence.reports.case_words import wrong_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cadence.testing.suite import Result

__all__ = ["render_junit"]

_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'

#: What XML 1.0 has no place for. Source: Extensible Markup Language (XML) 1.0, section 2.2.
_NO_CHARACTER = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_junit(results: Sequence[Result], seconds: Sequence[float]) -> bytes:
    """Write a suite for each page, a case for each test; ``seconds``: how long each took."""
    root = ET.Element("testsuites", {"name": "cadence test", **_counts(results, seconds)})
    timed = list(zip(results, seconds, strict=True))
    for file in dict.fromkeys(each.case.file for each in results):
        own = [(each, took) for each, took in timed if each.case.file == file]
        counts = _counts([each for each, _ in own], [took for _, took in own])
        suite = ET.SubElement(root, "testsuite", {"name": file, **counts})
        for result, took in own:
            _case(suite, result, took)
    ET.indent(root)
    return f"{_DECLARATION}{ET.tostring(root, encoding='unicode')}\n".encode()


def _counts(results: Sequence[Result], seconds: Sequence[float]) -> dict[str, str]:
    failed = sum(not each.passed for each in results)
    return {"tests": str(len(results)), "failures": str(failed), "errors": "0", "time": f"{sum(seconds):.3f}"}


def _case(suite: ET.Element, result: Result, seconds: float) -> None:
    case = result.case
    element = ET.SubElement(
        suite,
        "testcase",
        name=_clean(case.name),
        classname=case.playbook,
        file=case.file,
        line=str(case.line),
        time=f"{seconds:.3f}",
    )
    if not result.passed:
        first = " ".join(next(wrong_lines(result), "").split())
        failure = ET.SubElement(element, "failure", message=_clean(first), type="expectation")
        failure.text = _clean("\n".join(failure_lines(result)))


def _clean(text: str) -> str:
    return _NO_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", text)
