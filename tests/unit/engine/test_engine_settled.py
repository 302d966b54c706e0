"""The settled readings of the language, one after the other: where two were plausible, this one holds."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from cadence.engine.decision import Reason
from cadence.engine.events import Decided
from cadence.engine.reviews import reviews_held
from support.plans import (
    LAW,
    Happened,
    Played,
    book_of,
    fact,
    instant,
    lead_fact,
    local_text,
    one_stage,
    plan_of,
    play,
)

if TYPE_CHECKING:
    from cadence.engine.book import Book

SHOP = 'calendar: {business_hours: {mon-fri: "08:00-18:00", sat: "09:00-13:00"}}'
NIGHTS = 'send_windows: {sms: "08:00-20:00", email: "07:00-21:00"}'
FREE = "limits: {messages_per_day: 9, messages_per_week: 99, min_gap: 1m}"

TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (f"2026-11-{day}" for day in (17, 18, 19, 20))
SATURDAY, SUNDAY, MONDAY = (f"2026-11-{day}" for day in (21, 22, 23))
LATER = "2026-12-24 00:00"


def page(touches: str, *, top: str = "", stage: str = "") -> Book:
    """Return a book of one stage with these touches."""
    return book_of(plan_of(one_stage(touches, top=top, stage=stage)))


def story(book: Book, *facts: object, tick: str = "1m", end: str = LATER) -> Played:
    """Play facts from the Tuesday on."""
    return play(book, facts, f"{TUESDAY} 00:00", end, tick)  # type: ignore[arg-type]


# a wall time already past on the anchor's day


@pytest.mark.parametrize(("arrives", "due"), [("16:00", "16:00"), ("10:00", "10:00"), ("09:59", "10:00")])
def test_settled_wall_time_already_past_is_due_at_the_anchor(arrives: str, due: str) -> None:
    book = page('- {id: hello, channel: sms, day: 1, at: "10:00", template: hello}')

    assert story(book, lead_fact(f"{TUESDAY} {arrives}")).sent() == [f"{TUESDAY} {due}"]


def test_settled_wall_time_past_holds_for_a_date_with_an_hour_but_not_for_a_mere_date() -> None:
    touch = '- {id: hello, channel: sms, anchor: no_decision.follow_up_due, at: "09:00", template: hello}'
    facts = lead_fact(f"{TUESDAY} 12:00"), fact("no_decision", f"{TUESDAY} 12:01", follow_up_due=f"{WEDNESDAY}T11:00")
    day_only = facts[0], fact("no_decision", f"{TUESDAY} 12:01", follow_up_due=WEDNESDAY)

    assert story(page(touch), *facts).sent() == [f"{WEDNESDAY} 11:00"]
    assert story(page(touch), *day_only).sent() == [f"{WEDNESDAY} 09:00"]


# whose clock

EAST = {"zones": ["America/New_York"], "states": ["NY"]}


@pytest.mark.parametrize(
    ("timing", "shop_time"),
    [
        ('day: 2, at: "09:00"', f"{WEDNESDAY} 08:00"),
        ('business_day: 2, at: "09:00"', f"{WEDNESDAY} 08:00"),
        ('next_business_day: "09:00"', f"{WEDNESDAY} 08:00"),
        ('cron: "0 9 * * *"', f"{WEDNESDAY} 08:00"),
    ],
)
def test_settled_whose_clock_days_and_times_are_the_leads(timing: str, shop_time: str) -> None:
    book = page(f"- {{id: hello, channel: sms, {timing}, template: hello}}", top=SHOP)

    assert story(book, lead_fact(f"{TUESDAY} 12:00", **EAST)).sent() == [shop_time]


def test_settled_whose_clock_the_day_of_the_anchor_is_the_leads_day() -> None:
    book = page('- {id: hello, channel: sms, day: 2, at: "12:00", template: hello}')

    assert story(book, lead_fact(f"{TUESDAY} 23:30", **EAST)).sent() == [f"{THURSDAY} 11:00"]


def test_settled_whose_clock_if_before_is_judged_by_the_leads_time() -> None:
    book = page("""
        - id: hello
          channel: sms
          schedule: [{if_before: "15:00", day: 1, at: "18:00"}, {next_business_day: "08:15"}]
          template: hello
    """)

    assert story(book, lead_fact(f"{TUESDAY} 13:59", **EAST)).sent() == [f"{TUESDAY} 17:00"]
    assert story(book, lead_fact(f"{TUESDAY} 14:00", **EAST)).sent() == [f"{WEDNESDAY} 07:15"]


def test_settled_whose_clock_now_in_a_condition_is_the_leads_time() -> None:
    book = page('- {id: hello, channel: sms, send: now, if: "now.hour == 13", template: hello}')

    assert story(book, lead_fact(f"{TUESDAY} 12:30", **EAST)).sent() == [f"{TUESDAY} 12:30"]
    assert story(book, lead_fact(f"{TUESDAY} 13:30", **EAST)).of("hello")[0][1:] == ("skipped", "condition")


def test_settled_whose_clock_in_business_hours_is_the_shops() -> None:
    book = page("- {id: hello, channel: sms, send: now, if: in_business_hours, template: hello}", top=SHOP)

    assert story(book, lead_fact(f"{TUESDAY} 17:30", **EAST)).rows[0].outcome == "sent"
    assert story(book, lead_fact(f"{TUESDAY} 18:00", **EAST)).rows[0].reason == "condition"


def test_settled_whose_clock_open_days_are_the_business_calendars() -> None:
    book = page("- {id: hello, channel: sms, business_day: 2, template: hello}", top=SHOP)

    assert story(book, lead_fact(f"{SATURDAY} 12:00", **EAST)).sent() == [f"{MONDAY} 09:00"]


def test_settled_whose_clock_is_the_shops_where_its_zone_is_one_of_several_candidates() -> None:
    book = page('- {id: hello, channel: sms, day: 2, at: "12:00", template: hello}')
    lead = lead_fact(f"{TUESDAY} 12:00", zones=["America/New_York", "America/Chicago"], zone_source="phone")

    assert story(book, lead).sent() == [f"{WEDNESDAY} 12:00"]


# an anchor event that happens again

AFTER_ESTIMATE = "- {id: second, channel: sms, anchor: estimate.sent, after: 5h, template: second}"


def test_settled_anchor_again_the_latest_counts_for_a_touch_that_has_not_ended() -> None:
    facts = [fact("estimate.sent", f"{TUESDAY} {at}") for at in ("10:00", "12:00")]

    assert story(page(AFTER_ESTIMATE), lead_fact(f"{TUESDAY} 09:00"), *facts).sent() == [f"{TUESDAY} 17:00"]


def test_settled_anchor_again_a_sent_touch_never_repeats_in_the_same_visit() -> None:
    facts = [fact("estimate.sent", f"{TUESDAY} {at}") for at in ("10:00", "16:00")]

    assert story(page(AFTER_ESTIMATE), lead_fact(f"{TUESDAY} 09:00"), *facts).sent() == [f"{TUESDAY} 15:00"]


def test_settled_anchor_again_the_latest_is_the_one_that_happened_last_not_the_one_learned_last() -> None:
    facts = (
        fact("estimate.sent", f"{TUESDAY} 12:00"),
        fact("estimate.sent", f"{TUESDAY} 10:00", learned=f"{TUESDAY} 13:00"),
    )

    assert story(page(AFTER_ESTIMATE), lead_fact(f"{TUESDAY} 09:00"), *facts).sent() == [f"{TUESDAY} 17:00"]


def test_settled_anchor_counts_from_a_facts_own_time_however_late_it_was_learned() -> None:
    estimate = fact("estimate.sent", f"{TUESDAY} 10:00", learned=f"{TUESDAY} 14:30")

    assert story(page(AFTER_ESTIMATE), lead_fact(f"{TUESDAY} 09:00"), estimate).sent() == [f"{TUESDAY} 15:00"]


# end of a window or span


@pytest.mark.parametrize(
    ("arrives", "goes"), [("19:59", f"{TUESDAY} 19:59"), ("20:00", f"{WEDNESDAY} 08:00"), ("07:59", f"{TUESDAY} 08:00")]
)
def test_settled_end_of_window_is_outside_it(arrives: str, goes: str) -> None:
    book = page("- {id: hello, channel: sms, send: now, template: hello}", top=NIGHTS)

    assert story(book, lead_fact(f"{TUESDAY} {arrives}")).sent() == [goes]


def test_settled_end_of_span_the_shop_is_closed_at_its_closing_time() -> None:
    book = page("- {id: hello, channel: call, send: now, due: next_opening, template: hello}", top=SHOP)

    closing = story(book, lead_fact(f"{TUESDAY} 18:00")).claims[0].task_due_at

    assert closing == instant(f"{WEDNESDAY} 08:00")


# when a false `if:` is final

AT_NIGHT = "- {id: hello, channel: sms, send: now, if: \"lead.urgency == 'leak'\", template: hello}"


def test_settled_false_if_is_not_final_while_the_window_is_closed() -> None:
    update = fact("lead.updated", f"{WEDNESDAY} 07:30", lead={"urgency": "leak"})

    assert story(page(AT_NIGHT, top=NIGHTS), lead_fact(f"{TUESDAY} 22:00"), update).sent() == [f"{WEDNESDAY} 08:00"]


def test_settled_false_if_is_final_once_due_and_the_window_is_open() -> None:
    update = fact("lead.updated", f"{WEDNESDAY} 08:01", lead={"urgency": "leak"})

    played = story(page(AT_NIGHT, top=NIGHTS), lead_fact(f"{TUESDAY} 22:00"), update)

    assert played.of("hello") == [(f"{WEDNESDAY} 08:00", "skipped", "condition")]


def test_settled_false_if_is_judged_again_at_the_sending() -> None:
    book = page("""
        - {id: first, channel: sms, send: now, template: first}
        - {id: second, channel: sms, after: 1h, if: not events.call.logged, template: second}
    """)

    played = story(book, lead_fact(f"{TUESDAY} 10:00"), fact("call.logged", f"{TUESDAY} 12:00"))

    assert played.of("second") == [(f"{TUESDAY} 12:00", "skipped", "condition")]


# what limits and min_gap count

TWO = """
    - {id: first, channel: sms, after: 1h, template: first}
    - {id: second, channel: email, after: 2h, template: second}
