"""Reading an answer: who wins when several rules fit, what the provider says, machines, a shop's own words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from cadence.files import data_text, schema_text
from cadence.inbox.reading import read_reply
from cadence.inbox.rules import FIXED, Rules
from cadence.playbook.model import Replies
from cadence.playbook.words import EVENTS, OPT_OUT_WORDS
from support.answers import AT, KINDS, ZONE, shipped_rules

if TYPE_CHECKING:
    from cadence.inbox.kinds import Reading


def read(text: str, rules: Rules | None = None, **given: Any) -> Reading:
    return read_reply(text, at=AT, zone=ZONE, rules=rules or shipped_rules(), **given)


def test_every_kind_is_an_event() -> None:
    assert set(KINDS) <= set(EVENTS)


@pytest.mark.parametrize("word", [*OPT_OUT_WORDS, "alto", "pare", "baja", "cancelar"])
@pytest.mark.parametrize("shape", ["{}", "{}!!", " “{}” ", "{} please", "🛑 {}", "{}\n"])
def test_a_word_that_carriers_act_on_is_an_opt_out_in_every_shape(word: str, shape: str) -> None:
    for written in (word, word.lower(), word.title()):
        assert read(shape.format(written)).kind == "opt_out"


def test_an_opt_out_wins_over_every_other_meaning() -> None:
    assert read("Yes, see you then. And please stop texting me", awaits=True).kind == "opt_out"
    assert read("not interested, remove me from your list").kind == "opt_out"
    assert read("call me next week, but no more texts").kind == "opt_out"


def test_a_word_that_may_mean_the_appointment_is_an_opt_out_that_is_not_sure() -> None:
    """The carrier has blocked the number whatever was meant."""
    assert (read("CANCEL", awaits=True).kind, read("CANCEL", awaits=True).sure) == ("opt_out", False)
    assert read("CANCEL").sure
    assert read("STOP", awaits=True).sure


def test_what_the_provider_took_it_for_wins_but_yes_is_never_a_return() -> None:
    assert read("please call me", told="STOP").kind == "opt_out"
    assert read("anything", told="START").kind == "opt_in"
    assert read("YES", told="START").kind == "reply"
    assert read("YES", told="START", awaits=True).kind == "acknowledgement"
    assert read("HELP", told="HELP").kind == "reply"


def test_what_is_not_sure_counts_as_a_reply_unless_it_is_an_opt_out() -> None:
    liked = read("Liked “Reply YES to confirm”", awaits=True)
    asked = read("stpo")

    assert (liked.kind, liked.sure, liked.counts_as) == ("acknowledgement", False, "reply")
    assert (asked.kind, asked.sure, asked.counts_as) == ("opt_out", False, "opt_out")


def test_a_question_confirms_nothing_and_refuses_nothing() -> None:
    assert read("Yes?", awaits=True).kind == "reply"
    assert read("not interested in what?").kind == "reply"


@pytest.mark.parametrize("written", ["remove", "remve", "remmove", "rmeove"])
def test_a_long_word_is_understood_with_one_slip_of_the_finger(written: str) -> None:
    assert read(f"please {written} me from your list").kind == "opt_out"


def test_a_slip_that_is_a_word_of_its_own_stays_that_word() -> None:
    """A contract is no contact, and a message no messages."""
    words = shipped_rules().read("contract message messages remote").words

    assert [word.plain for word in words] == ["contract", "message", "messages", "remote"]


@pytest.mark.parametrize(
    ("headers", "automatic"),
    [
        ({"auto-submitted": "auto-replied"}, "other"),
        ({"auto-submitted": "auto-generated; type=x"}, "other"),
        ({"precedence": "Bulk"}, "other"),
        ({"precedence": "auto_reply"}, "other"),
        ({"x-autoreply": "yes"}, "other"),
        ({"x-autorespond": "tom@example.com"}, "other"),
        ({"list-id": "<news.example.com>"}, "other"),
        ({"return-path": "<>"}, "other"),
        ({"return-path": ""}, "other"),
        ({"from": "MAILER-DAEMON@example.com"}, "delivery_report"),
        ({"content-type": "multipart/report; report-type=delivery-status"}, "delivery_report"),
        ({"x-failed-recipients": "tom@example.com"}, "delivery_report"),
        ({"auto-submitted": "no"}, ""),
        ({"auto-submitted": "No (a person)"}, ""),
        ({"precedence": "first-class"}, ""),
        ({"x-autoreply": "no"}, ""),
        ({"return-path": "<tom@example.com>"}, ""),
        ({"x-auto-response-suppress": "All"}, ""),
    ],
)
def test_headers_tell_a_machine(headers: dict[str, str], automatic: str) -> None:
    reading = read("We look into it.", channel="email", headers=headers)

    assert reading.automatic == automatic
    assert reading.kind == ("automatic" if automatic else "reply")
    assert "example.com" not in reading.because


def test_a_machine_is_still_asked_whether_somebody_wants_to_be_left_alone() -> None:
    machine = {"auto-submitted": "auto-replied"}
    asked = read("Please remove this address from your mailing list.", channel="email", headers=machine)
    report = {"content-type": "multipart/report; report-type=delivery-status"}

    assert (asked.kind, asked.sure) == ("opt_out", False)
    assert read("Reply STOP. STOP", channel="email", headers=report).kind == "automatic"
    assert read("News!\n\nUnsubscribe", channel="email", headers={"list-id": "x"}).kind == "automatic"


def test_a_subject_counts_only_when_it_is_the_persons_own() -> None:
    assert read("", channel="email", subject="unsubscribe").kind == "opt_out"
    assert read("What does it cost?", channel="email", subject="Re: Reply STOP to unsubscribe").kind == "reply"
    assert read("What does it cost?", channel="sms", subject="unsubscribe").kind == "reply"


def test_an_absence_needs_more_than_a_subject_or_a_text_alone() -> None:
    """A mail without telling headers: both together are enough, one alone is weak or nothing."""
    both = read("I am out of the office.", channel="email", subject="Automatic reply: x")
    subject = read("We got it.", channel="email", subject="Automatic reply: x")
    text = read("I am out of the office until Monday, come then.", channel="email", subject="Re: x")

    assert (both.kind, both.automatic, both.sure) == ("automatic", "out_of_office", True)
    assert (subject.kind, subject.sure, subject.counts_as) == ("automatic", False, "reply")
    assert text.kind != "automatic"


def test_nothing_but_a_quote_is_a_reply_that_a_person_should_look_at() -> None:
    reading = read("> Reply STOP to opt out\n", channel="email")

    assert (reading.kind, reading.sure, reading.text) == ("reply", False, "")


OWN = Replies(
    opt_out=("no more roof (text) reminders",),
    opt_in=("roof me again",),
    acknowledgement=("crew is welcome",),
    snooze=("after hail season",),
    not_interested=("rented ... out",),
    automatic=("tenants line",),
    off=("wrong-number", FIXED),
)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("please, no more roof reminders for me", "opt_out"),
        ("Roof me again!", "opt_in"),
        ("The roof me again thing", "reply"),
        ("Crew is welcome, thanks", "acknowledgement"),
        ("come back after hail season", "snooze"),
        ("we rented the house out", "not_interested"),
        ("You reached our tenants line", "automatic"),
        ("you have the wrong number", "reply"),
        ("STOP", "opt_out"),
    ],
)
def test_a_shops_own_words_count_and_rules_it_does_without_do_not(text: str, kind: str) -> None:
    """All but the one rule that carriers follow whatever a shop wants."""
    assert read(text, shipped_rules().for_shop(OWN), awaits=True).kind == kind


def spoilt(**changes: Any) -> dict[str, Any]:
    """Return rules of which the first has something wrong."""
    data = yaml.safe_load(data_text("reply_rules.yaml"))
    data["rules"][0].update(changes)
    data["rules"][0] = {key: value for key, value in data["rules"][0].items() if value is not None}
    return data


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": None}, "no name"),
        ({"name": "si"}, "two rules have the name si"),
        ({"kind": "maybe"}, "is one of"),
        ({"colour": "red"}, "colour"),
        ({"is": ["(stop"]}, "bracket"),
        ({"is": []}, "no words"),
        ({"is": [True]}, "no text"),
        ({"is": ["stop <mesages>"]}, "means nothing"),
        ({"takes": None}, "answers that it takes"),
        ({"date": "soon"}, "means nothing"),
    ],
)
def test_rules_that_make_no_sense_are_refused_by_name(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Rules.from_data(spoilt(**changes))


def test_the_rules_that_a_shop_may_do_without_are_those_there_are() -> None:
    schema = json.loads(schema_text("workspace"))
    named = schema["properties"]["replies"]["properties"]["off"]["items"]["enum"]

    assert named == [rule.name for rule in shipped_rules().rules if rule.name != FIXED]
