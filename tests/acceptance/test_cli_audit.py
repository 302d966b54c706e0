"""``cadence audit`` with the installed program: three made-up exports, their numbers counted again by other means."""

from __future__ import annotations

import csv
import sqlite3
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from support.entry import call

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Answer, Shop

EXPORTS = Path(__file__).parents[1] / "corpus" / "exports"
AS_OF = "2026-11-24T13:10"
NOW = datetime.fromisoformat(AS_OF)


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Long sentences stay on their lines."""
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture(scope="module")
def deals() -> sqlite3.Connection:
    """The export of deals as a table of texts, each deal once, headings in small letters with underscores."""
    with (EXPORTS / "deals.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    names = [heading.lower().replace(" ", "_") for heading in header]
    database = sqlite3.connect(":memory:")
    database.execute(f"CREATE TABLE rows ({', '.join(names)})")
    database.executemany(f"INSERT INTO rows VALUES ({', '.join('?' * len(names))})", rows)
    database.execute(
        f"""
        CREATE TABLE deals AS SELECT DISTINCT *,
            create_date >= datetime('{AS_OF}', '-30 days') AS recent,
            deal_stage LIKE 'Closed%' AS ended,
            contract_signed_date <> '' AS signed,
            CAST(replace(deposit_paid, ',', '') AS REAL) > 0 AS paid,
            datetime(inspection_date) > datetime('{AS_OF}') AS ahead,
            inspection_confirmed = 'Yes' AS confirmed,
            inspection_date = '' AND (deal_stage LIKE 'Appointment S%' OR deal_stage LIKE 'Presentation S%') AS undated
        FROM rows
        """
    )
    return database


def count(database: sqlite3.Connection, condition: str) -> int:
    return database.execute(f"SELECT count(*) FROM deals WHERE {condition}").fetchone()[0]


@pytest.mark.demand("A4", "A5")
def test_an_export_of_deals_gives_the_numbers_that_sql_gives(
    deals: sqlite3.Connection, program: Callable[..., Answer], tmp_path: Path
) -> None:
    """Captured, won, locked, unlocked; leaks; gaps; speed; follow-ups."""
    answer = program("audit", str(EXPORTS / "deals.csv"), "--as-of", AS_OF, "--json", cwd=tmp_path)
    said = answer.data
    locked = "(signed OR paid OR (ahead AND confirmed))"
    open_ = f"NOT ended AND NOT {locked}"
    ids = deals.execute(f"SELECT record_id FROM deals WHERE recent AND {open_} ORDER BY create_date").fetchall()

    assert answer.code == 1
    assert [lead["id"] for lead in said["leads"]] == [each for (each,) in ids]
    assert said["number"] == len(ids) > 10
    assert said["captured"] == count(deals, "recent")
    assert said["won"] == count(deals, "recent AND deal_stage LIKE 'Closed Won%'")
    assert said["closed"] == count(deals, "recent AND deal_stage LIKE 'Closed Lost%'")
    assert said["locked"] == count(deals, f"recent AND NOT ended AND {locked}") > 0
    assert said["file"]["doubles"] == 1

    conditions = {
        "contract_unsigned": "NOT signed AND (contract_sent_date <> '' OR deal_stage LIKE 'Contract Sent%')",
        "not_acknowledged": "NOT confirmed AND (ahead OR undated)",
        "no_slot": "deal_stage LIKE 'Qualified%' AND NOT signed AND NOT paid AND NOT coalesce(ahead, 0) "
        "AND estimate_sent_date = '' AND contract_sent_date = ''",
        "no_owner": "deal_owner = ''",
        "no_next_action": "next_activity_type = '' AND next_activity_date = '' AND NOT (coalesce(ahead, 0) OR undated)",
        "no_due_date": "next_activity_type <> '' AND next_activity_date = ''",
        "overdue": f"next_activity_date <> '' AND datetime(next_activity_date) <= datetime('{AS_OF}')",
        "old_estimates": f"estimate_sent_date <> '' AND datetime(estimate_sent_date) < datetime('{AS_OF}', '-7 days') "
        "AND NOT signed AND NOT paid",
    }
    counted = {code: count(deals, f"NOT ended AND {condition}") for code, condition in conditions.items()}
    lists = {**said["leaks"], **said["gaps"]}
    assert {code: each["all"] for code, each in lists.items()} == counted
    assert all(counted.values())
    assert {code: each["recent"] for code, each in lists.items()} == {
        code: count(deals, f"recent AND NOT ended AND {condition}") for code, condition in conditions.items()
    }

    waits = deals.execute(
        "SELECT round((julianday(first_response) - julianday(create_date)) * 86400) FROM deals "
        "WHERE recent AND first_response <> ''"
    ).fetchall()
    assert said["first_response"] == {
        "median_seconds": median(int(wait) for (wait,) in waits),
        "within_5_minutes": sum(wait <= 300 for (wait,) in waits),
        "of": count(deals, "recent"),
        "unanswered": count(deals, "recent AND first_response = ''"),
        "left_out": 0,
    }
    sent = "estimate_sent_date BETWEEN '2026-10-25 13:10' AND '2026-11-22 13:09'"
    after = "(julianday(last_contacted) - julianday(estimate_sent_date)) * 24"
    assert said["estimate_follow_up"] == {
        "within_48_hours": count(deals, f"{sent} AND last_contacted <> '' AND {after} > 0.001 AND {after} < 48.001"),
        "not": count(deals, f"{sent} AND (last_contacted = '' OR {after} <= 0.001)"),
        "unclear": count(deals, f"{sent} AND last_contacted <> '' AND {after} >= 48.001"),
        "of": count(deals, sent),
    }


def test_an_export_whose_times_carry_offsets_gives_the_numbers_of_the_shops_clock(
    program: Callable[..., Answer], tmp_path: Path
) -> None:
    """Instants in UTC, the shop in Chicago: counted again with instants."""
    with (EXPORTS / "opportunities.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    now = NOW.replace(tzinfo=ZoneInfo("America/Chicago"))

    def instant(text: str) -> datetime | None:
        return datetime.fromisoformat(text) if text else None

    def standing(row: dict[str, str]) -> str:
        appointment, callback = instant(row["Appointment Start Time"]), instant(row["Callback Scheduled"])
        if row["status"] != "open":
            return "won" if row["status"] == "won" else "closed"
        booked = appointment and appointment > now and row["Appointment Status"] == "confirmed"
        return "locked" if booked or (callback and callback > now) else "unlocked"

    captured = [row for row in rows if now - timedelta(days=30) <= instant(row["Created on"]) <= now]
    kinds = Counter(standing(row) for row in captured)
    zone = ("--timezone", "America/Chicago")
    answer = program("audit", str(EXPORTS / "opportunities.csv"), "--as-of", AS_OF, *zone, "--json", cwd=tmp_path)
    said = answer.data

    assert {kind: said[kind] for kind in ("won", "closed", "locked", "unlocked")} == kinds
    assert [lead["id"] for lead in said["leads"]] == [
        row["Opportunity ID"]
        for row in sorted(captured, key=lambda row: row["Created on"])
        if standing(row) == "unlocked"
    ]
    still_open = [row for row in rows if standing(row) in ("locked", "unlocked")]
    assert said["gaps"]["no_owner"]["all"] == sum(not row["assigned"] for row in still_open) > 0
    assert said["file"]["unknown_words"] == {"Needs Financing": sum(row["stage"] == "Needs Financing" for row in rows)}
    assert said["first_response"] == {
        "cannot_tell": "the export has no column that says when somebody first answered a lead"
    }
    settled = program(
        "audit", str(EXPORTS / "opportunities.csv"), "--as-of", AS_OF, *zone, "--statuses", 'lost="Needs Financing"',
        "--json", cwd=tmp_path,
    ).data  # fmt: skip
    financing = sum(standing(row) == "unlocked" and row["stage"] == "Needs Financing" for row in captured)
    assert settled["number"] == said["number"] - financing


def test_an_offices_own_sheet_out_of_excel_is_counted_right(program: Callable[..., Answer], tmp_path: Path) -> None:
    """Semicolons, Windows letters, US dates with two-digit years, no ids, a total below, rows that cannot be read."""
    with (EXPORTS / "estimates.csv").open(encoding="cp1252", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    answer = program("audit", str(EXPORTS / "estimates.csv"), "--as-of", AS_OF, "--json", cwd=tmp_path)
    said = answer.data

    def day(text: str) -> date | None:
        return datetime.strptime(f"{text} +0000", "%m/%d/%y %z").date() if text else None

    kinds = {
        "Approved": "locked", "Inspection Confirmed": "locked", "Sold": "won", "Lost": "closed",
    }  # fmt: skip
    people = {}
    for row in rows:
        try:
            came_in = datetime.strptime(f"{row['Date Received']} +0000", "%m/%d/%Y %I:%M %p %z")
        except ValueError:
            continue
        kind = kinds.get(row["Status"], "unlocked")
        held = people.get(row["Phone"])
        if held is None or held["kind"] == "unlocked":  # of two rows about somebody the furthest counts
            people[row["Phone"]] = {**row, "came_in": came_in, "kind": kind}
    captured = [each for each in people.values() if each["came_in"].replace(tzinfo=None) >= NOW - timedelta(days=30)]
    still_open = [each for each in people.values() if each["kind"] in ("locked", "unlocked")]

    counted = Counter(each["kind"] for each in captured)
    assert {kind: said[kind] for kind in ("won", "closed", "locked", "unlocked")} == counted
    assert said["number"] == counted["unlocked"] > 10
    assert said["file"]["rows"] == sum(any(row.values()) for row in rows)
    assert said["file"]["doubles"] == 1
    assert [each["row"] for each in said["file"]["set_aside"]] == [35, 42]
    assert "Windows-1252" in answer.err
    assert "set aside: row 42: column 'Date Received' is not a day of the calendar" in answer.err
    assert any("month first" in note for note in said["file"]["notes"])
    assert said["gaps"]["no_owner"]["all"] == sum(each["Sales Rep"] == "unassigned" for each in still_open)
    due = [day(each["Follow-up Due"]) for each in still_open if each["Follow-up Due"] != "next week"]
    assert said["gaps"]["overdue"]["all"] == sum(bool(each) and each < NOW.date() for each in due) > 0
    old = [
        each for each in still_open
        if (sent := day(each["Quote Sent"])) and (NOW.date() - sent).days > 7 and each["Status"] != "Approved"
    ]  # fmt: skip
    assert said["gaps"]["old_estimates"]["all"] == len(old) > 0

    estimates = [
        (sent, day(each["First Follow-up"]))
        for each in people.values()
        if (sent := day(each["Quote Sent"])) and sent >= date(2026, 10, 26) and (NOW.date() - sent).days > 2
    ]
    in_time = sum(then is not None and (then - sent).days <= 2 for sent, then in estimates)
    assert said["estimate_follow_up"] == {
        "within_48_hours": in_time, "not": len(estimates) - in_time, "unclear": 0, "of": len(estimates),
    }  # fmt: skip
    minutes = {"4": 4, "12": 12, "45 min": 45, "1h 20m": 80, "3": 3}
    waits = [minutes[each["Response Time (min)"]] for each in captured if each["Response Time (min)"]]
    assert said["first_response"]["median_seconds"] == median(waits) * 60
    assert said["first_response"]["within_5_minutes"] == sum(wait <= 5 for wait in waits)


def test_it_works_in_an_empty_folder_writes_nothing_and_ends_with_1_while_there_are_unlocked_leads(
    program: Callable[..., Answer], tmp_path: Path
) -> None:
    """The number first, then who they are, the leaks, and what to do."""
    folder = tmp_path / "empty"
    folder.mkdir()
    export = tmp_path / "leads.csv"
    export.write_text("Name,Status,Created\n" + "".join(f"Lead {n},New,11/{n}/2026\n" for n in range(1, 24)))
    answer = program("audit", str(export), "--as-of", "2026-11-24", cwd=folder)
    everyone = program("audit", str(export), "--as-of", "2026-11-24", "--all", cwd=folder)
    export.write_text("Name,Status,Created\nLead 1,Appointment confirmed,11/20/2026\nLead 2,Won,11/20/2026\n")
    fine = program("audit", str(export), "--as-of", "2026-11-24", cwd=folder)
    old = program("audit", str(export), "--as-of", "2027-11-24", cwd=folder)

    assert (answer.code, answer.err) == (1, "")
    lines = answer.out.splitlines()
    assert lines[0] == "THE AUDIT NUMBER: 23"
    assert "23 of the 23 leads of the last 30 days (up to 24 Nov 2026) have no locked next step." in answer.out
    assert [line.split("  ")[2:4] for line in lines if "Lead " in line][:2] == [["2", "1 Nov"], ["3", "2 Nov"]]
    assert "  and 3 more: --all lists them" in lines
    assert "Lead 23" not in answer.out
    assert "Lead 23" in everyone.out
    assert lines.index("What to do") < lines.index("What the export cannot tell") < lines.index("How it was read")
    assert (fine.code, fine.out.splitlines()[:2]) == (
        0,
        [
            "THE AUDIT NUMBER: 0",
            "Every one of the 2 leads of the last 30 days (up to 24 Nov 2026) has a locked next step, "
            "or is won or closed.",
        ],
    )
    assert old.code == 0
    assert "There is no lead of the last 30 days (up to 24 Nov 2027). The newest came in on 20 Nov 2026" in old.out
    assert list(folder.iterdir()) == []


def test_the_page_to_print_is_a_new_file_and_says_the_same(program: Callable[..., Answer], tmp_path: Path) -> None:
    """Names cannot break out of it; a file that is there is not written over."""
    export = tmp_path / "leads.csv"
    text = "Name,Status,Created\n<script>alert(1)</script>,New,11/20/2026\n"
    export.write_text(text)
    page = tmp_path / "audit.html"
    written = program("audit", str(export), "--as-of", "2026-11-24", "--html", str(page))
    again = program("audit", str(export), "--as-of", "2026-11-24", "--html", str(page))
    itself = program("audit", str(export), "--as-of", "2026-11-24", "--html", str(export))

    assert (written.code, written.out, written.err) == (1, "", f"wrote {page}\n")
    html = page.read_text(encoding="utf-8")
    assert "The one lead of the last 30 days (up to 24 Nov 2026) has no locked next step." in html
    assert "&lt;script&gt;" in html
    assert "<script" not in html
    assert (again.code, itself.code) == (2, 2)
    assert export.read_text() == text


HEADER = b"Name,Status,Created\n"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf \r\n\r\n", "the file is empty"),
        (HEADER, "headings and no rows"),
        (bytes(range(256)) * 40, "the characters of the file cannot be read"),
        (b"\x00\x01" * 500, "not a text file"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "no headings were found"),
        (b"PK\x03\x04 a workbook", "an Excel workbook"),
        (b"one,two\n1,2\n", "no headings were found"),
    ],
)
def test_a_file_that_is_no_export_is_refused_in_a_sentence(data: bytes, said: str, tmp_path: Path) -> None:
    """No traceback, exit 1, nothing on standard output."""
    (tmp_path / "leads.csv").write_bytes(data)
    answer = call(tmp_path, "audit", "leads.csv")

    assert (answer.code, answer.out) == (1, "")
    assert said in answer.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["missing.csv"], "does not exist"),
        (["leads.csv", "--since", "30"], "say of what"),
        (["leads.csv", "--as-of", "tomorrow"], "--as-of 'tomorrow' is not a date"),
        (["leads.csv", "--as-of", "0001-01-01"], "check the year"),
        (["leads.csv", "--timezone", "Central"], "write it as America/Chicago"),
        (["leads.csv", "--columns", "owner"], "OURS=THEIRS"),
        (["leads.csv", "--columns", "ownr=Name"], "did you mean 'owner'?"),
        (["leads.csv", "--columns", "owner=Stats"], "did you mean 'Status'?"),
        (["leads.csv", "--statuses", "boked=New"], "did you mean 'booked'?"),
        (["leads.csv", "--now", "2026-11-24T12:00"], "No such option"),
    ],
)
def test_a_command_line_that_cannot_be_understood_ends_with_2(words: list[str], said: str, tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_bytes(HEADER + b"Ann,New,11/20/2026\n")
    answer = call(tmp_path, "audit", *words)

    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err


@pytest.mark.parametrize(
    ("encoding", "delimiter"), [("utf-16", "\t"), ("utf-16", ";"), ("utf-8-sig", ";"), ("cp1252", ","), ("utf-8", "|")]
)
def test_every_way_excel_saves_a_list_gives_the_same_number(encoding: str, delimiter: str, tmp_path: Path) -> None:
    rows = [["Name", "Status", "Created"], ["José Peña", "New", "11/20/2026"], ["Ann", "Won", "2026-11-20 08:00"]]
    (tmp_path / "leads.csv").write_bytes("".join(f"{delimiter.join(row)}\r\n" for row in rows).encode(encoding))
    answer = call(tmp_path, "audit", "leads.csv", "--as-of", "2026-11-24")

    assert answer.code == 1
    assert "José Peña" in answer.out
    assert "1 won" in answer.out


def test_columns_and_status_words_can_be_named(tmp_path: Path) -> None:
    """Several in one option or in several; a heading may hold commas; a column can be left unread."""
    (tmp_path / "leads.csv").write_text(
        'Name,When,"Rep, or team",State of things,Owner\nAnn,11/20/2026,,Visit set,x\nBob,11/20/2026,Lee,Ghosted,x\n'
    )
    answer = call(
        tmp_path, "audit", "leads.csv", "--as-of", "2026-11-24", "--json",
        "--columns", 'created=When,owner="Rep, or team"', "--columns", "Status=State of things",
        "--statuses", "booked=visit set,lost=Ghosted",
    )  # fmt: skip
    unread = call(tmp_path, "audit", "leads.csv", "--columns", "owner=,created=When", "--as-of", "2026-11-24")

    assert '"number": 1' in answer.out
    assert '"no_owner": {\n      "recent": 1' in answer.out
    assert "who owns a lead, so nothing is said of: No owner" in unread.out


def test_inside_a_workspace_its_clock_holds_for_times_with_an_offset(make_shop: Callable[..., Shop]) -> None:
    """02:00 UTC on the 25th is the evening of the 24th in Chicago; a workspace with faults does not stop the count."""
    shop = make_shop("roofer")
    export = shop.folder / "leads.csv"
    export.write_text("Name,Status,Created\nAnn,New,2026-11-25T02:00:00Z\n")
    inside = shop.run("audit", str(export), "--as-of", "2026-11-24", expect=1)
    elsewhere = shop.run("audit", str(export), "--as-of", "2026-11-24", "--timezone", "Europe/Berlin", expect=1)
    (shop.folder / "cadence.yaml").write_text("nonsense")
    broken = shop.run("audit", str(export), "--as-of", "2026-11-26", expect=1)

    assert inside.out.startswith("THE AUDIT NUMBER: 1\n")
    assert "put on the clock of America/Chicago" in inside.out
    assert "no row of the file could be counted" in elsewhere.out.lower()
    assert "this computer's clock; --timezone names another" in broken.out
    assert not (shop.folder / "cadence.db").exists()
