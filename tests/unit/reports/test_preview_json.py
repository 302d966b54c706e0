"""What other programs read."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from itertools import islice

import pytest
from jsonschema import Draft7Validator

from cadence.reports.preview_json import json_array, json_lines
from cadence.reports.preview_record import instant_text

NAMES = (
    *("account", "lead", "playbook", "stage", "touch", "channel", "due_at", "at"),
    *("outcome", "reason", "line", "to", "subject", "body", "segments"),
)
INSTANT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}
SCHEMA = {
    "type": "object",
    "required": list(NAMES),
    "additionalProperties": False,
    "properties": {
        **{name: {"type": "string"} for name in NAMES},
        "channel": {"enum": ["sms", "email", "voice", "call", "task", "audience", "webhook"]},
        "due_at": {"anyOf": [INSTANT, {"type": "null"}]},
        "at": INSTANT,
        "outcome": {"enum": ["sent", "waits", "skipped", "stopped", "failed"]},
        "line": {"type": "integer"},
        "segments": {"type": "integer"},
    },
}


def test_a_touch_is_an_object_of_fifteen_fields(story):
    (touch,) = json.loads("".join(json_array(story[:1])))

    assert tuple(touch) == NAMES
    assert touch == {
        "account": "summit",
        "lead": "maria",
        "playbook": "roofer",
        "stage": "new",
        "touch": "instant",
        "channel": "sms",
        "due_at": "2026-11-24T19:11:00Z",
        "at": "2026-11-24T19:11:00Z",
        "outcome": "sent",
        "reason": "sent",
        "line": 31,
        "to": "+18165550142",
        "subject": "",
        "body": "Hi Maria, this is Dana at Summit Roofing.\n\nIs water coming in right now?",
        "segments": 1,
    }


def test_every_touch_keeps_to_the_schema_and_events_are_left_out(story):
    touches = json.loads("".join(json_array(story)))

    assert len(touches) == len(story) - 1
    for touch in touches:
        Draft7Validator(SCHEMA).validate(touch)


def test_lines_and_array_say_the_same(story):
    lines = "".join(json_lines(story)).splitlines()

    assert json.loads("".join(json_array(story))) == [json.loads(line) for line in lines]


def test_no_touches_are_an_empty_array_and_no_lines(row):
    event = row(channel="event", outcome="event")

    assert json.loads("".join(json_array([event]))) == []
    assert list(json_lines([event])) == []


def test_an_unknown_due_moment_is_null(row):
    assert json.loads("".join(json_lines([row(due_at=None)])))["due_at"] is None


def test_any_pipe_can_carry_it(row):
    text = "".join(json_array([row(body="Grüße 👋\u2028", lead="\ud800")]))

    assert text.isascii()
    assert json.loads(text)[0]["body"] == "Grüße 👋\u2028"


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="needs a zone"):
        instant_text(datetime(2026, 11, 24, 19, 11))  # noqa: DTZ001


@pytest.mark.parametrize("form", [json_array, json_lines])
def test_a_touch_is_written_before_the_next_is_read(row, form):
    read = []
    pieces = form(read.append(number) or row() for number in range(1000))

    assert len(list(islice(pieces, 10))) == 10
    assert len(read) == 10


def test_300000_rows_need_no_more_memory_than_a_few(row):
    touch = row(body="word " * 30)
    blocks = []
    for number, _ in enumerate(json_array(touch for _ in range(300_000))):
        if number % 50_000 == 1_000:
            blocks.append(sys.getallocatedblocks())

    assert number == 300_000
    assert max(blocks) - blocks[0] < 1_000
