"""The rules of the audit: what locks a next step, what leaks, how fast; on exports of a few rows."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta

import pytest

from cadence.reports.audit.audit import audit_of
from cadence.reports.audit.reading import read_export
from cadence.reports.audit.vocabulary import vocabulary

NOW = datetime.fromisoformat("2026-11-24T13:10")
MONTH = timedelta(days=30)


def table(*rows: dict[str, str]) -> bytes:
    """Rows as a file; a heading that a row does not name is empty there."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(dict.fromkeys(heading for row in rows for heading in row)), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def audited(*rows: dict[str, str], now: datetime = NOW, period: timedelta = MONTH):
    numbered = [{"Lead ID": f"L{place}", "Created": "2026-11-20", **row} for place, row in enumerate(rows)]
    return audit_of(read_export(table(*numbered), vocabulary(), as_of=now, period=period))


def stands(**row: str) -> str:
    """Where a lead stands, and by what: ``locked contract``, ``open slot``."""
    row = {heading.replace("_", " "): value for heading, value in row.items()}
    export = read_export(
        table({"Status": "New", "Created": "2026-11-20", **row}), vocabulary(), as_of=NOW, period=MONTH
    )
    (placed,) = export.leads
    return f"{placed.standing.kind} {placed.standing.lock or placed.standing.missing}".strip()


def found(audit, code: str) -> list[str]:
    """Ids of the leads on a list."""
    (measure,) = [each for each in audit.lists if each.code == code]
    assert not measure.cannot, measure.cannot
    return [placed.lead.id for placed in measure.leads]


@pytest.mark.parametrize(
    ("row", "where"),
    [
        ({"Status": "Won"}, "won"),
        ({"Status": "Lost", "Deposit_Paid": "500"}, "closed"),
        ({"Status": "open", "Stage": "Job Sold"}, "won"),
        ({"Status": "lost", "Stage": "Job Sold"}, "closed"),
        ({"Contract_Signed": "11/20/2026"}, "locked contract"),
        ({"Contract_Signed": "yes"}, "locked contract"),
        ({"Contract_Signed": "11/25/2026"}, "open anything"),
        ({"Contract_Signed": "no", "Status": "Signed"}, "open anything"),
        ({"Contract_Status": "Completed"}, "locked contract"),
        ({"Status": "Quote approved"}, "locked contract"),
        ({"Deposit_Paid": "$500.00"}, "locked deposit"),
        ({"Deposit_Paid": "0.00"}, "open anything"),
        ({"Deposit_Paid": "-500"}, "open anything"),
        ({"Deposit_Paid": "Requested"}, "open anything"),
        ({"Deposit_Paid": "TRUE"}, "locked deposit"),
        ({"Appointment": "12/1/2026 9:00 AM", "Appointment_Status": "Confirmed"}, "locked appointment"),
        ({"Appointment": "12/1/2026 9:00 AM", "Confirmed": "x"}, "locked appointment"),
        ({"Appointment": "12/1/2026 9:00 AM", "Confirmed": "11/23/2026"}, "locked appointment"),
        ({"Appointment": "12/1/2026 9:00 AM", "Confirmed": "11/25/2026"}, "open acknowledgement"),
        ({"Appointment": "12/1/2026 9:00 AM", "Confirmed": "No"}, "open acknowledgement"),
        ({"Appointment": "12/1/2026 9:00 AM", "Appointment_Status": "Unconfirmed"}, "open acknowledgement"),
        ({"Appointment": "12/1/2026 9:00 AM", "Appointment_Status": "Cancelled"}, "open cancelled"),
        ({"Appointment": "11/24/2026", "Appointment_Status": "Confirmed"}, "locked appointment"),
        ({"Appointment": "11/24/2026 1:10 PM", "Appointment_Status": "Confirmed"}, "open appointment_passed"),
        ({"Appointment": "11/23/2026", "Appointment_Status": "Showed"}, "open appointment_passed"),
        ({"Status": "Appointment confirmed"}, "locked appointment"),
        ({"Status": "Appointment confirmed", "Appointment": "11/2/2026"}, "open appointment_passed"),
        ({"Status": "Appointment booked"}, "open acknowledgement"),
        ({"Status": "Inspection done", "Confirmed": "yes"}, "open anything"),
        ({"Callback": "11/24/2026 1:11 PM"}, "locked callback"),
        ({"Callback": "11/24/2026 1:10 PM"}, "open callback_passed"),
        ({"Callback": "11/24/2026"}, "locked callback"),
        ({"Next_Activity_Date": "11/30/2026", "Next_Step": "call"}, "open anything"),
        ({"Contract_Sent": "11/21/2026"}, "open contract"),
        ({"Estimate_Sent": "11/21/2026"}, "open answer"),
        ({"Estimate_Sent": "11/21/2026", "Estimate_Status": "Expired"}, "open anything"),
        ({"Status": "Qualified"}, "open slot"),
        ({"Status": "Something else"}, "open anything"),
        ({"Status": ""}, "open anything"),
    ],
)
def test_a_next_step_is_locked_by_what_the_export_shows_and_by_nothing_else(row, where):
    assert stands(**row) == where


