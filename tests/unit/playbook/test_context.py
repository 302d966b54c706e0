"""What conditions and templates see of a lead."""

import copy
from datetime import datetime, timedelta, timezone

import pytest

from cadence.errors import RenderError
from cadence.playbook.blank import Blank, BlankError
from cadence.playbook.context import business_view, events_view, lead_view, lock_view, owner_view, touches_view
from cadence.playbook.model import Business, Member
from cadence.playbook.samples import bare_sample, full_sample
from cadence.playbook.shapes import EventVocabulary, context_shape
from cadence.playbook.words import EVENTS, LEAD_FIELDS

AT = datetime(2026, 11, 24, 16, 40, tzinfo=timezone(timedelta(hours=-6)))
VOCABULARY = EventVocabulary({"permit.approved": ("the permit came", ("inspect_on",))})


class TestWhatIsNotKnown:
    blank = Blank("lead.zip")

    def test_it_is_false_and_empty(self):
        assert not self.blank
        assert len(self.blank) == 0
        assert list(self.blank) == []

    def test_it_compares_like_the_empty_text(self):
        assert self.blank == ""
        assert self.blank != "64110"
        assert self.blank == Blank("lead.city")
        assert self.blank not in ["64110", "64111"]
        assert self.blank in ["", "64110"]
        assert "641" not in self.blank
        assert not self.blank.startswith("641")
        assert hash(self.blank) == hash("")
        assert self.blank < "64110"
        assert self.blank <= ""
        assert not self.blank > "64110"
        assert self.blank >= ""

    def test_it_is_neither_more_nor_less_than_a_number_or_a_moment(self):
        for other in (0, 5, -5, 2.5, AT):
            assert not self.blank > other
            assert not self.blank < other
            assert not self.blank >= other
            assert not self.blank <= other
            assert not other > self.blank
            assert not other < self.blank

    def test_writing_it_names_it(self):
        for write in (
            lambda: str(self.blank),
            lambda: f"{self.blank}",
            lambda: "%s" % (self.blank,),  # noqa: UP031
            lambda: "{}".format(self.blank),  # noqa: UP032
            lambda: "ZIP " + self.blank,
            lambda: self.blank + "!",
        ):
            with pytest.raises(BlankError, match=r"'lead\.zip' is not known") as error:
                write()
            assert error.value.path == "lead.zip"
            assert error.value.help == "write {{ lead.zip or 'something else' }}"

    def test_reckoning_with_it_names_it(self):
        for reckon in (
            lambda: self.blank + 1,
            lambda: 1 - self.blank,
            lambda: self.blank * 2,
            lambda: 2 / self.blank,
            lambda: -self.blank,
            lambda: round(self.blank),
            lambda: AT - self.blank,
        ):
            with pytest.raises(RenderError, match=r"lead\.zip"):
                reckon()

    def test_what_a_text_method_makes_of_it_is_not_known_either(self):
        assert self.blank.upper() is self.blank
        assert self.blank.replace("a", "b") is self.blank
        assert self.blank[0] is self.blank
        assert self.blank[:3] is self.blank
        assert self.blank.split() == []

    def test_what_may_be_named_below_it_is_not_known_either(self):
        event = Blank("events.estimate.sent", {"amount": Blank("events.estimate.sent.amount")})
        assert event.amount == ""
        assert event.amount.path == "events.estimate.sent.amount"
        assert event["amount"] is event.amount
        with pytest.raises(AttributeError):
            event.colour  # noqa: B018

    def test_it_can_be_copied_and_shown_to_a_programmer(self):
        assert copy.deepcopy(self.blank).path == "lead.zip"
        assert repr(self.blank) == "Blank('lead.zip')"


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


def leaves(shape, path=()):
    if not shape.children:
        yield path
    for name, child in shape.children.items():
        yield from leaves(child, (*path, name))


class TestSamples:
    shape = context_shape(
        ["roof_age"], {"permit.approved": ("the permit came", ("inspect_on",))}, ["offer", "first-call"]
    )

    def test_the_full_sample_has_a_value_for_everything_that_may_be_named(self):
        sample = full_sample(self.shape)
        for path in leaves(self.shape):
            node = sample
            for name in path:
                node = node[name]
            assert node not in ("", None, {})
            assert not isinstance(node, Blank)

    def test_of_the_bare_lead_only_the_address_of_the_channel_is_known(self):
        lead = bare_sample("sms", self.shape)["lead"]
        assert {name for name, value in lead.items() if value} == {"id", "phone"}
        assert lead["value"] == 0
        assert {name for name, value in bare_sample("email", self.shape)["lead"].items() if value} == {"id", "email"}
        assert {name for name, value in bare_sample("task", self.shape)["lead"].items() if value} == {"id"}

    def test_nothing_has_happened_to_the_bare_lead(self):
        sample = bare_sample("sms", self.shape)
        assert not sample["events"]["estimate"]["sent"]
        assert not sample["touches"]["first-call"]
        assert sample["lock"] == lock_view()
        assert sample["offers"]
        assert sample["owner"]["first_name"]

    def test_what_is_known_of_every_lead_of_a_touch_can_be_said(self):
        known = ["lead.zip", "events.appointment.booked.starts_at", "events.no_decision", "events.nothing.like_it"]
        sample = bare_sample("sms", self.shape, known=known)
        assert sample["lead"]["zip"]
        booked = sample["events"]["appointment"]["booked"]
        assert booked["at"]
        assert booked["starts_at"]
        assert not booked["ends_at"]
        assert sample["events"]["no_decision"]["at"]
        assert not sample["events"]["no_decision"]["follow_up_due"]

    def test_an_event_within_another_does_not_make_the_outer_one_happen(self):
        sent = bare_sample("sms", self.shape, known=["events.message.sent.by_person"])["events"]["message"]["sent"]
        assert not sent
        assert sent.by_person["at"]

    def test_business_and_owner_are_the_workspaces(self):
        business = Business(
            name="Summit", phone="+18165550100", timezone="America/Chicago", website="https://s.example.com"
        )
        owner = Member(id="lee", name="Lee Ortiz", roles=("sales",))
        for sample in (
            full_sample(self.shape, business, owner),
            bare_sample("sms", self.shape, business, owner),
        ):
            assert sample["business"]["website"] == "https://s.example.com"
            assert isinstance(sample["business"]["booking_link"], Blank)
            assert sample["owner"]["name"] == "Lee Ortiz"
            assert isinstance(sample["owner"]["phone"], Blank)
