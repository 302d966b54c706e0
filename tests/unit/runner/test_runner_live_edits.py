"""A page is edited while leads are on their way: nothing goes again, nothing floods, nobody is left behind.

The kinds of edits that hurt users of other programs, each with the outcome that the language demands. Every plan shown
on the way foretold it: see tests/property/test_plan_honesty.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cadence.errors import Refused
from cadence.runner.planning import publish_planned
from support.edited import EditedShop, edited_shop
from support.plans import one_stage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HELLO = "- {id: hello, channel: sms, send: now, template: hello}"
THIRD = '- {id: third, channel: sms, day: 3, at: "10:00", template: third}'
SIXTH = '- {id: sixth, channel: sms, day: 6, at: "10:00", template: sixth}'
TOP = "limits: {messages_per_day: 5, messages_per_week: 20, min_gap: 1m}\nstop_on: [reply]"
PAGE = one_stage("\n".join((HELLO, THIRD, SIXTH)), top=TOP)
WENT = [("2026-11-24 13:10", "hello"), ("2026-11-26 10:00", "third"), ("2026-11-29 10:00", "sixth")]
EDITED_AT = "2026-11-25 12:00"  #: the second day
LONG_AFTER = "2026-12-20 12:00"

STAGES = """
limits: {messages_per_day: 5, messages_per_week: 20, min_gap: 1m}
send_windows: {sms: "00:00-24:00", email: "00:00-24:00"}
stages:
  new:
    owner: csr
    enter_on: [lead.created]
    touches: [{id: hello, channel: sms, send: now, template: hello}]
    next: {lead.qualified: offer}
  offer:
    owner: sales
    touches:
      - {id: first, channel: sms, send: now, template: first}
      - {id: second, channel: sms, day: 4, at: "10:00", template: second}
    next: {estimate.sent: later}
  later:
    owner: sales
    touches:
      - {id: guide, channel: sms, send: now, template: guide}
      - {id: story, channel: sms, day: 3, at: "10:00", template: story}
    next: {lead.won: won}
  won: {end: won}
  lost: {end: lost}
