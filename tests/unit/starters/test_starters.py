"""The pages that come with the program do what practitioners ask of a follow-up, trade by trade."""

from __future__ import annotations

import re
import shutil
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from cadence.files import starter
from cadence.playbook.compile import template_file
from cadence.playbook.words import LEAD_FIELDS, MESSAGE_CHANNELS, PERSON_CHANNELS
from cadence.workspace import load_good_workspace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cadence.playbook.compile import Plan
    from cadence.playbook.model import Stage, Touch

TRADES = ("roofer", "hvac", "plumber")


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Plan]:
    """The starter workspace, checked: trade -> plan."""
    root: Path = tmp_path_factory.mktemp("starters")
    for kind in ("playbooks", "templates"):
        shutil.copytree(starter(kind), root / kind)
    shutil.copyfile(starter("schemas", "starter.cadence.yaml"), root / "cadence.yaml")
    return {plan.playbook.id: plan for plan in load_good_workspace(root).plans}


@pytest.fixture(params=TRADES)
def plan(request: pytest.FixtureRequest, plans: Mapping[str, Plan]) -> Plan:
    return plans[request.param]


def text_of(touch: Touch) -> str:
    """The text of a touch as it is written, placeholders and all."""
    name = template_file(touch, next(iter(touch.variants), ""))
    return (starter("templates") / name).read_text(encoding="utf-8")


def touch(plan: Plan, stage: str, name: str) -> Touch:
    return next(each for each in plan.playbook.stages[stage].touches if each.id == name)


def open_stages(plan: Plan) -> list[Stage]:
    return [stage for stage in plan.playbook.stages.values() if not stage.end]


@pytest.mark.demand("B1")
def test_the_chain_runs_from_the_first_response_to_the_close_or_back_again_later(plan: Plan) -> None:
    order = list(plan.playbook.stages)
    chain = ["new", "schedule", "booked", "estimate", "undecided", "nurture", "reengage", "won", "closed"]
    assert [stage for stage in order if stage in chain] == chain
    assert plan.playbook.stages["reengage"].next["appointment.booked"] == "booked"


@pytest.mark.demand("E2", "D3")
def test_every_stage_has_one_owner_a_way_in_and_a_way_out(plan: Plan) -> None:
    stages = plan.playbook.stages
    reached = {to for stage in stages.values() for to in stage.next.values()}
    reached |= {stage.silence.to for stage in stages.values() if stage.silence}
    for stage in open_stages(plan):
        assert stage.owner, stage.id
        assert stage.enter_on or stage.id in reached, f"{stage.id} cannot be entered"
        assert stage.next, f"{stage.id} cannot be left"


@pytest.mark.demand("D3")
def test_intake_scheduling_field_follow_up_and_clean_up_belong_to_five_roles(plan: Plan) -> None:
    stages = plan.playbook.stages
    (review,) = [each for each in plan.playbook.reviews if {"estimate", "undecided"} <= set(each.of)]
    field_update = next(each for each in stages["booked"].touches if each.channel == "task")
    owners = [stages["new"].owner, stages["schedule"].owner, field_update.owner, stages["estimate"].owner, review.to]
    assert owners == ["csr", "dispatcher", "tech", "sales", "ops_lead"]


@pytest.mark.demand("D4")
def test_every_step_of_a_person_says_when_who_what_and_until_when(plan: Plan) -> None:
    """Trigger, owner, action and time limit stand on the page; the proof is the log."""
    for stage in open_stages(plan):
        for step in (each for each in stage.touches if each.channel in PERSON_CHANNELS):
            assert step.when, "a trigger"
            assert step.owner or stage.owner
            assert text_of(step).strip(), "an action"
            assert step.expires_after > timedelta(0), "a time limit"


@pytest.mark.demand("D2")
def test_intake_takes_what_is_needed_and_leaves_a_stage_only_with_it(plan: Plan) -> None:
    assert {"name", "service", "zip", "source", "urgency"} <= set(LEAD_FIELDS)
    required = {each.path for each in plan.playbook.stages["new"].to_leave}
    assert {"lead.service", "lead.zip", "score"} <= required


@pytest.mark.demand("E3")
def test_nobody_is_assigned_unscored_or_won_with_fewer_than_two_contacts(plan: Plan) -> None:
    assert "score" in {each.path for each in plan.playbook.stages["new"].to_leave}
    conditions = [each.condition for each in plan.playbook.stages["won"].to_enter]
    assert conditions == ["enrolment.contacts >= 2"]


@pytest.mark.demand("D7")
def test_the_first_response_is_promised_within_five_minutes_of_business_time(plan: Plan) -> None:
    (promise,) = [sla for sla in plan.playbook.stages["new"].sla if sla.name == "first-response"]
    assert (promise.within, promise.clock) == (timedelta(minutes=5), "business")


@pytest.mark.demand("E4")
def test_a_missed_first_contact_tells_the_manager_and_then_gives_the_lead_to_the_fallback(plan: Plan) -> None:
    (promise,) = [sla for sla in plan.playbook.stages["new"].sla if sla.name == "first-contact"]
    assert [(step.alert, step.reassign) for step in promise.on_miss] == [("ops_lead", ""), ("", "fallback")]
    assert any("fallback" in member.roles for member in plan.workspace.team)


@pytest.mark.demand("B2")
def test_texts_come_first_then_the_same_day_then_the_next_and_a_call_for_big_jobs(plan: Plan) -> None:
    first = plan.playbook.stages["new"].touches[0]
    assert (first.channel, first.when[0].send_now) == ("sms", True)
    schedule = [(each.id, each.channel) for each in plan.playbook.stages["schedule"].touches]
    assert schedule[:3] == [("offer", "sms"), ("same-day", "sms"), ("next-day", "sms")]
    assert "amount" in touch(plan, "estimate", "big-job-call").condition