"""


def test_settled_limits_count_messages_over_all_channels() -> None:
    assert story(page(TWO), lead_fact(f"{TUESDAY} 09:00")).sent() == [f"{TUESDAY} 10:00", f"{TUESDAY} 14:00"]


def test_settled_limits_count_a_colleagues_message() -> None:
    wrote = fact("message.sent.by_person", f"{TUESDAY} 09:30", channel="sms")

    book = page("- {id: hello, channel: email, after: 1h, template: t}")

    assert story(book, lead_fact(f"{TUESDAY} 09:00"), wrote).sent() == [f"{TUESDAY} 13:30"]


@pytest.mark.parametrize("channel", ["call", "task", "audience"])
def test_settled_limits_do_not_count_calls_tasks_and_audiences(channel: str) -> None:
    rest = "list: everyone" if channel == "audience" else "template: step"
    book = page(f"""
        - {{id: step, channel: {channel}, send: now, {rest}}}
        - {{id: hello, channel: sms, after: 1m, template: hello}}
        - {{id: step-2, channel: {channel}, after: 2m, {rest}}}
    """)

    spoke = fact("call.logged", f"{TUESDAY} 09:00")

    played = story(book, lead_fact(f"{TUESDAY} 09:00"), spoke)

    assert played.sent() == [f"{TUESDAY} 09:00", f"{TUESDAY} 09:01", f"{TUESDAY} 09:02"]


def test_settled_limits_count_over_all_playbooks() -> None:
    touch = "- {{id: {0}, channel: sms, after: {1}, template: {0}}}"
    plans = [
        plan_of(f"playbook: {name}\n" + one_stage(touch.format(name, after)))
        for name, after in (("a", "1h"), ("b", "2h"))
    ]

    played = story(book_of(*plans), lead_fact(f"{TUESDAY} 09:00"))

    assert [(row.at, row.touch) for row in played.rows] == [(f"{TUESDAY} 10:00", "a"), (f"{TUESDAY} 14:00", "b")]


# messages_per_day, messages_per_week


def test_settled_messages_per_day_are_of_the_leads_calendar_day_and_a_touch_waits() -> None:
    book = page(TWO, top="limits: {messages_per_day: 1, min_gap: 1m}")

    here = story(book, lead_fact(f"{TUESDAY} 09:00"))
    east = story(book, lead_fact(f"{TUESDAY} 21:30", **EAST))

    assert here.sent() == [f"{TUESDAY} 10:00", f"{WEDNESDAY} 00:00"]
    assert east.sent() == [f"{TUESDAY} 22:30", f"{TUESDAY} 23:30"], "in New York the second falls on the next day"


def test_settled_messages_per_day_wait_for_a_window_of_the_next_day() -> None:
    book = page(TWO, top=f"limits: {{messages_per_day: 1, min_gap: 1m}}\n{NIGHTS}")

    assert story(book, lead_fact(f"{TUESDAY} 09:00")).sent("second") == [f"{WEDNESDAY} 07:00"]


def test_settled_messages_per_day_the_wait_ends_when_nothing_else_stands_in_the_way() -> None:
    book = page(TWO, top=f"limits: {{messages_per_day: 1, min_gap: 1m}}\n{NIGHTS}")
    played = story(book, lead_fact(f"{TUESDAY} 09:00"), end=f"{TUESDAY} 11:01")

    waiting = played.waits["second"]

    assert (waiting.reason, waiting.until) == (Reason.DAY_LIMIT, instant(f"{WEDNESDAY} 07:00"))


def test_settled_messages_per_week_are_of_any_seven_times_24_hours_and_a_touch_is_capped() -> None:
    touches = "\n".join(f"- {{id: t{n}, channel: sms, after: {n}h, template: t}}" for n in (1, 2, 168, 169, 170))
    book = page(touches, top="limits: {messages_per_day: 9, messages_per_week: 2, min_gap: 1m}")

    played = story(book, lead_fact(f"{TUESDAY} 09:00"))

    assert [(row.touch, row.outcome, row.reason) for row in played.rows] == [
        ("t1", "sent", "sent"),
        ("t2", "sent", "sent"),
        ("t168", "skipped", "capped"),
        ("t169", "sent", "sent"),
        ("t170", "sent", "sent"),
    ]


def test_settled_messages_per_week_a_touch_that_waits_is_capped_as_soon_as_the_last_of_the_week_has_gone() -> None:
    book = page(
        "\n".join(f"- {{id: t{n}, channel: sms, send: now, expires_after: 2h, template: t}}" for n in range(3)),
        top="limits: {messages_per_day: 2, messages_per_week: 2, min_gap: 1m}",
    )

    played = story(book, lead_fact(f"{TUESDAY} 10:00"))

    assert [(row.touch, row.at[-5:], row.reason) for row in played.rows] == [
        ("t0", "10:00", "sent"),
        ("t2", "10:01", "capped"),
        ("t1", "10:01", "sent"),
    ]


# min_gap


def test_settled_min_gap_counts_from_the_moment_the_last_message_was_sent() -> None:
    book = page(
        """
        - {id: first, channel: sms, send: now, template: first}
        - {id: second, channel: sms, after: 10h, template: second}
        """,
        top=NIGHTS,
    )

    played = story(book, lead_fact(f"{TUESDAY} 23:30"))

    assert played.sent("first", "second") == [f"{WEDNESDAY} 08:00", f"{WEDNESDAY} 12:00"]


# several messages ready in one tick


def test_settled_several_ready_go_by_due_instant_then_order_on_the_page() -> None:
    book = page("""
        - {id: newer, channel: sms, after: 10m, template: t}
        - {id: older-first, channel: sms, after: 5m, template: t}
        - {id: older-second, channel: email, after: 5m, template: t}
    """)

    played = story(book, lead_fact(f"{TUESDAY} 10:05"), tick="15m")

    assert played.rows[0][:2] == (f"{TUESDAY} 10:15", "older-first")


def test_settled_several_ready_the_others_wait_the_gap() -> None:
    book = page(
        """
        - {id: one, channel: sms, send: now, template: t}
        - {id: two, channel: email, send: now, template: t}
        - {id: three, channel: sms, send: now, template: t}
        """,
        top="limits: {messages_per_day: 9, min_gap: 20m}",
    )

    played = story(book, lead_fact(f"{TUESDAY} 10:00"))

    assert [(row.at[-5:], row.touch) for row in played.rows] == [("10:00", "one"), ("10:20", "two"), ("10:40", "three")]


# do quiet hours hold back a call or task


@pytest.mark.parametrize("channel", ["call", "task"])
def test_settled_quiet_hours_do_not_hold_calls_and_tasks(channel: str) -> None:
    book = page(f"- {{id: step, channel: {channel}, send: now, template: step}}", top=f"{NIGHTS}\n{SHOP}")

    assert story(book, lead_fact(f"{SUNDAY} 03:00")).sent() == [f"{SUNDAY} 03:00"]


# send: now, due: next_opening


def test_settled_send_now_due_next_opening_is_made_at_once_and_due_when_the_shop_opens() -> None:
    book = page("- {id: step, channel: call, send: now, due: next_opening, template: step}", top=SHOP)

    played = story(book, lead_fact(f"{SATURDAY} 15:00"))

    assert played.sent() == [f"{SATURDAY} 15:00"]
    assert played.claims[0].task_due_at == instant(f"{MONDAY} 08:00")
    assert played.claims[0].to == "dana"


def test_settled_due_next_opening_is_now_while_the_shop_is_open() -> None:
    book = page("- {id: step, channel: call, send: now, due: next_opening, template: step}", top=SHOP)

    assert story(book, lead_fact(f"{TUESDAY} 15:00")).claims[0].task_due_at == instant(f"{TUESDAY} 15:00")


# silence

SILENT = """
    next: {silence: {after: 2d, to: quiet}}
