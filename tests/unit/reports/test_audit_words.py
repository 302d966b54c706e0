"""What headings, status words and cells of CRM exports are taken for; what is not known is not guessed."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cadence.errors import UsageError
from cadence.reports.audit.columns import FIELDS, find_columns
from cadence.reports.audit.moments import FileClock, Moment, waited
from cadence.reports.audit.vocabulary import MEANINGS, vocabulary

WORDS = vocabulary()
CHICAGO = ZoneInfo("America/Chicago")


def field_of(heading: str) -> str:
    found = WORDS.heading(heading)
    return found.field if found else ""


def test_the_vocabulary_names_only_fields_and_meanings_that_there_are():
    assert {field for field, _ in WORDS.headings.values()} == set(FIELDS)
    assert {meaning for words in WORDS.statuses.values() for meaning in words.values()} == set(MEANINGS)


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Create Date", "created"), ("Created on", "created"), ("createdAt", "created"), ("Date Received", "created"),
        ("Deal Stage", "status"), ("Lead Status", "status"), ("status", "status"), ("Job Status", "status"),
        ("Deal owner", "owner"), ("assigned", "owner"), ("Assigned To", "owner"), ("HubSpot Owner", "owner"),
        ("Appt. Start", "appointment"), ("Inspection Date", "appointment"), ("Scheduled Start", "appointment"),
        ("Site Visit Date", "appointment"), ("Appointment Status", "appointment_status"),
        ("Inspection Confirmed?", "confirmed"), ("Call Back", "callback"), ("Callback Window", "callback"),
        ("Contract Sent", "contract_sent"), ("Agreement Sent Date", "contract_sent"),
        ("Contract Signed Date", "contract_signed"), ("Approved date", "contract_signed"),
        ("Deposit Paid", "deposit_paid"), ("Deposit received on", "deposit_paid"),
        ("Next Step", "next_action"), ("Next Activity Date", "next_due"), ("Follow Up On", "next_due"),
        ("Quote Sent", "estimate_sent"), ("Estimate sent on", "estimate_sent"), ("Quote status", "estimate_status"),
        ("First Follow-up", "followed_up"), ("Last Contacted", "last_contact"), ("Last Activity Date", "last_contact"),
        ("First Response", "first_response"), ("Speed to Lead (sec)", "first_response"),
        ("Minutes to First Response", "first_response"), ("Lead #", "id"), ("Record ID", "id"), ("Lead", "name"),
    ],
)  # fmt: skip
def test_a_heading_is_known_however_a_crm_writes_it(heading, field):
    assert field_of(heading) == field


@pytest.mark.parametrize(
    "heading", ["Deposit", "Estimate Date", "Close Date", "Due Date", "Approved", "Updated on", "Time", "Contract", ""]
)
def test_a_heading_that_may_mean_two_things_is_not_read(heading):
    assert field_of(heading) == ""


def test_a_heading_names_the_unit_of_its_numbers():
    units = [
        WORDS.heading(each).unit for each in ("Response Time (min)", "Speed to Lead (sec)", "Response Time in Hours")
    ]

    assert units == ["minute", "second", "hour"]


@pytest.mark.parametrize(
    ("about", "meaning", "words"),
    [
        ("lead", "won", ["Closed Won (Sales Pipeline)", "Job Sold", "Completed", "Sold!"]),
        ("lead", "closed", ["Closed - Lost", "abandoned", "Unqualified", "Dismissed"]),
        ("lead", "booked", ["Appointment Scheduled", "Booked appt", "Site Visit Booked"]),
        ("lead", "held", ["Inspection done", "Assessment completed"]),
        ("lead", "confirmed", ["Appointment Confirmed", "Visit confirmed"]),
        ("lead", "cancelled", ["No-Show", "Appointment canceled"]),
        ("lead", "estimate sent", ["3. Estimate Sent", "Quote Sent", "PROPOSAL SENT", "Awaiting response"]),
        ("lead", "contract sent", ["Contract out for signature", "Agreement sent"]),
        ("lead", "signed", ["Signed", "Quote approved", "Contract signed"]),
        ("lead", "deposit", ["Deposit Paid", "deposit received"]),
        ("lead", "interested", ["Qualified to Buy", "Needs Scheduling", "Hot Lead"]),
        ("lead", "open", ["New", "In Progress", "Attempted to Contact"]),
        ("appointment", "booked", ["new", "Unconfirmed", "Rescheduled"]),
        ("appointment", "confirmed", ["confirmed", "Appointment Confirmed"]),
        ("appointment", "held", ["showed", "Completed"]),
        ("estimate", "won", ["Sold", "Converted"]),
        ("estimate", "estimate sent", ["Open", "Awaiting response"]),
        ("estimate", "estimate over", ["Dismissed", "Expired"]),
        ("contract", "signed", ["Completed", "Contract signed"]),
        ("deposit", "deposit", ["Paid"]),
        ("lead", "", ["Ghosted", "Converted", "Wo n", ""]),
        ("appointment", "", ["closed", "Won"]),
    ],
)
def test_a_status_word_means_what_its_column_is_about(about, meaning, words):
    assert {WORDS.meaning(word, about) for word in words} == {meaning}


def test_the_callers_words_go_before_the_vocabularys():
    own = WORDS.with_statuses([("closed", "Ghosted"), ("interested", "New Lead")])

    assert [own.meaning(word) for word in ("ghosted!", "new lead", "Won")] == ["closed", "interested", "won"]
    assert WORDS.meaning("Ghosted") == ""


def test_the_best_of_several_columns_is_read_and_all_that_say_how_a_lead_stands():
    found = find_columns(["Date", "Stage", "Created", "Status", "Contact Name", "Lead", "Color"], WORDS, {})

    assert found.read == {
        "name": ("Contact Name", "Lead"),
        "created": ("Created",),
        "status": ("Status", "Stage"),
    }
    assert found.unread == ("Date", "Color")


def test_the_caller_says_which_column_to_read_and_which_not():
    header = ["Date Added", "Created", "Assigned", "Status"]
    found = find_columns(header, WORDS, {"created": ["date added"], "owner": []})

    assert found.read == {"created": ("Date Added",), "status": ("Status",)}
    with pytest.raises(UsageError, match="there is no 'onwer'") as typo:
        find_columns(header, WORDS, {"onwer": ["Assigned"]})
    assert typo.value.help == "did you mean 'owner'?"
    with pytest.raises(UsageError, match="has no column 'Asigned'") as typo:
        find_columns(header, WORDS, {"owner": ["Asigned"]})
    assert typo.value.help == "did you mean 'Assigned'?"


@pytest.mark.parametrize(
    ("text", "at", "timed"),
    [
        ("2026-11-24", "2026-11-24T00:00", False),
        ("2026-11-24 16:40", "2026-11-24T16:40", True),
        ("2026-11-24T16:40:05.250", "2026-11-24T16:40:05", True),
        ("11/24/2026", "2026-11-24T00:00", False),
        ("3/4/26", "2026-03-04T00:00", False),
        ("11/24/2026 4:40 PM", "2026-11-24T16:40", True),
        ("11/24/2026, 12:05 am", "2026-11-24T00:05", True),
        ("11/24/26 16:40", "2026-11-24T16:40", True),
        ("Nov 24, 2026 4:40 PM", "2026-11-24T16:40", True),
        ("2026-11-24T22:40:00.000Z", "2026-11-24T16:40", True),
        ("2026-07-24T22:40:00Z", "2026-07-24T17:40", True),
        ("11/24/2026 5:40 PM EST", "2026-11-24T16:40", True),
        ("11/24/2026 2:00 PM - 4:00 PM", "2026-11-24T14:00", True),
    ],
)
def test_a_moment_stands_on_the_wall_of_the_shop(text, at, timed):
    moment = FileClock(CHICAGO).read_window(text)

    assert (moment.at, moment.timed) == (datetime.fromisoformat(at), timed)


@pytest.mark.parametrize(
    "text",
    ["soon", "46350", "24/11/2026", "11/31/2026", "2026-13-40", "0000-00-00", "11/24/1926", "11/24/2126", "20261124",
     "11/24/2026 25:10", "11/24/2026 13:10 PM", "9999-12-31T23:00:00-12:00", "²/3/2026"],
)  # fmt: skip
def test_what_is_no_moment_is_refused_with_a_reason(text):
    for _ in range(2):
        with pytest.raises(ValueError, match=r"^(is not a d|lies )"):
            FileClock(CHICAGO).read(text)


def test_dates_that_can_be_read_either_way_are_remembered_and_those_with_the_day_first_too():
    clock = FileClock(None)
    for text in ("2026-03-04", "11/24/2026", "5/5/2026", "03/04/2026"):
        clock.read(text)

    assert (clock.either_way, clock.day_first, clock.offsets) == ("03/04/2026", "", False)
    with pytest.raises(ValueError, match="month/day/year"):
        clock.read("24/11/2026")
    assert clock.day_first == "24/11/2026"


def test_a_day_is_over_when_it_has_ended_and_a_time_when_it_has_come():
    now = datetime.fromisoformat("2026-11-24T13:10")
    today, then = Moment(datetime.fromisoformat("2026-11-24T00:00"), timed=False), Moment(now, timed=True)

    assert (today.has_come(now), today.is_over(now)) == (True, False)
    assert (then.has_come(now), then.is_over(now)) == (True, True)
    assert today.is_over(now + timedelta(days=1))


def test_a_wait_over_the_end_of_summer_time_is_counted_right_where_the_export_knows_the_offset():
    clock = FileClock(CHICAGO)
    known = waited(clock.read("2026-11-01T06:30:00Z"), clock.read("2026-11-01T07:10:00Z"))
    as_it_stands = waited(clock.read("2026-11-01 01:30"), clock.read("2026-11-01 01:10"))

    assert known == timedelta(minutes=40)
    assert as_it_stands == -timedelta(minutes=20)
    assert waited(clock.read("2026-11-01"), clock.read("2026-11-01 01:10")) is None
