"""Asking Twilio for what came in; and that a webhook and a poll make the same of it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from cadence.inbox import twilio_poll
from cadence.inbox.message import Call, Inbound, Receipt
from cadence.inbox.twilio import call, message, receipt
from cadence.inbox.twilio_poll import OVERLAP, TwilioInbox
from support.twilio_desk import ACCOUNT, OURS, SERVICE, TOKEN, Day
from support.twilio_make import HER, NOW, kit, line, outgoing, sms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cadence.inbox.polled import Polled
    from support.twilio_desk import TwilioDesk


def minutes(number: float) -> datetime:
    return NOW + timedelta(minutes=number)


def inbox(desk: TwilioDesk, **given: str) -> TwilioInbox:
    return TwilioInbox(line(desk), sender=OURS, **given)


def begun(desk: TwilioDesk) -> Mapping[str, Any]:
    """The cursor of a first poll, at which there was nothing."""
    return inbox(desk).poll({}, NOW).cursor


def keys(polled: Polled) -> list[str]:
    return [item.key for item in polled.items]


def test_the_first_poll_reads_what_is_as_good_as_new_and_no_history(desk: TwilioDesk) -> None:
    desk.texts(HER, "Old", at=minutes(-60))
    new = desk.texts(HER, "New", at=minutes(-5))

    assert keys(inbox(desk).poll({}, NOW)) == [new["sid"]]


def test_what_came_before_the_first_poll_stays_unread_for_good(desk: TwilioDesk) -> None:
    desk.texts(HER, "STOP", at=minutes(-60))
    cursor = begun(desk)
    desk.now = lambda: minutes(90)

    assert keys(inbox(desk).poll(cursor, minutes(90))) == []


def test_a_message_is_the_same_from_a_poll_as_from_a_webhook(desk: TwilioDesk) -> None:
    told = desk.texts(HER, "Stop by at 3")
    (polled,) = inbox(desk).poll(begun(desk), NOW).items

    assert polled == message(desk.webhook(told), NOW)
    assert isinstance(polled, Inbound)


@pytest.mark.parametrize(("status", "code"), [("delivered", None), ("undelivered", 30006), ("failed", 30036)])
def test_a_receipt_is_the_same_from_a_poll_as_from_a_webhook(desk: TwilioDesk, status: str, code: int | None) -> None:
    sms(desk).send([outgoing()])
    sid = desk.sent[0]["sid"]
    desk.becomes(sid, status, code)
    params = {"MessageSid": sid, "MessageStatus": status, "ErrorCode": str(code or ""), "To": HER}
    (polled,) = inbox(desk).poll(begun(desk), NOW).items

    assert polled == receipt(params, NOW)
    assert isinstance(polled, Receipt)


@pytest.mark.parametrize(("leg", "rung"), [("no-answer", "no-answer"), ("busy", "busy"), ("completed", "completed")])
def test_a_call_is_the_same_from_a_poll_as_from_a_webhook(desk: TwilioDesk, leg: str, rung: str) -> None:
    told = desk.rings(HER, status="completed", legs=[leg])
    params = {"CallSid": told["sid"], "From": HER, "To": OURS, "DialCallStatus": rung, "Direction": "inbound"}
    (polled,) = inbox(desk).poll(begun(desk), NOW).items

    assert polled == call(params, NOW)
    assert isinstance(polled, Call)


@pytest.mark.parametrize(
    ("status", "legs", "answered"),
    [
        ("no-answer", (), [False]),
        ("busy", (), [False]),
        ("completed", (), []),
        ("completed", ("no-answer", "completed"), [True]),
        ("completed", ("no-answer", "busy"), [False]),
        ("completed", ("no-answer", "ringing"), []),
        ("in-progress", ("in-progress",), []),
        ("ringing", (), []),
    ],
)
def test_a_call_counts_once_it_is_over(
    desk: TwilioDesk, status: str, legs: tuple[str, ...], answered: list[bool]
) -> None:
    desk.rings(HER, status=status, legs=legs)
    items = inbox(desk).poll(begun(desk), NOW).items

    assert [item.answered for item in items if isinstance(item, Call)] == answered
    assert len(items) == len(answered)


def test_what_is_not_ours_is_left_alone(desk: TwilioDesk) -> None:
    """Another number of the same account is another shop's, or another program's."""
    desk.texts(HER, "Hi", to="+18165550999")
    desk.rings(HER, status="no-answer", to="+18165550999")
    sms(desk, sender="+18165550999").send([outgoing()])
    desk.becomes(desk.sent[0]["sid"], "delivered")

    assert keys(inbox(desk).poll(begun(desk), NOW)) == []


def test_a_messaging_service_has_numbers_that_only_twilio_knows(desk: TwilioDesk) -> None:
    hers = desk.texts(HER, "Hi", to="+18165550998")
    other = desk.texts(HER, "Hi", to="+18165550999")
    other["messaging_service_sid"] = "MG" + "9" * 32
    sms(desk, service=SERVICE).send([outgoing()])
    desk.becomes(desk.sent[0]["sid"], "delivered")

    assert sorted(keys(inbox(desk, service=SERVICE).poll(begun(desk), NOW))) == sorted(
        [hers["sid"], f"{desk.sent[0]['sid']}:delivered"]
    )


def test_a_message_that_shows_late_is_found_by_the_overlap_and_the_same_again(desk: TwilioDesk) -> None:
    cursor = begun(desk)
    desk.now = lambda: minutes(1)
    late = desk.texts(HER, "Hi")
    desk.lag = timedelta(minutes=3)
    first = inbox(desk).poll(cursor, minutes(2))
    desk.now = lambda: minutes(6)
    second = inbox(desk).poll(first.cursor, minutes(6))
    third = inbox(desk).poll(second.cursor, minutes(7))

    assert (keys(first), keys(second), keys(third)) == ([], [late["sid"]], [late["sid"]])
    assert timedelta(minutes=6) < OVERLAP


def test_a_receipt_that_comes_late_or_without_a_date_of_sending_is_found_within_the_hour(desk: TwilioDesk) -> None:
    cursor = begun(desk)
    sms(desk).send([outgoing(), outgoing()])
    late, expired = (each["sid"] for each in desk.sent)
    desk.becomes(late, "sent")
    cursor = inbox(desk).poll(cursor, minutes(40)).cursor
    desk.now = lambda: minutes(50)
    desk.becomes(late, "undelivered", 30003)
    desk.sent[1].update(status="failed", error_code=30036)
    soon = inbox(desk).poll(cursor, minutes(50))
    desk.now = lambda: minutes(61)

    assert keys(soon) == []
    assert sorted(keys(inbox(desk).poll(soon.cursor, minutes(61)))) == [f"{late}:undelivered", f"{expired}:failed"]


def test_what_one_poll_cannot_read_the_next_ones_do_while_new_ones_come(
    desk: TwilioDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twilio_poll, "PAGE", 2)
    monkeypatch.setattr(twilio_poll, "PAGES", 2)
    cursor = begun(desk)
    old = [desk.texts(HER, "x", at=minutes(number / 60))["sid"] for number in range(11)]
    desk.now = lambda: minutes(30)
    first = inbox(desk).poll(cursor, minutes(30))
    new = desk.texts(HER, "STOP", at=minutes(30))["sid"]
    read, turns = set(keys(first)), 0
    polled = first
    while not set(old) <= read and turns < 9:
        polled = inbox(desk).poll(polled.cursor, minutes(31))
        turns += 1
        assert new in keys(polled)
        read |= set(keys(polled))

    assert len(keys(first)) < 11
    assert (read, turns < 4, polled.problem) == ({*old, new}, True, "")
    assert inbox(desk).poll(polled.cursor, minutes(31)).cursor["backlog"] == ""


def test_a_page_that_twilio_does_not_keep_any_more_is_read_anew(
    desk: TwilioDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twilio_poll, "PAGE", 2)
    monkeypatch.setattr(twilio_poll, "PAGES", 2)
    cursor = begun(desk)
    old = [desk.texts(HER, "x", at=minutes(number / 60))["sid"] for number in range(7)]
    desk.now = lambda: minutes(30)
    polled = inbox(desk).poll(cursor, minutes(30))
    read = set(keys(polled))
    desk.days.append(Day(method="GET", status=400, code=20006))
    broken = inbox(desk).poll(polled.cursor, minutes(31))
    assert broken.problem
    polled = broken
    for _ in range(6):
        polled = inbox(desk).poll(polled.cursor, minutes(31))
        read |= set(keys(polled))

    assert read == set(old)


@pytest.mark.parametrize("day", [Day(method="GET", status=429, code=20429), Day(method="GET", cut=True),
                                 Day(method="GET", status=200, accepted=True, body="{"),
                                 Day(method="GET", status=200, accepted=True, body="[]"),
                                 Day(method="GET", status=503, body="<html>x</html>"),
                                 Day(method="GET", status=401, code=20003)])  # fmt: skip
def test_a_poll_that_fails_says_so_and_loses_nothing(desk: TwilioDesk, day: Day) -> None:
    cursor = begun(desk)
    told = desk.texts(HER, "Hi")
    desk.days.append(day)
    failed = inbox(desk).poll(cursor, minutes(20))
    desk.now = lambda: minutes(21)
    after = inbox(desk).poll(failed.cursor, minutes(21))

    assert (keys(failed), keys(after), after.problem) == ([], [told["sid"]], "")
    assert failed.problem.startswith("Twilio's list could not be read: ")
    assert [each for each in (HER, OURS, ACCOUNT, TOKEN) if each in failed.problem] == []


@pytest.mark.parametrize("cursor", [{}, {"first": "2026"}, {"first": 1, "messages": 2}, {"first": None}])
def test_a_cursor_that_is_none_begins_anew(desk: TwilioDesk, cursor: dict[str, Any]) -> None:
    told = desk.texts(HER, "Hi")

    assert keys(inbox(desk).poll(cursor, NOW)) == [told["sid"]]


def test_a_clock_put_back_hides_nothing(desk: TwilioDesk) -> None:
    desk.now = lambda: minutes(0)
    cursor = inbox(desk).poll(begun(desk), minutes(300)).cursor
    told = desk.texts(HER, "Hi", at=minutes(-2))

    assert keys(inbox(desk).poll(cursor, NOW)) == [told["sid"]]


def test_the_list_is_asked_for_in_twilios_own_zone(desk: TwilioDesk) -> None:
    inbox(desk).poll({}, NOW.astimezone(timezone(timedelta(hours=-6))))

    assert f"{NOW - OVERLAP:%Y-%m-%dT%H%%3A%M%%3A%SZ}" in desk.requests[0][1]
    assert all(method == "GET" for method, _, _ in desk.requests)


def test_it_is_made_from_the_workspace_and_the_machine(desk: TwilioDesk) -> None:
    settings = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN, "CADENCE_TWILIO_URL": desk.url}
    told = desk.texts(HER, "Hi")

    assert keys(TwilioInbox.from_kit(kit(settings)).poll({}, NOW)) == [told["sid"]]


@pytest.mark.parametrize("number", ["", "+18165550107"])
def test_what_became_of_a_voice_message_is_polled_too(desk: TwilioDesk, number: str) -> None:
    desk.calls.append(desk._call(to=HER, sender=number or OURS, direction="outbound-api", status="busy"))
    (item,) = inbox(desk, calls_from=number).poll(begun(desk), NOW).items

    assert isinstance(item, Receipt)
    assert (item.channel, item.status, item.key) == ("voice", "undelivered", f"{desk.calls[0]['sid']}:busy")
