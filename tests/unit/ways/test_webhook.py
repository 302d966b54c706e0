"""Other programs are told, signed, and a second copy of a word does no harm."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest

from cadence.channels.channel import Absent, Accepted, NotNow, Refused
from cadence.channels.conformance import broken_promises
from cadence.channels.webhook import Endpoint, Webhook, payload_of, signature_of
from cadence.errors import CadenceError
from support.desk import minutes
from support.receiver import running_receiver
from support.ways_make import MARIA, kit, open_for_business, outgoing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from support.lab import Lab
    from support.receiver import Receiver

KEY = b"k" * 32
SECRET = "a secret of the shop, made up once and kept"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Return a program that can be told."""
    with running_receiver(KEY) as running:
        yield running


def told_by(receiver: Receiver, *, timeout: float = 5.0, key: bytes = KEY) -> Webhook:
    return Webhook("summit", {"crm": Endpoint("crm", receiver.url, key)}, timeout=timeout)


def answer(receiver: Receiver, *bad_days: Any, timeout: float = 5.0) -> Any:
    receiver.bad_days = list(bad_days)
    [result] = told_by(receiver, timeout=timeout).send([outgoing()])
    return result


def test_a_program_is_told_of_the_touch_and_of_the_lead(receiver: Receiver) -> None:
    """All that is known of the lead, and nothing that was only worked out."""
    assert answer(receiver) == Accepted()

    [(name, told)] = receiver.told.items()
    path, _, headers = receiver.calls[0]
    assert told == {
        "type": "touch.due",
        "id": name,
        "account": "summit",
        "at": "2026-11-24T19:10:00Z",
        "lead": {key: value for key, value in MARIA.items() if key not in ("zones", "zone_source", "states")},
        "playbook": "roofer",
        "stage": "new",
        "touch": "hello",
        "enrolment": "maria/roofer",
        "owner": "dana",
        "text": "A new lead",
    }
    assert (path, headers["content-type"]) == ("/hooks/cadence?of=summit", "application/json")
    assert headers["user-agent"].startswith("cadence/")