@pytest.mark.demand("A5")
def test_captured_are_the_leads_of_the_last_thirty_days_whatever_became_of_them():
    days = ("10/25/2026", "10/25/2026 1:09 PM", "10/25/2026 1:10 PM", "10/26/2026", "11/24/2026", "11/24/2026 1:11 PM")
    audit = audited(*({"Created": day, "Status": "Won" if place % 2 else "New"} for place, day in enumerate(days)))

    assert (audit.captured, audit.number, dict(audit.kinds)) == (3, 2, {"open": 2, "won": 1})
    assert [placed.lead.id for placed in audit.unlocked] == ["L2", "L4"]
    assert audit.export.later == 1
    assert audited(*({"Created": day, "Status": "New"} for day in days), period=timedelta(days=60)).number == 5


def test_unlocked_leads_come_oldest_first():
    audit = audited(
        {"Created": "11/20/2026"}, {"Created": "11/4/2026"}, {"Created": "11/20/2026 8:00 AM"}, {"Status": "New"}
    )

    assert [placed.lead.id for placed in audit.unlocked] == ["L1", "L0", "L3", "L2"]


@pytest.mark.demand("A4")
def test_the_three_leaks():
    audit = audited(
        {"Status": "Contract sent"},
        {"Status": "Negotiating", "Contract Sent": "11/20/2026", "Contract Signed": ""},
        {"Status": "Negotiating", "Contract Sent": "11/20/2026", "Contract Signed": "11/21/2026"},
        {"Status": "Lost", "Contract Sent": "11/20/2026"},
        {"Status": "Qualified"},
        {"Status": "Qualified", "Appointment": "12/1/2026", "Confirmed": "no"},
        {"Status": "Qualified", "Callback": "11/25/2026"},
        {"Status": "Qualified", "Appointment": "11/2/2026", "Confirmed": "yes"},
        {"Status": "Booked", "Confirmed": ""},
        {"Status": "Booked", "Confirmed": "yes"},
        {"Status": "Needs scheduling", "Created": "1/5/2026"},
    )

    assert found(audit, "contract_unsigned") == ["L0", "L1"]
    assert found(audit, "not_acknowledged") == ["L5", "L8"]
    assert found(audit, "no_slot") == ["L4", "L7", "L10"]
    (no_slot,) = [each for each in audit.lists if each.code == "no_slot"]
    assert (no_slot.recent, len(no_slot.leads)) == (2, 3)


