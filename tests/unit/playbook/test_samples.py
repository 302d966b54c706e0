"""Sample contexts: one of a lead of whom all is known, one of a lead of whom hardly anything is."""

from cadence.playbook.blank import Blank
from cadence.playbook.context import lock_view
from cadence.playbook.model import Business, Member
from cadence.playbook.samples import bare_sample, full_sample
from cadence.playbook.shapes import context_shape


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