"""
QUIET = """
  quiet:
    owner: sales
    touches:
      - {id: after-silence, channel: call, send: now, template: t}
    next: {lead.won: won}
"""


LEARNED_LATE = fact("reply", f"{TUESDAY} 12:00", learned=f"{TUESDAY} 15:00")


def silent_book(touches: str = "", top: str = "") -> Book:
    """Return a book whose lead goes from new to quiet after two days of silence."""
    return book_of(plan_of(one_stage(touches, top=top, stage=SILENT) + QUIET))


def quiet_since(played: Played) -> str:
    """When the visit to quiet began."""
    entered = [entry for entry in played.entries(Decided.STAGE_ENTERED) if entry.data["stage"] == "quiet"]
    return local_text(entered[0].at) if entered else ""


@pytest.mark.parametrize(
    ("happens", "moved"),
    [
        ([], f"{THURSDAY} 10:00"),
        ([fact("reply", f"{TUESDAY} 12:00")], f"{THURSDAY} 12:00"),
        ([fact("call.missed", f"{TUESDAY} 12:00")], f"{THURSDAY} 12:00"),
        ([fact("call.logged", f"{TUESDAY} 13:00")], f"{THURSDAY} 13:00"),
        ([fact("note.added", f"{TUESDAY} 13:00")], f"{THURSDAY} 13:00"),
        ([fact("message.sent.by_person", f"{TUESDAY} 14:00"), fact("reply", f"{TUESDAY} 12:00")], f"{THURSDAY} 14:00"),
        (
            [fact("reply", f"{TUESDAY} 12:00", learned=f"{TUESDAY} 15:00"), fact("note.added", f"{TUESDAY} 14:00")],
            f"{THURSDAY} 14:00",
        ),
        ([fact("automatic", f"{TUESDAY} 12:00", kind="delivery")], f"{THURSDAY} 10:00"),
        ([fact("lead.updated", f"{TUESDAY} 12:00", lead={"zip": "64110"})], f"{THURSDAY} 10:00"),
    ],
)
def test_settled_silence_counts_from_the_latest_of_visit_inbound_and_a_colleagues_act(
    happens: list, moved: str
) -> None:
    assert quiet_since(story(silent_book(), lead_fact(f"{TUESDAY} 10:00"), *happens)) == moved


def test_settled_silence_does_not_count_automatic_messages() -> None:
    book = silent_book("- {id: hello, channel: sms, after: 1d, template: t}")

    assert quiet_since(story(book, lead_fact(f"{TUESDAY} 10:00"))) == f"{THURSDAY} 10:00"


def test_settled_silence_is_not_cancelled_by_a_stop() -> None:
    book = silent_book("- {id: hello, channel: sms, after: 1d, template: t}", top="stop_on: [reply]")

    played = story(book, lead_fact(f"{TUESDAY} 10:00"), fact("reply", f"{TUESDAY} 11:00"))

    assert played.of("hello")[0][1:] == ("stopped", "stopped")
    assert quiet_since(played) == f"{THURSDAY} 11:00"


@pytest.mark.parametrize("tick", ["1m", "7m", "60m"])
def test_settled_silence_starts_the_new_visit_at_the_due_instant_not_at_the_tick(tick: str) -> None:
    played = story(silent_book(), lead_fact(f"{TUESDAY} 10:01"), tick=tick)

    assert quiet_since(played) == f"{THURSDAY} 10:01"
    assert played.verdicts[0].due_at == instant(f"{THURSDAY} 10:01")


def test_settled_silence_that_was_due_before_a_fact_moved_the_lead_before_it() -> None:
    played = story(silent_book(), lead_fact(f"{TUESDAY} 10:01"), fact("reply", f"{THURSDAY} 10:30"), tick="60m")

    assert quiet_since(played) == f"{THURSDAY} 10:01"


# met_by

PROMISE = """
    sla:
      answer: {within: 30m, met_by: [MET_BY], on_miss: [{alert: ops_lead}]}