def test_what_nobody_keeps_hold_of():
    audit = audited(
        {"Status": "New", "Owner": "Lee", "Next Step": "call", "Next Step Date": "11/24/2026"},
        {"Status": "New", "Owner": "Unassigned", "Next Step": "call", "Next Step Date": ""},
        {"Status": "New", "Owner": "", "Next Step": "", "Next Step Date": "11/23/2026"},
        {"Status": "New", "Owner": "N/A", "Next Step": "none", "Next Step Date": ""},
        {"Status": "New", "Owner": "Lee", "Next Step": "", "Appointment": "11/30/2026"},
        {"Status": "New", "Owner": "Lee", "Next Step": "visit", "Next Step Date": "11/24/2026 1:00 PM"},
        {"Status": "Lost", "Owner": "", "Next Step": "", "Next Step Date": "11/1/2026"},
        {"Status": "Signed", "Owner": "", "Next Step": "plan", "Next Step Date": ""},
    )

    assert found(audit, "no_owner") == ["L1", "L2", "L3", "L7"]
    assert found(audit, "no_next_action") == ["L3"]
    assert found(audit, "no_due_date") == ["L1", "L7"]
    assert found(audit, "overdue") == ["L2", "L5"]


def test_an_open_estimate_is_old_after_seven_days():
    sent = (
        "11/16/2026",
        "11/17/2026",
        "11/17/2026 1:09 PM",
        "11/17/2026 1:10 PM",
        "yes",
        "11/1/2026",
        "11/1/2026",
        "1/1/2026",
    )
    more = {5: {"Contract Signed": "11/2/2026"}, 6: {"Status": "Won"}}
    audit = audited(*({"Status": "New", "Quote Sent": day, **more.get(place, {})} for place, day in enumerate(sent)))

    assert found(audit, "old_estimates") == ["L0", "L2", "L7"]


def test_an_estimate_is_followed_up_within_48_hours_or_not():
    rows = [
        ("11/18/2026 4:40 PM", "11/20/2026 4:40 PM"),  # in time
        ("11/18/2026 4:40 PM", "11/20/2026 4:41 PM"),
        ("11/18/2026", "11/20/2026"),  # in time
        ("11/18/2026 4:40 PM", "11/20/2026"),  # in time: two days
        ("11/18/2026", "11/21/2026"),
        ("11/18/2026", "11/17/2026"),  # before it was sent
        ("11/18/2026", ""),
        ("11/18/2026", "no"),
        ("11/18/2026", "yes"),  # nobody can tell when
        ("11/22/2026 2:00 PM", ""),  # not yet 48 hours old
        ("10/1/2026", "10/2/2026"),  # long ago
    ]
    audit = audited(*({"Estimate Sent": sent, "First Follow-up": then, "Status": "Won"} for sent, then in rows))

    followed = audit.follow_ups
    assert (followed.followed, followed.not_followed, followed.unclear, followed.counted) == (3, 5, 1, 9)


def test_the_last_contact_alone_does_not_always_tell_whether_an_estimate_was_followed_up():
    rows = [
        ("11/18/2026 4:40 PM", "11/19/2026 9:00 AM", True),
        ("11/18/2026 4:40 PM", "11/18/2026 4:40 PM", False),
        ("11/18/2026 4:40 PM", "11/23/2026 9:00 AM", None),  # an earlier contact may have been in time
        ("11/18/2026", "11/18/2026", None),  # perhaps the sending itself
        ("11/18/2026", "11/19/2026", True),
        ("11/18/2026", "11/2/2026", False),
        ("11/18/2026", "", False),
    ]
    followed = audited(*({"Estimate Sent": sent, "Last Contacted": then} for sent, then, _ in rows)).follow_ups

    verdicts = [verdict for _, _, verdict in rows]
    assert followed.followed == verdicts.count(True)
    assert followed.not_followed == verdicts.count(False)
    assert followed.unclear == verdicts.count(None)


