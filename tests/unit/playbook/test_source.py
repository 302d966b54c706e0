"""Reading a page: which texts stay texts, what is refused and where, and that no file can hurt."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cadence.playbook.marks import Mark
from cadence.playbook.page_limits import MOST_BYTES, MOST_FAULTS, MOST_NESTED, MOST_NODES
from cadence.playbook.source import Page, read_page
from cadence.playbook.yaml_loader import FASTEST, PlainLoader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cadence.playbook.diagnostics import Diagnostic

ROOT = Path(__file__).parents[3]


def page_of(text: str) -> Page:
    page, faults = read_page("page.yaml", text.encode())
    assert faults == ()
    assert page is not None
    return page


def faults_of(text: str | bytes) -> Sequence[Diagnostic]:
    return read_page("page.yaml", text.encode() if isinstance(text, str) else text)[1]


def codes_of(text: str | bytes) -> list[tuple[int, int, str]]:
    return [(fault.line, fault.column, fault.code) for fault in faults_of(text)]


class TestScalars:
    @pytest.mark.parametrize(
        "text",
        [
            *("10:00", "21:30", "on", "off", "yes", "no", "y", "n", "On", "NO"),
            *("+18165550100", "02139", "01234", "0o17", "0x1f", "0b1", "1_000", "1e3", "1.", "+5", "--1"),
            *("2026-11-24", "2026-11-24T13:10", "190:20:30", ".inf", ".nan", "=", "48h", "nUll", "tRue", "9" * 5000),
        ],
    )
    def test_what_a_person_means_as_text_stays_text(self, text: str) -> None:
        assert page_of(f"a: {text}\n").data == {"a": text}

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            *(
                ("0", 0),
                ("7", 7),
                ("-3", -3),
                ("8165550100", 8165550100),
                ("0.0113", 0.0113),
                ("-1.5", -1.5),
                (".5", 0.5),
            ),
            *(
                ("true", True),
                ("True", True),
                ("FALSE", False),
                ("null", None),
                ("Null", None),
                ("~", None),
                ("", None),
            ),
        ],
    )
    def test_plain_numbers_truth_and_nothing_are_read(self, text: str, value: object) -> None:
        found = page_of(f"a: {text}\n").data["a"]
        assert found == value
        assert type(found) is type(value)

    @pytest.mark.parametrize("text", ["'7'", '"7"', "'true'", '"null"', "'~'"])
    def test_what_stands_in_quotes_is_text(self, text: str) -> None:
        assert page_of(f"a: {text}\n").data == {"a": text[1:-1]}

    def test_keys_that_yaml_1_1_would_turn_into_truth_stay_text(self) -> None:
        assert page_of("on: 1\nno: {yes: off}\n10:30: x\n").data == {"on": 1, "no": {"yes": "off"}, "10:30": "x"}

    def test_blocks_lists_and_maps_are_read(self) -> None:
        text = "a: |\n  one\n  two\nb: >-\n  one\n  two\nc:\n- x\n- {d: [e, 1]}\n"
        assert page_of(text).data == {"a": "one\ntwo\n", "b": "one two", "c": ["x", {"d": ["e", 1]}]}


class TestPlaces:
    PAGE = (
        'cadence: 1\nstages:\n  new:\n    owner: "csr"   # who\n'
        "    touches:\n      - {id: a, day: 1}\n      - id: b\n        if:\n"
    )

    def marks(self, *path: str | int) -> tuple[Mark, Mark]:
        page = page_of(self.PAGE)
        return page.key_mark(path), page.value_mark(path)

    def test_a_value_has_the_place_of_its_key_and_its_own(self) -> None:
        assert self.marks("stages", "new", "owner") == (Mark(4, 5, 5), Mark(4, 12, 5))

    def test_an_item_of_a_list_stands_for_its_key(self) -> None:
        assert self.marks("stages", "new", "touches", 0) == (Mark(6, 9, 15), Mark(6, 9, 15))

    def test_a_map_over_several_lines_stands_at_its_first_key(self) -> None:
        assert self.marks("stages", "new", "touches", 1)[1] == Mark(7, 9, 2)

    def test_a_value_that_is_not_there_stands_at_its_key(self) -> None:
        assert self.marks("stages", "new", "touches", 1, "if") == (Mark(8, 9, 2), Mark(8, 9, 2))

    def test_a_part_that_is_missing_stands_at_its_nearest_owner(self) -> None:
        assert self.marks("stages", "new", "lock", "by", 0) == (Mark(3, 3, 3), Mark(3, 3, 3))
        assert self.marks("routing") == (Mark(1, 1, 7), Mark(1, 1, 7))

    def test_characters_outside_the_basic_plane_count_as_one(self) -> None:
        assert page_of('a: {"😀😀": x, b: y}\n').key_mark(("a", "b")) == Mark(1, 14, 1)

    def test_windows_and_old_mac_line_ends_count_as_one_line_each(self) -> None:
        assert page_of("a: 1\r\nb: 2\r\nc: 3\r\n").key_mark(("c",)) == Mark(3, 1, 1)
        assert page_of("a: 1\rb: 2\rc: 3\r").lines == ("a: 1", "b: 2", "c: 3", "")

    def test_a_diagnostic_carries_file_place_and_line(self) -> None:
        fault = page_of(self.PAGE).diagnostic(("stages", "new", "owner"), "x-y", "says", "do", severity="warning")
        assert (fault.file, fault.line, fault.column, fault.length) == ("page.yaml", 4, 12, 5)
        assert (fault.severity, fault.code, fault.message, fault.help) == ("warning", "x-y", "says", "do")
        assert fault.source == '    owner: "csr"   # who'

    def test_a_diagnostic_may_point_at_the_key(self) -> None:
        fault = page_of(self.PAGE).diagnostic(("stages", "new", "owner"), "x-y", "says", key=True)
        assert (fault.column, fault.length) == (5, 5)


class TestPlacesInsideAText:
    @pytest.mark.parametrize(
        "value",
        [
            "now and lead.zpi or later",
            "'now and lead.zpi or later'",
            '"now and lead.zpi or later"',
            "'it''s and lead.zpi'",
            '"\\"hot\\" and lead.zpi"',
            "|\n  now\n  and lead.zpi\n  or",
            ">-\n    now and\n    lead.zpi or",
            "\n  now and\n    lead.zpi or",
            "'now and\n   lead.zpi or'",
        ],
    )
    def test_a_word_is_found_where_it_stands(self, value: str) -> None:
        text = f"a: 1\nif: {value}\nb: 2\n"
        page = page_of(text)
        fault = page.diagnostic(("if",), "x-y", "", offset=page.data["if"].index("zpi"), length=3)
        assert page.lines[fault.line - 1][fault.column - 1 :][: fault.length] == "zpi"

    def test_the_rest_of_the_line_is_meant_without_a_length(self) -> None:
        fault = page_of("if: one two\n").diagnostic(("if",), "x-y", "", offset=4)
        assert (fault.column, fault.length) == (9, 3)

    def test_an_offset_behind_the_text_stays_on_the_page(self) -> None:
        fault = page_of("if: one\n").diagnostic(("if",), "x-y", "", offset=500, length=9)
        assert fault.line <= 2

    def test_an_offset_of_a_value_that_is_missing_points_at_the_owner(self) -> None:
        fault = page_of("stage:\n  owner: csr\n").diagnostic(("stage", "if"), "x-y", "", offset=3, length=2)
        assert (fault.line, fault.column, fault.length) == (1, 1, 5)


class TestFiles:
    def test_a_utf_8_mark_at_the_start_is_accepted(self) -> None:
        page, faults = read_page("page.yaml", b"\xef\xbb\xbfa: b\n")
        assert faults == ()
        assert page is not None
        assert (page.data, page.key_mark(("a",))) == ({"a": "b"}, Mark(1, 1, 1))

    @pytest.mark.parametrize("coding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
    def test_wide_encodings_are_named(self, coding: str) -> None:
        (fault,) = faults_of("cadence: 1\nplaybook: roofer\n".encode(coding))
        assert fault.code == "bad-encoding"
        assert fault.message == f"the file is saved as {coding[:6].upper()}, not as UTF-8"

    def test_every_line_that_is_not_utf_8_is_named(self) -> None:
        raw = "a: 1\nb: café\nc: ¡x’\n".encode("cp1252")
        assert codes_of(raw) == [(2, 7, "bad-encoding"), (3, 4, "bad-encoding")]

    @pytest.mark.parametrize(
        "character", ["\0", "\x07", "\x1b", "\x7f", "\x85", "\u2028", "\u2029", "\ufeff", "\uffff"]
    )
    def test_invisible_characters_are_refused_at_their_place(self, character: str) -> None:
        assert codes_of(f"a: 1\nbcd: e{character}f\n") == [(2, 7, "bad-character")]

    @pytest.mark.parametrize("text", ["", "\n\n", "# only\n", "\n# a\n\n   # b", "---\n", "--- # x\n", "~\n", "null\n"])
    def test_a_file_without_anything_is_empty(self, text: str) -> None:
        assert codes_of(text) == [(1, 1, "empty-file")]

    @pytest.mark.parametrize("text", ["- a\n- b\n", "[a, b]\n", "just words\n", "7\n", '"a: b"\n'])
    def test_a_page_is_made_of_keys(self, text: str) -> None:
        page, faults = read_page("page.yaml", text.encode())
        assert page is None
        assert [fault.code for fault in faults] == ["not-a-page"]

    def test_one_mark_at_the_start_and_the_end_is_no_second_document(self) -> None:
        assert page_of("---\na: b\n...\n").data == {"a": "b"}

    def test_a_second_document_is_refused_where_it_begins(self) -> None:
        assert codes_of("a: b\n---\nc: d\n---\ne: f\n") == [(2, 1, "one-document")]


class TestRefusals:
    def test_every_duplicate_names_the_first_line(self) -> None:
        text = "a: 1\nb: {c: 1, d: 2, c: 3}\na: 2\na: 3\n"
        assert codes_of(text) == [(2, 17, "duplicate-key"), (3, 1, "duplicate-key"), (4, 1, "duplicate-key")]
        assert {fault.message for fault in faults_of(text)} == {
            "'c' stands here twice (first on line 2)",
            "'a' stands here twice (first on line 1)",
        }

    def test_of_a_duplicate_the_first_counts(self) -> None:
        page, _ = read_page("page.yaml", b"a: {b: 1}\na: {b: 2, c: 3}\n")
        assert page is not None
        assert page.data == {"a": {"b": 1}}
        assert page.value_mark(("a", "b")) == Mark(1, 8, 1)

    def test_keys_that_differ_in_quotes_only_are_the_same(self) -> None:
        assert codes_of("a: 1\n'a': 2\n") == [(2, 1, "duplicate-key")]

    def test_anchors_aliases_merges_and_tags_are_all_named_at_once(self) -> None:
        text = "a: &x {b: 1}\nc: *x\nd:\n  <<: *x\ne: !!str f\n&k g: h\n*x : i\n"
        assert [code for *_, code in codes_of(text)] == [*["no-anchors"] * 3, "no-tags", *["no-anchors"] * 2]

    def test_the_rest_of_the_page_is_read_and_the_refused_parts_are_marked(self) -> None:
        page, _ = read_page("page.yaml", b"a: *x\nb:\n  <<: *x\n  c: 1\nd: 2\n")
        assert page is not None
        assert page.data == {"a": None, "b": {"c": 1}, "d": 2}
        assert page.unread >= {("a",), ("b",)}

    @pytest.mark.parametrize("key", ["1", "1.5", "true", "null", "~", "[a]", "{a: b}", "? [a]\n", '"a\\nb"', ""])
    def test_keys_that_are_no_text_are_refused(self, key: str) -> None:
        assert [code for *_, code in codes_of(f"{key}: x\n")] == ["bad-key"]

    @pytest.mark.parametrize("escape", ["\\0", "\\e", "\\x07", "\\ud83d", "\\L", "\\r"])
    def test_escapes_bring_no_invisible_characters_in(self, escape: str) -> None:
        assert codes_of(f'a: 1\nb: "c{escape}d"\n') == [(2, 4, "bad-character")]
        assert codes_of(f'a: 1\n"c{escape}d": b\n') == [(2, 1, "bad-character")]

    def test_other_escapes_are_read(self) -> None:
        assert page_of('a: "b\\n\\tc \\U0001f600 \\u00e9 \\\\"\n').data == {"a": "b\n\tc 😀 é \\"}

    def test_a_jinja_expression_needs_quotes(self) -> None:
        (fault,) = faults_of("a: {{ lead.name }}\n")
        assert (fault.code, fault.message) == ("needs-quotes", "a text that starts with {{ needs quotes")

    def test_a_missing_space_in_braces_is_found_and_the_rest_is_read(self) -> None:
        page, (fault,) = read_page("page.yaml", b"a: {id:x, b: c}\n")
        assert (fault.column, fault.code) == (7, "missing-space")
        assert page is not None
        assert page.data == {"a": {"b": "c"}}

    def test_an_item_that_would_vanish_into_the_one_above_is_found(self) -> None:
        assert codes_of("a:\n  - b\n   - c\nd: e\n") == [(3, 4, "bad-indentation")]

    def test_faults_before_one_that_ends_the_reading_are_listed_too(self) -> None:
        assert codes_of("a: 1\na: 2\nb: 'c\n") == [(2, 1, "duplicate-key"), (3, 4, "unclosed-quote")]

    def test_after_very_many_faults_no_more_are_listed(self) -> None:
        faults = faults_of("a: 1\n" * 5000)
        assert len(faults) == MOST_FAULTS + 1
        assert faults[-1].code == "too-many-faults"

    def test_a_sentence_never_quotes_a_whole_file(self) -> None:
        (fault,) = faults_of(f"a: &{'x' * 90_000} b\n")
        assert len(fault.message) < 400


class TestBounds:
    def test_as_large_as_may_be_and_one_byte_more(self) -> None:
        text = "a: b\n" + "#" * (MOST_BYTES - 5)
        assert page_of(text).data == {"a": "b"}
        assert codes_of(text + "#") == [(1, 1, "too-large")]

    def test_as_deep_as_may_be_and_one_more(self) -> None:
        deep = MOST_NESTED - 1
        assert page_of(f"a: {'[' * deep}{']' * deep}").data
        assert [code for *_, code in codes_of(f"a: {'[' * (deep + 1)}{']' * (deep + 1)}")] == ["too-deep"]

    def test_as_many_parts_as_may_be_and_one_more(self) -> None:
        parts = MOST_NODES - 3  # the page, its key and the list are parts too
        assert len(page_of(f"a: [{','.join('b' * parts)}]").data["a"]) == parts
        assert [code for *_, code in codes_of(f"a: [{','.join('b' * (parts + 1))}]")] == ["too-large"]


HOSTILE = {
    "20 MB": "b'a: b\\n' * 4_000_000",
    "20 MB of brackets": "b'[' * 20_000_000",
    "a bomb of aliases": (
        "('a: &a [x,x,x,x,x,x,x,x,x]\\n' + ''.join(f'{c}: &{c} [' + ','.join(['*' + p] * 9) + ']\\n'"
        " for p, c in zip('abcdefghijklmno', 'bcdefghijklmnop'))).encode()"
    ),
    "brackets": "b'a: ' + b'[' * 900_000",
    "braces": "b'{a: ' * 180_000",
    "dashes": "b'- ' * 450_000",
    "question marks": "b'? ' * 450_000",
    "one text": "b'a: ' + b'x ' * 490_000",
    "one line": "b'a: [' + b'b,' * 450_000 + b']'",
    "lines": "b'a:\\n' + b'- b\\n' * 240_000",
    "words without a colon": "b'a\\n' * 480_000",
    "quotes": "b'a: \"b\\n' * 140_000",
    "aliases": "b'a: [' + b'*b,' * 300_000",
    "duplicates": "b'a: 1\\n' * 190_000",
    "bad bytes": "b'\\xff\\n' * 480_000",
    "control characters": "b'\\x01\\n' * 480_000",
}


@pytest.mark.parametrize("loader", ["FASTEST", "PlainLoader"])
def test_no_file_takes_much_memory_or_time(loader: str) -> None:
    """Each is refused, or read, within 200 MB and 5 seconds; the fast parser needs far less."""
    program = f"""
        import resource, time
        resource.setrlimit(resource.RLIMIT_AS, (1_000_000_000, 1_000_000_000))
        from cadence.playbook.source import read_page
        from cadence.playbook.yaml_loader import FASTEST, PlainLoader
        for name, raw in {{{", ".join(f"{name!r}: {made}" for name, made in HOSTILE.items())}}}.items():
            start = time.process_time()
            page, faults = read_page("page.yaml", raw, loader={loader})
            spent = time.process_time() - start
            assert faults or page, name
            assert spent < 5, (name, spent)
        # Of this process alone: ru_maxrss would count what the test runner was before the program took its place.
        status = dict(line.split(":", 1) for line in open("/proc/self/status"))
        most = int(status["VmHWM"].split()[0])
        assert most < 200_000, most
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, timeout=100, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