def test_the_signature_is_the_one_of_the_form() -> None:
    """The example of the Standard Webhooks libraries, whose signature is known."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = signature_of(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')

    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_program_that_knows_another_key_turns_us_away(receiver: Receiver) -> None:
    [result] = told_by(receiver, key=b"x" * 32).send([outgoing()])

    assert isinstance(result, Refused)
    assert (result.code, receiver.turned_away, receiver.told) == ("http_401", 1, {})


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_any_answer_that_means_yes_is_taken(receiver: Receiver, status: int) -> None:
    assert answer(receiver, status) == Accepted()


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
def test_a_program_that_cannot_now_is_told_again(receiver: Receiver, status: int) -> None:
    result = answer(receiver, status)

    assert isinstance(result, NotNow)
    assert (result.code, result.after, result.halt) == (f"http_{status}", None, False)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 413, 422])
def test_a_program_that_will_not_have_it_is_not_told_again(receiver: Receiver, status: int) -> None:
    result = answer(receiver, status)

    assert isinstance(result, Refused)
    assert result.code == f"http_{status}"
    assert ("'crm' is gone" in result.detail) is (status in (404, 410))


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(receiver: Receiver, status: int) -> None:
    result = answer(receiver, (status, {"Location": receiver.url}))

    assert isinstance(result, Refused)
    assert "write its new address" in result.detail
    assert len(receiver.calls) == 1


@pytest.mark.parametrize(
    ("said", "waits"),
    [
        ("90", timedelta(seconds=90)),
        (" 5 ", timedelta(seconds=5)),
        ("999999999", timedelta(hours=24)),
        ("-3", None),
        ("soon", None),
        ("", None),
        ("Mon, 01 Jan 2001 00:00:00 GMT", timedelta(0)),
    ],
)
def test_patience_that_is_asked_for_is_kept(receiver: Receiver, said: str, waits: timedelta | None) -> None:
    result = answer(receiver, (429, {"Retry-After": said}))

    assert isinstance(result, NotNow)
    assert result.after == waits


def test_patience_may_be_asked_for_as_a_date(receiver: Receiver) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)
    result = answer(receiver, (503, {"Retry-After": later}))

    assert isinstance(result, NotNow)
    assert result.after
    assert timedelta(minutes=9) < result.after <= timedelta(minutes=10)


@pytest.mark.parametrize("day", ["hang", "cut"])
def test_a_word_whose_answer_was_lost_goes_again_under_the_same_name(receiver: Receiver, day: str) -> None:
    """It had it already, and passes the second copy over: that is what the name is for."""
    first = answer(receiver, day, timeout=0.2)
    second = answer(receiver)

    assert isinstance(first, NotNow)
    assert (first.code, second) == ("no_answer", Accepted())
    assert len({name for _, name, _ in receiver.calls}) == len(receiver.told) == 1


def test_a_word_without_an_opaque_name_has_one_made_that_stays() -> None:
    names = [payload_of("summit", outgoing(handle="", attempt=attempt))["id"] for attempt in (1, 2)]

    assert names[0] == names[1]
    assert len(names[0]) == 32


def test_a_word_in_doubt_may_go_again() -> None:
    assert Webhook("summit", {}).look_up([outgoing()]) == [Absent()]


def test_nobody_listens(receiver: Receiver) -> None:
    way = Webhook("summit", {"crm": Endpoint("crm", "http://127.0.0.1:9/", KEY)}, timeout=1)
    [result] = way.send([outgoing()])

    assert isinstance(result, NotNow)
    assert "+18165550142" not in result.detail


def test_a_program_that_cadence_yaml_has_lost_is_not_told(receiver: Receiver) -> None:
    [result] = told_by(receiver).send([outgoing(to="old-crm")])

    assert isinstance(result, Refused)
    assert result.code == "no_endpoint"


def test_half_a_letter_in_a_text_does_not_keep_it_from_going(receiver: Receiver) -> None:
    [result] = told_by(receiver).send([outgoing(body="broken \ud83d")])

    assert result == Accepted()


def test_it_keeps_the_promises_of_a_way_out(receiver: Receiver) -> None:
    receiver.bad_days = [500, 404, "cut", 200]
    messages = [outgoing(key=f"maria/roofer/1/{number}", handle=f"handle{number}") for number in range(5)]

    assert broken_promises(told_by(receiver), messages, may_repeat=True) == []


# What it is made from


def made(url: str = "https://crm.example.com/in", **env: str) -> Endpoint:
    return Webhook.from_kit(kit("webhook", {"to": {"my-crm": url}}, env)).endpoints["my-crm"]


def test_a_program_may_have_a_key_of_its_own() -> None:
    written = "whsec_" + base64.b64encode(b"q" * 24).decode()

    assert made(WEBHOOK_SECRET_MY_CRM=written, CADENCE_SECRET=SECRET).key == b"q" * 24


def test_else_its_key_is_derived_from_the_secret_of_the_shop() -> None:
    """As the page on webhooks tells receivers to work it out."""
    assert made(CADENCE_SECRET=SECRET).key == hmac.digest(SECRET.encode(), b"webhook:summit:my-crm", hashlib.sha256)


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({}, "CADENCE_SECRET is not set"),
        ({"CADENCE_SECRET": "tiny"}, "CADENCE_SECRET is too short"),
        ({"WEBHOOK_SECRET_MY_CRM": "whsec_c2hvcnQ="}, "WEBHOOK_SECRET_MY_CRM is not a signing key"),
        ({"WEBHOOK_SECRET_MY_CRM": "whsec_***"}, "WEBHOOK_SECRET_MY_CRM is not a signing key"),
        ({"WEBHOOK_SECRET_MY_CRM": "secret" * 10}, "WEBHOOK_SECRET_MY_CRM is not a signing key"),
    ],
)
def test_without_a_key_nothing_can_be_signed(env: dict[str, str], said: str) -> None:
    with pytest.raises(CadenceError, match=said) as refusal:
        made(**env)

    assert not any(value in f"{refusal.value} {refusal.value.help}" for value in env.values())


def test_an_address_that_is_a_secret_stands_in_the_environment() -> None:
    endpoint = made(CADENCE_SECRET=SECRET, WEBHOOK_URL_MY_CRM="https://hooks.example.com:8443/in/TOKEN")

    assert (endpoint.host, endpoint.port, endpoint.path) == ("hooks.example.com", 8443, "/in/TOKEN")


@pytest.mark.parametrize(
    "url",
    [
        "http://crm.example.com/in",
        "https://user:word@crm.example.com/in",
        "ftp://crm.example.com",
        "https:///in",
        "https://crm.example.com:port/",
        "https://crm.example.com/a b",
        "http://127.0.0.1.example.com/",
    ],
)
def test_an_address_that_is_not_safe_is_refused(url: str) -> None:
    """Encrypted, or on this machine; and no login in it."""
    with pytest.raises(CadenceError, match="the address of the program 'my-crm' cannot be used") as refusal:
        made(CADENCE_SECRET=SECRET, WEBHOOK_URL_MY_CRM=url)

    assert url not in f"{refusal.value} {refusal.value.help}"


def test_all_that_is_missing_is_said_at_once() -> None:
    with pytest.raises(CadenceError) as refusal:
        Webhook.from_kit(kit("webhook", {"to": {"a": "http://x.example.com", "b": "https://y.example.com"}}))

    assert "the program 'a' cannot be used" in refusal.value.message
    assert "the program 'b'" in refusal.value.message


# Through ticks

PAGE = """\
cadence: 1
playbook: roofer
title: Programs
send_windows: {sms: "08:00-20:00"}
limits: {messages_per_day: 1, messages_per_week: 1, min_gap: 4h}
stages:
  new:
    title: New
    owner: csr
    enter_on: [lead.created]
    touches:
      - {id: hello, channel: sms, send: now, template: roofer/new/second-try}
      - {id: tell-crm, channel: webhook, send: now, to: crm}
      - {id: tell-again, channel: webhook, after: 10h, to: crm}
    next: {lead.won: won, lead.lost: lost, lead.qualified: later}
  later:
    title: Later
    owner: sales
    touches:
      - {id: tell-late, channel: webhook, send: now, to: crm}
      - {id: ads, channel: audience, send: now, list: warm}
    next: {lead.won: won, lead.lost: lost}
  won: {end: won}
  lost: {end: lost}
