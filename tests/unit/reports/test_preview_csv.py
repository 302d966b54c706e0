"""What a spreadsheet opens."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cadence.reports.preview_csv import render_csv, safe_cell
from cadence.reports.preview_record import COLUMNS


def read_back(rows):
    return list(csv.DictReader(io.StringIO(b"".join(render_csv(rows)).decode("utf-8-sig"), newline="")))


def test_the_columns_are_those_of_the_json_form(story):
    touches = read_back(story)

    assert list(touches[0]) == list(COLUMNS)
    assert len(touches) == len(story) - 1
    assert touches[0]["at"] == "2026-11-24T19:11:00Z"
    assert touches[0]["body"] == "Hi Maria, this is Dana at Summit Roofing.\n\nIs water coming in right now?"


def test_it_starts_with_the_mark_that_excel_needs_and_ends_lines_as_the_rfc_says(story):
    written = b"".join(render_csv(story[:1]))

    assert written.startswith(b"\xef\xbb\xbfaccount,lead,")
    assert written.endswith(b",1\r\n")


def test_an_unknown_due_moment_is_an_empty_cell(row):
    assert read_back([row(due_at=None)])[0]["due_at"] == ""


@pytest.mark.parametrize(
    "text",
    [
        "=cmd|' /C calc'!A0",
        "+1+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        "  =1+1",
        "＝1+1",
        '=HYPERLINK("https://bad.example","x")',
    ],
)
def test_a_text_that_looks_like_a_formula_gets_a_quote_in_front(row, text):
    touch = read_back([row(body=text, subject=text, lead=text)])[0]

    assert touch["body"] == touch["subject"] == touch["lead"] == f"'{text}"


def test_a_phone_number_keeps_its_plus(row):
    assert read_back([row(to="+18165550142")])[0]["to"] == "+18165550142"


@pytest.mark.parametrize(
    "text", ["+1 816 555 0142", "+18165550142+1", "+18165550142\n", "+0123456789", "+1816555014212345"]
)
def test_what_only_resembles_a_phone_number_does_not_keep_it(text):
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Hi Maria", "a=b", "me@example.com", "'quoted", "5-6"])
def test_harmless_text_stays_as_it_is(text):
    assert safe_cell(text) == text


@given(st.text(st.sampled_from("=+-@'\t\r\n ,;\"a1")))
def test_no_text_starts_a_formula_and_none_is_lost(text):
    cell = safe_cell(text)

    assert cell in {text, f"'{text}"}
    assert cell.strip()[:1] not in {"=", "+", "-", "@"} or safe_cell(text) == "+" + text[1:] == text