"""
HELLO = "- {id: hello, channel: sms, after: 10m, template: t}"


@pytest.mark.parametrize(
    ("met_by", "colleague_writes", "missed"),
    [
        ("message.sent", False, False),
        ("message.sent", True, False),
        ("message.sent.by_person", False, True),
        ("message.sent.by_person", True, False),
        ("call.logged", True, True),
    ],
)
def test_settled_met_by_message_sent_is_any_message_and_by_person_a_colleagues(
    met_by: str, colleague_writes: bool, missed: bool
) -> None:
    book = page(HELLO, stage=PROMISE.replace("MET_BY", met_by))
    wrote = [fact("message.sent.by_person", f"{TUESDAY} 10:20")] if colleague_writes else []

    played = story(book, lead_fact(f"{TUESDAY} 10:00"), *wrote)

    assert bool(played.entries(Decided.SLA_MISSED)) is missed


def test_settled_met_by_message_sent_is_met_by_a_colleagues_message_alone() -> None:
    book = page("", stage=PROMISE.replace("MET_BY", "message.sent"))

    played = story(book, lead_fact(f"{TUESDAY} 10:00"), fact("message.sent.by_person", f"{TUESDAY} 10:20"))

    assert played.entries(Decided.SLA_MISSED) == []


# SLA warn, on_miss.after


def steps(played: Played) -> list[tuple[str, str]]:
    """What an SLA set off, and when."""
    kinds = {Decided.SLA_WARNED: "warned", Decided.SLA_MISSED: "missed", Decided.SLA_ESCALATED: "escalated"}
    return [(local_text(entry.at), kinds[entry.type]) for entry in played.events if entry.type in kinds]


def promise(clock: str) -> Book:
    """Return a book with an SLA of 30 minutes that warns 10 before and escalates at once and 10 after."""
    return page(
        "- {id: look-again, channel: task, after: 2h, template: t}",
        top=SHOP,
        stage=f"""
        sla:
          contact: {{within: 30m, clock: {clock}, met_by: [call.logged], warn: 10m,
                     on_miss: [{{alert: ops_lead}}, {{after: 10m, reassign: fallback}}]}}
        """,
    )


def test_settled_sla_warns_before_the_due_instant_and_escalates_after_the_miss() -> None:
    played = story(promise("elapsed"), lead_fact(f"{TUESDAY} 17:50"))

    assert steps(played) == [
        (f"{TUESDAY} 18:10", "warned"),
        (f"{TUESDAY} 18:20", "missed"),
        (f"{TUESDAY} 18:20", "escalated"),
        (f"{TUESDAY} 18:30", "escalated"),
    ]
    assert played.task_list() == [
        ("Maria Lopez: contact is due soon", "dana", f"{TUESDAY} 18:20"),
        ("Maria Lopez: contact was missed", "pat", f"{TUESDAY} 18:20"),
    ]
    assert played.enrolment.owner == "pat"


def test_settled_sla_on_the_business_clock_warns_and_escalates_in_open_time() -> None:
    played = story(promise("business"), lead_fact(f"{TUESDAY} 17:35"))

    assert steps(played) == [
        (f"{TUESDAY} 17:55", "warned"),
        (f"{WEDNESDAY} 08:05", "missed"),
        (f"{WEDNESDAY} 08:05", "escalated"),
        (f"{WEDNESDAY} 08:15", "escalated"),
    ]


@pytest.mark.parametrize("noted", ["18:10", "18:12"])
def test_settled_sla_warns_even_when_a_fact_comes_at_the_warning_or_behind_it(noted: str) -> None:
    note = fact("note.added", f"{TUESDAY} {noted}")
    played = story(promise("elapsed"), lead_fact(f"{TUESDAY} 17:50"), note, tick="5m")

    assert steps(played)[0][1] == "warned"


def test_settled_sla_met_in_time_sets_nothing_off() -> None:
    assert (
        steps(story(promise("elapsed"), lead_fact(f"{TUESDAY} 10:00"), fact("call.logged", f"{TUESDAY} 10:19"))) == []
    )


@pytest.mark.parametrize(("met", "missed"), [("10:30", []), ("10:31", ["missed", "escalated"])])
def test_settled_sla_kept_at_the_very_due_instant_is_kept(met: str, missed: list[str]) -> None:
    played = story(promise("elapsed"), lead_fact(f"{TUESDAY} 10:00"), fact("call.logged", f"{TUESDAY} {met}"))

    assert [what for _, what in steps(played)] == ["warned", *missed]


def test_settled_sla_met_after_the_miss_ends_the_escalation() -> None:
    played = story(promise("elapsed"), lead_fact(f"{TUESDAY} 10:00"), fact("call.logged", f"{TUESDAY} 10:35"))

    assert [what for _, what in steps(played)] == ["warned", "missed", "escalated"]


@pytest.mark.parametrize("tick", ["1m", "15m", "60m"])
def test_settled_sla_kept_too_late_is_a_miss_however_seldom_ticks_come(tick: str) -> None:
    played = story(
        promise("elapsed"), lead_fact(f"{TUESDAY} 10:01"), fact("call.logged", f"{TUESDAY} 10:35"), tick=tick
    )

    assert [what for _, what in steps(played)].count("missed") == 1


def test_settled_sla_task_is_due_when_the_step_was_due_however_seldom_ticks_come() -> None:
    played = story(promise("elapsed"), lead_fact(f"{TUESDAY} 10:01"), tick="60m")

    assert played.task_list() == [("Maria Lopez: contact was missed", "pat", f"{TUESDAY} 10:31")]


LEAVING = """
    next: {lead.qualified: later}
    sla:
      contact: {within: 30m, met_by: [call.logged], on_miss: [{alert: ops_lead}]}