"""


def open_shop(lab: Lab, receiver: Receiver, *, timeout: float = 5.0) -> Mapping[str, Any]:
    open_for_business(lab)
    lab.write_page(PAGE)
    page = lab.desk.root / "cadence.yaml"
    text = page.read_text(encoding="utf-8").replace("channels:\n", 'channels:\n  webhook: {to: {crm: "URL"}}\n')
    page.write_text(text.replace("URL", receiver.url), encoding="utf-8")
    way = told_by(receiver, timeout=timeout)
    return {"channels": {**dict.fromkeys(("sms", "email", "audience"), lab.provider), "webhook": way}}


def touches(lab: Lab) -> dict[str, str]:
    with lab.desk.account.store.read() as session:
        from cadence.store import outbox

        return {row.touch: row.state for row in outbox.listing(session, "summit", limit=100)}


def test_programs_are_told_at_any_hour_and_outside_all_limits(lab: Lab, receiver: Receiver) -> None:
    """Ten hours on it is night, and the week has had its message."""
    options = open_shop(lab, receiver)
    lab.add(["maria"])
    lab.tick(minutes(1), **options)
    lab.tick(minutes(601), **options)

    assert touches(lab) == {"hello": "sent", "tell-crm": "sent", "tell-again": "sent"}
    assert len(receiver.told) == 2
    assert [told["lead"]["name"] for told in receiver.told.values()] == ["Maria Lopez"] * 2


def test_a_bad_day_of_a_program_ends_with_one_word_told(lab: Lab, receiver: Receiver) -> None:
    """It breaks down twice, once after it had taken it, then thinks better of it."""
    options = open_shop(lab, receiver, timeout=0.3)
    receiver.bad_days = [500, "hang"]
    lab.add(["maria"])
    for minute in (1, 3, 6, 9):
        lab.tick(minutes(minute), **options)

    assert touches(lab)["tell-crm"] == "sent"
    assert (len(receiver.told), len(receiver.calls)) == (1, 3)


def test_a_program_that_is_gone_fails_its_touch_and_nothing_else(lab: Lab, receiver: Receiver) -> None:
    options = open_shop(lab, receiver)
    receiver.bad_days = [410]
    lab.add(["maria"])
    lab.tick(minutes(1), **options)

    assert touches(lab) == {"hello": "sent", "tell-crm": "failed"}


def test_a_tick_that_dies_at_work_leaves_no_word_untold(lab: Lab, receiver: Receiver) -> None:
    """Nobody knows whether it went; it goes again, and the program has it once."""
    options = open_shop(lab, receiver)
    lab.add(["maria"])

    def die(step: Any) -> None:
        if step.name == "BEFORE_COMMIT":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lab.tick(minutes(1), watch=die, **options)
    told_by_then = Counter(name for _, name, _ in receiver.calls)
    for minute in (10, 20, 30):
        lab.tick(minutes(minute), **options)

    assert touches(lab)["tell-crm"] == "sent"
    assert len(receiver.told) == 1
    assert sum(told_by_then.values()) <= len(receiver.calls)


def test_a_crm_hears_of_a_person_who_has_opted_out_and_an_advertiser_does_not(lab: Lab, receiver: Receiver) -> None:
    """The opt-out ends the running sequence, programs included; in a later stage they are told again."""
    options = open_shop(lab, receiver)
    lab.add(["maria"])
    lab.tick(minutes(1), **options)
    lab.tell("maria", "opt_out", minutes(2), channel="sms")
    lab.tell("maria", "lead.qualified", minutes(3))
    lab.tick(minutes(4), **options)

    assert touches(lab) == {
        "hello": "sent",
        "tell-crm": "sent",
        "tell-again": "stopped",
        "tell-late": "sent",
        "ads": "stopped",
    }
    assert len(receiver.told) == 2
