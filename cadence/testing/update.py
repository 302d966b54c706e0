"""A page of tests brought up to date: what happened is what is expected from now on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cadence.errors import Refused
from cadence.playbook.source import read_page
from cadence.testing.cases import cases_of
from cadence.testing.compare import compare
from cadence.testing.items import changed_item, new_item
from cadence.testing.splice import Exchange, comments_of, spliced

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cadence.playbook.source import Page
    from cadence.testing.suite import Result

__all__ = ["Updated", "updated"]

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Updated:
    """A page with its expectations as they should be, and its tests as they come out now."""

    raw: bytes
    results: tuple[Result, ...]


def updated(page: Page, raw: bytes, results: Sequence[Result]) -> Updated:
    """Return the bytes of a page with what happened as what is expected, and the tests as they pass with it.

    Only the expectations of the tests that failed change. Of the kinds that a test does not name, nothing is added.
    Refused when the new page would say anything else otherwise, or would lose a comment.
    """
    failed = [each for each in results if not each.passed]
    mark = _BOM if raw.startswith(_BOM) else b""
    old = raw.removeprefix(_BOM).decode()
    carriage = "\r\n" in old
    text = old.replace("\r\n", "\n")
    if "\r" in text or (carriage and old.count("\n") != old.count("\r\n")):
        raise _refusal(page, "its lines end in two ways")
    new = spliced(text, [_exchange(page, each) for each in failed])
    changed = mark + (new.replace("\n", "\r\n") if carriage else new).encode()
    again, faults = read_page(page.file, changed)
    if again is None or faults or not _same_but_expectations(page.data, again.data, failed):
        raise _refusal(page, "what it says besides would not stay as it is")
    if comments_of(text) != comments_of(new):
        raise _refusal(page, "a comment would be lost")
    return Updated(changed, _compared(page, again, results))


def _exchange(page: Page, result: Result) -> Exchange:
    case, found = result.case, result.comparison
    items = page.data["tests"][case.number]["expect"]
    changed = {each.expected.number: changed_item(items[each.expected.number], each, case.times) for each in (
        found.different)}  # fmt: skip
    placed = [(happened.at, expected.number) for expected, happened in found.met]
    placed += [(each.happened.at, each.expected.number) for each in found.different]
    several = len(case.people) > 1
    added = [
        (
            1 + max((number for at, number in placed if at <= each.at), default=-1),
            new_item(each, case.times, lead=several),
        )
        for each in found.unexpected
    ]
    return Exchange(
        test=case.number,
        changed=changed,
        removed=frozenset(each.number for each in found.missing),
        added=sorted(added, key=lambda each: each[0]),
    )


def _same_but_expectations(before: Mapping[str, Any], after: Mapping[str, Any], failed: Iterable[Result]) -> bool:
    numbers = {each.case.number for each in failed}
    return _without(before, numbers) == _without(after, numbers)


def _without(data: Mapping[str, Any], numbers: set[int]) -> Mapping[str, Any]:
    tests = [
        {key: value for key, value in test.items() if key != "expect" or number not in numbers}
        for number, test in enumerate(data["tests"])
    ]
    return {**data, "tests": tests}


def _compared(page: Page, again: Page, results: Sequence[Result]) -> tuple[Result, ...]:
    """Compare what happened with the page as it will be; nothing needs to be played twice."""
    cases = {case.number: case for case in cases_of(again, results[0].plan.workspace)}
    compared = tuple(
        replace(
            each,
            case=cases[each.case.number],
            comparison=compare(each.plan, cases[each.case.number], each.played.happened),
        )
        for each in results
    )
    wrong = next((each for each in compared if not each.passed), None)
    if wrong:
        raise _refusal(page, f"the test '{wrong.case.name}' would still fail")
    return compared


def _refusal(page: Page, why: str) -> Refused:
    return Refused(f"{page.file} is not changed: {why}", help="write these expectations by hand")