"""
BACK = """
  later:
    owner: sales
    touches: []
    next: {estimate.sent: new, lead.won: won}
"""


def test_settled_sla_leaving_the_stage_ends_the_clock() -> None:
    book = book_of(plan_of(one_stage("", stage=LEAVING) + BACK.replace("    touches: []\n", "")))

    assert steps(story(book, lead_fact(f"{TUESDAY} 10:00"), fact("lead.qualified", f"{TUESDAY} 10:29"))) == []


@pytest.mark.parametrize("tick", ["1m", "60m"])
def test_settled_sla_leaving_the_stage_after_the_due_instant_does_not_hide_the_miss(tick: str) -> None:
    book = book_of(plan_of(one_stage("", stage=LEAVING) + BACK.replace("    touches: []\n", "")))

    played = story(book, lead_fact(f"{TUESDAY} 10:01"), fact("lead.qualified", f"{TUESDAY} 10:45"), tick=tick)

    assert [what for _, what in steps(played)].count("missed") == 1


@pytest.mark.parametrize("tick", ["1m", "60m"])
def test_settled_sla_silence_that_ends_the_visit_does_not_hide_the_miss(tick: str) -> None:
    silent = PROMISE.replace("MET_BY", "call.logged") + "    next: {silence: {after: 50m, to: lost}}\n"

    played = story(page("", stage=silent), lead_fact(f"{TUESDAY} 10:05"), tick=tick)

    assert [what for _, what in steps(played)].count("missed") == 1


def test_settled_sla_re_entering_the_stage_starts_a_new_clock() -> None:
    book = book_of(plan_of(one_stage("", stage=LEAVING) + BACK.replace("    touches: []\n", "")))
    facts = (
        fact("call.logged", f"{TUESDAY} 10:05"),
        fact("lead.qualified", f"{TUESDAY} 10:20"),
        fact("estimate.sent", f"{TUESDAY} 12:00"),
    )

    played = story(book, lead_fact(f"{TUESDAY} 10:00"), *facts)

    assert steps(played) == [(f"{TUESDAY} 12:30", "missed"), (f"{TUESDAY} 12:30", "escalated")]


# a requirement to leave that is not fulfilled

REQUIRING = """
    next: {lead.qualified: later}
    require: {to_leave: [lead.zip, {if: "enrolment.contacts >= 1", say: speak with them first}]}
