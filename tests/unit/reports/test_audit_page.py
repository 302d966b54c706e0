"""An audit as people and programs see it: on a terminal, on paper, as data."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timedelta

import pytest

from cadence.reports.audit.audit import audit_of
from cadence.reports.audit.data import audit_data
from cadence.reports.audit.page import audit_page
from cadence.reports.audit.reading import read_export
from cadence.reports.audit.text import FIRST, audit_lines
from cadence.reports.audit.vocabulary import vocabulary
from cadence.reports.cells import width_of

NOW = datetime.fromisoformat("2026-11-24T13:10")
HEADER = "ID,Name,Status,Owner,Created,Appointment,Confirmed,First Response"


def audited(*rows: str, header: str = HEADER):
    data = "\n".join((header, *rows)).encode()
    return audit_of(read_export(data, vocabulary(), as_of=NOW, period=timedelta(days=30)))


def page(audit, width: int = 120, **options) -> list[str]:
    return list(audit_lines(audit, width=width, **options))


def test_the_number_stands_first_and_then_who_they_are():
    lines = page(audited("1,Maria Lopez,New,Lee,11/20/2026,12/1/2026 9:00 AM,,", "2,Tom Becker,Won,Lee,11/2/2026,,,"))

    assert lines[:7] == [
        "THE AUDIT NUMBER: 1",
        "1 of the 2 leads of the last 30 days (up to 24 Nov 2026) has no locked next step.",
        "The others: 1 won.",
        "",
        "Who they are, oldest first",
        "  ROW  CAME IN  LEAD         OWNER  STANDS AT  WHAT IS MISSING",
        "    2  20 Nov   Maria Lopez  Lee    New        appointment of 1 Dec 09:00 not acknowledged",
    ]


def test_only_the_first_are_named_unless_all_are_asked_for():
    audit = audited(*(f"{n},Lead {n},New,,11/20/2026,,," for n in range(FIRST + 5)))

    assert sum("nothing agreed" in line for line in page(audit)) == FIRST
    assert "  and 5 more: --all lists them" in page(audit)
    assert sum("nothing agreed" in line for line in page(audit, everyone=True)) == FIRST + 5


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_row_is_never_wider_than_the_terminal_and_nothing_steers_it(width):
    name = "\x1b[31m李小龙\u202e " + "Long Name " * 20
    lines = page(audited(f"1,{name},{'Ghosted ' * 10},Rosa Maria Hernandez Ortega,11/20/2026,,,"), width)

    assert max(map(width_of, lines)) <= max(width, 70)
    assert not any(char in line for line in lines for char in "\x1b\u202e")
    assert ("STANDS AT" in "\n".join(lines)) is (width > 100)


def test_rows_that_are_set_aside_are_told_beside_the_number():
    lines = page(audited("1,Ann,New,,,,,", "2,Bob,New,,soon,,,", "3,Cy,Won,,11/2/2026,,,"))

    assert lines[2] == "The others: 1 won. 2 rows could not be read and are not counted."


def test_without_a_day_there_is_no_column_for_these_days():
    lines = page(audited("1,New,", header="ID,Status,Owner"))

    assert lines[1] == "The one lead of the file has no locked next step."
    assert next(line.split() for line in lines if "No owner" in line) == ["No", "owner", "1"]


@pytest.mark.parametrize(
    ("response", "said"),
    [
        ("11/20/2026 1:00:40 PM", "median 40 seconds; 100 % within 5 minutes (1 of 1)"),
        ("11/20/2026 2:30 PM", "median 90 minutes; 0 % within 5 minutes (0 of 1)"),
        ("11/21/2026 2:30 PM", "median 25h30m; 0 % within 5 minutes (0 of 1)"),
        ("", "nobody was answered; 0 % within 5 minutes (0 of 1); 1 without a logged response"),
    ],
)
def test_the_speed_is_told_in_words(response, said):
    audit = audited(f"1,Ann,New,Lee,11/20/2026 1:00 PM,,,{response}")

    assert f"  - First response: {said}" in page(audit)


def test_data_for_programs_is_plain_json_and_agrees_with_the_page():
    audit = audited("1,Ann,New,,11/20/2026,,,", "2,Bob,Booked,Lee,11/21/2026 8:00 AM,12/1/2026,yes,", "3,Cy,New,,x,,,")
    data = json.loads(json.dumps(audit_data(audit)))

    assert (data["number"], data["captured"], data["locked"]) == (1, 2, 1)
    assert data["leads"] == [
        {
            "row": 2, "id": "1", "name": "Ann", "owner": "", "status": "New", "came_in": "2026-11-20",
            "missing": "anything", "says": "nothing agreed", "next_action": "", "next_due": None,
        }
    ]  # fmt: skip
    assert data["gaps"]["no_owner"] == {"recent": 1, "all": 1, "rows": [2]}
    assert data["gaps"]["overdue"] == {"cannot_tell": "the export has no column that says when the next action is due"}
    assert [each["row"] for each in data["file"]["set_aside"]] == [4]
    assert data["file"]["columns"]["created"] == ["Created"]
    assert data["says"] == page(audit)[1]


def test_the_printed_page_names_everyone_and_nobody_can_write_into_it():
    audit = audited(*(f"{n},<b>Lead {n}</b>,New,,11/20/2026,,," for n in range(FIRST + 5)))
    html = audit_page(audit, "<i>.csv")

    assert html.count("&lt;b&gt;Lead ") == FIRST + 5
    assert "&lt;i&gt;.csv" in html
    assert not any(tag in html for tag in ("<b>", "<i>", "<script", "http:", "https:"))
    untold = audit_page(audited("1,Blue", header="ID,Status"), "x.csv")
    assert "cannot be told from this export" in untold


def test_a_thousand_columns_and_a_very_long_cell_are_read():
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["ID", "Status", "Created", *(f"Column {n}" for n in range(1000))])
    writer.writerow(["1", "New", "11/20/2026", "x" * 100_000, *[""] * 999])
    audit = audit_of(read_export(out.getvalue().encode(), vocabulary(), as_of=NOW, period=timedelta(days=30)))

    assert audit.number == 1
    assert len(audit.export.columns.unread) == 1000
