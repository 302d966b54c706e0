"""Texts by Twilio: the official SDK speaks real HTTP to a Twilio of the tests' own."""

from __future__ import annotations

import logging
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta, timezone
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest

from cadence.channels.channel import Accepted, Lost, NotNow, Refused, Unsure
from cadence.channels.conformance import broken_promises
from cadence.channels.twilio import TwilioSms
from cadence.channels.twilio_line import Credentials, Failed, TwilioLine, utc
from cadence.channels.twilio_voice import TwilioVoice
from cadence.errors import CadenceError
from support.twilio_desk import ACCOUNT, OURS, SERVICE, TOKEN, Day
from support.twilio_make import BODY, HER, NOW, kit, line, outgoing, sms

if TYPE_CHECKING:
    from support.twilio_desk import TwilioDesk

SETTINGS = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN}
KEY = {"TWILIO_API_KEY": "SK" + "0" * 31 + "1", "TWILIO_API_SECRET": "geheim"}


def form(desk: TwilioDesk) -> dict[str, Any]:
    """What the desk was last asked to create."""
    return desk.requests[-1][2]


# What is asked


def test_a_text_goes_from_the_number_and_says_where_receipts_go(desk: TwilioDesk) -> None:
    (result,) = sms(desk, public_url="https://hooks.example.com").send([outgoing()])

    assert result == Accepted(desk.sent[0]["sid"])
    assert form(desk) == {
        "From": OURS, "To": HER, "Body": BODY, "StatusCallback": "https://hooks.example.com/twilio/status",
    }  # fmt: skip


def test_with_a_messaging_service_that_chooses_the_number(desk: TwilioDesk) -> None:
    sms(desk, service=SERVICE).send([outgoing()])

    assert form(desk) == {"MessagingServiceSid": SERVICE, "To": HER, "Body": BODY}


@pytest.mark.parametrize(
    ("left", "validity"),
    [
        (timedelta(seconds=90), "60"),
        (timedelta(hours=2), "7170"),
        (timedelta(seconds=3600.9), "3570"),
        (timedelta(hours=13), "36000"),
        (timedelta(days=9), "36000"),
    ],
)
def test_what_lies_at_twilio_expires_before_its_window_closes(desk: TwilioDesk, left: timedelta, validity: str) -> None:
    sms(desk).send([outgoing(until=NOW + left)])

    assert form(desk)["ValidityPeriod"] == validity


@pytest.mark.parametrize("left", [timedelta(seconds=89), timedelta(0), timedelta(hours=-1)])
def test_what_has_no_time_left_is_judged_anew_and_not_handed_over(desk: TwilioDesk, left: timedelta) -> None:
    (result,) = sms(desk).send([outgoing(until=NOW + left)])

    assert isinstance(result, NotNow)
    assert (result.code, desk.requests) == ("window", [])


def test_the_window_is_counted_from_the_claim_when_that_came_later(desk: TwilioDesk) -> None:
    sms(desk).send([outgoing(until=NOW + timedelta(minutes=10), called_at=NOW + timedelta(minutes=4))])

    assert form(desk)["ValidityPeriod"] == str(6 * 60 - 30)


def test_a_text_with_half_a_character_goes_without_it(desk: TwilioDesk) -> None:
    (result,) = sms(desk).send([outgoing(body="Hi \ud83d there")])

    assert isinstance(result, Accepted)
    assert form(desk)["Body"] == "Hi ? there"


# What is answered


@pytest.mark.parametrize(
    ("day", "result"),
    [
        (Day(cut=True), Lost("no_answer", "ConnectionError")),
        (Day(hang=True), Lost("no_answer", "ReadTimeout")),
        (Day(status=502, body="<html>bad gateway</html>"), Lost("502", "Twilio error 502: it did not say why")),
        (Day(status=201, accepted=True, body='{"sid": "SM'), Lost("no_answer", "JSONDecodeError")),
        (Day(status=201, accepted=True, body="[]"), Lost("no_answer", "AttributeError")),
        (Day(status=201, accepted=True, body="{}"), Lost("no_sid", "Twilio's answer names no message")),
        (Day(status=307, body="x", headers={"Location": "http://127.0.0.1:9/"}),
         Lost("307", "Twilio error 307: it did not say why")),
        (Day(status=403, body="<html>no</html>"), NotNow("403", "Twilio error 403: it did not say why", halt=True)),
        (Day(status=400, body='{"code": "21610"}'),
         Refused("21610", "Twilio error 21610: the person has texted STOP to your number", "opt_out")),
        (Day(status=400, body='{"code": 400}'), Refused("400", "Twilio error 400: it did not say why")),
        (Day(status=400, body='["odd"]'), Refused("400", "Twilio error 400: it did not say why")),
        (Day(status=400, body='{"code": true}'), Refused("400", "Twilio error 400: it did not say why")),
        (Day(status=400, body='{"type": "t", "title": "x", "status": 400, "code": 21614}'),
         Refused("21614", "Twilio error 21614: this number is not a mobile phone", "address")),
    ],
)  # fmt: skip
def test_an_answer_is_taken_for_what_it_surely_says(desk: TwilioDesk, day: Day, result: object) -> None:
    desk.days.append(day)

    assert sms(desk, timeout=0.3).send([outgoing()]) == [result]


