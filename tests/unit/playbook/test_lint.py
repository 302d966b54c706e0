"""Facts about the meaning checks that no single page of the corpus shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cadence.channels.registry import BUILT_IN
from cadence.engine.events import Decided
from cadence.playbook.lint import PLAYBOOK_RULES, WORKSPACE_RULES, lint_playbook, lint_workspace
from cadence.playbook.lint_events import ENGINE_EVENTS
from cadence.playbook.source import Page, read_page
from cadence.playbook.words import EVENTS, PROVIDERS

if TYPE_CHECKING:
    from cadence.playbook.diagnostics import Diagnostic
    from cadence.playbook.lint_rules import Reading, Rule

SHOP = """
cadence: 1
account: summit
business: {name: Summit Roofing, phone: "+18165550100", timezone: America/Chicago}
team:
  - {id: dana, name: Dana Reyes, roles: [csr]}
  - {id: pat, name: Pat Kim, roles: [ops_lead, fallback]}
channels:
  sms: {via: twilio, from: "+18165550100"}
  email: {via: sendgrid, from: hello@example.com}
lead_fields: {roof_age: years}
events:
  permit.approved: {title: the permit is there, moments: [starts_at]}
"""

TEMPLATES = ("new/instant.sms.j2", "new/story.email.j2", "new/offer.email.j2", "hello.sms.j2")


def page_of(text: str) -> Page:
    page, faults = read_page("roofer.yaml", text.encode())
    assert page is not None
    assert not faults
    return page


def lint(text: str, shop: str | None = SHOP, templates: tuple[str, ...] = TEMPLATES) -> list[Diagnostic]:
    return lint_playbook(page_of(text), page_of(shop) if shop else None, templates)


def codes(text: str, shop: str | None = SHOP) -> list[str]:
    return [fault.code for fault in lint(text, shop)]


def playbook(
    *touches: str,
    next: str = "{lead.won: won, silence: {after: 7d, to: lost}}",  # noqa: A002 - the word of the page
    more: str = "",
    top: str = "",
) -> str:
    """Write a page with one stage ``new`` and these touches."""
    lines = "\n".join(f"      - {touch}" for touch in touches)
    sequence = f"    touches:\n{lines}\n" if touches else ""
    return (
        f"cadence: 1\nplaybook: roofer\n{top}stages:\n  new:\n    owner: csr\n    enter_on: [lead.created]\n"
        f"    next: {next}\n{sequence}{more}  won: {{end: won}}\n  lost: {{end: lost}}\n"
    )


class TestTheRules:
    def test_every_rule_has_a_code_of_its_own(self) -> None:
        listed = [rule.code for rule in (*PLAYBOOK_RULES, *WORKSPACE_RULES)]
        assert len(listed) == len(set(listed))

    def test_faults_come_in_the_order_of_the_page(self) -> None:
        faults = lint(
            playbook(
                "{id: a, channel: sms, send: now, template: new/instnt}",
                "{id: b, channel: sms, anchor: nothing, after: 2h, template: new/instant}",
                next="{lead.qualified: nowhere}",
                top="stop_on: [replied]\n",
            )
        )
        places = [(fault.line, fault.column) for fault in faults]
        assert places == sorted(places)
        assert len(places) == 4

    def test_a_page_without_faults_is_left_alone(self) -> None:
        assert lint(playbook("{id: hello, channel: sms, send: now, template: new/instant}")) == []

    @pytest.mark.parametrize("rule", PLAYBOOK_RULES, ids=lambda rule: rule.code)
    def test_a_rule_says_only_what_it_is_registered_for(self, rule: Rule[Reading]) -> None:
        page = page_of(
            playbook("{id: a, channel: sms, template: x, anchor: x}", next="{replied: x}", top="stop_on: [x]\n")
        )
        found = lint_playbook(page, page_of(SHOP), (), rules=[rule])
        assert {fault.code for fault in found} <= set(rule.codes)


class TestOneSlipIsOneFault:
    def test_a_misspelt_stage_does_not_make_the_meant_one_unreachable(self) -> None:
        more = "  estimate: {owner: csr, next: {lead.won: won, lead.lost: lost}}\n"
        assert codes(playbook(next="{estimate.sent: estimat}", more=more)) == ["unknown-stage"]

    def test_a_stage_nobody_can_guess_does_not_make_others_unreachable(self) -> None:
        assert codes(playbook(next="{estimate.sent: somewhere}")) == ["unknown-stage"]

    def test_without_an_entry_no_stage_is_called_unreachable(self) -> None:
        text = playbook().replace("    enter_on: [lead.created]\n", "")
        assert codes(text) == ["no-entry"]

    def test_the_stages_before_a_dead_end_are_not_blamed_for_it(self) -> None:
        more = "  estimate: {owner: csr, next: {no_decision: stuck}}\n  stuck: {owner: csr}\n"
        faults = lint(playbook(next="{estimate.sent: estimate, lead.won: won, lead.lost: lost}", more=more))
        assert [(fault.code, fault.source.strip().partition(":")[0]) for fault in faults] == [("no-way-out", "stuck")]

    def test_a_missing_channel_is_said_once_however_many_touches_use_it(self) -> None:
        shop = SHOP.replace('  sms: {via: twilio, from: "+18165550100"}\n', "")
        text = playbook(
            "{id: a, channel: sms, send: now, template: hello}", "{id: b, channel: sms, day: 2, template: hello}"
        )
        assert codes(text, shop) == ["no-channel"]


class TestWithoutTheWorkspace:
    """While ``cadence.yaml`` cannot be read, nothing that depends on it is judged."""

    def test_own_events_fields_and_people_are_taken_on_trust(self) -> None:
        text = playbook(
            "{id: a, channel: sms, if: lead.something, anchor: roof.measured, after: 2h, template: hello}",
            next="{roof.measured: won, lead.lost: lost}",
            top="stop_on: [roof.measured]\n"
            "routing: {estimator: {fallback: zoe, rules: [{if: lead.zip, assign: zoe}]}}\n",
            more="  extra:\n    owner: estimator\n    enter_on: [call.missed]\n    next: {lead.won: won}\n"
            "    require: {to_leave: [lead.slope, roof.measured]}\n",
        )
        assert codes(text, shop=None) == []

    def test_what_the_page_alone_shows_is_still_found(self) -> None:
        text = playbook("{id: a, channel: sms, template: hello}", next="{stage.entered: wonn, lead.lost: lost}")
        assert codes(text, shop=None) == ["unknown-event", "unknown-stage", "no-timing"]


class TestEvents:
    def test_every_entry_of_the_programs_own_log_is_refused_with_advice(self) -> None:
        own = {value for name, value in vars(Decided).items() if name.isupper()}
        assert set(ENGINE_EVENTS) == own
        assert all(ENGINE_EVENTS.values())

    def test_no_note_of_the_program_is_an_event_of_the_language(self) -> None:
        assert not set(ENGINE_EVENTS) & set(EVENTS)

    @pytest.mark.parametrize("event", sorted(EVENTS))
    def test_every_event_of_the_language_may_be_named_anywhere(self, event: str) -> None:
        text = playbook(
            f"{{id: a, channel: sms, anchor: {event}, after: 2h, template: hello}}",
            next=f"{{{event}: won, silence: {{after: 7d, to: lost}}}}",
            top=f"stop_on: [{event}]\n",
            more=f"    lock: {{by: [{event}]}}\n    sla: {{soon: {{within: 5m, met_by: [{event}]}}}}\n",
        )
        assert codes(text.replace("[lead.created]", f"[{event}]")) == []

    @pytest.mark.parametrize(
        "anchor", [f"{kind}.{moment}" for kind, event in EVENTS.items() for moment in event.moments]
    )
    def test_every_date_an_event_carries_may_be_counted_back_from(self, anchor: str) -> None:
        assert codes(playbook(f"{{id: a, channel: sms, anchor: {anchor}, before: 2h, template: hello}}")) == []

    def test_a_misspelt_event_of_the_shop_is_recognised(self) -> None:
        fault = lint(playbook(top="stop_on: [permit.aproved]\n"))[0]
        assert (fault.code, fault.help) == ("unknown-event", "did you mean 'permit.approved'?")

    def test_the_fault_of_a_moment_points_at_the_moment_alone(self) -> None:
        fault = lint(playbook("{id: a, channel: sms, anchor: no_decision.follow_up, day: 1, template: hello}"))[0]
        assert fault.code == "unknown-moment"
        assert fault.source[fault.column - 1 :].startswith("follow_up,")
        assert fault.length == len("follow_up")


class TestStages:
    def test_a_later_stage_with_an_entry_of_its_own_is_a_way_out(self) -> None:
        """``enter_on`` moves a lead forward, so an end below may be reached by it alone."""
        text = playbook(next="{no_decision: later}", more="  later: {owner: csr, next: {no_decision: later}}\n")
        assert codes(text) == ["no-way-out", "no-way-out", "unreachable-stage", "unreachable-stage"]
        assert codes(text.replace("{end: won}", "{end: won, enter_on: [lead.won]}")) == ["unreachable-stage"]

    def test_entering_never_moves_a_lead_backwards(self) -> None:
        """A stage above is no way out, though it has an entry."""
        text = playbook(next="{lead.qualified: later, lead.won: won, lead.lost: lost}", more="  later: {owner: csr}\n")
        assert codes(text) == ["no-way-out"]

    def test_a_stage_that_leads_to_itself_sends_its_touches_again(self) -> None:
        text = playbook(
            "{id: a, channel: sms, send: now, template: hello}",
            next="{call.missed: new, lead.won: won, lead.lost: lost}",
        )
        fault = lint(text)[0]
        assert (fault.code, fault.severity) == ("reentered-stage", "warning")
        assert "come back to 'new'" in fault.message

    def test_one_round_is_pointed_out_once_however_many_ways_lead_back(self) -> None:
        touch = "{id: a, channel: sms, send: now, template: hello}"
        more = "  later:\n    owner: csr\n    next: {reply: new, no_decision: later, lead.won: won}\n"
        text = playbook(touch, next="{estimate.sent: later, call.missed: new, lead.lost: lost}", more=more)
        fault = lint(text)[0]
        assert codes(text) == ["reentered-stage"]
        assert "'new' and 'later'" in fault.message
        assert fault.help.endswith("it comes back on lines 7 and 12")

    def test_a_round_without_touches_is_nobodys_trouble(self) -> None:
        assert codes(playbook(next="{call.missed: new, lead.won: won, lead.lost: lost}")) == []


class TestTouches:
    @pytest.mark.parametrize(
        "timing",
        [
            "send: now",
            "send: now, cron: '0 9 * * *'",
            "after: 2h",
            "after: 2h, clock: business",
            "after: 2d, at: '10:00'",
            "anchor: appointment.booked.starts_at, before: 1d, at: '17:00'",
            "day: 3",
            "day: 3, at: '10:00'",
            "day: 3, at: '10:00', cron: '0 10 * * tue'",
            "business_day: 2, at: '08:00'",
            "next_business_day: '09:15'",
            "at: '18:00'",
            "cron: '0 10 * * tue'",
            "schedule: [{if_before: '15:00', day: 1, at: '17:00'}, {next_business_day: '08:15'}]",
        ],
    )
    def test_every_way_to_say_when_is_allowed(self, timing: str) -> None:
        assert codes(playbook(f"{{id: a, channel: sms, {timing}, template: hello}}")) == []

    @pytest.mark.parametrize(
        "first", ["send: now", "after: 2h", "day: 1", "business_day: 1", "next_business_day: '09:00'"]
    )
    @pytest.mark.parametrize("second", ["after: 3h", "day: 2", "business_day: 2", "schedule: [{day: 4}]"])
    def test_two_main_kinds_never_stand_together(self, first: str, second: str) -> None:
        if first.partition(":")[0] != second.partition(":")[0]:
            assert codes(playbook(f"{{id: a, channel: sms, {first}, {second}, template: hello}}")) == ["two-timings"]

    def test_a_touch_may_have_the_id_of_a_touch_in_another_stage(self) -> None:
        touch = "{id: a, channel: sms, send: now, template: hello}"
        more = f"  later:\n    owner: csr\n    next: {{lead.won: won}}\n    touches:\n      - {touch}\n"
        assert codes(playbook(touch, next="{no_decision: later, lead.lost: lost}", more=more)) == []

    def test_a_variant_replaces_the_text_beside_which_it_lies(self) -> None:
        variants = "{id: a, channel: email, day: 2, template: new/either, variants: {story: 1, offer: 1}}"
        assert codes(playbook(variants)) == []

    def test_the_missing_text_is_named_with_the_file_to_write(self) -> None:
        fault = lint(playbook("{id: a, channel: sms, day: 2, template: new/offer}"))[0]
        assert fault.code == "missing-template"
        assert "templates/new/offer.sms.j2" in fault.help

    def test_a_text_that_was_misspelt_is_recognised(self) -> None:
        fault = lint(playbook("{id: a, channel: sms, day: 2, template: new/instent}"))[0]
        assert fault.help.startswith("did you mean 'new/instant'?")


class TestConditions:
    @pytest.mark.parametrize("quoted", ["{}", "'{}'", '"{}"'])
    def test_the_column_is_that_of_the_wrong_name_whatever_the_quotes(self, quoted: str) -> None:
        condition = quoted.format("in_business_hours and lead.urgncy")
        faults = lint(playbook(f"{{id: a, channel: sms, if: {condition}, send: now, template: hello}}"))
        assert [fault.code for fault in faults] == ["unknown-name"]
        assert "urgncy" in faults[0].source[faults[0].column - 1 :][: len("lead.urgncy")]

    def test_a_touch_asks_only_for_touches_of_its_own_stage(self) -> None:
        later = "{id: b, channel: sms, if: touches.a, day: 1, template: hello}"
        more = f"  later:\n    owner: csr\n    next: {{lead.won: won}}\n    touches:\n      - {later}\n"
        text = playbook(
            "{id: a, channel: sms, send: now, template: hello}", next="{no_decision: later, lead.lost: lost}", more=more
        )
        assert codes(text) == ["unknown-name"]

    def test_a_field_of_the_shop_is_known(self) -> None:
        assert codes(playbook(top="enroll_if: lead.roof_age\n")) == []

    def test_the_score_may_be_asked_for_before_a_lead_comes_in_and_the_lock_not(self) -> None:
        assert codes(playbook(top="enroll_if: score == 'hot'\n")) == []
        assert codes(playbook(top="enroll_if: not lock.held\n")) == ["not-yet-known"]


class TestRequirements:
    @pytest.mark.parametrize(
        "path",
        [
            "score",
            "lead.zip",
            "lead.roof_age",
            "estimate.sent",
            "estimate.sent.amount",
            "no_decision.follow_up_due",
            "permit.approved.starts_at",
        ],
    )
    def test_what_can_be_known_may_be_required(self, path: str) -> None:
        assert codes(playbook(more=f"    require: {{to_leave: [{path}]}}\n")) == []

    def test_an_event_called_like_a_field_is_asked_for_in_a_condition(self) -> None:
        fault = lint(playbook(more="    require: {to_leave: [lead.qualified]}\n"))[0]
        assert fault.code == "unknown-path"
        assert "events.lead.qualified" in fault.help


class TestTheWorkspace:
    def test_a_shop_without_faults_is_left_alone(self) -> None:
        assert lint_workspace(page_of(SHOP)) == []

    def test_a_missing_fallback_is_a_warning(self) -> None:
        fault = lint_workspace(page_of(SHOP.replace("[ops_lead, fallback]", "[ops_lead]")))[0]
        assert (fault.code, fault.severity) == ("no-fallback", "warning")


def test_the_services_that_come_with_the_program_are_those_it_can_load() -> None:
    built_in = {name for name in BUILT_IN if name.split(".")[0] in PROVIDERS}
    assert built_in == {f"{channel}.{name}" for channel, names in PROVIDERS.items() for name in names}
