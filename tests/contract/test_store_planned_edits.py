"""An edit is published while ticks are at work, on every store."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

from cadence.runner.planning import Moved, publish_planned
from cadence.store import versions
from support.edited import edited_shop, run_ticks
from support.plans import instant, one_stage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TOP = "limits: {messages_per_day: 9, messages_per_week: 30, min_gap: 1m}\nstop_on: [reply]"
TOUCHES = (
    "- {id: hello, channel: sms, send: now, template: hello}\n- {id: nudge, channel: sms, after: 30m, template: nudge}"
)
PAGE = one_stage(TOUCHES, top=TOP)
EDITED = PAGE.replace("after: 30m", "after: 45m")
AT = "2026-11-24 13:30"
LEADS = ("maria", "bob", "eve")


def test_a_plan_is_published_among_ticks(new_url: Callable[[], str], tmp_path: Path) -> None:
    """The plan is made anew until nothing moved. Every text goes once, at the one time or the other."""
    start = instant(AT)
    with edited_shop(tmp_path, new_url()) as shop:
        shop.open(PAGE)
        for lead in LEADS:
            shop.add(lead)
        shop.go_on(AT)

        def publish() -> None:
            for _ in range(500):
                try:
                    publish_planned(shop.account.store, shop.planned(EDITED, AT), by="", how="apply")
                except Moved:
                    continue
                return
            raise AssertionError("it was never published")

        with ThreadPoolExecutor(2) as pool:
            published = pool.submit(publish)
            pool.submit(run_ticks, shop.account, shop.plans, start, start + timedelta(hours=2)).result()
            published.result()
        shop.now = start + timedelta(hours=2)
        shop.go_on("2026-11-25 13:00")

        for lead in LEADS:
            went = [touch for _, touch in shop.sent(lead)]
            assert went.count("hello") == 1
            assert went.count("nudge") + len(shop.not_sent(lead)) == 1
            assert shop.stands(lead).digest == shop.plan(EDITED).digest
        with shop.account.store.read() as session:
            assert versions.current(session, "summit")["roofer"][0] == shop.plan(EDITED).digest
