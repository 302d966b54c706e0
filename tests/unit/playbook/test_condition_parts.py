"""A condition taken apart: clauses, names, and values in plain words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from cadence.playbook.blank import Blank
from cadence.playbook.condition_parts import clauses, failing, names_in, values_in

CONTEXT: dict[str, Any] = {
    "lead": {"zip": "64110", "phone": Blank("lead.phone"), "value": 1500.0},
    "enrolment": {"contacts": 1, "started_at": datetime(2026, 11, 24, 13, 10)},  # noqa: DTZ001 - as templates see it
    "events": {
        "call": {
            "logged": {"at": datetime(2026, 11, 24, 14, 2), "result": "spoke"},  # noqa: DTZ001
            "missed": Blank("events.call.missed"),
        }
    },
    "in_business_hours": True,
}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("lead.zip", ["lead.zip"]),
        ("a and b", ["a", "b"]),
        ("a and (b or c) and not d", ["a", "(b or c)", "not d"]),
        ("a or b and c", ["a or b and c"]),
        ("lead.zip == 'x and y' and b", ["lead.zip == 'x and y'", "b"]),
        ("this is no condition", ["this is no condition"]),
    ],
)
def test_a_condition_falls_apart_at_its_outermost_and(text: str, parts: list[str]) -> None:
    assert clauses(text) == parts


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("lead.zip.startswith('66') or lead.zip in ['1', lead.phone]", ["lead.zip", "lead.phone"]),
        ("touches['first-call'].outcome == 'sent'", ["touches['first-call'].outcome"]),
        ("events.call.logged.result | lower == 'spoke'", ["events.call.logged.result"]),
        ("true", []),
        ("and and", []),
    ],
)
def test_what_a_condition_names(text: str, names: list[str]) -> None:
    assert names_in(text) == names


def test_values_are_said_in_plain_words() -> None:
    text = (
        "lead.zip and lead.phone and lead.value and enrolment.contacts and enrolment.started_at and events.call.logged"
        " and events.call.missed and in_business_hours and lead.nothing.at.all"
    )

    assert values_in(text, CONTEXT) == {
        "lead.zip": "'64110'",
        "lead.phone": "not known",
        "lead.value": "1500",
        "enrolment.contacts": "1",
        "enrolment.started_at": "Tue 24 Nov 13:10",
        "events.call.logged": "yes, Tue 24 Nov 14:02",
        "events.call.missed": "it has not happened",
        "in_business_hours": "yes",
        "lead.nothing.at.all": "cannot be told",
    }


def test_the_clauses_that_do_not_hold_are_told_and_no_others() -> None:
    text = "enrolment.contacts >= 2 and lead.zip and not in_business_hours and lead.value > lead.phone"

    assert failing(text, CONTEXT) == ["enrolment.contacts >= 2", "not in_business_hours", "lead.value > lead.phone"]
    assert failing("lead.zip", CONTEXT) == []
