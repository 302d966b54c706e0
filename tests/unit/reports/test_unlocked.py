"""Which leak a lead without a locked next step is in."""

from __future__ import annotations

import pytest

from cadence.reports.unlocked import leak_of

BOOKED = {"appointment.booked": "2026-11-03T10:00:00Z"}
LATER, SOONER = "2026-11-04T10:00:00Z", "2026-11-02T10:00:00Z"


@pytest.mark.demand("A4")
@pytest.mark.parametrize(
    ("latest", "leak"),
    [
        ({"contract.sent": LATER}, "contract_unsigned"),
        ({"contract.sent": LATER, "contract.signed": SOONER}, "contract_unsigned"),
        ({"contract.sent": SOONER, "deposit.paid": LATER}, "nothing_agreed"),
        (BOOKED, "appointment_unconfirmed"),
        ({**BOOKED, "appointment.confirmed": SOONER}, "appointment_unconfirmed"),
        ({**BOOKED, "appointment.confirmed": LATER}, "nothing_agreed"),
        ({**BOOKED, "appointment.cancelled": LATER}, "no_slot"),
        ({**BOOKED, "estimate.sent": LATER}, "nothing_agreed"),
        ({}, "no_slot"),
        ({"callback.scheduled": LATER}, "nothing_agreed"),
    ],
)
def test_each_of_the_three_leaks_is_told_from_what_happened(latest: dict[str, str], leak: str) -> None:
    assert leak_of(latest, interested=True) == leak


def test_whoever_did_not_ask_has_no_slot_to_get() -> None:
    assert leak_of({}, interested=False) == "nothing_agreed"


def test_an_appointment_or_a_callback_that_is_over_leaves_the_lead_without_a_slot() -> None:
    confirmed = {**BOOKED, "appointment.confirmed": LATER}

    assert leak_of({"callback.scheduled": SOONER}, interested=True, over="callback.scheduled") == "no_slot"
    assert leak_of(confirmed, interested=True, over="appointment.confirmed") == "no_slot"
