"""Parity: what a preview predicts for a stream of events is what ticks at that interval then do.

The preview runs the engine on a virtual clock; the ticks run it on a real database, through claims, outbox and log.
Touch for touch, instant for instant, text for text. Every role has one person here: whose turn it is depends on who
else comes, which a preview of one lead cannot know.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cadence.engine.book import Book
from cadence.engine.decision import Outcome
from cadence.engine.events import Event
from cadence.engine.simulate import simulate
from cadence.engine.state import LeadState
from cadence.files import signature
from cadence.leads.arrival import Arrival, created_fact
from cadence.playbook.compile import Plan, compile_plan, content_of
from cadence.playbook.words import EVENTS
from cadence.runner.account import Account, load_book
from cadence.runner.publish import publish_plans
from cadence.runner.record import add_leads, record_fact
from cadence.runner.tick import tick
from cadence.store import accounts, leads, outbox
from cadence.store.store import open_store
from cadence.workspace import rulebook

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2026, 10, 30, 13, 0, tzinfo=UTC)  # two days before clocks go back in the United States
SPAN = timedelta(days=4)

WORKSPACE = {
    "cadence": 1,
    "account": "parity",
    "business": {"name": "Summit", "phone": "+18165550100", "timezone": "America/Chicago"},
    "team": [
        {"id": "dana", "name": "Dana Reyes", "roles": ["csr"]},
        {"id": "lee", "name": "Lee Ortiz", "roles": ["sales"]},
        {"id": "pat", "name": "Pat Kim", "roles": ["fallback"]},
    ],
    "channels": {
        "sms": {"via": "twilio", "from": "+18165550100"},
        "email": {"via": "sendgrid", "from": "a@example.com"},
    },
}
TEXTS = {
    "a.sms.j2": "Hi {{ lead.first_name or 'there' }}, {{ owner.first_name }} here, {{ now | clock }}.",
    "a.email.j2": "---\nsubject: About {{ stage.title }}\n---\nOpen {{ next_opening | when }}.",
    "a.call.j2": "Call {{ lead.name or 'them' }} ({{ score }}).",
    "a.task.j2": "See to {{ lead.name or 'them' }}.",
}
ZONES = [
    ["America/Chicago"],
    ["America/New_York"],
    ["America/Los_Angeles", "America/Denver"],
    ["Asia/Kolkata"],
    [],
]
FACTS = (
    "reply", "call.missed", "call.logged", "appointment.booked", "appointment.confirmed", "acknowledgement", "opt_out",
    "opt_in", "snooze", "automatic", "lead.qualified", "message.sent.by_person", "not_interested", "lead.won",
)  # fmt: skip

minutes = st.integers(1, 60 * 24 * 3)
times = st.sampled_from(["00:30", "01:30", "08:15", "10:00", "17:45", "23:50"])
durations = st.sampled_from(["1m", "20m", "3h", "26h", "2d"])


@st.composite
def timings(draw: st.DrawFn) -> dict[str, Any]:
    """Return the timing keys of one touch."""
    return draw(
        st.one_of(
            st.just({"send": "now"}),
            st.fixed_dictionaries({"after": durations}),
            st.fixed_dictionaries({"after": st.sampled_from(["20m", "5h"]), "clock": st.just("business")}),
            st.fixed_dictionaries({"day": st.integers(1, 4), "at": times}),
            st.fixed_dictionaries({"business_day": st.integers(1, 3)}),
            st.fixed_dictionaries({"next_business_day": times}),
            st.fixed_dictionaries({"cron": st.sampled_from(["30 1 * * *", "0 9 * * mon-fri", "*/40 * * * *"])}),
            st.just({"schedule": [{"if_before": "15:00", "day": 1, "at": "17:00"}, {"next_business_day": "08:15"}]}),
        )
    )


@st.composite
def touches(draw: st.DrawFn, number: int) -> dict[str, Any]:
    """Return one touch."""
    channel = draw(st.sampled_from(["sms", "sms", "sms", "email", "call", "task", "audience"]))
    touch: dict[str, Any] = {"id": f"t{number}", "channel": channel, **draw(timings())}
    if channel == "audience":
        touch["list"] = "everyone"
    else:
        touch["template"] = "a"
    if channel in ("sms", "email"):
        touch |= draw(st.sampled_from([{}, {}, {"answers": "inquiry"}, {"expects": "ack"}]))
    touch |= draw(st.sampled_from([{}, {}, {"if": "in_business_hours"}, {"if": "not events.call.logged"}]))
    return touch


@st.composite
def stages(draw: st.DrawFn) -> dict[str, Any]:
    """Return the stages of a playbook: one that leads come into, one further on, two ends."""
    sequences = [[draw(touches(n)) for n in range(draw(st.integers(1, 4)))] for _ in range(2)]
    silence = draw(st.sampled_from([{}, {"silence": {"after": "30h", "to": "later"}}]))
    promise = {"sla": {"answer": {"within": "1h", "met_by": ["message.sent"], "on_miss": [{"reassign": "fallback"}]}}}
    return {
        "new": {
            "owner": "csr",
            "enter_on": ["lead.created", "call.missed"],
            "touches": sequences[0],
            **draw(st.sampled_from([{}, promise])),
            "next": {"lead.qualified": "later", "appointment.booked": "later", **silence},
        },
        "later": {
            "owner": "sales",
            "lock": {"by": ["appointment.confirmed"]},
            "touches": sequences[1],
            "next": {"lead.won": "won", "silence": {"after": "40h", "to": "lost"}},
        },
        "won": {"end": "won"},
        "lost": {"end": "lost"},
    }


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Return a generated playbook."""
    page = {
        "cadence": 1,
        "playbook": "generated",
        "calendar": {"business_hours": {"mon-fri": "08:00-18:00", "sat": "09:00-13:00"}},
        "send_windows": {"sms": draw(st.sampled_from(["08:00-20:00", "00:00-24:00", "22:00-06:00"]))},
        "limits": {
            "messages_per_day": draw(st.integers(1, 3)),
            "messages_per_week": draw(st.integers(2, 6)),
            "min_gap": draw(st.sampled_from(["1m", "2h", "20h"])),
        },
        "expires_after": draw(st.sampled_from(["2h", "24h", "3d"])),
        "catch_up": draw(st.sampled_from(["latest", "latest", "skip"])),
        "stop_on": draw(st.sampled_from([["reply"], ["reply", "appointment.booked"], []])),
        "score": {"hot": "lead.urgency == 'leak'"},
        "stages": draw(stages()),
    }
    content = content_of(
        file="generated.yaml", playbook=page, lines={}, workspace=WORKSPACE, templates=TEXTS, law=rulebook().law
    )
    return compile_plan(content)


