"""Plan honesty: what a plan foretells is what ticks do after the edit is published, lead for lead.

For edits of all kinds, and leads at every point of their way: which touch goes, when and with which text, what is
passed over and why, on a real database; and what ticks would have done without the edit. Every role has one person
here, as in the parity of previews.
"""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cadence.engine.fold import fold
from cadence.engine.futures import OPEN, SENT, future_of
from cadence.files import signature
from cadence.leads.arrival import Arrival
from cadence.reports.plan import make_plan
from cadence.runner.account import Account, load_book
from cadence.runner.inflight import in_flight
from cadence.runner.planning import Planned, plan_edit, publish_planned
from cadence.runner.publish import publish_plans
from cadence.runner.record import add_leads, record_fact
from cadence.runner.tick import tick
from cadence.store import accounts, leads, outbox
from cadence.store.backup import backup
from cadence.store.entries import read_entry
from cadence.store.store import open_store
from support.plans import ANY_HOUR, WORKSPACE, plan_from
from support.worlds import START, World, worlds

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cadence.engine.book import Book
    from cadence.playbook.compile import Plan

MINUTE = timedelta(minutes=1)
DAYS = 5  #: how long is looked at after the publication
ACCOUNT = "summit"
ENDS = ("lead.won", "not_interested", "opt_out")  #: what leaves nothing to be planned
TEXTS = {
    "t.sms.j2": "Hi, {{ owner.first_name }} here, {{ now | clock }}, {{ stage.title }}.",
    "t.email.j2": "---\nsubject: About {{ stage.title }}\n---\nAt {{ now | clock }}.",
    "t.call.j2": "Call.",
    "t.task.j2": "See to it.",
}
OTHER_TEXTS = {**TEXTS, "t.sms.j2": "Hello, {{ owner.first_name }} writes at {{ now | clock }}."}

#: Enrolment, touch, outcome and reason, instant, text, channel.
Row = tuple[str, str, str, datetime, str, str]


@st.composite
def edits(draw: st.DrawFn, page: Mapping[str, Any]) -> tuple[dict[str, Any], Mapping[str, str], list[str]]:
    """Return a page edited in one to four ways, with its texts and what must be answered."""
    edited, texts, moves = copy.deepcopy(dict(page)), TEXTS, []
    for number in range(draw(st.integers(1, 4))):
        stage = draw(st.sampled_from([name for name, each in edited["stages"].items() if "end" not in each]))
        kind = draw(st.sampled_from(sorted(KINDS)))
        if kind == "reword":
            texts = OTHER_TEXTS
        elif kind == "remove stage" and len(edited["stages"]) > 3 and not moves and "new" in edited["stages"]:
            _remove_stage(edited)
            moves.append("")
        elif kind == "rename stage":
            _rename_stage(draw, edited, stage, number)
        else:
            _edit_touches(draw, edited, stage, kind, number)
    target = next(name for name, each in edited["stages"].items() if "end" not in each)
    return edited, texts, [f"{edited['playbook']}.new={target}" for _ in moves]


KINDS = {"add", "remove", "delay", "rename", "reword", "remove stage", "rename stage", "hours", "silence", "order"}


def _remove_stage(page: dict[str, Any]) -> None:
    """Take the first stage off the page: its leads go to the next."""
    target = next(name for name in page["stages"] if name not in ("new", "won", "lost"))
    del page["stages"]["new"]
    page["stages"][target].setdefault("enter_on", ["lead.created", "call.missed"])


def _rename_stage(draw: st.DrawFn, page: dict[str, Any], stage: str, number: int) -> None:
    now = f"{stage}-{number}"
    was = [stage, *page["stages"][stage].get("renamed_from", [])]
    page["stages"] = {(now if name == stage else name): each for name, each in page["stages"].items()}
    page["stages"][now]["renamed_from"] = was if draw(st.booleans()) else was[:1]
    for each in page["stages"].values():
        for event, to in each.get("next", {}).items():
            if to == stage:
                each["next"][event] = now
            elif isinstance(to, dict) and to["to"] == stage:
                to["to"] = now