@pytest.mark.parametrize(("headers", "after"), [({"Retry-After": "7"}, timedelta(seconds=7)), ({}, None)])
def test_too_many_requests_are_waited_for_as_long_as_is_asked(
    desk: TwilioDesk, headers: dict[str, str], after: timedelta | None
) -> None:
    desk.days.append(Day(status=429, code=20429, headers=headers))
    channel = sms(desk)
    first, second = channel.send([outgoing(), outgoing()])

    assert isinstance(first, NotNow)
    assert (first.code, first.after) == ("20429", after)
    assert isinstance(second, Accepted)


def test_patience_asked_for_once_is_not_remembered(desk: TwilioDesk) -> None:
    desk.days += [Day(status=429, code=20429, headers={"Retry-After": "7"}), Day(status=429, code=20429)]
    results = sms(desk).send([outgoing(), outgoing()])

    assert [each.after for each in results if isinstance(each, NotNow)] == [timedelta(seconds=7), None]


@pytest.mark.parametrize("base", ["http://127.0.0.1:1", "http://no-such-host.invalid", "https://127.0.0.1:1"])
def test_a_twilio_that_cannot_be_reached_got_nothing(base: str) -> None:
    channel = TwilioSms(TwilioLine(Credentials(ACCOUNT, ACCOUNT, TOKEN), base=base, timeout=2), sender=OURS)

    assert channel.send([outgoing()]) == [NotNow("unreachable", "ConnectionError")]


def test_each_of_many_threads_gets_its_own_answer(desk: TwilioDesk) -> None:
    channel = sms(desk)
    numbers = [f"+18165551{number:03}" for number in range(64)]
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda to: channel.send([outgoing(to=to)])[0], numbers))
    by_sid = {each["sid"]: each["to"] for each in desk.sent}

    assert [by_sid[each.provider_id] for each in results if isinstance(each, Accepted)] == numbers


# What the SDK leaves open


def test_no_two_threads_share_a_client(desk: TwilioDesk) -> None:
    """The SDK's client keeps the last answer in itself and returns it from there, whoever got it."""
    line_ = line(desk)
    together = Barrier(4)

    def client(_: int) -> tuple[Any, Any]:
        together.wait(5)
        return line_.call(lambda client: client), line_.call(lambda client: client.http_client.session)

    with ThreadPoolExecutor(4) as pool:
        clients = list(pool.map(client, range(4)))

    assert len({id(each) for each, _ in clients}) == len({id(session) for _, session in clients}) == 4
    assert line_.call(lambda client: client) is line_.call(lambda client: client)


