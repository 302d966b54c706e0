"""Each reason for which a touch goes, waits or ends: told as it was recorded, with what would have to change."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cadence.channels.channel import Lost, NotNow, Refused
from cadence.engine.events import instant_text
from cadence.reports.explain_lead import explain_lead, explain_named_touch
from cadence.reports.explain_story import read_story
from cadence.reports.explain_text import touch_lines
from cadence.runner.record import pause
from cadence.store import suppressions
from cadence.store.suppressions import SuppressionRow
from support.desk import TUESDAY, minutes
from support.fixtures import desk, lab
from support.lab import Provider, texts_page

if TYPE_CHECKING:
    from datetime import datetime

    from support.lab import Lab

__all__ = ["desk", "lab"]

ZONE = "America/Chicago"
HOUR = timedelta(hours=1)


def told(lab: Lab, touch: str, now: datetime, *, at: datetime | None = None) -> dict[str, Any]:
    """What is told of a touch of Maria's; every line of it can be shown."""
    with lab.desk.account.store.read() as session:
        data = explain_named_touch(read_story(session, "summit", "maria", at, now, timedelta(days=20)), touch)
    assert list(touch_lines(data, ZONE))
    found: dict[str, Any] = data["touches"][-1]
    return found


def changes(lab: Lab, touch: str, now: datetime, reason: str, standing: str) -> str:
    data = told(lab, touch, now)
    assert (data["reason"], data["standing"], data["differs"]) == (reason, standing, [])
    row = lab.rows().get(data["key"])
    assert row is None or standing == "waits" or (row.state, row.reason) == (standing, reason)
    return " / ".join(data["changes"])


def page(lab: Lab, *touches: str, was: str = "", now: str = "", **how: str) -> None:
    text = texts_page(*touches, **how)
    assert was in text
    lab.write_page(text.replace(was, now) if was else text)


def test_what_the_provider_would_not_take(lab: Lab) -> None:
    lab.provider = Provider(lambda _: Refused("30006", "a landline", because="address"))
    page(lab, "id: one, send: now")
    lab.add(["maria"])
    lab.tick(TUESDAY)

    assert "another phone number" in changes(lab, "one", minutes(2), "dead_address", "failed")


def test_what_the_provider_was_too_busy_for_is_tried_again(lab: Lab) -> None:
    lab.provider = Provider(lambda _: NotNow("503", "busy"))
    page(lab, "id: one, send: now")
    lab.add(["maria"])
    lab.tick(TUESDAY)
    data = told(lab, "one", TUESDAY + timedelta(seconds=10))

    assert changes(lab, "one", TUESDAY + timedelta(seconds=10), "retry", "waits").startswith(
        "nothing: it is tried again"
    )
    assert [entry["type"] for entry in data["log"]] == ["touch.claimed", "touch.deferred"]
    assert "503" in data["log"][1]["detail"]


def test_a_lost_answer_asks_for_a_look_at_the_provider(lab: Lab) -> None:
    lab.provider = Provider(lambda _: Lost("timeout", "no answer"), has=lambda *_: False)
    page(lab, "id: one, send: now")
    lab.add(["maria"])
    lab.tick(TUESDAY)

    said = changes(lab, "one", minutes(1), "lost_answer", "unknown")
    assert "`cadence outbox resolve maria/roofer/-/1/1/one`" in said


def test_a_halted_channel_says_what_halted_it_and_how_it_goes_on(lab: Lab) -> None:
    lab.provider = Provider(lambda _: NotNow("20003", "wrong credentials", halt=True))
    page(lab, "id: one, send: now", "id: two, after: 5m")
    lab.add(["maria"])
    lab.tick(TUESDAY)

    said = changes(lab, "two", minutes(6), "halted", "waits")
    assert said == "put right what halted sms (20003: wrong credentials), then `cadence channels resume sms`"


def test_an_address_on_the_list_and_a_person_who_asked_us_to_stop(lab: Lab) -> None:
    page(lab, "id: one, after: 5m", "id: two, after: 9m")
    lab.add(["maria"])
    row = SuppressionRow(address="+18165550000", reason="person", source="dana", at=TUESDAY, recorded_at=TUESDAY)
    with lab.desk.account.store.write() as session:
        suppressions.add(session, "summit", [row])
    lab.tick(minutes(6))
    lab.tell("maria", "opt_out", minutes(7), text="STOP")

    assert "`cadence suppress show ADDRESS`" in changes(lab, "one", minutes(10), "suppressed", "stopped")
    assert "`cadence event maria opt_in`" in changes(lab, "two", minutes(10), "opted_out", "stopped")
    stopped = told(lab, "two", minutes(10))["stopped_by"]
    assert stopped == {
        "event": "opt_out",
        "says": "the person asked us to stop",
        "at": instant_text(minutes(7)),
        "text": "STOP",
    }


def test_a_snooze_and_a_pause_of_the_shop(lab: Lab) -> None:
    page(lab, "id: one, after: 5m")
    lab.add(["maria"])
    lab.tell("maria", "snooze", minutes(1), until="2026-12-03")

    assert changes(lab, "one", minutes(6), "snoozed", "waits").startswith(
        "it goes after Thu 03 Dec 2026 10:00, or as soon"
    )
    with lab.desk.account.store.write() as session:
        pause(session, "summit", lab.desk.book(session), minutes(7))
    assert changes(lab, "one", minutes(8), "paused", "waits") == "once somebody says `cadence resume`"