def _edit_touches(draw: st.DrawFn, page: dict[str, Any], stage: str, kind: str, number: int) -> None:
    touches: list[dict[str, Any]] = page["stages"][stage]["touches"]
    if kind == "hours":
        page["calendar"] = {
            "business_hours": draw(st.sampled_from([{"mon-sun": "06:00-22:00"}, {"tue-wed": "09:00-12:00"}]))
        }
        page["send_windows"] = {"sms": draw(st.sampled_from(["00:00-24:00", "09:00-11:00"])), "email": "00:00-24:00"}
    elif kind == "silence":
        quiet = page["stages"][stage]["next"].get("silence")
        if quiet:
            quiet["after"] = draw(st.sampled_from(["3h", "20h", "4d"]))
    elif kind == "add":
        place = draw(st.integers(0, len(touches)))
        when = draw(st.sampled_from([{"send": "now"}, {"after": "2h"}, {"after": "26h"}, {"day": 3, "at": "10:00"}]))
        touches.insert(
            place,
            {"id": f"x{number}", "channel": draw(st.sampled_from(["sms", "email", "call"])), "template": "t", **when},
        )
    elif touches:
        touch = draw(st.sampled_from(touches))
        if kind == "remove":
            page["stages"][stage]["touches"] = _without(touches, touch["id"])
        elif kind == "delay" and "after" in touch:
            touch["after"] = draw(st.sampled_from(["30m", "5h", "3d"]))
        elif kind == "rename":
            was, touch["id"] = touch["id"], f"y{number}"
            touch["renamed_from"] = was
            for each in touches:
                if each.get("anchor") == was:
                    each["anchor"] = touch["id"]
        elif kind == "order":
            page["stages"][stage]["touches"] = touches if any("anchor" in each for each in touches) else touches[::-1]


