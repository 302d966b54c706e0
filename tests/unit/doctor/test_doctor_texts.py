"""What Twilio knows of a shop: asked by the official SDK over real HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cadence.doctor.checklist import is_toll_free
from cadence.doctor.texts import check
from support.doctor_make import SECRETS, TEXTS, case, found, said
from support.twilio_desk import KEY, KEY_SECRET, OURS, SERVICE, Day, number, twilio_desk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.doctor.case import Case
    from support.twilio_desk import TwilioDesk

URL = "https://hooks.example.com"
HOOK = f"{URL}/twilio/sms#rc=3&rp=all"
BY_SERVICE = {"sms": {**TEXTS["sms"], "service": SERVICE}}
GOOD = [("account", "fine"), ("number", "fine")]


@pytest.fixture
def desk() -> Iterator[TwilioDesk]:
    """A Twilio."""
    with twilio_desk() as opened:
        yield opened


def shop(desk: TwilioDesk, settings: dict[str, str] = SECRETS, **page: Any) -> Case:
    """A shop that is carried by it."""
    return case({**settings, "CADENCE_TWILIO_URL": desk.url}, **page)


def test_nobody_is_asked_in_log_mode(desk: TwilioDesk) -> None:
    assert found(check, shop(desk, online=False)) == [("asked", "unasked")]
    assert desk.requests == []


def test_a_shop_that_twilio_knows_is_fine(desk: TwilioDesk) -> None:
    assert found(check, shop(desk)) == GOOD


def test_nothing_is_changed_and_nothing_sent_by_looking(desk: TwilioDesk) -> None:
    list(check(shop(desk, channels=BY_SERVICE)))

    assert {method for method, _, _ in desk.requests} == {"GET"}


def test_a_wrong_token_is_told_with_where_the_right_one_is(desk: TwilioDesk) -> None:
    wrong = shop(desk, SECRETS | {"TWILIO_AUTH_TOKEN": "0" * 32})

    [finding] = check(wrong)

    assert (finding.code, finding.verdict) == ("credentials", "wrong")
    assert finding.says == "Twilio does not accept TWILIO_ACCOUNT_SID with TWILIO_AUTH_TOKEN"
    assert "Account Info" in finding.do


def test_an_api_key_need_not_see_the_account(desk: TwilioDesk) -> None:
    by_key = {**SECRETS, "TWILIO_API_KEY": KEY, "TWILIO_API_SECRET": KEY_SECRET}

    assert found(check, shop(desk, by_key)) == [("account", "look"), ("number", "fine")]


def test_a_wrong_api_key_is_told_as_such(desk: TwilioDesk) -> None:
    findings = list(check(shop(desk, {**SECRETS, "TWILIO_API_KEY": KEY, "TWILIO_API_SECRET": "other"})))

    assert [each.code for each in findings] == ["credentials"]
    assert "TWILIO_API_KEY" in findings[0].says


@pytest.mark.parametrize(
    ("status", "kind", "verdict"),
    [("suspended", "Full", "wrong"), ("closed", "Full", "wrong"), ("active", "Trial", "look")],
)
def test_an_account_that_cannot_send_to_everybody_is_told(
    desk: TwilioDesk, status: str, kind: str, verdict: str
) -> None:
    desk.status, desk.kind = status, kind

    assert found(check, shop(desk))[0] == ("account", verdict)


def test_a_number_that_is_not_ours_is_wrong(desk: TwilioDesk) -> None:
    desk.numbers = [number("+18165550177")]

    findings = list(check(shop(desk)))

    assert [(each.code, each.verdict) for each in findings] == [("account", "fine"), ("number", "wrong")]
    assert f"{OURS} is not a number of this Twilio account" in said(findings, "number")


def test_a_number_that_cannot_text_is_wrong(desk: TwilioDesk) -> None:
    desk.numbers = [number(OURS, capabilities={"voice": True, "sms": False, "mms": False, "fax": False})]

    assert ("number", "wrong") in found(check, shop(desk))
    assert ("number", "fine") in found(check, shop(desk, channels={"voice": {"via": "twilio", "from": OURS}}))


@pytest.mark.parametrize(
    ("entered", "verdict", "says"),
    [
        (HOOK, "fine", "the number hands texts to this shop"),
        (f"{URL}/twilio/sms", "look", "has no #rc=3&rp=all at its end"),
        ("https://other.example.com/secret-path", "look", "does not hand texts to this shop, but to other.example.com"),
        (None, "look", "the number does not hand texts to this shop ->"),
    ],
)
def test_where_answers_go_is_held_against_what_is_to_be_entered(
    desk: TwilioDesk, entered: str | None, verdict: str, says: str
) -> None:
    desk.numbers = [number(OURS, sms_url=entered)]

    findings = list(check(shop(desk, public_url=URL)))

    assert ("answers", verdict) in [(each.code, each.verdict) for each in findings]
    assert says in said(findings, "answers")
    assert "secret-path" not in str(findings)


def test_answers_that_nothing_else_fetches_must_come_by_webhook(desk: TwilioDesk) -> None:
    assert ("answers", "wrong") in found(check, shop(desk, public_url=URL, inbound={"poll": False}))


def test_somebody_else_who_answers_texts_is_told_of(desk: TwilioDesk) -> None:
    """A new number answers every text with words of Twilio's."""
    desk.numbers = [number(OURS, sms_url="https://demo.twilio.com/welcome/sms/reply")]

    assert "demo.twilio.com, which may answer them" in said(check(shop(desk)), "answers")