@st.composite
def people(draw: st.DrawFn) -> list[tuple[Arrival, list[Event]]]:
    """Return leads and what happens to each, learned at once or up to hours later."""
    found = []
    for number in range(draw(st.integers(1, 3))):
        zones = draw(st.sampled_from(ZONES))
        record = {
            "name": draw(st.sampled_from(["Maria Lopez", ""])),
            "phone": draw(st.sampled_from([f"+1816555010{number}"] * 4 + [""])),
            "email": draw(st.sampled_from([f"lead{number}@example.com"] * 3 + [""])),
            "urgency": draw(st.sampled_from(["leak", ""])),
            "zones": zones,
            "zone_source": "zip" if zones else "business",
            "states": draw(st.sampled_from([["MO"], ["RI"], []])),
        }
        arrives = START + timedelta(minutes=draw(st.integers(0, 600)))
        arrival = Arrival(id=f"lead-{number}", record=record, at=arrives, inquiry=draw(st.booleans()))
        facts = []
        for _ in range(draw(st.integers(0, 5))):
            kind = draw(st.sampled_from(FACTS))
            at = arrives + timedelta(minutes=draw(minutes))
            learned = at + timedelta(minutes=draw(st.sampled_from([0, 0, 7, 300])))
            data = {"starts_at": "2026-11-02T09:00"} if kind == "appointment.booked" else {}
            if kind == "automatic":
                data = {"kind": "out_of_office"}
            facts.append(Event(type=kind, at=at, recorded_at=learned, actor=EVENTS[kind].actor.value, data=data))
        found.append((arrival, sorted(facts, key=lambda fact: fact.recorded_at)))
    return found


