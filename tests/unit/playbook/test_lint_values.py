"""Single values: every fault is found at its own place, and a page that passes can be built."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cadence.playbook.source import read_page
from cadence.playbook.values import check_values

if TYPE_CHECKING:
    from cadence.playbook.diagnostics import Diagnostic


def check(text: str) -> list[Diagnostic]:
    page, faults = read_page("page.yaml", text.encode())
    assert page is not None
    assert not faults
    return check_values(page)


def playbook(top: str = "", stage: str = "") -> str:
    return f"cadence: 1\nplaybook: roofer\n{top}stages:\n  new:\n    owner: csr\n{stage}  won: {{end: won}}\n"


def pointed_at(fault: Diagnostic) -> str:
    return fault.source[fault.column - 1 : fault.column - 1 + fault.length]


class TestHours:
    def test_every_wrong_day_is_found_at_once(self) -> None:
        faults = check(playbook('calendar: {business_hours: {mon: "8-18", fry: closed, sat: "12:00-12:00"}}\n'))
        assert [(fault.code, pointed_at(fault)) for fault in faults] == [
            ("bad-hours", '"8-18"'),
            ("bad-day", "fry"),
            ("bad-hours", '"12:00-12:00"'),
        ]

    def test_every_wrong_span_of_a_list_is_found_at_once(self) -> None:
        faults = check(playbook('send_windows: {sms: ["8-12", "13:00-18:00", "19:00-x"]}\n'))
        assert [pointed_at(fault) for fault in faults] == ['"8-12"', '"19:00-x"']

    def test_a_night_that_runs_into_the_next_days_hours_is_found(self) -> None:
        faults = check(playbook('calendar: {business_hours: {fri: "20:00-02:00", sat: "01:00-05:00"}}\n'))
        assert [fault.code for fault in faults] == ["overlapping-hours"]

    @pytest.mark.parametrize(
        "hours", ['"08:00-18:00"', '["08:00-12:00", "13:00-24:00"]', "closed", '{fri: "22:00-04:00"}']
    )
    def test_hours_may_be_a_text_a_list_a_map_or_closed(self, hours: str) -> None:
        assert check(playbook(f"send_windows: {{email: {hours}}}\n")) == []


class TestTouches:
    @pytest.mark.parametrize("unit", ["2d", "1w", "1d4h"])
    def test_open_time_has_no_days(self, unit: str) -> None:
        touch = f"    touches: [{{id: a, channel: sms, after: {unit}, clock: business}}]\n"
        assert [fault.code for fault in check(playbook(stage=touch))] == ["business-days"]

    def test_day_zero_is_explained(self) -> None:
        fault = check(playbook(stage="    touches: [{id: a, channel: sms, day: 0}]\n"))[0]
        assert (fault.code, pointed_at(fault)) == ("day-zero", "0")
        assert "day 1 is the anchor's own day" in fault.message

    def test_rows_of_a_schedule_are_looked_at_like_touches(self) -> None:
        touch = "    touches: [{id: a, channel: sms, schedule: [{if_before: 3pm, day: 0}, {after: x, cron: y}]}]\n"
        assert [fault.code for fault in check(playbook(stage=touch))] == [
            "bad-time",
            "day-zero",
            "bad-duration",
            "bad-cron",
        ]

    def test_what_to_write_instead_stands_in_the_help(self) -> None:
        fault = check(playbook(stage="    touches: [{id: a, channel: sms, after: 15 min}]\n"))[0]
        assert fault.message == "'15 min' is not a duration"
        assert fault.help.startswith("write 15m")


class TestOtherPages:
    def test_the_zone_of_the_business_must_exist(self) -> None:
        shop = (
            "cadence: 1\naccount: a\nbusiness: {name: S, phone: '+18165550100', timezone: America/Chicgo}\nteam: []\n"
        )
        fault = check(shop)[0]
        assert (fault.code, pointed_at(fault)) == ("unknown-zone", "America/Chicgo")
        assert check(shop.replace("Chicgo", "Chicago")) == []

    def test_sample_leads_may_arrive_at_once(self) -> None:
        samples = (
            "cadence: 1\nsamples_of: roofer\nstart: '2026-11-24T13:10'\nleads:\n"
            "  - lead: {id: maria}\n    arrives: 0m\n"
            "    events: [{after: 8m, event: reply}, {at: '2026-11-24T16:40', event: reply}]\n"
        )
        assert check(samples) == []

    def test_wrong_times_of_sample_leads_are_found(self) -> None:
        samples = (
            "cadence: 1\nsamples_of: roofer\nstart: 24.11.2026\nleads:\n"
            "  - arrives: soon\n    lead: {id: maria, timezone: Chicago}\n"
            "    events: [{after: 8, event: reply}, {at: 4pm, event: reply}]\n"
        )
        assert [fault.code for fault in check(samples)] == [
            "bad-date",
            "bad-duration",
            "unknown-zone",
            "bad-duration",
            "bad-date",
        ]
