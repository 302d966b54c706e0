"""A plan is published as it was made, or not at all: whatever happens in between is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cadence.errors import Refused, UsageError
from cadence.runner.planning import Moved, publish_planned
from cadence.runner.steps import Step
from cadence.runner.tick import tick
from cadence.store import versions
from support.edited import EditedShop, edited_shop
from support.plans import instant, one_stage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOP = "limits: {messages_per_day: 9, messages_per_week: 30, min_gap: 1m}\nstop_on: [reply]"
TOUCHES = (
    "- {id: hello, channel: sms, send: now, template: hello}\n- {id: nudge, channel: sms, after: 30m, template: nudge}"
)
PAGE = one_stage(TOUCHES, top=TOP)
EDITED = PAGE.replace("after: 30m", "after: 45m")
AT = "2026-11-24 13:20"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[EditedShop]:
    """Return a shop with three leads who came in at ten past one."""
    with edited_shop(tmp_path) as shop:
        shop.open(PAGE)
        for lead in ("maria", "bob", "eve"):
            shop.add(lead)
        shop.go_on(AT)
        yield shop


def in_force(shop: EditedShop) -> str:
    with shop.account.store.read() as session:
        return versions.current(session, "summit")["roofer"][0]


def test_a_lead_that_moved_since_stops_the_publication(shop: EditedShop) -> None:
    """Nothing of it is written; a plan made anew is published."""
    before = in_force(shop)
    planned = shop.planned(EDITED, AT)
    shop.happens("reply", AT, "bob")
    with pytest.raises(Moved):
        publish_planned(shop.account.store, planned, by="", how="apply")
    assert in_force(shop) == before

    publish_planned(shop.account.store, shop.planned(EDITED, AT), by="", how="apply")
    assert in_force(shop) != before


def test_another_publication_stops_the_publication(shop: EditedShop) -> None:
    planned = shop.planned(EDITED, AT)
    shop.apply(PAGE.replace("after: 30m", "after: 60m"), AT)
    published = in_force(shop)
    with pytest.raises(Moved):
        publish_planned(shop.account.store, planned, by="", how="apply")
    assert in_force(shop) == published


def test_a_tick_that_does_nothing_for_these_leads_stops_nothing(shop: EditedShop) -> None:
    planned = shop.planned(EDITED, AT)
    tick(shop.account, instant(AT), plans=shop.plans)
    assert publish_planned(shop.account.store, planned, by="", how="apply").new


def test_a_tick_at_work_follows_what_is_published_meanwhile(shop: EditedShop) -> None:
    """Whom the publication wakes is decided by the new version, not by the one that the tick began with."""
    shop.go_on("2026-11-24 13:40")
    at = instant("2026-11-24 13:40")
    published = []

    def watch(step: Step) -> None:
        if step is Step.AFTER_CLAIM and not published:
            published.append(
                publish_planned(shop.account.store, shop.planned(EDITED, "2026-11-24 13:40"), by="", how="")
            )

    tick(shop.account, at, plans=shop.plans, watch=watch)

    assert published
    assert shop.stands("maria").digest == shop.plan(EDITED).digest


def test_answers_that_cannot_be_are_refused(shop: EditedShop) -> None:
    for move, why in (
        ("roofer.new", "names no playbook and stages"),
        ("gutters.new=won", "names no playbook and stages"),
        ("roofer.new=somewhere", "has no stage 'somewhere'"),
        ("roofer.new=won", "has the stage 'new' still"),
        ("roofer.old=won", "has a stage 'old'"),
    ):
        with pytest.raises(UsageError, match=why):
            shop.planned(EDITED, AT, moves=[move])


def test_a_plan_with_leads_left_over_is_refused(shop: EditedShop) -> None:
    planned = shop.planned(PAGE.replace("  new:", "  fresh:"), AT)
    with pytest.raises(Refused, match="stranded"):
        publish_planned(shop.account.store, planned, by="", how="apply")


def test_a_lead_whose_log_is_damaged_is_told_and_stops_no_plan(shop: EditedShop) -> None:
    """The others are compared all the same."""
    with shop.account.store.write() as session:
        from sqlalchemy import text

        session.connection.execute(text("UPDATE events SET data = 'x' WHERE lead = 'bob' AND actor = 'engine'"))
    made = shop.made(shop.planned(EDITED, AT))

    assert list(made.tally.not_read) == ["bob"]
    assert [data["lead"] for data in made.leads()] == ["eve", "maria"]


def test_two_processes_tell_the_same_plan(shop: EditedShop) -> None:
    """What makes the job in the second process makes the same one."""
    from cadence.reports.plan_job import PlanJob

    planned = shop.planned(EDITED, AT)
    job = PlanJob(before=planned.before, after=planned.after, span=planned.span, roster=planned.roster)
    make, *told = job.told()
    twin = make([shop.plan(EDITED)], *told)
    from cadence.runner.inflight import in_flight

    with shop.account.store.read() as session:
        (page,) = in_flight(session, "summit", playbooks=("roofer",))
    assert job.page(page) == twin.page(page)
    assert job.page(page).count("\n") == 2
