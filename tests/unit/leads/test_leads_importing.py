"""Importing a list: what each row would do."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from cadence.leads.importing import ImportRow, plan_import, write_rejects
from cadence.leads.table import read_table

NOW = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
CHICAGO = ZoneInfo("America/Chicago")


class Records:
    """Leads kept in memory, found by what identifies a person."""

    def __init__(self, *leads: dict) -> None:
        self.leads = {lead["id"]: lead for lead in leads}

    def find(self, **identity: str) -> dict | None:
        ((field, value),) = identity.items()
        for lead in self.leads.values():
            if str(lead.get(field, "")).casefold() == value.casefold():
                return lead
        return None

    def take(self, rows: list[ImportRow]) -> None:
        self.leads |= {row.attributes["id"]: row.attributes for row in rows if row.kind != "rejected"}


MARIA = {"id": "maria", "name": "Maria Lopez", "phone": "+18165550142", "email": "maria@example.com", "city": "Olathe"}
BOB = {"id": "bob", "name": "Bob Smith", "first_name": "Bob", "last_name": "Smith", "external_id": "17"}
BOB |= {"phone": "+18165550143", "email": "bob@example.com"}


def plan(text: str, *leads: dict, own: tuple[str, ...] = (), records: Records | None = None) -> list[ImportRow]:
    table = read_table(text.encode(), own)
    return list(plan_import(table, records or Records(*leads), now=NOW, zone=CHICAGO))


def only(text: str, *leads: dict, own: tuple[str, ...] = ()) -> ImportRow:
    (row,) = plan(text, *leads, own=own)
    return row


def test_a_new_person_gets_a_readable_id_that_is_always_the_same():
    row = only("Name,Phone\nMaria López,816-555-0142\n")
    assert row.kind == "new"
    assert re.fullmatch(r"maria-lopez-[0-9a-f]{5}", row.attributes["id"])
    assert row == only("Name,Phone\nMaria López,816-555-0142\n")
    assert row.attributes["id"] != only("Name,Phone\nMaria López,816-555-0143\n").attributes["id"]


def test_no_id_holds_a_phone_number():
    assert re.fullmatch(r"lead-[0-9a-f]{5}", only("Name,Phone\n8165550142,8165550142\n").attributes["id"])


def test_an_id_that_is_taken_grows_longer():
    first = only("Name,Phone\nMaria Lopez,816-555-0142\n").attributes["id"]
    taken = {"id": first, "name": "Maria Lopez", "phone": "+19135550100"}
    again = only("Name,Phone\nMaria Lopez,816-555-0142\n", taken).attributes["id"]
    assert again.startswith(first)
    assert len(again) == len(first) + 1


def test_an_id_column_with_our_ids_names_the_lead():
    assert only("ID,Name,Phone\nana,Ana,816-555-0144\n").attributes["id"] == "ana"
    assert only("ID,Name,Phone\nmaria,Maria Lopez,\n", MARIA).merged_into == "maria"


@pytest.mark.parametrize("written", ["10442", "00Q5e00000ABC", "3f2a1b4c-0000-4000-8000-0123456789ab", "L_7"])
def test_an_id_column_of_another_program_is_its_external_id(written):
    row = only(f"ID,Name,Phone\n{written},Ana,816-555-0144\n")
    assert row.attributes["external_id"] == written
    assert row.attributes["id"].startswith("ana-")


@pytest.mark.parametrize(
    "cells", ["(816) 555-0142,,", ",MARIA@EXAMPLE.com,", "816-555-0142,maria@example.com,", ",maria@example.com,C-9"]
)
def test_a_known_person_is_found_by_phone_email_or_external_id(cells):
    row = only(f"Phone,Email,External ID\n{cells}\n", MARIA)
    assert row.merged_into == "maria"
    assert row.attributes["email"] == "maria@example.com"


def test_a_merge_fills_what_is_not_known_and_the_new_list_holds_for_the_rest():
    row = only("Phone,City,Zip,Service\n816-555-0142,Leawood,66206,roof repair\n", MARIA)
    assert row.kind == "merge"
    assert [(change.field, change.before, change.after) for change in row.changes] == [
        ("city", "Olathe", "Leawood"),
        ("service", None, "roof repair"),
        ("zip", None, "66206"),
    ]
    assert row.attributes == MARIA | {"city": "Leawood", "zip": "66206", "service": "roof repair"}


def test_an_empty_cell_takes_nothing_away():
    row = only("Phone,City,Email\n816-555-0142,,\n", MARIA)
    assert (row.kind, row.attributes) == ("same", MARIA)


def test_phone_and_email_on_record_stay_and_the_difference_is_told_without_them():
    row = only("Phone,Email,City\n913-555-0199,maria@example.com,Olathe\n", MARIA)
    assert (row.kind, row.attributes["phone"]) == ("same", "+18165550142")
    assert row.notes == ("the phone differs from the one on record, which stays",)


def test_a_row_that_is_two_people_is_rejected():
    row = only("Phone,Email\n816-555-0142,bob@example.com\n", MARIA, BOB)
    assert row.kind == "rejected"
    assert row.reason.startswith("the phone is that of maria, the e-mail is that of bob")
    assert not re.search(r"\d{7}", row.reason)


def test_equal_ids_of_two_programs_do_not_make_one_person():
    row = only("ID,Name,Phone\n17,Ana Reyes,816-555-0177\n", BOB)
    assert row.kind == "rejected"
    assert "somebody else" in row.reason


def test_the_same_person_with_a_new_phone_is_found_by_the_external_id():
    row = only("ID,Name,Phone\n17,Bob Smith,816-555-0177\n", BOB)
    assert (row.kind, row.merged_into) == ("same", "bob")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Maria", "Maria Lopez"),
        ("MARIA LOPEZ", "Maria Lopez"),
        ("Maria Elena Lopez", "Maria Elena Lopez"),
        ("Mary Lopez", "Mary Lopez"),
    ],
)
def test_a_shorter_name_changes_nothing_and_another_one_is_taken(written, kept):
    known = MARIA | {"first_name": "Maria", "last_name": "Lopez"}
    row = only(f"Name,Phone\n{written},816-555-0142\n", known)
    assert row.attributes["name"] == kept
    assert row.attributes["first_name"] == kept.split()[0]


def test_notes_are_added_up_once():
    known = MARIA | {"notes": "two shingles gone"}
    row = only("Phone,Notes\n816-555-0142,call after five\n", known)
    assert row.attributes["notes"] == "two shingles gone\ncall after five"
    assert only("Phone,Notes\n816-555-0142,call after five\n", row.attributes).kind == "same"


def test_duplicates_inside_a_file_become_one_lead_and_the_first_row_holds():
    new, merge, same = plan(
        "Name,Phone,Email,City\n"
        "Ana,816-555-0144,,Olathe\n"
        "Ana Reyes,816-555-0144,ana@example.com,Leawood\n"
        ",,ana@example.com,\n"
    )
    assert (new.kind, merge.kind, same.kind) == ("new", "merge", "same")
    assert merge.merged_into == same.merged_into == new.attributes["id"]
    assert same.attributes["name"] == "Ana Reyes"
    assert same.attributes["city"] == "Olathe"
    assert merge.notes == ("the city differs from an earlier row of this file, which holds",)


def test_a_value_the_record_does_not_keep_still_leads_to_the_person():
    """Row 2 ties the second phone to Ana; row 3 has that phone alone."""
    rows = plan("Phone,Email\n816-555-0144,ana@example.com\n816-555-0145,ana@example.com\n816-555-0145,\n")
    assert [row.kind for row in rows] == ["new", "same", "same"]
    assert len({row.attributes["id"] for row in rows}) == 1


def test_the_same_file_again_changes_nothing():
    text = (
        "Name,Phone,Email,City,Notes\n"
        "Ana,816-555-0144,,Olathe,one\n"
        "Ana Reyes,816-555-0144,ana@example.com,Leawood,two\n"
        "Maria,816-555-0142,,Lenexa,\n"
        "Jo,,jo@example.com,,\n"
    )
    records = Records(MARIA)
    first = plan(text, records=records)
    records.take(first)
    assert [row.kind for row in first] == ["new", "merge", "merge", "new"]
    assert [row.kind for row in plan(text, records=records)] == ["same"] * 4


def test_a_row_that_says_when_is_an_inquiry_of_that_time():
    row = only("Name,Phone,Created\nAna,816-555-0144,11/23/2026 4:40 PM\n")
    assert row.inquiry
    assert row.at == datetime(2026, 11, 23, 22, 40, tzinfo=UTC)


def test_a_row_that_does_not_say_when_is_nobodys_inquiry():
    row = only("Name,Phone,Created\nAna,816-555-0144,\n")
    assert not row.inquiry
    assert row.at == NOW


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-11-23", "2026-11-23T06:00"),
        ("2026-11-23T16:40", "2026-11-23T22:40"),
        ("2026-11-23 16:40:05.123", "2026-11-23T22:40:05"),
        ("2026-11-23T16:40:00-05:00", "2026-11-23T21:40"),
        ("2026-11-23T16:40:00+0000", "2026-11-23T16:40"),
        ("2026-11-23T16:40Z", "2026-11-23T16:40"),
        ("2026-11-23 16:40 UTC", "2026-11-23T16:40"),
        ("11/23/2026 4:40 PM EST", "2026-11-23T21:40"),
        ("7/4/2026 4:40 pdt", "2026-07-04T11:40"),
        ("11/23/2026", "2026-11-23T06:00"),
        ("11/23/26 16:40", "2026-11-23T22:40"),
        ("7/4/2026 12:05 am", "2026-07-04T05:05"),
        ("7/4/2026, 12:05:30 p.m.", "2026-07-04T17:05:30"),
        ("11-23-2026", "2026-11-23T06:00"),
        ("Nov 23, 2026", "2026-11-23T06:00"),
        ("November 23rd, 2026 at 4:40 PM", "2026-11-23T22:40"),
        ("Mon, Nov 23 2026 4:40PM", "2026-11-23T22:40"),
        ("23-Nov-26", "2026-11-23T06:00"),
        ("3/8/2026 2:30 AM", "2026-03-08T08:00"),
        ("11/1/2026 1:30 AM", "2026-11-01T06:30"),
        ("11/24/2026 11:00 PM", "2026-11-24T18:00"),
    ],
)
def test_dates_as_lists_write_them(written, instant):
    """A time that the clock skips is the first after it, one it shows twice the first; up to a day ahead is now."""
    row = only(f'Phone,Date Received\n816-555-0144,"{written}"\n')
    assert row.at == datetime.fromisoformat(instant).replace(tzinfo=UTC), row.reason


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("23/11/2026", "is not a day of the calendar; dates are read as month/day/year"),
        ("11/31/2026", "is not a day of the calendar"),
        ("11/23/2026 13:00 PM", "is not a day of the calendar"),
        ("11/23/2027", "lies in the future"),
        ("2026-12-24", "lies in the future"),
        ("11/23/1926", "lies before 2000"),
        ("46349", "is not a date such as"),
        ("yesterday", "is not a date such as"),
    ],
)
def test_a_doubtful_date_rejects_the_row(written, why):
    row = only(f"Phone,Created\n816-555-0144,{written}\n")
    assert row.kind == "rejected"
    assert f"the date received (column 'Created', row 2) {why}" in row.reason


def test_a_rejected_row_says_everything_that_is_wrong_and_where():
    row = only("Name,Cell,Zip Code,Created\nAna,911,KC,soon\n")
    assert row.reason.count("row 2)") == 3
    assert "the phone (column 'Cell', row 2) has only 3 digits" in row.reason
    assert row.raw == ("Ana", "911", "KC", "soon")


def test_a_name_alone_cannot_be_told_from_another():
    assert "no phone, no e-mail and no id" in only("Name,Phone\nAna,\n").reason


def test_the_better_of_two_phone_columns_is_read_and_the_other_told():
    text = "Name,Home Phone,Cell\nAna,913-555-0100,816-555-0144\nBob,913-555-0101,\n"
    both, home = plan(text)
    assert both.attributes["phone"] == "+18165550144"
    assert both.notes == ("column 'Home Phone' was not read, because 'Cell' has the phone",)
    assert home.attributes["phone"] == "+19135550101"


def test_own_fields_are_imported():
    assert only("Phone,Roof Age\n816-555-0144,12\n", own=("roof_age",)).attributes["roof_age"] == "12"


def test_a_cell_under_no_heading_is_told():
    assert only("Phone,,Name\n816-555-0144,lost,Ana\n").notes == ("a cell under no heading was not read",)


def test_a_broken_row_is_rejected_with_its_cells():
    row = only("Name,Phone\nAna,816-555-0144,Oak St, 5\n")
    assert row.reason.startswith("the row has 4 cells where the headings are 2")
    assert row.raw == ("Ana", "816-555-0144", "Oak St", " 5")


def test_rejected_rows_come_back_corrected():
    text = "Name,Phone,Created\nAna,911,\nBob,816-555-0143,\nKim,816-555-0145,23/11/2026\n"
    table = read_table(text.encode())
    rejects = write_rejects(plan(text), table.header)
    assert rejects.splitlines()[0] == "Import problem,Name,Phone,Created"
    assert [row.kind for row in plan(rejects)] == ["rejected", "rejected"]
    corrected = rejects.replace(",911,", ",816-555-0144,").replace("23/11/2026", "11/23/2026")
    assert [row.attributes["name"] for row in plan(corrected)] == ["Ana", "Kim"]
    assert read_table(corrected.encode()).unknown == ()


def test_reasons_are_not_stacked_when_rejected_twice():
    text = "Name,Phone\nAna,911\n"
    once = write_rejects(plan(text), read_table(text.encode()).header)
    twice = write_rejects(plan(once), read_table(once.encode()).header)
    assert twice == once


def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless_and_read_back():
    text = 'Name,Phone,Notes\n"=HYPERLINK(""http://x"")",911,+1 (816) 555-0100\n'
    rejects = write_rejects(plan(text), read_table(text.encode()).header)
    assert "'=HYPERLINK" in rejects
    assert ",+1 (816) 555-0100" in rejects
    again = only(rejects.replace(",911,", ",816-555-0144,"))
    assert again.attributes["name"] == '=HYPERLINK("http://x")'


def test_only_rejected_rows_are_written():
    assert write_rejects(plan("Phone\n816-555-0144\n"), ["Phone"]) == "Import problem,Phone\r\n"
