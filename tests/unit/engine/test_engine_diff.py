"""What an edit changes for one lead: each kind of change, and what is worth a look."""

from __future__ import annotations

from datetime import timedelta

from cadence.engine.diff import Change, Kind, LeadDiff, lead_diff, names_of
from cadence.engine.futures import Span, first_tick
from cadence.engine.roster import Roster
from support.plans import book_of, fact, instant, lead_fact, local_text, one_stage, plan_of, play

TOP = "limits: {messages_per_day: 5, messages_per_week: 20, min_gap: 1m}\nstop_on: [reply]"
HELLO = "- {id: hello, channel: sms, send: now, template: hello}"
THIRD = '- {id: third, channel: sms, day: 3, at: "10:00", template: third}'
CALL = '- {id: call, channel: call, day: 4, at: "10:00", template: call}'
NOON = "2026-11-25 12:00"


def page(*touches: str, top: str = TOP, stage: str = "") -> str:
    return one_stage("\n".join(touches), top=top, stage=stage)


def diff(
    old: str,
    new: str,
    *,
    at: str = NOON,
    facts: tuple[tuple[str, str], ...] = (),
    texts: dict[str, str] | None = None,
    moves: dict[str, str] | None = None,
    days: int = 30,
) -> LeadDiff | None:
    """Return what an edit changes for Maria, who came in on Tuesday at ten past one."""
    before, edited = plan_of(old), plan_of(new, templates=texts)
    book = book_of(before, published={before.digest: "2026-11-24 13:00"})
    told = [lead_fact("2026-11-24 13:10"), *(fact(kind, when) for kind, when in facts)]
    state = play(book, told, "2026-11-24 13:00", at).state
    now = instant(at)
    after = book.with_plans([edited], now, {"roofer": moves or {}})
    minute = timedelta(minutes=1)
    span = Span(at=now, start=first_tick(now, minute), end=now + timedelta(days=days), tick=minute)
    return lead_diff(book, after, state, span=span, wake_at=now, roster=Roster(), names=names_of(book, after))


def told(found: LeadDiff | None) -> list[tuple[str, str, str, str]]:
    """Return kind, touch, and when it would have gone and goes."""
    return [(c.kind.value, c.touch, _text(c, "was"), _text(c, "at")) for c in found.changes] if found else []


def _text(change: Change, name: str) -> str:
    at = getattr(change, name)
    return local_text(at) if at else ""


def test_an_edit_that_changes_nothing_for_a_lead_is_no_change() -> None:
    assert diff(page(HELLO, THIRD), page(HELLO, THIRD, top=f"{TOP}\ntitle: Roofs")) is None


def test_touches_are_added_moved_dropped_and_reworded() -> None:
    old = page(HELLO, THIRD, CALL, '- {id: ninth, channel: sms, day: 9, at: "10:00", template: ninth}')
    new = page(
        HELLO,
        '- {id: third, channel: sms, day: 3, at: "11:00", template: third}',
        '- {id: fifth, channel: sms, day: 5, at: "10:00", template: fifth}',
        '- {id: ninth, channel: sms, day: 9, at: "10:00", template: ninth}',
    )
    assert told(diff(old, new, texts={"ninth.sms.j2": "Another text"})) == [
        ("moved", "third", "2026-11-26 10:00", "2026-11-26 11:00"),
        ("dropped", "call", "2026-11-27 10:00", ""),
        ("added", "fifth", "", "2026-11-28 10:00"),
        ("reworded", "ninth", "2026-12-02 10:00", "2026-12-02 10:00"),
    ]


def test_what_is_moved_behind_the_days_looked_at_is_not_called_dropped() -> None:
    found = diff(page(HELLO, THIRD), page(HELLO, THIRD.replace("day: 3", "day: 40")))
    assert found is not None
    (change,) = found.changes
    assert (change.kind, change.after_end) == (Kind.MOVED, True)
    assert _text(change, "at") == "2027-01-02 10:00"
    back = diff(page(HELLO, THIRD.replace("day: 3", "day: 40")), page(HELLO, THIRD))
    assert told(back) == [("moved", "third", "2027-01-02 10:00", "2026-11-26 10:00")]


def test_a_message_within_the_hour_that_would_not_have_gone_is_soon() -> None:
    """One that would have gone in the hour anyway is not, whatever it says now."""
    soon = diff(page(HELLO, THIRD), page(HELLO, THIRD, '- {id: now, channel: sms, day: 2, at: "12:30", template: x}'))
    anyway = diff(page(HELLO, THIRD), page(HELLO, THIRD), at="2026-11-26 09:30", texts={"third.sms.j2": "Another"})
    step = diff(page(HELLO, THIRD), page(HELLO, THIRD, '- {id: now, channel: call, day: 2, at: "12:30", template: x}'))

    assert soon is not None
    assert soon.soon
    assert anyway is not None
    assert not anyway.soon
    assert step is not None
    assert not step.soon


