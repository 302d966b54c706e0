"""An editor helps with pages: it marks what is wrong, completes keys and words, and says what they mean.

The language server is the real one, driven over its protocol as an editor drives it.
"""

from __future__ import annotations

import re
import shutil
from itertools import count
from typing import TYPE_CHECKING

import pytest

from cadence.files import starter
from support.language_server import start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.language_server import LanguageServer

PAGE = """\
# yaml-language-server: $schema=../schemas/playbook.schema.json
cadence: 1
playbook: roofer
stages:
  new:
    owner: csr
    enter_on: [lead.created]
    touches:
      - {id: hello, channel: sms, send: now, template: new/hello}
    next: {lead.won: won}
  won: {end: won}
"""
TESTS = """\
# yaml-language-server: $schema=../schemas/test.schema.json
cadence: 1
tests_of: roofer
start: "2026-11-24T13:10"
leads:
  maria: {name: Maria Lopez, phone: "+18165550142"}
tests:
  - test: nothing goes
    lead: maria
    expect: []
"""
HERE = "<here>"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace as `cadence init` lays it out, schemas and all."""
    folder: Path = tmp_path_factory.mktemp("shop")
    for part in ("playbooks", "schemas"):
        shutil.copytree(starter(part), folder / part)
    (folder / "schemas" / "starter.cadence.yaml").rename(folder / "cadence.yaml")
    return folder


@pytest.fixture(scope="module")
def editor(shop: Path) -> Iterator[LanguageServer]:
    """Return the language server, with the folder open."""
    server = start(shop)
    yield server
    server.end()


@pytest.fixture
def typed(shop: Path, editor: LanguageServer, names: Iterator[int]) -> Callable[[str], tuple[Path, int, int]]:
    """Return what opens a page with a text and says where in it ``<here>`` stands, 0-based."""

    def opened(text: str) -> tuple[Path, int, int]:
        path = shop / "playbooks" / f"typed-{next(names)}.yaml"
        before = text.partition(HERE)[0]
        editor.open(path, text.replace(HERE, ""))
        return path, before.count("\n"), len(before.rpartition("\n")[2])

    return opened


@pytest.fixture(scope="module")
def names() -> Iterator[int]:
    return count(1)


def test_pages_as_init_lays_them_out_are_held_to_their_schema_and_have_nothing_marked(
    editor: LanguageServer, shop: Path
) -> None:
    pages = [shop / "cadence.yaml", *sorted((shop / "playbooks").glob("*.yaml"))]

    assert {page.name: editor.open(page) for page in pages} == {page.name: [] for page in pages}


@pytest.mark.parametrize(
    ("right", "wrong", "line", "word"),
    [
        ("owner: csr", "ownr: csr", 5, "ownr"),
        ("channel: sms", "channel: 7", 8, "sms"),
        ("{end: won}", "{end: gone}", 10, "won"),
        ("playbook: roofer\n", "", 1, "playbook"),
    ],
)
def test_a_mistake_is_marked_where_it_stands(
    editor: LanguageServer, shop: Path, names: Iterator[int], right: str, wrong: str, line: int, word: str
) -> None:
    found = editor.open(shop / "playbooks" / f"wrong-{next(names)}.yaml", PAGE.replace(right, wrong))

    assert line in {one["range"]["start"]["line"] for one in found}, found
    assert any(word in one["message"] for one in found), found


def test_a_page_of_another_kind_is_held_to_its_own_schema(editor: LanguageServer, shop: Path) -> None:
    page = (shop / "cadence.yaml").read_text(encoding="utf-8").replace("mode: log", "mode: loud")
    found = editor.open(shop / "other.yaml", page)

    assert [one["range"]["start"]["line"] for one in found] == [page[: page.index("mode: loud")].count("\n")]
    assert "redirect" in found[0]["message"]


def test_keys_are_completed_each_with_what_it_means(editor: LanguageServer, typed: Callable) -> None:
    of_a_page = editor.offered(*typed(PAGE + HERE))
    of_a_stage = editor.offered(*typed(PAGE.replace("    owner: csr\n", f"    {HERE}\n")))
    block = f"      - id: hello\n        channel: sms\n        {HERE}\n"
    of_a_touch = editor.offered(*typed(re.sub(r"      - {id.*\n", block, PAGE)))

    assert {"calendar", "stop_on", "routing", "reviews"} <= of_a_page.keys()
    assert "stages" not in of_a_page, "what is there is not offered again"
    assert of_a_stage["owner"] == "Who owns its leads: a role or a person of the team."
    assert {"anchor", "expires_after"} <= of_a_touch.keys()


def test_the_words_a_value_may_be_are_completed(editor: LanguageServer, typed: Callable) -> None:
    channels = editor.offered(*typed(PAGE.replace("channel: sms", f"channel: {HERE}")))
    ends = editor.offered(*typed(PAGE.replace("{end: won}", f"{{end: {HERE}}}")))

    assert {"sms", "email", "call", "task"} <= channels.keys()
    assert {"won", "lost"} <= ends.keys()


def test_a_page_of_tests_is_helped_with_too(editor: LanguageServer, shop: Path, typed: Callable) -> None:
    right = TESTS + "    until: 1h\n"
    offered = editor.offered(*typed(f"{TESTS}    {HERE}\n"))
    found = editor.open(shop / "playbooks" / "wrong.test.yaml", right.replace("until", "untill"))

    assert editor.open(shop / "playbooks" / "right.test.yaml", right) == []
    assert {"events", "until", "leads"} <= offered.keys()
    assert [one["range"]["start"]["line"] for one in found] == [right.count("\n") - 1]


def test_what_a_key_means_is_shown_beside_the_pointer(editor: LanguageServer, typed: Callable) -> None:
    told = editor.told(*typed(PAGE.replace("owner: csr", f"ow{HERE}ner: csr")))
    with_example = editor.told(*typed(PAGE + f"stop{HERE}_on: [reply]\n"))

    assert "Who owns its leads: a role or a person of the team." in told
    assert "An opt-out always does, written or not." in with_example
    assert "- appointment.booked" in with_example
