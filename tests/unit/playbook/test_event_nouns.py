"""What events are called in a list."""

from __future__ import annotations

from cadence.playbook.event_nouns import EVENT_NOUNS, event_noun, moment_noun
from cadence.playbook.words import EVENTS

OWN = {"adjuster.scheduled": ("the insurance adjuster comes", ("starts_at",))}


def test_every_event_has_a_name_of_its_own():
    assert EVENT_NOUNS.keys() == EVENTS.keys()
    assert len(set(EVENT_NOUNS.values())) == len(EVENT_NOUNS)


def test_an_event_of_the_shop_goes_by_its_title_and_one_nobody_knows_by_its_type():
    assert event_noun("adjuster.scheduled", OWN) == "the insurance adjuster comes"
    assert event_noun("adjuster.scheduled") == "adjuster.scheduled"


def test_a_date_that_an_event_carries_is_named_for_what_happens_then():
    assert moment_noun("appointment.booked.starts_at") == "the appointment"
    assert moment_noun("adjuster.scheduled.starts_at", OWN) == "the insurance adjuster comes"
    assert moment_noun("automatic.until") == "an automatic answer (until)"
    assert moment_noun("estimate.sent") == "a sent estimate"
