"""What a person reads in a terminal."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from dataclasses import replace
from textwrap import dedent

import pytest

from cadence.reports.cells import width_of
from cadence.reports.preview_text import render_text

ANSI = re.compile(r"\x1b\[[0-9;]*m")

GOLDEN = """\
Summit Roofing · Tue 24 Nov 2026 13:10 CST to Tue 1 Dec 2026 13:10 CST · looked at every 5 minutes · roofer a1f3c2d
  leads: sample leads

Tuesday 24 November 2026
  13:11 CST  would send  sms       Maria Lopez  new · instant      "Hi Maria, this is Dana at Summit Ro…"  1 segment
  13:18      · Maria Lopez: the lead is a real job for us -> Qualified, ready to schedule
  14:00 CST  for Dana    call      Maria Lopez  new · first-call   "Call about the leak."
  22:30 MST  would send  sms       Ben Klein    new · after-hours  "Hi Ben!"  2 segments

Wednesday 25 November 2026
  16:00 CST  not sent    sms       Maria Lopez  new · second       skipped: too long past due
  20:05 MST  not yet     sms       Ben Klein    new · check-in     would wait until Thu 26 Nov 08:00 (quiet hours)

Thursday 26 November 2026
  14:40 CST  would send  email     Maria Lopez  estimate · second  "Your roof: Hi Maria, the estimate covers the g…"

Saturday 28 November 2026
  10:00 CST  · Maria Lopez: 1 touch of new will not go: third

Tuesday 1 December 2026
  09:00 MST  would add   audience  Ben Klein    nurture · day-7    to the list website-retarget

Still waiting when the preview ends on Tue 1 Dec 13:10 CST
             not yet     sms       Ben Klein    nurture · day-30
             would wait until Sun 20 Dec 10:00 (its time has not come)

              messages  leads  steps  lists  segments   cost  waiting  skipped  stopped
By day
  Tue 24 Nov         2      2      1      -         3  $0.02        -        -        -
  Wed 25 Nov         -      -      -      -         -      -        1        1        -
  Thu 26 Nov         1      1      -      -         -      -        -        -        -
  Sat 28 Nov         -      -      -      -         -      -        -        -        1
  Tue 1 Dec          -      -      -      1         -      -        -        -        -
  Later              -      -      -      -         -      -        1        -        -
By channel
  SMS                2      2      -      -         3  $0.02        2        1        1
  Email              1      1      -      -         -      -        -        -        -
  Call               -      -      1      -         -      -        -        -        -
  List               -      -      -      1         -      -        -        -        -
By owner
  Dana Reyes         2      2      1      1         3  $0.02        2        1        -
  Lee Ortiz          1      1      -      -         -      -        -        -        1
In all               3      2      1      1         3  $0.02        2        1        1

Skipped: 1 × too long past due