@pytest.mark.demand("B3")
def test_the_first_text_confirms_the_inquiry_asks_one_question_and_names_a_next_step(plan: Plan) -> None:
    text = text_of(touch(plan, "new", "instant"))
    spoken = text.replace("{{ lead.first_name or 'there' }}", "")
    assert "lead.service" in text, "it says what they asked for"
    assert "owner.first_name" in text, "a person signs"
    branches = [branch.count("?") for branch in re.split(r"{%.*?%}", spoken)]
    assert max(branches) == 1, "one question, whichever way it branches"
    assert "call" in spoken.lower(), "what comes next"


@pytest.mark.demand("B4")
def test_booking_texts_offer_two_times(plan: Plan) -> None:
    text = text_of(touch(plan, "schedule", "offer"))
    assert "offers[0]" in text
    assert "offers[1]" in text


@pytest.mark.demand("B5")
def test_there_is_a_text_for_every_moment(plan: Plan) -> None:
    moments = {
        "a fresh lead": ("new", "instant"),
        "a missed call": ("new", "missed-call"),
        "no response": ("new", "second-try"),
        "a booking": ("schedule", "offer"),
        "one more hello": ("reengage", "season"),
    }
    texts = {text_of(touch(plan, *where)) for where in moments.values()}
    assert len(texts) == len(moments)


@pytest.mark.demand("A2")
def test_appointments_are_confirmed_at_once_and_asked_again_at_48_and_24_hours(plan: Plan) -> None:
    booked = plan.playbook.stages["booked"]
    asking = {each.id: each for each in booked.touches if each.expects == "ack"}
    assert asking["confirm"].when[0].send_now
    assert asking["remind-48h"].when[0].before == timedelta(hours=48)
    assert asking["remind-24h"].when[0].before == timedelta(hours=24)
    assert booked.lock is not None
    assert booked.lock.by == ("appointment.confirmed",)


@pytest.mark.demand("A2")
def test_whoever_has_not_said_yes_is_called_the_day_before_and_the_ops_lead_hears_of_it(plan: Plan) -> None:
    call = touch(plan, "booked", "day-before")
    assert (call.channel, call.when[0].before) == ("call", timedelta(hours=20))
    assert "not lock.held" in call.condition
    lock = plan.playbook.stages["booked"].lock
    assert lock is not None
    assert [step.alert for step in lock.on_miss] == ["owner", "ops_lead"]


@pytest.mark.demand("D5")
def test_a_visit_ends_in_exactly_one_of_three_words_and_each_moves_the_lead_on(plan: Plan) -> None:
    visit = plan.playbook.results["visit"]
    assert list(visit) == ["estimate sent", "work approved", "no decision"]
    assert set(visit.values()) <= set(plan.playbook.stages["booked"].next)
    assert {each.path for each in plan.playbook.stages["undecided"].to_enter} == {"no_decision.follow_up_due"}


@pytest.mark.demand("A1")
def test_a_lead_without_a_locked_step_is_shown_within_hours(plan: Plan) -> None:
    for stage in ("new", "schedule", "booked"):
        lock = plan.playbook.stages[stage].lock
        assert lock is not None
        assert lock.within is not None
        assert lock.within <= timedelta(hours=8)


@pytest.mark.demand("E6")
def test_nurture_falls_on_days_1_3_7_14_21_and_30_by_mail_text_advertising_message_and_call(plan: Plan) -> None:
    nurture = plan.playbook.stages["nurture"].touches
    assert [(each.when[0].day, each.channel) for each in nurture] == [
        (1, "email"), (3, "sms"), (7, "audience"), (14, "task"), (21, "email"), (30, "call"),
    ]  # fmt: skip


@pytest.mark.demand("E7")
def test_nurture_slows_down_and_never_writes_twice_in_a_row_by_the_same_channel(plan: Plan) -> None:
    nurture = plan.playbook.stages["nurture"].touches
    days = [each.when[0].day or 0 for each in nurture]
    gaps = [later - earlier for earlier, later in pairwise(days)]
    assert gaps == sorted(gaps)
    assert all(one.channel != other.channel for one, other in pairwise(nurture))
    first_week = [each for each in nurture if (each.when[0].day or 0) <= 7 and each.channel in MESSAGE_CHANNELS]
    assert len(first_week) == 2


@pytest.mark.demand("A3")
def test_a_lead_is_real_by_an_acknowledged_appointment_a_contract_a_deposit_or_a_callback(plan: Plan) -> None:
    locks = {fact for stage in open_stages(plan) if stage.lock for fact in stage.lock.by}
    assert {"appointment.confirmed", "contract.signed", "deposit.paid", "callback.scheduled"} <= locks


@pytest.mark.demand("E10")
def test_leads_fall_into_hot_warm_and_the_rest_by_plain_conditions(plan: Plan) -> None:
    assert list(plan.playbook.score) == ["hot", "warm"]


@pytest.mark.demand("D6")
def test_a_page_is_short_enough_to_be_read_aloud(plan: Plan) -> None:
    """What is said about stages, owners and steps: at 150 words a minute, two minutes."""
    words = [
        word
        for stage in open_stages(plan)
        for text in (stage.title, stage.owner, *(each.id.replace("-", " ") for each in stage.touches))
        for word in text.split()
    ]
    assert len(words) <= 300
    assert len((starter("playbooks") / f"{plan.playbook.id}.yaml").read_text(encoding="utf-8").splitlines()) <= 190
