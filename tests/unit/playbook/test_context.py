"""What conditions and templates see of a lead."""

from datetime import datetime, timedelta, timezone

import pytest

from cadence.playbook.blank import Blank
from cadence.playbook.context import business_view, events_view, lead_view, lock_view, owner_view, touches_view
from cadence.playbook.model import Business, Member
from cadence.playbook.shapes import EventVocabulary
from cadence.playbook.words import EVENTS, LEAD_FIELDS

AT = datetime(2026, 11, 24, 16, 40, tzinfo=timezone(timedelta(hours=-6)))
VOCABULARY = EventVocabulary({"permit.approved": ("the permit came", ("inspect_on",))})


class TestLead:
    def test_it_has_every_field_of_the_language_and_of_the_workspace(self):
        view = lead_view({"name": "Maria Lopez"}, ["roof_age"])
        assert set(view) == {*LEAD_FIELDS, "roof_age"}
        assert view["roof_age"].path == "lead.roof_age"
        assert type(view) is dict

    def test_an_empty_or_missing_value_is_not_known(self):
        view = lead_view({"city": "", "zip": None})
        assert (view["city"].path, view["zip"].path) == ("lead.city", "lead.zip")

    def test_the_first_name_is_taken_from_the_name_when_it_is_not_given(self):
        assert lead_view({"name": "Maria del Carmen Lopez"})["first_name"] == "Maria"
        assert lead_view({"name": "Maria Lopez", "first_name": "Mari"})["first_name"] == "Mari"
        assert not lead_view({})["first_name"]

    @pytest.mark.parametrize(
        ("given", "value"), [(8500, 8500), ("8500", 8500), ("$8,500", 8500), ("a lot", 0), (None, 0)]
    )
    def test_the_value_is_a_number_and_0_when_unknown(self, given, value):
        assert lead_view({"value": given})["value"] == value

    def test_what_is_no_field_stays_out(self):
        assert "zones" not in lead_view({"name": "Maria", "zones": ["America/Chicago"]})

    def test_one_leads_view_leaves_the_next_leads_alone(self):
        lead_view({"city": "Kansas City"})["zip"] = "64110"
        assert not lead_view({})["zip"]
        assert not lead_view({})["city"]


class TestEvents:
    def test_an_event_that_has_not_happened_is_false_with_all_below_it(self):
        view = events_view({}, VOCABULARY)
        assert not view["estimate"]["sent"]
        assert not view["estimate"]["sent"].amount
        assert not view["no_decision"]
        assert view["no_decision"].follow_up_due.path == "events.no_decision.follow_up_due"

    def test_an_event_that_has_happened_has_its_time_and_data(self):
        view = events_view({"estimate.sent": {"at": AT, "amount": 8400, "number": ""}}, VOCABULARY)
        sent = view["estimate"]["sent"]
        assert sent
        assert (sent["at"], sent["amount"]) == (AT, 8400)
        assert sent["number"].path == "events.estimate.sent.number"

    @pytest.mark.parametrize(
        "kinds", [["message.sent"], ["message.sent.by_person"], ["message.sent", "message.sent.by_person"]]
    )
    @pytest.mark.parametrize("order", [1, -1])
    def test_a_type_within_another_type_stands_on_its_own(self, kinds, order):
        view = events_view({kind: {"at": AT, "channel": "sms"} for kind in kinds[::order]}, VOCABULARY)
        sent = view["message"]["sent"]
        by_person = sent.by_person if isinstance(sent, Blank) else sent["by_person"]
        assert bool(sent) == ("message.sent" in kinds)
        assert bool(by_person) == ("message.sent.by_person" in kinds)

    def test_the_workspaces_own_events_are_there(self):
        view = events_view({"permit.approved": {"at": AT, "inspect_on": AT}}, VOCABULARY)
        assert view["permit"]["approved"]["inspect_on"] == AT

    def test_entries_that_are_no_facts_stay_out(self):
        assert "stage" not in events_view({"stage.entered": {"at": AT}}, VOCABULARY)

    def test_every_event_of_the_language_can_be_named(self):
        view = events_view({kind: {"at": AT} for kind in EVENTS}, VOCABULARY)
        for kind in EVENTS:
            node = view
            for part in kind.split("."):
                node = node[part]
            assert node["at"] == AT

    def test_one_view_leaves_the_next_alone(self):
        events_view({kind: {"at": AT} for kind in EVENTS}, VOCABULARY)
        assert not events_view({}, VOCABULARY)["estimate"]["sent"]


def test_a_touch_that_has_not_ended_is_false():
    view = touches_view({"offer": {"outcome": "sent", "at": AT}}, ["offer", "same-day"])
    assert view["offer"] == {"outcome": "sent", "at": AT}
    assert not view["same-day"]
    assert view["same-day"].outcome.path == "touches.same-day.outcome"


def test_a_lock_that_is_open_names_no_event():
    assert lock_view("appointment.booked", AT) == {"held": True, "by": "appointment.booked", "at": AT}
    assert lock_view()["held"] is False
    assert not lock_view()["by"]


def test_owner_and_business_show_what_the_workspace_says():
    owner = owner_view(Member(id="lee", name="Lee Ortiz", roles=("sales",), email="lee@example.com"))
    assert (owner["first_name"], owner["email"]) == ("Lee", "lee@example.com")
    assert owner["phone"].path == "owner.phone"
    business = business_view(Business(name="Summit", phone="+18165550100", timezone="America/Chicago"))
    assert business["name"] == "Summit"
    assert business["booking_link"].path == "business.booking_link"
    assert "timezone" not in business