@pytest.mark.parametrize("variable", ["TWILIO_REGION", "TWILIO_EDGE", "HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_the_environment_leads_nowhere_else(desk: TwilioDesk, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "http://127.0.0.1:9" if "PROXY" in variable.upper() else "ie1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    assert isinstance(sms(desk).send([outgoing()])[0], Accepted)


def test_no_log_has_a_number_a_text_or_a_secret(desk: TwilioDesk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("twilio.http_client", "urllib3.connectionpool"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    desk.days += [Day(status=400, code=21211), Day(cut=True), Day(method="GET", status=500)]
    channel = sms(desk)
    channel.send([outgoing(), outgoing(), outgoing()])
    channel.look_up([outgoing()])
    told = [record for record in caplog.records if not record.name.startswith("openapi")]

    assert [record for record in told if record.name.startswith(("twilio", "urllib3"))] == []


@pytest.mark.parametrize("day", [Day(status=400, code=21211), Day(cut=True), Day(status=500, body="x")])
def test_no_error_has_a_number_or_a_secret(desk: TwilioDesk, day: Day) -> None:
    """Twilio's own sentences name the number, and the address of the request names the account."""
    desk.days.append(day)
    with pytest.raises(Failed) as failed:
        line(desk).call(lambda client: client.messages.create(to=HER, from_=OURS, body=BODY))
    told = f"{failed.value!r} {''.join(traceback.format_exception(failed.value))}"

    assert [each for each in (HER, OURS, BODY, ACCOUNT, TOKEN) if each in told] == []


def test_instants_reach_twilio_in_its_own_zone() -> None:
    local = NOW.astimezone(timezone(-timedelta(hours=5)))

    assert f"{utc(local):%H:%M}" == f"{NOW:%H:%M}" != f"{local:%H:%M}"
    with pytest.raises(ValueError, match="zone"):
        utc(NOW.replace(tzinfo=None))


# What it is made from


def test_it_is_made_from_the_workspace_and_the_machine(desk: TwilioDesk) -> None:
    settings = {**SETTINGS, "CADENCE_TWILIO_URL": f"{desk.url}/"}
    given = kit(settings, own={"service": SERVICE}, public_url="https://hooks.example.com")

    assert isinstance(TwilioSms.from_kit(given).send([outgoing()])[0], Accepted)
    assert (form(desk)["MessagingServiceSid"], "StatusCallback" in form(desk)) == (SERVICE, True)


def test_an_api_key_goes_before_the_token(desk: TwilioDesk) -> None:
    settings = {**SETTINGS, **KEY, "TWILIO_AUTH_TOKEN": "wrong", "CADENCE_TWILIO_URL": desk.url}

    assert isinstance(TwilioSms.from_kit(kit(settings)).send([outgoing()])[0], Accepted)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({}, "TWILIO_ACCOUNT_SID is not set"),
        ({"TWILIO_ACCOUNT_SID": ACCOUNT}, "neither TWILIO_AUTH_TOKEN nor TWILIO_API_KEY is set"),
        ({**SETTINGS, "TWILIO_ACCOUNT_SID": "SK" + "0" * 32}, "TWILIO_ACCOUNT_SID is not an account SID"),
        ({**SETTINGS, "TWILIO_AUTH_TOKEN": "two words"}, "TWILIO_AUTH_TOKEN has spaces in it"),
        ({**SETTINGS, "TWILIO_AUTH_TOKEN": "line\r\nX-Other: 1"}, "TWILIO_AUTH_TOKEN has spaces in it"),
        ({**SETTINGS, "TWILIO_API_KEY": "SK1"}, "TWILIO_API_KEY is not the SID of an API key"),
        ({**SETTINGS, "TWILIO_API_SECRET": "x"}, "TWILIO_API_KEY is not the SID of an API key"),
        ({**SETTINGS, "TWILIO_API_KEY": KEY["TWILIO_API_KEY"]}, "TWILIO_API_SECRET is empty"),
        ({**SETTINGS, "CADENCE_TWILIO_URL": "http://api.example.com"}, "CADENCE_TWILIO_URL names another machine"),
    ],
)
def test_credentials_that_cannot_be_right_are_said_before_anything_goes(settings: dict[str, str], says: str) -> None:
    with pytest.raises(CadenceError, match=says) as error:
        TwilioSms.from_kit(kit(settings))

    assert error.value.help
    assert not [each for each in settings.values() if len(each) > 2 and each in f"{error.value} {error.value.help}"]


def test_credentials_do_not_show_themselves() -> None:
    assert TOKEN not in repr(Credentials(ACCOUNT, ACCOUNT, TOKEN))


def test_a_question_that_fails_is_asked_again(desk: TwilioDesk) -> None:
    desk.days.append(Day(method="GET", status=429, code=20429))

    assert sms(desk).look_up([outgoing()]) == [Unsure("no_list", again=True)]


def test_it_keeps_the_promises_of_a_channel(desk: TwilioDesk) -> None:
    desk.opted_out.add("+18165550143")
    desk.dead["+18165550144"] = 21614
    messages = [outgoing(to=to, key=to) for to in (HER, "+18165550143", "+18165550144")]
    spoken = TwilioVoice(line(desk), sender=OURS)

    assert broken_promises(sms(desk), messages) == []
    assert broken_promises(spoken, messages) == []