3 messages to 2 leads, 1 step for colleagues, 1 lead put on a list, 2 waiting, 1 skipped, 1 stopped. \
Estimated cost $0.02. Nothing was sent or written.
"""


def plain(head, rows, *, full=False, width=116):
    return render_text(head, rows, full=full, width=width, colour=False)


@pytest.fixture
def machine_zone():
    """Lets a test move the machine to another zone."""
    before = os.environ.get("TZ")

    def move(zone):
        os.environ["TZ"] = zone
        time.tzset()

    yield move
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


def test_a_preview_reads_day_by_day_in_each_leads_own_time(head, story):
    assert plain(head, story) == GOLDEN


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Los_Angeles"])
def test_the_machines_own_zone_changes_nothing(head, story, machine_zone, zone):
    machine_zone(zone)

    assert plain(head, story) == GOLDEN


def test_rows_in_any_order_of_leads_read_the_same(head, story):
    bens_first = sorted(story, key=lambda row: row.lead)

    assert plain(head, bens_first) == GOLDEN


def test_full_shows_the_whole_text_with_its_subject_and_what_would_stop_it(head, story):
    text = plain(head, [story[0], story[5]], full=True, width=80)

    assert (
        dedent("""
          13:11 CST  would send  sms    Maria Lopez  new · instant      1 segment, $0.01
                     to +18165550142
                     │ Hi Maria, this is Dana at Summit Roofing.
                     │
                     │ Is water coming in right now?
                     would stop: a reply, a booking
                     playbooks/roofer.yaml:31
        """).replace("\n", "\n  ")[:-2]
        in text
    )
    assert "             │ Subject: Your roof\n             │ Hi Maria,\n             │ the estimate covers" in text


def test_full_keeps_a_web_address_in_one_piece(head, row):
    address = "https://summit.example/book?" + "x" * 100

    assert f"│ {address}\n" in plain(head, [row(body=f"Book here:\n{address}")], full=True, width=80)


def test_full_says_when_a_touch_that_goes_had_been_due_before(head, row):
    text = plain(head, [row("2026-11-25T14:00", due_at="2026-11-25T04:00")], full=True)

    assert "was due Tue 24 Nov 22:00" in text


@pytest.mark.parametrize("width", [48, 60, 80, 100, 116, 140])
def test_short_texts_fit_the_width(head, row, story, width):
    rows = [*story, row(body="word " * 80, segments=3), row(body="你好，玛丽亚" * 20, lead_name="玛丽亚" * 9)]
    days = plain(head, rows, width=width).split("\n\n")[1:-3]

    # the columns themselves take 78 cells here; the text beside them must not widen them
    assert max(width_of(line) for day in days for line in day.splitlines()) <= max(width, 90)
    assert any(line.endswith('…"') for day in days for line in day.splitlines())


def test_a_wide_enough_page_shortens_nothing(head, row):
    assert f'"{"word " * 79}word"' in plain(head, [row(body="word " * 80)], width=0)


def test_colour_changes_no_letter(head, story):
    for full in (False, True):
        coloured = render_text(head, story, full=full, width=100, colour=True)

        assert "\x1b[" in coloured
        assert plain(head, story, full=full, width=100) == ANSI.sub("", coloured)


def test_plain_text_does_not_load_rich_nor_a_page_or_calendar_library():
    code = "import sys, cadence.reports.preview_text; print({'rich', 'jinja2', 'icalendar'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "set()\n"


def test_a_name_or_text_cannot_steer_the_terminal(head, row):
    hostile = row(lead_name="\x1b[2J\u202eMaria\nLopez", body="\x1b]0;owned\x07 \x9b31m\r\nfine")
    for full in (False, True):
        text = plain(head, [hostile], full=full)

        assert not set("\x1b\x07\x9b\r\u202e") & set(text)
        assert "Maria Lopez" in text


def test_an_empty_preview_says_that_nothing_would_go(head):
    assert plain(head, []).endswith("\nNo messages. Nothing was sent or written.\n")


def test_one_of_each_is_told_in_the_singular(head, row):
    text = plain(head, [row(segments=1, cost=0.61)])

    assert text.endswith("\n1 message to 1 lead. Estimated cost $0.61. Nothing was sent or written.\n")


def test_a_touch_whose_moment_is_unknown_waits_without_a_date(head, row):
    waits = row(outcome="waits", due_at=None, reason="no_anchor", reason_text="what it counts from has not happened")
    text = plain(head, [waits])

    assert "would wait: what it counts from has not happened\n" in text
    assert "Still waiting when the preview ends" in text


def test_a_touch_whose_text_cannot_be_made_is_named(head, row):
    fails = row(outcome="failed", reason_text="its text cannot be made for this lead", detail="new/instant, line 4")

    assert "not sent" in plain(head, [fails], width=160)
    assert "would fail: its text cannot be made for this lead (new/instant, line 4)" in plain(head, [fails], width=160)
    assert "1 would fail." in plain(head, [fails])


def test_a_step_nobody_owns_says_so(head, row):
    assert "for nobody  call" in plain(head, [row(channel="call")])


def test_an_event_at_the_same_moment_keeps_its_place(head, row):
    event = row(
        channel="event", outcome="event", touch="lead.created", reason="New lead", reason_text="the lead came in"
    )
    lines = plain(head, [event, row()]).splitlines()

    assert lines.index("  13:11 CST  · Maria Lopez: the lead came in -> New lead") + 1 == next(
        number for number, line in enumerate(lines) if "would send" in line
    )


def test_what_a_lead_answered_is_quoted(head, row):
    reply = row(
        channel="event",
        outcome="event",
        touch="reply",
        reason="",
        reason_text="the lead replied",
        detail="yes,\nplease",
    )

    assert '· Maria Lopez: the lead replied "yes, please"\n' in plain(head, [reply])


def test_the_hour_that_happens_twice_is_read_once_and_then_again(head, row):
    early = replace(head, start=row("2026-11-01T00:00").at)
    rows = [row("2026-11-01T06:50", touch="first"), row("2026-11-01T07:10", touch="again")]
    text = plain(early, rows)

    assert text.index("01:50 CDT") < text.index("01:10 CST")


def test_a_zone_without_letters_shows_its_offset(head, row):
    assert "23:11 UTC+04" in plain(head, [row(zone="Asia/Dubai")])


def test_touches_are_told_by_playbook_where_there_are_several(head, row):
    text = plain(head, [row(), row(playbook="hvac", lead="ben")])

    assert "roofer/new · instant" in text
    assert "hvac/new · instant" in text


def programs(row):
    """A spoken message, and word to a program that goes, to one that does not."""
    return [
        row(channel="voice", touch="spoken", to="+18165550142", body="This is Summit Roofing.", cost=0.014),
        row(channel="webhook", touch="tell-crm", to="crm"),
        row(channel="webhook", touch="tell-chat", to="chat", body="A new lead"),
        row(channel="webhook", touch="again", outcome="skipped", reason="late", reason_text="too long past due"),
    ]


def test_a_spoken_message_is_a_message_and_a_program_is_told(head, row):
    text = plain(head, programs(row))

    assert '  13:11 CST  would send  voice    Maria Lopez  new · spoken     "This is Summit Roofing."\n' in text
    assert "  13:11 CST  would tell  webhook  Maria Lopez  new · tell-crm   to the program crm\n" in text
    assert '  13:11 CST  would tell  webhook  Maria Lopez  new · tell-chat  "A new lead"\n' in text
    assert "  13:11 CST  not told    webhook  Maria Lopez  new · again" in text
    assert text.endswith(
        "1 message to 1 lead, 2 pushes to other programs, 1 skipped. Estimated cost $0.01. "
        "Nothing was sent or written.\n"
    )
    assert "Voice 1 1 - $0.01" in " ".join(text.split())
    assert "Program - - 2 - 1" in " ".join(text.split())


def test_in_full_a_spoken_message_shows_its_number_and_word_to_a_program_its_name(head, row):
    text = plain(head, programs(row), full=True)

    assert "to +18165550142\n" in text
    assert "to the program chat\n             │ A new lead\n" in text
