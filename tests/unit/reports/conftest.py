"""Rows of a preview, made by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from cadence.reports.rows import PreviewHead, PreviewRow


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def make_row(at: str = "2026-11-24T19:11", **changes: Any) -> PreviewRow:
    """A text to Maria at 13:11 in Kansas City; ``changes`` make it another row. Instants are UTC texts."""
    values: dict[str, Any] = {
        "account": "summit",
        "lead": "maria",
        "lead_name": "Maria Lopez",
        "zone": "America/Chicago",
        "playbook": "roofer",
        "stage": "new",
        "stage_title": "New lead",
        "touch": "instant",
        "channel": "sms",
        "due_at": at,
        "at": at,
        "outcome": "sent",
        "reason": "sent",
        "reason_text": "it was due, and nothing spoke against it",
    }
    values |= changes
    for name in ("due_at", "at"):
        if isinstance(values[name], str):
            values[name] = utc(values[name])
    return PreviewRow(**values)


@pytest.fixture(scope="session")
def row() -> Any:
    return make_row


@pytest.fixture(scope="session")
def head() -> PreviewHead:
    """A week from Tuesday 24 November 2026, 13:10 in Kansas City."""
    return PreviewHead(
        business="Summit Roofing",
        zone="America/Chicago",
        start=utc("2026-11-24T19:10"),
        end=utc("2026-12-01T19:10"),
        tick_minutes=5,
        versions=(("roofer", "a1f3c2d"),),
        source="sample leads",
    )


@pytest.fixture(scope="session")
def story() -> list[PreviewRow]:
    """Maria in Kansas City and Ben in Denver, with everything that can become of a touch."""
    ben = {
        "lead": "ben",
        "lead_name": "Ben Klein",
        "zone": "America/Denver",
        "owner": "dana",
        "owner_name": "Dana Reyes",
    }
    maria = {"owner": "dana", "owner_name": "Dana Reyes", "file": "playbooks/roofer.yaml", "line": 31}
    return [
        make_row(
            **maria,
            to="+18165550142",
            body="Hi Maria, this is Dana at Summit Roofing.\n\nIs water coming in right now?",
            segments=1,
            cost=0.0079,
            stops=("reply", "appointment.booked"),
        ),
        make_row(
            "2026-11-24T19:18",
            channel="event",
            outcome="event",
            touch="lead.qualified",
            reason="Qualified, ready to schedule",
            reason_text="the lead is a real job for us",
        ),
        make_row(
            "2026-11-24T20:00", **maria, channel="call", touch="first-call", to="dana", body="Call about the leak."
        ),
        make_row(
            "2026-11-25T22:00",
            **maria,
            touch="second",
            outcome="skipped",
            reason="late",
            reason_text="too long past due",
        ),
        make_row(
            "2026-11-28T16:00",
            touch="third",
            outcome="stopped",
            reason="stopped",
            reason_text="the sequence was stopped",
            detail="reply",
            owner="lee",
            owner_name="Lee Ortiz",
        ),
        make_row(
            "2026-11-26T20:40",
            channel="email",
            stage="estimate",
            touch="second",
            to="maria@example.com",
            subject="Your roof",
            body="Hi Maria,\nthe estimate covers the gutters.",
            owner="lee",
            owner_name="Lee Ortiz",
        ),
        make_row(
            "2026-11-25T05:30", **ben, touch="after-hours", to="+13035550199", body="Hi Ben!", segments=2, cost=0.0158
        ),
        make_row(
            "2026-11-26T15:00",
            **ben,
            touch="check-in",
            due_at="2026-11-26T03:05",
            outcome="waits",
            reason="quiet_hours",
            reason_text="quiet hours",
        ),
        make_row("2026-12-01T16:00", **ben, channel="audience", stage="nurture", touch="day-7", to="website-retarget"),
        make_row(
            "2026-12-20T17:00",
            **ben,
            stage="nurture",
            touch="day-30",
            outcome="waits",
            reason="not_due",
            reason_text="its time has not come",
        ),
    ]
