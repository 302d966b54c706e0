"""How a page is laid out, and what of it can be corrected without touching what it says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cadence.playbook.source import read_page
from cadence.playbook.style import STYLE_CODES, House, check_style, house_order
from cadence.playbook.tidy import comments_of, corrected, diff_of

SCHEMAS = Path(__file__).parents[3] / "schemas"
ORDER, STAGE_ORDER = house_order(json.loads((SCHEMAS / "playbook.schema.json").read_text()))
SCHEMA = "../schemas/playbook.schema.json"
HOUSE = House(schema=SCHEMA, schema_there=True, order=ORDER, stage_order=STAGE_ORDER)
LINE = f"# yaml-language-server: $schema={SCHEMA}\n"
PAGE = LINE + "cadence: 1\nplaybook: roofer\nstages:\n  new:\n    owner: csr\n"


def said(text: str, house: House = HOUSE) -> list[str]:
    return [f"{one.line}:{one.column} {one.code}" for one in check_style("roofer.yaml", text.encode(), house)]


def test_a_page_as_the_house_writes_it_is_not_spoken_of() -> None:
    assert said(PAGE) == []
    assert corrected(PAGE, SCHEMA) == PAGE


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        (PAGE.replace("roofer\n", "roofer  \n"), ["3:17 trailing-blanks"]),
        (PAGE.replace("\n", "\r\n"), ["1:63 windows-lines"]),
        (PAGE.rstrip(), ["6:14 last-line-end"]),
        (PAGE + "\n\n", ["8:1 blank-end"]),
        (PAGE.removeprefix(LINE), ["1:1 no-modeline"]),
        (PAGE.replace("playbook.schema", "samples.schema"), ["1:33 wrong-modeline"]),
        (PAGE.replace("  new:\n    owner", "    new:\n      owner"), ["5:1 indent-not-two"]),
        (PAGE + "    enter_on:\n       - lead.created\n", ["8:1 indent-not-two"]),
        (PAGE + "    enter_on:\n    - lead.created\n", []),
        (PAGE + "    touches:\n      - id: a\n        channel: sms\n      -   id: b\n          channel: sms\n",
         ["10:1 indent-not-two"]),
        (PAGE + "title: Roofs\n", ["7:1 key-order"]),
        (PAGE + "    title: New\n", ["7:5 key-order"]),
        (PAGE + "    lock: {within: 4h,\n           by: [reply]}\n  won: {require: {}, end: won}\n", []),
        (PAGE + f"title: {'long ' * 30}\n".replace(" \n", "\n"), ["7:1 key-order", "7:133 long-line"]),
    ],
)  # fmt: skip
def test_what_is_not_as_the_house_writes_it_is_said_with_its_place(text: str, findings: list[str]) -> None:
    assert said(text) == findings


def test_every_code_of_layout_can_be_said() -> None:
    pages = [
        PAGE.replace("\n", "\r\n").rstrip() + "  \r\n\r\n",
        PAGE.removeprefix(LINE).rstrip() + f"\n    enter_on:\n       - lead.created\ntitle: {'x' * 140}",
        PAGE.replace("playbook.schema", "samples.schema"),
    ]
    codes = {one.code for page in pages for one in check_style("roofer.yaml", page.encode(), HOUSE)}
    away = check_style("roofer.yaml", PAGE.encode(), HOUSE._replace(schema_there=False))

    assert codes | {one.code for one in away} == set(STYLE_CODES)
    assert {one.severity for one in away} == {"warning"}


def test_a_page_of_leads_may_have_long_lines_and_a_page_without_an_order_any() -> None:
    leads = HOUSE._replace(order=(), stage_order=(), long_lines=True)

    assert said(PAGE + f"title: {'x' * 300}\n", leads) == []


def test_a_page_that_cannot_be_read_is_told_why_and_not_how_it_looks() -> None:
    assert said("cadence: 1\nplaybook:\troofer\n") == ["2:10 tab"]


def test_blanks_in_a_text_over_several_lines_are_its_own() -> None:
    text = PAGE + "meta:\n  note: |  # kept\n    hello  \n    there\n  more: 'one  \n    two'\n"

    assert said(text) == []
    assert corrected(text, SCHEMA) == text
    assert comments_of(text) == ["# kept"]


def test_an_address_of_another_schema_is_left_alone() -> None:
    text = PAGE.replace(SCHEMA, "https://example.com/ours.json")

    assert said(text) == []
    assert corrected(text, SCHEMA) == text


def test_corrections_leave_data_and_comments_as_they_are() -> None:
    text = "\ufeffcadence: 1  # one   \r\n\r\n# two # three \r\nplaybook: 'a # b'   \r\nstages: {}"
    better = corrected(text, SCHEMA)

    assert better == f"\ufeff{LINE}cadence: 1  # one\n\n# two # three\nplaybook: 'a # b'\nstages: {{}}\n"
    assert comments_of(better) == comments_of(text) == ["# one", "# two # three"]
    assert read_page("", better.encode())[0].data == read_page("", text.encode())[0].data


def test_a_line_break_that_would_become_part_of_a_text_is_not_added() -> None:
    text = LINE + "meta:\n  note: |\n    hello"

    assert corrected(text, SCHEMA) == text


def test_a_difference_says_where_a_file_has_no_last_line_break() -> None:
    assert diff_of("my page.yaml", "a: 1", "a: 1\n") == (
        "--- a/my page.yaml\t\n+++ b/my page.yaml\t\n@@ -1 +1 @@\n-a: 1\n\\ No newline at end of file\n+a: 1\n"
    )
    assert diff_of("a.yaml", "a: 1\n", "a: 1\n") == ""