def _without(touches: list[dict[str, Any]], gone: str) -> list[dict[str, Any]]:
    lost = {gone}
    for each in touches:
        if each.get("anchor") in lost:
            lost.add(each["id"])
    return [each for each in touches if each["id"] not in lost]


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[World], dict[str, Any], Mapping[str, str], list[str], timedelta]:
    """Return people with what happens to each until the edit, the edit, and when it is published."""
    first = draw(worlds(most=4, leave_out=ENDS))
    people = [first]
    for _ in range(draw(st.integers(0, 2))):
        other = draw(worlds(most=4, leave_out=ENDS))
        people.append(World(pages=first.pages, strict=first.strict, record=other.record, facts=other.facts))
    page, texts, moves = draw(edits(first.pages[0]))
    return people, page, texts, moves, timedelta(minutes=draw(st.integers(60 * 6, 60 * 24 * 3)))


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the databases of the examples go."""
    return tmp_path_factory.mktemp("honesty")


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=cases())
def test_what_a_plan_foretells_is_what_ticks_do(
    folders: Path, case: tuple[list[World], dict[str, Any], Mapping[str, str], list[str], timedelta]
) -> None:
    people, page, texts, moves, at = case
    folder = folders / f"{len(list(folders.iterdir()))}"
    folder.mkdir()
    (folder / "cadence.yaml").touch()
    law = ANY_HOUR
    old = [plan_from(each, workspace=WORKSPACE, templates=TEXTS, law=law) for each in people[0].pages]
    new = [plan_from(page, workspace=WORKSPACE, templates=texts, law=law), *old[1:]]
    now = START + at
    with open_store(f"sqlite:///{folder / 'cadence.db'}", create=True) as store:
        shop = Account(root=folder, name=ACCOUNT, store=store, mode="log", log_file=folder / "messages.log")
        cache = {plan.digest: plan for plan in (*old, *new)}
        live(shop, old, people, cache, now)
        with store.read() as session:
            planned = plan_edit(session, ACCOUNT, new, now, mark="", days=DAYS, moves=moves)
            pages = list(in_flight(session, ACCOUNT, playbooks=planned.playbooks)) if planned.edited else []
            if not planned.edited or planned.stranded:
                return
            made = make_plan(planned, pages, burst=25)
            before = {row.touch_key for row in outbox.listing(session, ACCOUNT, limit=100_000)}
        told_with, told_without = foretold(planned, pages, planned.after), foretold(planned, pages, planned.before)
        (folder / "without").mkdir()
        backup(f"sqlite:///{folder / 'cadence.db'}", folder / "without" / "cadence.db")
        publish_planned(store, planned, by="", how="apply")
        did_with = did(shop, cache, planned, before, told_with)
    with open_store(f"sqlite:///{folder / 'without' / 'cadence.db'}") as store:
        did_without = did(replace(shop, store=store), cache, planned, before, told_without)

    assert told_with == did_with, json.dumps(page)
    assert told_without == did_without
    assert not made.tally.not_read
    differ = {lead for lead in told_with if told_with[lead] != told_without[lead]}
    assert {data["lead"] for data in made.leads()} >= {lead for lead in differ if _is_told(lead, did_with, did_without)}


def live(shop: Account, plans: list[Plan], people: list[World], cache: dict[str, Plan], until: datetime) -> None:
    """Let people come in, and ticks run, until the edit."""
    with shop.store.write() as session:
        accounts.ensure(session, ACCOUNT, START)
        publish_plans(session, ACCOUNT, plans, START)
        accounts.set_source(session, ACCOUNT, signature(shop.root))
    told = sorted(
        ((fact.recorded_at, number, fact) for number, person in enumerate(people) for fact in person.facts),
        key=lambda each: each[0],
    )
    at = START
    while at < until:
        while told and told[0][0] <= at:
            now, number, fact = told.pop(0)
            with shop.store.write() as session:
                book = load_book(session, ACCOUNT, cache)
                if fact.type == "lead.created":
                    record = {
                        **fact.data["lead"],
                        "id": f"lead-{number}",
                        "phone": fact.data["lead"]["phone"] and f"+1816555010{number}",
                        "email": fact.data["lead"]["email"] and f"lead{number}@example.com",
                    }
                    arrival = Arrival(id=f"lead-{number}", record=record, at=fact.at, inquiry=fact.data["inquiry"])
                    add_leads(session, ACCOUNT, book, [arrival], now)
                else:
                    record_fact(session, ACCOUNT, book, f"lead-{number}", fact)
        at = run(shop, cache, at, min(told[0][0] if told else until, until))


def run(shop: Account, cache: dict[str, Plan], start: datetime, end: datetime) -> datetime:
    """Tick every minute from ``start`` to before ``end``; passes over minutes in which nobody is due."""
    at = start
    while at < end:
        with shop.store.read() as session:
            wake = leads.next_wake(session, ACCOUNT)
        if wake is None or wake >= end:
            return max(end, at)
        at = max(at, wake + (-(wake - START) % MINUTE))
        if at < end:
            tick(shop, at, plans=cache)
        at += MINUTE
    return max(end, at)


def did(
    shop: Account, cache: dict[str, Plan], planned: Planned, before: set[str], of_leads: Mapping[str, Any]
) -> dict[str, list[Row]]:
    """Tick until the days that the plan looked at are over; return what became of every touch, lead by lead."""
    run(shop, cache, planned.span.at, planned.span.end)
    rows: dict[str, list[Row]] = {lead: [] for lead in of_leads}
    with shop.store.read() as session:
        for row in outbox.listing(session, ACCOUNT, limit=100_000):
            if row.touch_key not in before and row.lead in rows:
                reason = "" if row.state == SENT else row.reason
                told = f"{row.state} {reason}"
                rows[row.lead].append((row.enrolment, row.touch, told, row.decided_at, row.body, row.channel))
    return {lead: sorted(its) for lead, its in rows.items()}


def foretold(planned: Planned, pages: list[Any], book: Book) -> dict[str, list[Row]]:
    """Return what the plan's future says of each lead, as the outbox would have it."""
    found: dict[str, list[Row]] = {}
    wakes = planned.span.start if book is planned.after else None
    for page in pages:
        for lead, wake_at, rows, barred in page:
            state = fold(lead, map(read_entry, rows))
            state.suppressed = barred
            future = future_of(
                book, state, span=planned.span, wake_at=wakes or wake_at, roster=planned.roster, names={}
            )
            found[lead] = sorted(
                (
                    enrolment,
                    touch,
                    f"{each.outcome} {'' if each.outcome == SENT else each.reason}",
                    each.at,
                    each.text[2],
                    each.channel,
                )
                for (enrolment, _, _, touch), each in future.touches.items()
                if each.outcome != OPEN
            )
    return found


def _is_told(lead: str, one: Mapping[str, list[Row]], other: Mapping[str, list[Row]]) -> bool:
    """Tell whether something goes in one of two futures that does not go so in the other, under one name or another."""
    went = [sorted(row[3:] for row in rows[lead] if row[2].startswith(SENT)) for rows in (one, other)]
    return went[0] != went[1]