"""
LATER_STAGE = """
  later:
    owner: sales
    touches: [{id: onward, channel: call, send: now, template: t}]
    next: {lead.won: won}
"""


def test_settled_require_to_leave_not_fulfilled_the_move_waits_shown_as_a_gap() -> None:
    book = book_of(plan_of(one_stage("", stage=REQUIRING) + LATER_STAGE))

    played = story(book, lead_fact(f"{TUESDAY} 10:00"), fact("lead.qualified", f"{TUESDAY} 11:00"))

    assert played.stage == "new"
    assert [(gap.code, gap.text) for gap in played.gaps] == [
        ("no_next_action", "nothing comes next in new"),
        ("move_waiting", "cannot go to later: lead.zip is not known; speak with them first"),
    ]


def test_settled_require_to_leave_the_move_is_made_when_all_of_it_is_fulfilled() -> None:
    book = book_of(plan_of(one_stage("", stage=REQUIRING) + LATER_STAGE))
    facts = (
        fact("lead.qualified", f"{TUESDAY} 11:00"),
        fact("lead.updated", f"{TUESDAY} 12:00", lead={"zip": "64110"}),
        fact("call.logged", f"{TUESDAY} 13:00"),
    )

    played = story(book, lead_fact(f"{TUESDAY} 10:00"), *facts)

    assert played.of("onward") == [(f"{TUESDAY} 13:00", "sent", "sent")]
    assert played.gaps == ()


def test_settled_require_to_leave_the_move_is_not_made_before_it_was_asked_for() -> None:
    book = book_of(
        plan_of(one_stage("", stage="next: {lead.qualified: later}\nrequire: {to_leave: [lead.zip]}") + LATER_STAGE)
    )
    known = fact("lead.updated", f"{TUESDAY} 10:30", learned=f"{TUESDAY} 12:00", lead={"zip": "64110"})

    played = story(book, lead_fact(f"{TUESDAY} 10:00"), fact("lead.qualified", f"{TUESDAY} 11:00"), known)

    assert local_text(played.enrolment.visit.started_at) == f"{TUESDAY} 11:00"


def test_settled_require_nobody_fills_in_a_zip_to_lose_a_job() -> None:
    stage = REQUIRING.replace("lead.qualified: later", "lead.qualified: later, lead.lost: lost")
    book = book_of(plan_of(one_stage("", stage=stage) + LATER_STAGE))

    assert story(book, lead_fact(f"{TUESDAY} 10:00"), fact("lead.lost", f"{TUESDAY} 11:00")).enrolment.end == "lost"


def test_settled_require_to_enter_needs_the_date_an_event_carries() -> None:
    stages = LATER_STAGE.replace("owner: sales", "owner: sales\n    require: {to_enter: [no_decision.follow_up_due]}")
    book = book_of(plan_of(one_stage("", stage="next: {no_decision: later}") + stages))
    lead = lead_fact(f"{TUESDAY} 10:00")

    without = story(book, lead, fact("no_decision", f"{TUESDAY} 11:00"))
    with_date = story(
        book,
        lead,
        fact("no_decision", f"{TUESDAY} 11:00"),
        fact("no_decision", f"{TUESDAY} 12:00", follow_up_due=FRIDAY),
    )

    assert without.stage == "new"
    assert with_date.sent("onward") == [f"{TUESDAY} 12:00"]


# cron with both day fields; day with cron


def test_settled_cron_with_both_day_fields_matches_either() -> None:
    touches = """
        - {id: by-weekday, channel: task, cron: "0 9 25 * fri", template: t}
        - {id: by-date, channel: task, day: 5, at: "00:00", cron: "0 9 25 * thu", template: t}
    """

    played = story(page(touches), lead_fact(f"{THURSDAY} 10:00"))

    assert played.sent("by-weekday") == [f"{FRIDAY} 09:00"], "Friday comes before the 25th"
    assert played.sent("by-date") == ["2026-11-25 09:00"], "the 25th comes before Thursday"


def test_settled_day_with_cron_and_no_time_counts_from_that_day_at_touch_time() -> None:
    touch = '- {id: hello, channel: sms, day: 2, cron: "*/45 * * * *", template: t}'

    default = story(page(touch), lead_fact(f"{TUESDAY} 09:00"))
    own = story(page(touch, top='calendar: {touch_time: "11:10"}'), lead_fact(f"{TUESDAY} 09:00"))

    assert default.sent() == [f"{WEDNESDAY} 10:00"]
    assert own.sent() == [f"{WEDNESDAY} 11:45"]


# observed holidays


def test_settled_observed_holidays_are_closed() -> None:
    top = 'calendar: {business_hours: {mon-fri: "08:00-18:00"}, holidays: [US-major]}'
    book = page('- {id: hello, channel: sms, next_business_day: "09:00", template: t}', top=top)

    def goes(arrives: str) -> list[str]:
        return play(book, [lead_fact(arrives)], "2026-06-01 00:00", "2027-08-01 00:00", "60m").sent()

    assert goes("2026-07-02 10:00") == ["2026-07-06 09:00"], "4 July 2026 is a Saturday, kept on Friday the 3rd"
    assert goes("2027-07-02 10:00") == ["2027-07-06 09:00"], "4 July 2027 is a Sunday, kept on Monday the 5th"


def test_settled_holidays_close_send_windows_only_where_the_page_says_so() -> None:
    touch = "- {id: hello, channel: sms, send: now, template: t}"
    closed = 'calendar: {holidays: [US-major]}\nsend_windows: {sms: "08:00-20:00", holidays: closed}'

    book, open_book = page(touch, top=closed), page(touch, top=closed.replace("closed", "open"))

    assert story(book, lead_fact("2026-11-26 10:00")).sent() == ["2026-11-27 08:00"]
    assert story(open_book, lead_fact("2026-11-26 10:00")).sent() == ["2026-11-26 10:00"]


# reviews

REVIEWED = """
    calendar: {holidays: [US-major]}
    reviews: {open-loops: {cron: "30 7 * * mon-fri", of: [new], to: ops_lead}}