def test_speed_to_first_response():
    rows = [
        ("11/20/2026 1:00 PM", "11/20/2026 1:05 PM"),  # 5 minutes: in time
        ("11/20/2026 1:00 PM", "11/20/2026 1:06 PM"),
        ("11/20/2026 1:00 PM", "2 hours"),
        ("11/20/2026 1:00 PM", "0:00:40"),
        ("11/20/2026 1:00 PM", ""),  # unanswered
        ("11/24/2026 1:06 PM", ""),  # may still be answered in time
        ("11/20/2026 1:00 PM", "11/24/2026 2:00 PM"),  # had not happened yet
        ("11/20/2026 1:00 PM", "11/20/2026"),  # no time of day
        ("11/20/2026 1:00 PM", "11/20/2026 12:00 PM"),  # before the lead
        ("9/20/2026 1:00 PM", "9/20/2026 1:01 PM"),  # long ago
    ]
    pace = audited(*({"Created": came, "First Response": then} for came, then in rows)).speed

    assert pace.median == timedelta(minutes=5, seconds=30)
    assert (pace.quick, pace.counted, pace.unanswered, pace.left_out) == (2, 6, 2, 2)


def test_numbers_below_a_heading_with_a_unit_are_durations_and_others_are_not_read():
    with_unit = audited({"Response Time (min)": "4"}, {"Response Time (min)": "1h 20m"})
    without = audited({"Response Time": "4"}, {"Response Time": "270 s"})

    assert with_unit.speed.median == timedelta(minutes=42)
    assert without.speed.median == timedelta(seconds=270)
    assert [(each.times, each.row) for each in without.export.unread] == [(1, 2)]


def test_days_without_times_tell_no_speed():
    pace = audited({"Created": "11/20/2026", "First Response": "11/20/2026"}).speed

    assert "without the time of day" in pace.cannot


@pytest.mark.parametrize(
    ("row", "code", "lacking"),
    [
        ({"Status": "New"}, "contract_unsigned", "when a contract was sent"),
        ({"Contract Sent": "11/2/2026"}, "contract_unsigned", "when a contract was signed"),
        ({"Status": "New"}, "not_acknowledged", "when an appointment is"),
        ({"Status": "Booked"}, "not_acknowledged", "whether an appointment was confirmed"),
        ({"Owner": "Lee"}, "no_slot", "how a lead stands"),
        ({"Status": "New"}, "no_slot", "that somebody is interested"),
        ({"Status": "New"}, "no_owner", "who owns a lead"),
        ({"Status": "New"}, "no_next_action", "what the next action is"),
        ({"Next Step Date": "11/2/2026"}, "no_due_date", "what the next action is"),
        ({"Next Step": "call"}, "no_due_date", "when the next action is due"),
        ({"Status": "Estimate sent"}, "old_estimates", "when an estimate was sent"),
    ],
)
def test_a_list_that_the_columns_do_not_allow_says_what_is_lacking(row, code, lacking):
    audit = audited(row)
    (measure,) = [each for each in audit.lists if each.code == code]

    assert lacking in measure.cannot
    assert any(lacking in sentence for sentence in audit.untold)


def test_the_number_cannot_be_told_where_nothing_says_how_a_lead_stands():
    bare = audited({"Owner": "Lee"})
    strange = audited({"Status": "Blue"})

    assert (bare.number, strange.number) == (None, None)
    assert "no column that says how a lead stands, whether" in bare.cannot
    assert strange.cannot == "none of the words that say how a lead stands is known"
    assert bare.has_findings
    assert strange.has_findings
    assert audited({"Callback": "11/30/2026"}).number == 0


def test_locks_that_the_export_cannot_show_are_named():
    audit = audited({"Status": "New", "Contract Signed": ""})

    assert audit.number == 1
    assert audit.untold[0] == (
        "nothing in the export shows an acknowledged appointment, a paid deposit or an agreed callback: "
        "a lead that has one counts as unlocked all the same"
    )


