"""The three worked examples of the trade, told back to the minute through the installed program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Shop


def _entries(shop: Shop, lead: str) -> list[tuple[str, str]]:
    """Return (UTC instant, what happened) of a lead's timeline."""
    timeline = shop.run("leads", "show", lead, "--json").data["timeline"]
    return [(entry["at"], entry["says"]) for entry in timeline]


def _card(shop: Shop, lead: str, at: str) -> dict[str, Any]:
    """Return how a lead's job stands: owner, next action, lock, hand-off note."""
    card: dict[str, Any] = shop.run("leads", "show", lead, "--json", "--now", at).data["enrolments"][-1]
    return card


@pytest.mark.demand("D12", "D9")
def test_roofer_storm_lead_is_answered_booked_and_followed_up_next_morning(make_shop: Callable[..., Shop]) -> None:
    """Calls 13:10, confirmed by 13:12, booked by 13:20; estimate 16:40, so the follow-up is at 8:15; won 10:30."""
    shop = make_shop("roofer")
    shop.run(
        "leads", "add", "id=storm", "name=Maria Lopez", "phone=816-555-0142", "zip=64110", "trade=roofing",
        "service=roof repair", "source=phone", "urgency=storm", "--now", "2026-11-24T13:10",
    )  # fmt: skip
    shop.tick("2026-11-24T13:11")

    assert ("2026-11-24T19:11:00Z", "sms instant") in _entries(shop, "storm")
    assert "Maria" in shop.to_leads()
    assert _card(shop, "storm", "2026-11-24T13:12")["owner_name"] == "Dana Reyes"
    assert "Maria Lopez is yours: New lead, first contact, hot" in shop.texts(), "Dana is told at once"

    shop.run("event", "storm", "call.logged", "--now", "2026-11-24T13:16")
    shop.run("event", "storm", "lead.qualified", "--now", "2026-11-24T13:18")
    booked = shop.run(
        "event", "storm", "appointment.booked", "--data", "starts_at=2026-11-24T15:00", "--now", "2026-11-24T13:20"
    )
    assert "Inspection booked" in booked.out
    shop.tick("2026-11-24T13:21")
    assert not _card(shop, "storm", "2026-11-24T13:22")["lock"]["held"], "booked is not enough"
    shop.run("event", "storm", "acknowledgement", "--data", "text=YES", "--now", "2026-11-24T13:25")
    confirmed = _card(shop, "storm", "2026-11-24T13:26")
    assert (confirmed["lock"]["held"], confirmed["lock"]["by"]) == (True, "appointment.confirmed")
    assert "YES" in confirmed["lock"]["evidence"]
    shop.run(
        "leads", "handoff", "storm", "--wants", "a new roof, insurance pays", "--said", "husband decides",
        "--missing", "photo of the claim", "--next", "send the estimate", "--who", "lee", "--by", "max",
        "--now", "2026-11-24T16:35",
    )  # fmt: skip

    shop.run("event", "storm", "estimate.sent", "--data", "amount=8400", "--now", "2026-11-24T16:40")
    estimate = _card(shop, "storm", "2026-11-24T16:41")
    assert estimate["owner_name"] in ("Lee Ortiz", "Rosa Diaz"), "sales owns the estimate"
    assert (estimate["handoff"]["draft"], estimate["handoff"]["missing"]) == (False, "photo of the claim")
    shop.tick("2026-11-24T16:41")
    shop.tick("2026-11-24T17:01")
    before = shop.to_leads()
    shop.tick("2026-11-25T08:14")
    assert shop.to_leads() == before, "an estimate sent after 3 PM has no follow-up the same evening"

    shop.tick("2026-11-25T08:15")
    assert ("2026-11-25T14:15:00Z", "sms first") in _entries(shop, "storm")

    won = shop.run("event", "storm", "contract.signed", "--now", "2026-11-25T10:30")
    assert "won" in won.out
    after = shop.to_leads()
    shop.tick("2026-12-15T10:00")
    assert shop.to_leads() == after, "nothing goes to a lead that is won"