"""


def held(start: str, end: str, tick: timedelta) -> list[str]:
    """When the review of the page is held."""
    playbook = plan_of(one_stage("", top=REVIEWED)).playbook
    times = reviews_held(playbook.reviews[0], playbook.calendar, start=instant(start), end=instant(end), tick=tick)
    return [local_text(at) for at in times]


def test_settled_reviews_are_held_on_the_shops_clock_and_not_on_holidays() -> None:
    found = held("2026-11-25 00:00", "2026-12-01 00:00", timedelta(minutes=1))

    assert found == ["2026-11-25 07:30", "2026-11-27 07:30", "2026-11-30 07:30"], "Thanksgiving is left out"


def test_settled_reviews_keep_their_hour_when_the_clocks_change() -> None:
    found = held("2026-10-30 00:00", "2026-11-03 00:00", timedelta(minutes=1))

    assert found == ["2026-10-30 07:30", "2026-11-02 07:30"]


def test_settled_reviews_are_held_once_after_an_outage() -> None:
    found = held(f"{MONDAY} 12:00", "2026-12-05 00:00", timedelta(days=4))

    assert found == ["2026-11-27 12:00", "2026-12-01 12:00"], "each stands for all the mornings since the last tick"


# default law table


@pytest.mark.parametrize(
    ("states", "goes"),
    [
        (["CO"], f"{WEDNESDAY} 08:00"),
        (["KY"], f"{WEDNESDAY} 10:00"),
        (["CO", "KY"], f"{WEDNESDAY} 10:00"),
        (["CO", "CT"], f"{WEDNESDAY} 09:00"),
        ([], f"{WEDNESDAY} 10:00"),
        (["abroad:GB"], f"{TUESDAY} 22:30"),
        (["abroad:FR"], f"{WEDNESDAY} 08:00"),
        (["abroad"], f"{TUESDAY} 22:30"),
    ],
)
def test_settled_law_table_federal_and_the_strictest_of_the_candidate_states(states: list[str], goes: str) -> None:
    touch = "- {id: hello, channel: sms, send: now, template: t}"
    book = book_of(plan_of(one_stage(touch), law=LAW))

    assert story(book, lead_fact(f"{TUESDAY} 22:30", states=states)).sent() == [goes]


def test_settled_law_table_tightens_texts_only() -> None:
    touch = "- {id: hello, channel: email, send: now, template: t}"
    book = book_of(plan_of(one_stage(touch), law=LAW))

    assert story(book, lead_fact(f"{TUESDAY} 22:30", states=["KY"])).sent() == [f"{TUESDAY} 22:30"]


FOUR = "\n".join(f"- {{id: t{n}, channel: sms, after: {n}h, template: t}}" for n in (1, 2, 3, 4))
ROOM = "limits: {messages_per_day: 9, messages_per_week: 9, min_gap: 1m}"


def test_settled_law_table_the_fourth_text_in_24_hours_waits_where_the_law_numbers_them() -> None:
    book = book_of(plan_of(one_stage(FOUR, top=ROOM), law=LAW))

    there = story(book, lead_fact(f"{TUESDAY} 09:00", states=["FL", "GA"]))
    elsewhere = story(book, lead_fact(f"{TUESDAY} 09:00", states=["GA"]))
    waiting = story(book, lead_fact(f"{TUESDAY} 09:00", states=["FL"]), end=f"{TUESDAY} 14:00").waits["t4"]

    assert there.sent() == [f"{TUESDAY} {hour}:00" for hour in (10, 11, 12)] + [f"{WEDNESDAY} 10:00"]
    assert elsewhere.sent() == [f"{TUESDAY} {hour}:00" for hour in (10, 11, 12, 13)]
    assert (waiting.reason, waiting.until) == (Reason.LAW_LIMIT, instant(f"{WEDNESDAY} 10:00"))
    assert waiting.reason.text == "the law allows no more texts for now"


def test_settled_law_table_what_waits_for_the_law_expires_as_ever() -> None:
    touches = FOUR.replace("after: 4h,", "after: 4h, expires_after: 5h,")
    book = book_of(plan_of(one_stage(touches, top=ROOM), law=LAW))

    played = story(book, lead_fact(f"{TUESDAY} 09:00", states=["OK"]))

    assert [(row.touch, row.reason) for row in played.rows][-1] == ("t4", "late")


def test_settled_law_table_numbers_all_texts_whatever_they_are_for_and_nothing_else() -> None:
    """Answers, confirmations and a colleague's texts count; e-mails neither count nor wait."""
    touches = """
    - {id: answer, channel: sms, send: now, answers: inquiry, template: t}
    - {id: confirm, channel: sms, after: 1h, expects: ack, template: t}
    - {id: mail, channel: email, after: 90m, template: t}
    - {id: more, channel: sms, after: 3h, template: t}
    - {id: ask, channel: sms, after: 4h, expects: ack, template: t}
    - {id: mail-2, channel: email, after: 5h, template: t}
    """
    book = book_of(plan_of(one_stage(touches, top=ROOM), law=LAW))
    by_person = fact("message.sent.by_person", f"{TUESDAY} 11:00", channel="sms")

    played = story(book, lead_fact(f"{TUESDAY} 09:00", states=["MD"]), by_person)

    assert played.sent("answer", "confirm", "mail", "mail-2") == [
        f"{TUESDAY} 09:00", f"{TUESDAY} 10:00", f"{TUESDAY} 10:30", f"{TUESDAY} 14:00"
    ]  # fmt: skip
    assert played.sent("ask") == [f"{WEDNESDAY} 09:00"], "24 hours after the first; a confirmation waits like any text"
    assert played.of("more") == [(f"{WEDNESDAY} 09:00", "skipped", "superseded")]