class TestBothParsers:
    """PyYAML's own parser and the one around libyaml give the same pages, marks and faults."""

    def test_the_fast_one_is_used_where_there_is_one(self) -> None:
        assert FASTEST is (yaml.CSafeLoader if yaml.__with_libyaml__ else PlainLoader)

    @staticmethod
    def both(raw: bytes) -> tuple[Any, Any]:
        return read_page("page.yaml", raw), read_page("page.yaml", raw, loader=PlainLoader)

    @pytest.mark.parametrize(
        "text",
        [
            "a: [why? so, b]\n",
            "a:\tb\n",
            "a: b\t\n",
            'a: "b\tc"\n',
            "a: b # c\td\n",
            "a: {b:}\n",
            "%FOO\n---\na: b\n",
            "a: {id: !b, c: d}\n",
            "--- # nothing\n",
        ],
    )
    def test_where_they_are_known_to_differ(self, text: str) -> None:
        fast, plain = self.both(text.encode())
        assert fast == plain

    @settings(max_examples=400, deadline=None)
    @given(st.data())
    def test_no_text_makes_them_fail_or_differ(self, data: st.DataObject) -> None:
        text = data.draw(st.sampled_from(PAGES))
        signs = st.sampled_from(
            [*" \n\t:-,{}[]\"'#&*!|>%@?\\\0é😀07x", "\r\n", ": ", "- ", "<<: *a\n", "---\n", "!!str ", "|\n"]
        )
        for _ in range(data.draw(st.integers(1, 5))):
            place = data.draw(st.integers(0, len(text)))
            text = text[:place] + data.draw(signs) + text[place + data.draw(st.integers(0, 2)) :]
        fast, plain = self.both(text.encode())
        assert fast == plain
        page, faults = fast
        assert page or faults
        for mark in [*page.keys.values(), *page.values.values()] if page else []:
            assert 1 <= mark.column <= len(page.lines[mark.line - 1]) + 1
            assert mark.length >= 1
        assert all(fault.line >= 1 and fault.column >= 1 and fault.length >= 1 for fault in faults)

    @settings(max_examples=150, deadline=None)
    @given(st.binary(max_size=200))
    def test_any_bytes_are_read_or_refused(self, raw: bytes) -> None:
        fast, plain = self.both(raw)
        assert fast == plain
        assert fast[0] or fast[1]


PAGES = [
    file.read_text(encoding="utf-8")
    for file in sorted((ROOT / "tests" / "corpus" / "good").glob("*.yaml"))
    if file.stat().st_size < 4000
]


class TestRoundTrip:
    signs = st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"])
    values = st.recursive(
        st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(signs, max_size=20),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.from_regex("[a-z]{1,8}", fullmatch=True), inner, max_size=4)
        ),
        max_leaves=20,
    )

    @settings(max_examples=200, deadline=None)
    @given(st.dictionaries(st.from_regex("[a-z]{1,8}", fullmatch=True), values, min_size=1, max_size=4))
    def test_json_is_read_as_what_it_says(self, value: dict[str, Any]) -> None:
        assert page_of(json.dumps(value, ensure_ascii=False)).data == value
