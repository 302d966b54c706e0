"""What a calendar program opens."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from icalendar import Calendar

from cadence.reports.preview_ics import render_ics


def entries(head, rows):
    return Calendar.from_ical(render_ics(head, rows)).walk("VEVENT")


def test_each_touch_that_would_go_is_an_entry(head, story):
    found = {str(entry["summary"]): entry["dtstart"].dt for entry in entries(head, story)}

    assert found == {
        "SMS to Maria Lopez: instant": datetime(2026, 11, 24, 19, 11, tzinfo=UTC),
        "Call for Dana Reyes: Maria Lopez: first-call": datetime(2026, 11, 24, 20, 0, tzinfo=UTC),
        "Email to Maria Lopez: second": datetime(2026, 11, 26, 20, 40, tzinfo=UTC),
        "SMS to Ben Klein: after-hours": datetime(2026, 11, 25, 5, 30, tzinfo=UTC),
        "Ben Klein to the list website-retarget: day-7": datetime(2026, 12, 1, 16, 0, tzinfo=UTC),
    }


def test_the_description_is_the_text(head, story):
    texts = [str(entry["description"]) for entry in entries(head, story)]

    assert texts[0] == "Hi Maria, this is Dana at Summit Roofing.\n\nIs water coming in right now?"
    assert texts[2] == "Your roof\n\nHi Maria,\nthe estimate covers the gutters."


def test_the_stamp_is_the_start_of_the_preview_and_two_runs_give_the_same_bytes(head, story):
    assert {entry["dtstamp"].dt for entry in entries(head, story)} == {head.start}
    assert render_ics(head, story) == render_ics(head, story)


def test_lines_are_folded_at_75_bytes_and_end_as_the_rfc_says(head, row):
    body = "Grüße, Maria; 你好 👋 \\ " * 30
    written = render_ics(head, [row(body=body)])

    assert max(len(line) for line in written.split(b"\r\n")) <= 75
    assert b"\n" not in written.replace(b"\r\n", b"")
    assert str(entries(head, [row(body=body)])[0]["description"]) == body


def test_a_uid_is_one_touchs_own_and_does_not_move_with_it(head, story, row):
    uids = [str(entry["uid"]) for entry in entries(head, story)]
    an_hour_later = [replace(touch, at=touch.at + timedelta(hours=1)) for touch in reversed(story)]

    assert len(set(uids)) == len(uids) == 5
    assert uids == [str(entry["uid"]) for entry in entries(head, an_hour_later)][::-1]


def test_a_touch_that_goes_again_in_a_later_visit_has_a_uid_of_its_own(head, row):
    first, second = entries(head, [row(), row("2026-11-30T19:11")])

    assert first["uid"] != second["uid"]


def test_a_hostile_name_cannot_add_lines(head, row):
    hostile = row(lead_name="Eve\r\nEND:VEVENT\r\nBEGIN:VALARM", body="x\r\nATTACH:http://bad.example\x00")
    (entry,) = entries(head, [hostile])

    assert str(entry["summary"]) == "SMS to Eve END:VEVENT BEGIN:VALARM: instant"
    assert str(entry["description"]) == "x\nATTACH:http://bad.example\ufffd"
    assert "attach" not in entry


def test_an_empty_preview_is_a_calendar_without_entries(head):
    assert entries(head, []) == []