def test_messages_brought_close_to_each_other_are_marked() -> None:
    """Where they were as close before, nothing is."""
    found = diff(page(HELLO, THIRD), page(HELLO, THIRD, '- {id: eve, channel: sms, day: 2, at: "20:00", template: x}'))
    assert found is not None
    (change,) = found.changes
    assert change.close_to is None  # the first text went the day before, more than 24 hours earlier
    found = diff(page(HELLO, THIRD), page(HELLO, THIRD, '- {id: two, channel: sms, day: 3, at: "16:00", template: x}'))
    assert found is not None
    assert [_text(change, "close_to") for change in found.changes] == ["2026-11-26 10:00"]
    moved = diff(
        page(HELLO, THIRD, '- {id: two, channel: sms, day: 3, at: "16:00", template: x}'),
        page(HELLO, THIRD, '- {id: two, channel: sms, day: 3, at: "17:00", template: x}'),
    )
    assert moved is not None
    assert [change.close_to for change in moved.changes] == [None]


def test_what_goes_more_than_an_hour_after_its_time_is_late() -> None:
    """Its window is closed when it is due."""
    night = TOP + '\nsend_windows: {sms: "08:00-20:00"}'
    found = diff(page(HELLO, THIRD, top=night), page(HELLO, THIRD.replace("10:00", "22:00"), top=night))
    assert found is not None
    (change,) = found.changes
    assert (change.kind, change.late, _text(change, "at")) == (Kind.MOVED, True, "2026-11-27 08:00")


def test_a_lead_that_nothing_is_planned_for_any_more_is_left_without_a_next_step() -> None:
    quiet = "next: {lead.won: won, silence: {after: 90d, to: lost}}"
    found = diff(page(HELLO, THIRD, stage=quiet), page(HELLO))
    assert found is not None
    assert found.gaps == ("no_next_action",)


def test_stages_are_come_to_at_another_time_or_not_at_all() -> None:
    """Whose a lead is there is told with it."""
    stages = """
    stages:
      new:
        owner: csr
        enter_on: [lead.created]
        touches: [{id: hello, channel: sms, send: now, template: hello}]
        next: {silence: {after: 3d, to: later}}
      later: {owner: sales, next: {silence: {after: 90d, to: lost}}}
      lost: {end: lost}
    """
    sooner = diff(stages, stages.replace("after: 3d", "after: 2d"))
    assert told(sooner) == [("stage", "", "2026-11-27 13:10", "2026-11-26 13:10")]
    assert sooner is not None
    assert (sooner.changes[0].stage, sooner.changes[0].owner) == ("later", "lee")
    never = diff(stages, stages.replace("silence: {after: 3d, to: later}", "lead.won: later"))
    assert told(never) == [("stage", "", "2026-11-27 13:10", "")]


def test_an_owner_who_has_left_hands_over_at_once() -> None:
    """The team is part of what is published."""
    old, new = plan_of(page(HELLO, THIRD)), plan_of(page(HELLO, THIRD))
    assert old.digest == new.digest
    workspace_without_dana = {
        "team": [{"id": "ola", "name": "Ola Berg", "roles": ["csr"]}],
    }
    from support.plans import WORKSPACE

    edited = plan_of(page(HELLO, THIRD), workspace={**WORKSPACE, **workspace_without_dana})
    book = book_of(old, published={old.digest: "2026-11-24 13:00"})
    state = play(book, [lead_fact("2026-11-24 13:10")], "2026-11-24 13:00", NOON).state
    now = instant(NOON)
    after = book.with_plans([edited], now)
    span = Span(at=now, start=now, end=now + timedelta(days=3), tick=timedelta(minutes=1))
    found = lead_diff(book, after, state, span=span, wake_at=now, roster=Roster(), names=names_of(book, after))
    assert found is not None
    (change,) = found.changes
    assert (change.kind, change.owner, change.detail) == (Kind.OWNER, "ola", "dana")


def test_a_lead_whose_stage_is_gone_is_stranded() -> None:
    """Unless somebody answered where it goes."""
    old = page(HELLO, THIRD)
    new = old.replace("  new:", "  fresh:")
    found = diff(old, new)
    assert found is not None
    assert [change.kind for change in found.changes] == [Kind.STRANDED]
    answered = diff(old, new, moves={"new": "fresh"})
    assert answered is not None
    assert Kind.STRANDED not in [change.kind for change in answered.changes]


def test_what_was_renamed_is_the_same_in_both_futures() -> None:
    """Nothing is dropped and nothing added for a new name."""
    old = page(HELLO, THIRD)
    new = old.replace("{id: third,", "{id: day-three, renamed_from: third,").replace(
        "  new:\n", "  fresh:\n    renamed_from: new\n"
    )
    assert diff(old, new) is None
    assert diff(new, old) is None