def test_limits_say_when_they_leave_room_and_which_they_are(lab: Lab) -> None:
    page(lab, "id: one, after: 1m", "id: two, after: 2m", gap="30m")
    lab.add(["maria"])
    lab.tick(minutes(1))

    said = changes(lab, "two", minutes(3), "min_gap", "waits")
    assert said == "nothing: it goes Tue 24 Nov 2026 13:41; a shorter `min_gap` than 30m would let it go sooner"
    assert told(lab, "two", minutes(3))["why_then"] == ["the last message was too recent until Tue 24 Nov 2026 13:41"]


def test_a_day_and_a_week_that_have_had_their_messages(lab: Lab) -> None:
    limits = "messages_per_day: 20, messages_per_week: 50"
    touches = ("id: one, after: 1m", "id: two, after: 2m", "id: three, after: 1d")
    page(lab, *touches, was=limits, now="messages_per_day: 1, messages_per_week: 2")
    lab.add(["maria"])
    lab.tick(minutes(1))

    assert "more than 1 `messages_per_day`" in changes(lab, "two", minutes(3), "day_limit", "waits")
    lab.tick(TUESDAY + 20 * HOUR)
    lab.tick(TUESDAY + 24 * HOUR)
    said = changes(lab, "three", TUESDAY + 25 * HOUR, "capped", "skipped")
    assert "fewer than 2 messages in the seven days before" in said


def test_an_outage_leaves_one_late_and_another_superseded(lab: Lab) -> None:
    page(lab, "id: one, after: 1m, expires_after: 1h", "id: two, after: 10m", "id: three, after: 3h")
    lab.add(["maria"])
    lab.tick(TUESDAY + 3 * HOUR)

    said = changes(lab, "one", TUESDAY + 3 * HOUR, "late", "skipped")
    assert "it would have gone if it could have by Tue 24 Nov 2026 14:11: it expires 1h after it is due" in said
    assert "`three` had not been ready at the same moment" in changes(
        lab, "two", TUESDAY + 3 * HOUR, "superseded", "skipped"
    )


def test_an_edit_adds_what_was_due_before_it_and_takes_off_what_was_to_be_tried_again(lab: Lab) -> None:
    lab.provider = Provider(lambda _: NotNow("503", "busy"))
    page(lab, "id: one, send: now")
    lab.add(["maria"])
    lab.tick(TUESDAY)
    page(lab, "id: two, after: 1m")
    lab.tick(minutes(30))

    assert "published before it was due" in changes(lab, "two", minutes(31), "before_publication", "skipped")
    data = told(lab, "one", minutes(31))
    assert (data["reason"], data["standing"]) == ("dropped", "stopped")
    assert data["line_text"].startswith("- {id: one")


def test_a_version_that_is_published_and_not_yet_followed_is_told_as_the_next_look_will_have_it(lab: Lab) -> None:
    page(lab, "id: one, after: 1h")
    lab.add(["maria"])
    page(lab, "id: first, renamed_from: one, after: 2h", "id: second, after: 3h")
    lab.desk.publish(minutes(5))

    names = {each["touch"]: each for each in _of_job(lab, minutes(6))}
    assert set(names) == {"first", "second"}
    assert names["first"]["due_at"] == instant_text(TUESDAY + 2 * HOUR)
    assert names["first"]["key"] == "maria/roofer/-/1/1/one"


def _of_job(lab: Lab, now: datetime) -> list[dict[str, Any]]:
    with lab.desk.account.store.read() as session:
        data = explain_lead(read_story(session, "summit", "maria", None, now, HOUR))
    touches: list[dict[str, Any]] = data["jobs"][0]["visits"][-1]["touches"]
    return touches


def test_a_touch_that_answers_an_inquiry_and_one_that_stands_in_for_another(lab: Lab) -> None:
    fallback = "id: one, after: 1m, fallback: {channel: email, template: roofer/new/instant}"
    page(lab, "id: hi, send: now, answers: inquiry", fallback)
    lab.add(["maria"], email="maria@example.com")
    data = told(lab, "one.email", minutes(2))

    assert (data["standing"], data["reason"]) == ("never", "")
    assert data["says"].startswith("it stands in for one")


def test_a_consent_that_is_not_on_record(lab: Lab) -> None:
    lab.desk.edit_workspace("mode: log", "consent: {sms: written}\nmode: log")
    page(lab, "id: one, send: now")
    lab.add(["maria"])
    lab.tick(TUESDAY)

    assert "`cadence consent add maria" in changes(lab, "one", minutes(1), "no_consent", "skipped")
    chain = {link["what"]: link["says"] for link in told(lab, "one", minutes(1))["chain"]}
    assert chain["consent"] == "asked for: written; on record: inquiry"


def test_a_call_says_what_became_of_the_step(lab: Lab) -> None:
    page(
        lab,
        "id: ring, send: now",
        was="channel: sms, template: roofer/new/second-try",
        now="channel: call, template: roofer/new/first-call",
    )
    lab.add(["maria"])
    lab.tick(TUESDAY)
    lab.tell("maria", "call.logged", minutes(5), result="spoke")
    chain = {link["what"]: link for link in told(lab, "ring", minutes(6))["chain"]}

    assert chain["step"]["says"].startswith("Call Maria")
    assert chain["step"]["more"] == ["done; Dana Reyes has it"]
