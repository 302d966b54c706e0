"""Stories of made-up people: what a page tells becomes facts, as they would come in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cadence.leads.arrival import with_places
from cadence.leads.stories import facts_of

NOON = datetime(2026, 11, 24, 18, tzinfo=UTC)
KANSAS_CITY = with_places({"id": "maria", "phone": "+18165550142", "zip": "64110"})


def test_facts_come_in_order_of_time_whatever_the_order_on_the_page() -> None:
    told = [
        (NOON + timedelta(hours=2), {"event": "reply"}),
        (NOON, {"event": "call.logged", "data": {"result": "spoke"}}),
    ]

    facts = facts_of(KANSAS_CITY, told)

    assert [(fact.type, fact.at, fact.recorded_at, fact.actor) for fact in facts] == [
        ("call.logged", NOON, NOON, "colleague"),
        ("reply", NOON + timedelta(hours=2), NOON + timedelta(hours=2), "lead"),
    ]
    assert facts[0].data == {"result": "spoke"}


def test_a_zip_that_is_learned_moves_the_lead_to_where_it_is() -> None:
    (learned,) = facts_of(KANSAS_CITY, [(NOON, {"event": "lead.updated", "data": {"lead": {"zip": "90012"}}})])

    assert (learned.data["lead"]["zones"], learned.data["lead"]["states"]) == (["America/Los_Angeles"], ["CA"])


def test_what_was_learned_before_is_known_when_more_is_learned() -> None:
    told = [
        (NOON, {"event": "lead.updated", "data": {"lead": {"zip": "90012"}}}),
        (NOON + timedelta(hours=1), {"event": "lead.updated", "data": {"lead": {"service": "new roof"}}}),
    ]

    *_, last = facts_of(KANSAS_CITY, told)

    assert (last.data["lead"]["service"], last.data["lead"]["zones"]) == ("new roof", ["America/Los_Angeles"])