Row = tuple[str, str, str, datetime, datetime | None, str, str, str]


def predicted(plan: Plan, told: list[tuple[Arrival, list[Event]]], every: timedelta) -> list[Row]:
    """Return what the virtual clock says will become of every touch."""
    book = Book(account="parity", current={"generated": plan}, published_at={plan.digest: START})
    rows: list[Row] = []
    for arrival, facts in told:
        story = [created_fact(arrival, arrival.at), *facts]
        steps = simulate(book, LeadState(lead=arrival.id), story, start=START, end=START + SPAN, tick=every)
        for step in steps:
            claims = {claim.verdict.key: claim for claim in step.decision.claims}
            for verdict in step.decision.verdicts:
                if verdict.outcome is not Outcome.WAITS:
                    claim = claims.get(verdict.key)
                    text = (claim.to, claim.subject, claim.body) if claim else ("", "", "")
                    outcome = verdict.outcome.value
                    rows.append((verdict.key, outcome, verdict.reason.code, verdict.at, verdict.due_at, *text))
    return sorted(rows)


def done(folder: Path, plan: Plan, told: list[tuple[Arrival, list[Event]]], every: timedelta) -> list[Row]:
    """Return what real ticks on a real database made of every touch."""
    told_in_order = sorted(
        [(arrival.at, 0, arrival, None) for arrival, _ in told]
        + [(fact.recorded_at, 1, arrival, fact) for arrival, facts in told for fact in facts],
        key=lambda each: each[:2],
    )
    (folder / "cadence.yaml").touch()
    with open_store(f"sqlite:///{folder / 'cadence.db'}", create=True) as store:
        shop = Account(root=folder, name="parity", store=store, mode="log", log_file=folder / "messages.log")
        with store.write() as session:
            accounts.ensure(session, "parity", START)
            publish_plans(session, "parity", [plan], START)
            accounts.set_source(session, "parity", signature(folder))
        cache = {plan.digest: plan}
        at = START
        while at < START + SPAN:
            while told_in_order and told_in_order[0][0] <= at:
                now, _, arrival, fact = told_in_order.pop(0)
                with store.write() as session:
                    book = load_book(session, "parity", cache)
                    if fact is None:
                        add_leads(session, "parity", book, [arrival], now)
                    else:
                        record_fact(session, "parity", book, arrival.id, fact)
            with store.read() as session:
                wake = leads.next_wake(session, "parity")
            if wake is not None and wake <= at:
                tick(shop, at, plans=cache)
            at += every
        with store.read() as session:
            kept = outbox.listing(session, "parity", limit=10_000)
    return sorted(
        (row.touch_key, row.state, row.reason, row.decided_at, row.due_at, row.address, row.subject, row.body)
        for row in kept
    )


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the databases of the examples go."""
    return tmp_path_factory.mktemp("parity")


@settings(max_examples=18, deadline=None, suppress_health_check=list(HealthCheck))
@given(plan=plans(), told=people(), every=st.integers(1, 60))
def test_what_a_preview_predicts_is_what_ticks_do(
    folders: Path, plan: Plan, told: list[tuple[Arrival, list[Event]]], every: int
) -> None:
    """Outcome, reason, instant, address and text of every touch agree, whatever the tick interval."""
    folder = folders / f"{len(list(folders.iterdir()))}"
    folder.mkdir()
    interval = timedelta(minutes=every)

    assert predicted(plan, told, interval) == done(folder, plan, told, interval), json.dumps(plan.content)