def test_without_a_column_that_says_when_a_lead_came_in_every_lead_counts_and_that_is_said():
    export = read_export(
        table({"Name": "Ann", "Status": "New"}, {"Name": "Bob", "Status": "Won"}), vocabulary(), as_of=NOW, period=MONTH
    )
    audit = audit_of(export)

    assert (audit.number, audit.captured) == (1, 2)
    assert audit.untold[0].endswith("every lead of the file counts, whatever its age")


def test_a_lead_that_stands_in_several_rows_counts_once_and_the_furthest_row_counts():
    rows = [
        {"Lead ID": "1", "Status": "New"},
        {"Lead ID": "1", "Status": "Deposit paid"},
        {"Lead ID": "1", "Status": "Lost"},
        {"Lead ID": "2", "Status": "Lost"},
        {"Lead ID": "2", "Status": "New"},
        {"Lead ID": "3", "Status": "New", "Created": "1/5/2026"},
        {"Lead ID": "3", "Status": "Lost"},
    ]
    audit = audited(*rows)

    assert (audit.export.rows, audit.export.doubles, len(audit.export.leads)) == (7, 3, 4)
    assert dict(audit.kinds) == {"locked": 1, "open": 1, "closed": 1}
    assert [placed.lead.row for placed in audit.unlocked] == [6]


def test_without_ids_a_person_is_known_again_by_phone_or_e_mail_and_else_by_the_whole_row():
    rows = [
        {"Name": "Ann", "Phone": "(816) 555-0142", "Email": "", "Status": "New"},
        {"Name": "Ann C", "Phone": "+1 816 555 0142", "Email": "ann@example.com", "Status": "New"},
        {"Name": "A Cole", "Phone": "", "Email": "ANN@example.com", "Status": "New"},
        {"Name": "Bob", "Phone": "", "Email": "", "Status": "New"},
        {"Name": "Bob", "Phone": "", "Email": "", "Status": "New"},
        {"Name": "Bob", "Phone": "", "Email": "", "Status": "Booked"},
    ]
    export = read_export(table(*rows), vocabulary(), as_of=NOW, period=MONTH)

    assert [placed.lead.row for placed in export.leads] == [2, 5, 7]
    assert export.doubles == 3


def test_rows_that_cannot_be_counted_are_set_aside_with_the_reason():
    text = (
        "Name,Status,Created\n"
        "Ann,New,garbage\nBob,New,\nCy,New,11/20/1999\nDi,New,24/11/2026\nEd,New,11/20/2026,x\n"
        'Fay,New,11/20/2026\n"Gil,New,11/20/2026\n'
    )
    export = read_export(text.encode(), vocabulary(), as_of=NOW, period=MONTH)

    assert [placed.lead.name for placed in export.leads] == ["Fay"]
    assert [(each.row, each.reason.split(";")[0]) for each in export.set_aside] == [
        (2, "column 'Created' is not a date such as 2026-11-24 16:40 or 11/24/2026 4:40 PM"),
        (3, "column 'Created' is empty, so nobody can tell when the lead came in"),
        (4, "column 'Created' lies before 2000"),
        (5, "column 'Created' is not a day of the calendar"),
        (6, "it has 4 cells where the headings are 3"),
        (8, 'it has a quotation mark (") that is never closed'),
    ]
    assert not any(name in each.reason for each in export.set_aside for name in ("Ann", "Bob", "garbage"))


def test_a_cell_that_cannot_be_read_is_taken_for_empty_and_counted():
    audit = audited({"Status": "New", "Appointment": "next week"}, {"Status": "New", "Appointment": "soon"})

    assert audit.number == 2
    assert [(each.heading, each.times, each.row) for each in audit.export.unread] == [("Appointment", 2, 2)]


def test_status_words_nobody_knows_are_counted_and_leave_the_lead_open():
    audit = audited({"Status": "Ghosted"}, {"Status": "Ghosted"}, {"Status": "Blue"}, {"Status": "Won"})

    assert audit.number == 3
    assert audit.export.unknown == {"Ghosted": 2, "Blue": 1}