"""
IN_OFFER = [("2026-11-24 13:10", "hello"), ("2026-11-24 15:00", "first")]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[EditedShop]:
    """Return a shop with the page of three texts, and a lead who came in on Tuesday."""
    with edited_shop(tmp_path) as shop:
        shop.open(PAGE)
        shop.add()
        yield shop


@pytest.fixture
def staged(tmp_path: Path) -> Iterator[EditedShop]:
    """Return a shop with the page of three stages, and a lead who stands in the second."""
    with edited_shop(tmp_path) as shop:
        shop.open(STAGES)
        shop.add()
        shop.happens("lead.qualified", "2026-11-24 15:00")
        yield shop


def page_of(*touches: str, top: str = "") -> str:
    """Return the page with these touches."""
    return one_stage("\n".join(touches), top=f"{TOP}\n{top}")


def test_a_step_added_behind_a_lead_does_not_go(shop: EditedShop) -> None:
    """Its time was this morning: it is passed over, and says why; everything else goes as it would have gone."""
    made = shop.apply(
        page_of(HELLO, '- {id: morning, channel: sms, day: 2, at: "09:00", template: m}', THIRD, SIXTH), EDITED_AT
    )
    shop.go_on(LONG_AFTER)

    assert shop.sent() == WENT
    assert shop.not_sent() == [("morning", "before_publication")]
    assert made.tally.kinds == {"passed": 1}


def test_a_step_added_between_goes_to_those_under_way(shop: EditedShop) -> None:
    """A new step reaches people who are inside already."""
    made = shop.apply(
        page_of(HELLO, '- {id: evening, channel: sms, day: 2, at: "17:00", template: e}', THIRD, SIXTH), EDITED_AT
    )
    shop.go_on(LONG_AFTER)

    assert shop.sent() == [WENT[0], ("2026-11-25 17:00", "evening"), *WENT[1:]]
    assert made.tally.kinds == {"added": 1}
    assert made.tally.soon == 0


def test_a_step_added_ahead_goes_when_its_time_comes(shop: EditedShop) -> None:
    shop.apply(page_of(HELLO, THIRD, SIXTH, '- {id: ninth, channel: sms, day: 9, at: "10:00", template: n}'), EDITED_AT)
    shop.go_on(LONG_AFTER)

    assert shop.sent() == [*WENT, ("2026-12-02 10:00", "ninth")]


def test_a_step_added_ahead_of_one_that_has_ended_its_way_goes(shop: EditedShop) -> None:
    """The lead had nothing to come any more; it has something now."""
    edited = page_of(HELLO, THIRD, SIXTH, '- {id: ninth, channel: sms, day: 9, at: "10:00", template: n}')
    shop.apply(edited, "2026-11-30 12:00")
    shop.go_on(LONG_AFTER)

    assert shop.sent() == [*WENT, ("2026-12-02 10:00", "ninth")]


def test_a_shortened_delay_counts_at_once(tmp_path: Path) -> None:
    """Forty-eight hours become thirty: it goes after thirty, not when the old time comes."""
    with edited_shop(tmp_path) as shop:
        shop.open(page_of(HELLO, "- {id: nudge, channel: sms, after: 48h, template: nudge}"))
        shop.add()
        shop.apply(page_of(HELLO, "- {id: nudge, channel: sms, after: 30h, template: nudge}"), EDITED_AT)
        shop.go_on(LONG_AFTER)

        assert shop.sent() == [WENT[0], ("2026-11-25 19:10", "nudge")]


def test_a_delay_shortened_to_before_the_publication_floods_nobody(tmp_path: Path) -> None:
    """By the new page it was due yesterday: it does not go to everybody at once."""
    with edited_shop(tmp_path) as shop:
        shop.open(page_of(HELLO, "- {id: nudge, channel: sms, after: 48h, template: nudge}"))
        shop.add()
        made = shop.apply(page_of(HELLO, "- {id: nudge, channel: sms, after: 2h, template: nudge}"), EDITED_AT)
        shop.go_on(LONG_AFTER)

        assert shop.sent() == [WENT[0]]
        assert shop.not_sent() == [("nudge", "before_publication")]
        assert made.tally.kinds == {"passed": 1}


def test_a_lengthened_delay_waits_longer_and_goes_once(tmp_path: Path) -> None:
    with edited_shop(tmp_path) as shop:
        shop.open(page_of(HELLO, "- {id: nudge, channel: sms, after: 48h, template: nudge}"))
        shop.add()
        shop.apply(page_of(HELLO, "- {id: nudge, channel: sms, after: 96h, template: nudge}"), EDITED_AT)
        shop.go_on(LONG_AFTER)

        assert shop.sent() == [WENT[0], ("2026-11-28 13:10", "nudge")]


def test_a_lengthened_delay_sends_nothing_again(tmp_path: Path) -> None:
    """What went at the old time does not go at the new one."""
    with edited_shop(tmp_path) as shop:
        shop.open(page_of(HELLO, "- {id: nudge, channel: sms, after: 2h, template: nudge}"))
        shop.add()
        made = shop.apply(page_of(HELLO, "- {id: nudge, channel: sms, after: 96h, template: other}"), EDITED_AT)
        shop.go_on(LONG_AFTER)

        assert shop.sent() == [WENT[0], ("2026-11-24 15:10", "nudge")]
        assert not made.lines


def test_a_step_removed_while_leads_wait_for_it_goes_to_nobody(shop: EditedShop) -> None:
    """They go on with the rest."""
    made = shop.apply(page_of(HELLO, SIXTH), EDITED_AT)
    shop.go_on(LONG_AFTER)

    assert shop.sent() == [WENT[0], WENT[2]]
    assert made.tally.kinds == {"dropped": 1}


def test_a_renamed_step_stays_the_same_one(shop: EditedShop) -> None:
    """What went does not go under its new name, and what is to come goes once."""
    renamed = (
        "- {id: welcome, renamed_from: hello, channel: sms, send: now, template: hello}",
        '- {id: day-three, renamed_from: third, channel: sms, day: 3, at: "10:00", template: third}',
        SIXTH,
    )
    made = shop.apply(page_of(*renamed), EDITED_AT)
    shop.go_on(LONG_AFTER)

    assert [at for at, _ in shop.sent()] == [at for at, _ in WENT]
    assert not shop.not_sent()
    assert not made.lines


def test_a_step_renamed_without_saying_so_does_not_go_again(shop: EditedShop) -> None:
    """It is a new step whose time has passed."""
    shop.apply(page_of("- {id: welcome, channel: sms, send: now, template: hello}", THIRD, SIXTH), EDITED_AT)
    shop.go_on(LONG_AFTER)

    assert shop.sent() == WENT
    assert shop.not_sent() == [("welcome", "before_publication")]


def test_a_renamed_stage_keeps_its_leads_where_they_are(staged: EditedShop) -> None:
    """Nothing begins anew: the second text goes at its own time, the first not again."""
    edited = STAGES.replace("  offer:\n", "  proposal:\n    renamed_from: offer\n")
    made = staged.apply(edited.replace("lead.qualified: offer", "lead.qualified: proposal"), EDITED_AT)
    staged.go_on(LONG_AFTER)

    assert staged.sent() == [*IN_OFFER, ("2026-11-27 10:00", "second")]
    assert staged.stands().visit.stage == "proposal"
    assert staged.stands().visit.number == 2
    assert not made.lines


def test_a_stage_renamed_and_rolled_back_sends_nothing_again(staged: EditedShop) -> None:
    """The earlier page does not know the later name, and its leads stand in its stage all the same."""
    edited = STAGES.replace("  offer:\n", "  proposal:\n    renamed_from: offer\n")
    edited = edited.replace("lead.qualified: offer", "lead.qualified: proposal")
    edited = edited.replace("{id: first,", "{id: one, renamed_from: first,")
    edited = edited.replace("{id: second,", "{id: two, renamed_from: second,")
    staged.apply(edited, EDITED_AT)
    staged.go_on("2026-11-25 13:00")
    made = staged.apply(STAGES, "2026-11-25 14:00")
    staged.go_on(LONG_AFTER)

    assert staged.sent() == [*IN_OFFER, ("2026-11-27 10:00", "second")]
    assert staged.stands().visit.stage == "offer"
    assert not staged.not_sent()
    assert not made.lines


def without_offer() -> str:
    head, _, rest = STAGES.partition("  offer:\n")
    return head.replace("lead.qualified: offer", "lead.qualified: later") + rest[rest.index("  later:\n") :]


def test_a_stage_removed_with_leads_in_it_is_not_published_without_an_answer(staged: EditedShop) -> None:
    """The plan says how many and where they may go; they go on by their version."""
    staged.go_on(EDITED_AT)
    planned = staged.planned(without_offer(), EDITED_AT)
    (stranded,) = planned.stranded
    with pytest.raises(Refused, match="stranded"):
        publish_planned(staged.account.store, planned, by="", how="apply")
    staged.go_on(LONG_AFTER)

    assert (stranded.playbook, stranded.stage, stranded.leads) == ("roofer", "offer", 1)
    assert stranded.ways == ("later", "won", "lost")
    assert staged.made(planned).tally.kinds["stranded"] == 1
    assert staged.sent() == [*IN_OFFER, ("2026-11-27 10:00", "second")]


def test_a_stage_removed_with_an_answer_hands_its_leads_on(staged: EditedShop) -> None:
    """They come to the stage that was named, from the publication on, and it counts from there."""
    made = staged.apply(without_offer(), EDITED_AT, moves=["roofer.offer=later"])
    staged.go_on(LONG_AFTER)

    assert staged.sent() == [*IN_OFFER, ("2026-11-25 12:00", "guide"), ("2026-11-27 10:00", "story")]
    assert staged.not_sent() == [("second", "stage_left")]
    assert made.tally.soon == 1
    assert made.tally.stages[("roofer", "later")] == {"more": 1}


def test_an_answer_that_leads_backwards_is_refused(staged: EditedShop) -> None:
    """Who has left the first stage behind does not get its texts again."""
    with pytest.raises(Refused, match="backwards") as refused:
        staged.planned(without_offer(), EDITED_AT, moves=["roofer.offer=new"])

    assert refused.value.help == "they may go to: later, won, lost"


def test_a_stage_moved_up_the_page_is_backwards_too(staged: EditedShop) -> None:
    """Where the page has what was ahead before what is behind, leads do not go there."""
    later = without_offer()
    head, _, rest = later.partition("stages:\n")
    new, _, tail = rest.partition("  later:\n")
    ahead, _, ends = tail.partition("  won:")
    turned = f"{head}stages:\n  later:\n{ahead}{new}  won:{ends}"
    with pytest.raises(Refused, match="backwards"):
        staged.planned(turned, EDITED_AT, moves=["roofer.offer=later"])


def test_other_business_hours_move_what_is_to_come_and_nothing_else(tmp_path: Path) -> None:
    """What counts open time is due anew; what was due by the new hours before they were published does not go."""
    calendar = 'calendar: {business_hours: {mon-fri: "08:00-18:00"}}'
    touches = (
        HELLO,
        "- {id: soon, channel: sms, after: 2h, clock: business, template: soon}",
        "- {id: nudge, channel: sms, after: 12h, clock: business, template: nudge}",
    )
    with edited_shop(tmp_path) as shop:
        shop.open(page_of(*touches, top=calendar))
        shop.add()
        shop.add("bob", "2026-11-25 09:00")
        shop.apply(page_of(*touches, top=calendar.replace("08:00-18:00", "06:00-22:00")), EDITED_AT)
        shop.go_on(LONG_AFTER)

        assert shop.sent() == [WENT[0], ("2026-11-24 15:10", "soon")]
        assert shop.not_sent() == [("nudge", "before_publication")]
        assert shop.sent("bob") == [
            ("2026-11-25 09:00", "hello"),
            ("2026-11-25 11:00", "soon"),
            ("2026-11-25 21:00", "nudge"),
        ]


def test_shortened_silence_moves_leads_at_the_publication_and_not_in_the_past(tmp_path: Path) -> None:
    """The next stage counts from then: nobody gets what it would have planned for the days before."""
    page = STAGES.replace("next: {lead.qualified: offer}", "next: {silence: {after: 9d, to: offer}}")
    with edited_shop(tmp_path) as shop:
        shop.open(page)
        shop.add()
        made = shop.apply(page.replace("after: 9d", "after: 2d"), "2026-11-30 12:00")
        shop.go_on(LONG_AFTER)

        assert shop.sent() == [WENT[0], ("2026-11-30 12:00", "first"), ("2026-12-03 10:00", "second")]
        assert shop.stands().visit.stage == "offer"
        assert made.tally.soon == 1


def test_a_lead_who_answered_stays_stopped_whatever_is_edited(shop: EditedShop) -> None:
    """Steps added to a sequence that a reply has ended go to nobody of those who replied."""
    shop.happens("reply", "2026-11-25 09:00")
    shop.apply(page_of(HELLO, THIRD, SIXTH, '- {id: ninth, channel: sms, day: 9, at: "10:00", template: n}'), EDITED_AT)
    shop.go_on(LONG_AFTER)

    assert shop.sent() == [WENT[0]]