@pytest.mark.demand("D13", "D8", "D5")
def test_plumber_after_hours_emergency_names_the_first_call_window(make_shop: Callable[..., Shop]) -> None:
    """Acknowledged within two minutes naming 7:30 AM; called 7:34, 9:00 slot; No Decision, check-in tomorrow."""
    shop = make_shop("plumber")
    shop.run(
        "leads", "add", "id=pipe", "name=Sam Reed", "phone=816-555-0143", "zip=64112", "trade=plumbing",
        "service=burst pipe", "source=phone", "urgency=emergency", "--now", "2026-11-23T21:40",
    )  # fmt: skip
    shop.tick("2026-11-23T21:41")

    assert ("2026-11-24T03:41:00Z", "sms after-hours") in _entries(shop, "pipe")
    assert "7:30 AM" in shop.to_leads()
    tasks = shop.run("leads", "show", "pipe", "--json").data["tasks"]
    assert [task["due_at"] for task in tasks if task["title"].startswith("Call")] == ["2026-11-24T13:30:00Z"]

    waiting = _card(shop, "pipe", "2026-11-23T21:42")
    assert (waiting["owner"], waiting["next"]["due_at"]) == ("dana", "2026-11-24T13:30:00Z")
    assert "alert/dana" not in shop.texts(), "nobody is disturbed at night"
    shop.tick("2026-11-24T07:00")
    assert "alert/dana" in shop.texts(), "and Dana knows before the first call is due"

    shop.run("event", "pipe", "call.logged", "--now", "2026-11-24T07:34")
    shop.run("event", "pipe", "appointment.booked", "--data", "starts_at=2026-11-24T09:00", "--now", "2026-11-24T07:36")
    shop.tick("2026-11-24T07:37")
    refused = shop.run("event", "pipe", "no_decision", "--now", "2026-11-24T10:20", expect=1)
    assert "follow_up_due" in refused.err, "No Decision cannot be saved without a follow-up date"
    moved = shop.run("event", "pipe", "no_decision", "--data", "follow_up_due=2026-11-25", "--now", "2026-11-24T10:20")
    assert "No decision" in moved.out
    undecided = _card(shop, "pipe", "2026-11-24T10:21")
    assert undecided["owner_name"], "somebody owns it"
    assert undecided["next"]["due_at"] == "2026-11-25T15:00:00Z", "the check-in of tomorrow, 9 AM"
    assert not undecided["lock"]["held"]

    shop.tick("2026-11-24T10:21")
    before = shop.to_leads()
    shop.tick("2026-11-25T08:59")
    assert shop.to_leads() == before
    shop.tick("2026-11-25T09:00")
    added = shop.to_leads().removeprefix(before)
    assert added.count("--- ") == 1
    assert "financ" in added or "payment" in added


@pytest.mark.demand("D14")
def test_hvac_quote_is_followed_by_one_useful_message_on_the_day_agreed(make_shop: Callable[..., Shop]) -> None:
    """Quote Tuesday, "let me think": No Decision due Thursday; Thursday morning one useful message; booked Friday."""
    shop = make_shop("hvac")
    shop.run(
        "leads", "add", "id=furnace", "name=Ann Cole", "phone=816-555-0144", "zip=64114", "trade=hvac",
        "service=furnace replacement", "source=referral", "urgency=replacement", "--now", "2026-12-01T09:00",
    )  # fmt: skip
    for at, kind, data in (
        ("2026-12-01T09:18", "call.logged", ("result=spoke",)),
        ("2026-12-01T09:20", "lead.qualified", ()),
        ("2026-12-01T09:22", "appointment.booked", ("starts_at=2026-12-01T11:00",)),
        ("2026-12-01T13:00", "estimate.sent", ("amount=9800",)),
        ("2026-12-01T13:30", "no_decision", ("follow_up_due=2026-12-03",)),
    ):
        shop.run("event", "furnace", kind, *(word for pair in data for word in ("--data", pair)), "--now", at)
    shop.run(
        "leads", "note", "furnace", "let me think; asked about the warranty", "--by", "lee", "--now", "2026-12-01T13:31"
    )
    thinking = _card(shop, "furnace", "2026-12-01T13:32")
    assert thinking["owner_name"] in ("Lee Ortiz", "Rosa Diaz")
    assert "warranty" in thinking["handoff"]["said"], "the note goes into the hand-off"
    shop.tick("2026-12-01T13:31")
    shop.tick("2026-12-02T10:00")
    before = shop.to_leads()
    shop.tick("2026-12-03T08:59")
    assert shop.to_leads() == before

    shop.tick("2026-12-03T09:00")
    shop.tick("2026-12-03T12:00")
    shop.tick("2026-12-04T09:00")
    added = shop.to_leads().removeprefix(before)
    assert added.count("--- ") == 1, "one useful message, not two"
    assert "install" in added.lower()
    assert "warranty" in added.lower()

    won = shop.run("event", "furnace", "contract.signed", "--now", "2026-12-04T11:00")
    assert "won" in won.out