def test_an_application_on_the_number_takes_its_texts(desk: TwilioDesk) -> None:
    desk.numbers = [number(OURS, sms_url=HOOK, sms_application_sid=f"AP{1:032x}")]

    assert ("answers", "look") in found(check, shop(desk, public_url=URL))


def test_calls_that_shall_ring_a_phone_must_come_here(desk: TwilioDesk) -> None:
    ringing = {"public_url": URL, "inbound": {"ring": "+18165550101"}}
    desk.numbers = [number(OURS, sms_url=HOOK)]
    assert ("calls", "look") in found(check, shop(desk, **ringing))

    desk.numbers = [number(OURS, sms_url=HOOK, voice_url=f"{URL}/twilio/voice#rc=3&rp=all")]
    assert found(check, shop(desk, **ringing)) == [*GOOD, ("answers", "fine")]


def test_a_messaging_service_that_is_in_order_is_fine(desk: TwilioDesk) -> None:
    desk.service = {"inbound_request_url": HOOK}

    assert found(check, shop(desk, channels=BY_SERVICE)) == [*GOOD, ("answers", "look")]
    assert found(check, shop(desk, channels=BY_SERVICE, public_url=URL)) == [*GOOD, ("answers", "fine")]


def test_a_service_may_leave_answers_to_its_numbers(desk: TwilioDesk) -> None:
    desk.service = {"use_inbound_webhook_on_number": True}
    desk.numbers = [number(OURS, sms_url=HOOK)]

    assert found(check, shop(desk, channels=BY_SERVICE, public_url=URL)) == [*GOOD, ("answers", "fine")]


@pytest.mark.parametrize(
    ("service", "code"),
    [({"sticky_sender": False}, "sticky"), ({"us_app_to_person_registered": False}, "campaign")],
)
def test_what_a_service_lacks_is_told(desk: TwilioDesk, service: dict[str, Any], code: str) -> None:
    desk.service = service

    assert (code, "look") in found(check, shop(desk, channels=BY_SERVICE))


def test_toll_free_numbers_need_no_campaign(desk: TwilioDesk) -> None:
    free = "+18335550100"
    desk.service, desk.pool, desk.numbers = {"us_app_to_person_registered": False}, [free], [number(free)]

    shops = shop(desk, channels={"sms": {"via": "twilio", "from": free, "service": SERVICE}})

    assert found(check, shops) == GOOD


@pytest.mark.parametrize(("pool", "verdict"), [([], "wrong"), (["+18165550177"], "look")])
def test_the_number_must_be_among_those_of_the_service(desk: TwilioDesk, pool: list[str], verdict: str) -> None:
    desk.pool = pool

    assert ("pool", verdict) in found(check, shop(desk, channels=BY_SERVICE))


def test_a_service_that_is_not_there_is_wrong(desk: TwilioDesk) -> None:
    gone = {"sms": {**TEXTS["sms"], "service": f"MG{9:032x}"}}

    assert found(check, shop(desk, channels=gone)) == [*GOOD, ("service", "wrong")]


def test_a_twilio_that_cannot_be_reached_is_one_line(desk: TwilioDesk) -> None:
    nobody = case({**SECRETS, "CADENCE_TWILIO_URL": "http://127.0.0.1:9"})

    assert found(check, nobody) == [("reached", "wrong")]


@pytest.mark.parametrize(
    "day",
    [
        Day(method="GET", status=503, body="<html>busy"),
        Day(method="GET", status=429, code=20429),
        Day(method="GET", cut=True),
    ],
    ids=["html", "too many", "cut"],
)
def test_a_bad_day_of_twilio_is_one_line(desk: TwilioDesk, day: Day) -> None:
    desk.days = [day]

    [finding] = check(shop(desk))

    assert finding.verdict == "wrong"
    assert OURS not in finding.says, "what a provider says is not repeated"


def test_secrets_that_are_not_there_are_no_reason_to_ask(desk: TwilioDesk) -> None:
    assert found(check, shop(desk, {})) == [("asked", "unasked")]


def test_the_clock_of_the_answers_is_noted(desk: TwilioDesk) -> None:
    desk.ahead = timedelta(minutes=7)
    looked = shop(desk)

    list(check(looked))

    assert abs(looked.clocks["Twilio"] - timedelta(minutes=7)) < timedelta(seconds=3)


def test_a_service_of_an_extension_is_left_alone(desk: TwilioDesk) -> None:
    assert found(check, shop(desk, channels={"sms": {"via": "modem", "from": OURS}})) == [("service", "unasked")]


def test_a_toll_free_number_is_told_from_a_local_one() -> None:
    assert is_toll_free("+18335550100")
    assert not is_toll_free(OURS)
