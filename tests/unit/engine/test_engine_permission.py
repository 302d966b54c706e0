"""Whether a person may be written to at all: opt-outs of one channel, the ledger, consent, dead addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cadence.engine.decide import decide, observe
from cadence.engine.decision import HALTED, Reason
from cadence.engine.state import LeadState
from support.plans import LEAD, WORKSPACE, Played, book_of, fact, instant, lead_fact, one_stage, plan_of, play

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cadence.engine.book import Book
    from cadence.engine.events import Event

TUESDAY, WEDNESDAY, THURSDAY = (f"2026-11-{day}" for day in (17, 18, 19))
LATER = "2026-12-24 00:00"
PHONE, MAIL = "+18165550142", "maria@example.com"
TOP = "limits: {messages_per_day: 9, messages_per_week: 99, min_gap: 1m}"
SEQUENCE = """
    - {id: text, channel: sms, after: 1d, template: t}
    - {id: mail, channel: email, after: 2d, template: t}
    - {id: ring, channel: call, after: 3d, template: t}
"""
OTHER_WAY = "- {id: text, channel: sms, after: 1d, template: t, fallback: {channel: email, template: instead}}"


def shop(touches: str = SEQUENCE, **workspace: Any) -> Book:
    return book_of(plan_of(one_stage(touches, top=TOP), workspace={**WORKSPACE, **workspace}))


def story(
    book: Book, *facts: Event, suppressed: Mapping[tuple[str, str], str] | None = None, lead: Event | None = None
) -> Played:
    """Play facts after Maria came in on Tuesday at ten."""
    state = LeadState(lead=LEAD, suppressed=suppressed or {})
    return play(book, [lead or lead_fact(f"{TUESDAY} 10:00"), *facts], f"{TUESDAY} 00:00", LATER, state=state)


def reasons(played: Played) -> dict[str, str]:
    return {each.touch: each.reason.code for each in played.verdicts}


class TestOptOut:
    def test_a_stop_by_text_alone_ends_the_texts_and_lets_the_mails_go(self) -> None:
        played = story(shop(), fact("opt_out", f"{TUESDAY} 12:00", channel="sms", only="sms"))

        assert reasons(played) == {"text": "opted_out", "mail": "sent", "ring": "sent"}
        assert played.task_list()[0][0] == "Maria Lopez asked us to stop on sms: write no more there"

    def test_a_stop_of_everything_ends_calls_too(self) -> None:
        played = story(shop(), fact("opt_out", f"{TUESDAY} 12:00", channel="sms"))

        assert set(reasons(played).values()) == {"opted_out"}

    def test_who_returns_to_one_channel_gets_what_is_made_for_it_afterwards(self) -> None:
        out = fact("opt_out", f"{TUESDAY} 12:00", only="sms")
        back = fact("opt_in", f"{TUESDAY} 13:00", only="sms")

        assert story(shop(), out).state.opted_out("sms")
        assert not story(shop(), out).state.opted_out("email")
        assert not story(shop(), out, back).state.opted_out("sms")

    def test_to_return_to_everything_ends_the_opt_out_of_one_channel(self) -> None:
        facts = fact("opt_out", f"{TUESDAY} 12:00", only="sms"), fact("opt_in", f"{TUESDAY} 13:00")

        assert story(shop(), *facts).state.left == {}

    def test_an_opt_out_after_a_return_that_is_learned_late_holds(self) -> None:
        back = fact("opt_in", f"{TUESDAY} 12:00", learned=f"{TUESDAY} 14:00", only="sms")

        assert story(shop(), fact("opt_out", f"{TUESDAY} 13:00", only="sms"), back).state.opted_out("sms")


class TestLedger:
    @pytest.mark.parametrize(
        ("why", "reason"), [("opt_out", "opted_out"), ("dead", "dead_address"), ("person", "suppressed")]
    )
    def test_an_address_in_the_ledger_gets_nothing(self, why: str, reason: str) -> None:
        played = story(shop(), suppressed={("sms", PHONE): why})

        assert reasons(played) == {"text": reason, "mail": "sent", "ring": "sent"}

    def test_an_address_that_is_suppressed_on_all_channels_gets_nothing_on_any(self) -> None:
        played = story(shop(), suppressed={("all", PHONE): "import", ("all", MAIL): "import"})

        assert reasons(played) == {"text": "suppressed", "mail": "suppressed", "ring": "sent"}

    def test_it_holds_for_the_address_and_not_for_the_person(self) -> None:
        changed = fact("lead.updated", f"{TUESDAY} 12:00", lead={"phone": "+18165550177"})

        assert reasons(story(shop(), changed, suppressed={("sms", PHONE): "dead"}))["text"] == "sent"


class TestConsent:
    def test_where_consent_is_asked_for_a_listed_lead_gets_no_text(self) -> None:
        played = story(shop(consent={"sms": "inquiry"}), lead=lead_fact(f"{TUESDAY} 10:00", inquiry=False))

        assert reasons(played) == {"text": "no_consent", "mail": "sent", "ring": "sent"}

    def test_an_inquiry_is_consent_to_be_answered(self) -> None:
        assert reasons(story(shop(consent={"sms": "inquiry"})))["text"] == "sent"

    def test_an_inquiry_is_no_consent_in_writing(self) -> None:
        book = shop(consent={"sms": "written"})
        given = fact("consent.given", f"{TUESDAY} 11:00", channel="sms", kind="written", source="form")
        withdrawn = fact("consent.withdrawn", f"{TUESDAY} 12:00", channel="sms")

        assert reasons(story(book))["text"] == "no_consent"
        assert reasons(story(book, given))["text"] == "sent"
        assert reasons(story(book, given, withdrawn))["text"] == "no_consent"

    def test_consent_for_one_channel_is_none_for_another(self) -> None:
        book = shop(consent={"sms": "written", "email": "written"})
        given = fact("consent.given", f"{TUESDAY} 11:00", channel="sms", kind="written")

        assert reasons(story(book, given)) == {"text": "sent", "mail": "no_consent", "ring": "sent"}

    def test_the_answer_to_an_inquiry_needs_no_consent_in_writing(self) -> None:
        answer = "- {id: answer, channel: sms, send: now, answers: inquiry, template: t}"

        assert reasons(story(shop(answer, consent={"sms": "written"})))["answer"] == "sent"


class TestFallback:
    def test_a_lead_without_a_phone_gets_the_mail_at_the_same_moment(self) -> None:
        played = story(shop(OTHER_WAY), lead=lead_fact(f"{TUESDAY} 10:00", phone=""))

        assert played.of("text") == [(f"{WEDNESDAY} 10:00", "skipped", "no_address")]
        assert played.of("text.email") == [(f"{WEDNESDAY} 10:00", "sent", "sent")]
        assert played.claims[0].to == MAIL

    def test_a_number_known_to_be_dead_is_not_tried(self) -> None:
        played = story(shop(OTHER_WAY), suppressed={("sms", PHONE): "dead"})

        assert [row.touch for row in played.rows if row.outcome == "sent"] == ["text.email"]

    def test_a_message_that_comes_back_goes_the_other_way_when_that_is_learned(self) -> None:
        bounced = fact(
            "message.bounced", f"{WEDNESDAY} 10:03", channel="sms", touch="text", enrolment="maria/roofer/-/1"
        )
        played = story(shop(OTHER_WAY), bounced)

        assert played.of("text") == [(f"{WEDNESDAY} 10:00", "sent", "sent")]
        assert played.of("text.email") == [(f"{WEDNESDAY} 10:03", "sent", "sent")]

    def test_nothing_goes_another_way_when_the_message_arrived(self) -> None:
        assert story(shop(OTHER_WAY)).of("text.email") == []

    def test_who_asked_us_to_stop_by_text_is_not_mailed_instead(self) -> None:
        out = fact("opt_out", f"{TUESDAY} 12:00", only="sms")

        assert reasons(story(shop(OTHER_WAY), out)) == {"text": "opted_out"}

    def test_a_reply_before_the_bounce_is_known_stops_the_other_way_too(self) -> None:
        reply = fact("reply", f"{WEDNESDAY} 10:01")
        bounced = fact("message.bounced", f"{WEDNESDAY} 10:03", touch="text", enrolment="maria/roofer/-/1")
        book = book_of(plan_of(one_stage(OTHER_WAY, top=f"{TOP}\nstop_on: [reply]")))

        assert story(book, reply, bounced).sent("text.email") == []

    def test_without_either_address_nothing_goes_and_both_say_so(self) -> None:
        played = story(shop(OTHER_WAY), lead=lead_fact(f"{TUESDAY} 10:00", phone="", email=""))

        assert reasons(played) == {"text": "no_address", "text.email": "no_address"}


class TestHalted:
    def test_on_a_halted_channel_messages_wait_and_expire_as_ever(self) -> None:
        book = shop("- {id: text, channel: sms, send: now, template: t}")
        decision = decide(book, _came_in(book), instant(f"{TUESDAY} 10:00"), traffic={"sms": HALTED})

        assert [wait.reason for wait in decision.waits] == [Reason.HALTED]
        assert decision.claims == ()
        assert decision.wake_at == instant(f"{WEDNESDAY} 10:00:01"), (
            "when it expires; a person may lift the halt sooner"
        )

    def test_the_other_channels_go_on(self) -> None:
        book = shop("- {id: mail, channel: email, send: now, template: t}")

        decision = decide(book, _came_in(book), instant(f"{TUESDAY} 10:00"), traffic={"sms": HALTED})

        assert [claim.verdict.touch for claim in decision.claims] == ["mail"]


def test_a_message_must_arrive_before_its_window_closes() -> None:
    top = f'{TOP}\nsend_windows: {{sms: "08:00-20:00", email: "00:00-24:00"}}'
    touches = """
        - {id: text, channel: sms, at: "19:30", template: t}
        - {id: mail, channel: email, at: "19:30", template: t}
    """
    played = story(book_of(plan_of(one_stage(touches, top=top))))

    assert {claim.verdict.touch: claim.until for claim in played.claims} == {
        "text": instant(f"{TUESDAY} 20:00"),
        "mail": None,
    }


def test_an_answer_at_night_must_arrive_while_it_still_is_one() -> None:
    top = f'{TOP}\nsend_windows: {{sms: "08:00-20:00"}}'
    answer = "- {id: answer, channel: sms, send: now, answers: inquiry, template: t}"
    played = story(book_of(plan_of(one_stage(answer, top=top))), lead=lead_fact(f"{TUESDAY} 23:00"))

    assert [claim.until for claim in played.claims] == [instant(f"{TUESDAY} 23:15")]


def _came_in(book: Book) -> LeadState:
    came = lead_fact(f"{TUESDAY} 10:00")
    return observe(book, LeadState(lead=LEAD), came, came.at).state