def test_settled_law_table_an_answer_at_any_hour_does_not_wait_for_the_number() -> None:
    """The person has just asked: what may go outside the hours may go over the number."""
    again = "- {id: again, channel: sms, anchor: call.missed, after: 1m, answers: inquiry, template: t}"
    book = book_of(plan_of(one_stage("\n".join([*FOUR.splitlines()[:3], again]), top=ROOM), law=LAW))

    played = story(book, lead_fact(f"{TUESDAY} 09:00", states=["FL"]), fact("call.missed", f"{TUESDAY} 13:00"))

    assert played.sent("again") == [f"{TUESDAY} 13:01"]


# late and superseded, or late and condition, at once


def test_settled_late_and_condition_at_once_is_late_recorded_when_it_expires() -> None:
    touch = "- {id: hello, channel: sms, send: now, if: lead.zip, expires_after: 2h, template: t}"

    played = story(page(touch, top=NIGHTS), lead_fact(f"{TUESDAY} 22:00"))

    assert played.rows == [Happened("2026-11-18 00:01", "hello", "skipped", "late", "")]


def test_settled_late_and_superseded_at_once_is_late() -> None:
    book = page(
        """
        - {id: old, channel: sms, send: now, expires_after: 2h, template: t}
        - {id: new, channel: sms, after: 9h, template: t}
        """,
        top=NIGHTS,
    )

    played = story(book, lead_fact(f"{TUESDAY} 22:00"))

    assert [(row.touch, row.reason) for row in played.rows] == [("old", "late"), ("new", "sent")]


def test_settled_late_is_recorded_after_an_outage_at_the_first_tick() -> None:
    touch = "- {id: hello, channel: sms, send: now, expires_after: 2h, template: t}"
    book = page(touch, top=NIGHTS)

    played = play(book, [lead_fact(f"{TUESDAY} 10:00")], f"{TUESDAY} 23:00", f"{WEDNESDAY} 12:00")

    assert played.of("hello") == [(f"{TUESDAY} 23:00", "skipped", "late")]


# mode log


def test_settled_mode_log_touches_count_as_sent() -> None:
    book = page(TWO)
    assert book.current["roofer"].workspace.mode == "log"

    played = story(book, lead_fact(f"{TUESDAY} 09:00"))

    assert {touch: state.outcome for touch, state in played.enrolment.visit.touches.items()} == {
        "first": "sent",
        "second": "sent",
    }
    assert [local_text(at) for at in played.state.messages] == [f"{TUESDAY} 10:00", f"{TUESDAY} 14:00"]


# a stage that can be entered again


def test_settled_stage_entered_again_sends_its_touches_again() -> None:
    stage = "next: {lead.qualified: later}"
    back = LATER_STAGE.replace("next: {", "next: {estimate.sent: new, ")
    book = book_of(plan_of(one_stage(HELLO, stage=stage, top=FREE) + back))
    facts = fact("lead.qualified", f"{TUESDAY} 12:00"), fact("estimate.sent", f"{TUESDAY} 15:00")

    played = story(book, lead_fact(f"{TUESDAY} 10:00"), *facts)

    assert played.sent("hello") == [f"{TUESDAY} 10:10", f"{TUESDAY} 15:10"]
    assert [verdict.key for verdict in played.verdicts] == [
        "maria/roofer/-/1/1/hello",
        "maria/roofer/-/1/2/onward",
        "maria/roofer/-/1/3/hello",
    ]
