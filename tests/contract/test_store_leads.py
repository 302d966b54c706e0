"""The lead record and the wake-up times, on every store."""

import dataclasses

import pytest
from sqlalchemy import Text, literal, update

from cadence.errors import LeadError
from cadence.store import enrolments, leads
from cadence.store.columns import Damaged
from cadence.store.leads import LeadFilter
from cadence.store.tables import leads as leads_table


def ids(rows):
    return [row.lead for row in rows]


def test_a_lead_reads_back_as_it_was_recorded(store, make):
    maria = make.lead(
        phone="+18165550142",
        email="maria@example.com",
        external_id="crm-7",
        attributes={"zip": "64110", "value": 8500, "notes": "two missing shingles — ¿mañana? 🏠", "tags": ["storm"]},
        owner="dana",
        wake_at=make.at(5),
    )
    with store.write() as session:
        leads.add(session, "summit", [maria])
    with store.read() as session:
        assert leads.get(session, "summit", "maria") == maria
        assert leads.get(session, "summit", "nobody") is None
        assert leads.by_ids(session, "summit", ["maria", "nobody"]) == {"maria": maria}


def test_an_update_replaces_the_record_and_keeps_creation_and_wake_up(store, make):
    with store.write() as session:
        leads.add(session, "summit", [make.lead(phone="+18165550142", wake_at=make.at(5))])
    changed = make.lead(name="Maria L.", email="m@example.com", created_at=make.at(60), updated_at=make.at(60))
    with store.write() as session:
        leads.update(session, "summit", [changed])
    with store.read() as session:
        assert leads.get(session, "summit", "maria") == dataclasses.replace(
            changed, created_at=make.now, wake_at=make.at(5)
        )


def test_an_update_of_an_unknown_lead_is_refused_and_changes_nothing(store, make):
    with store.write() as session:
        leads.add(session, "summit", [make.lead("maria")])
        with pytest.raises(LeadError, match="'bob'"):
            leads.update(session, "summit", [make.lead("maria", name="Changed"), make.lead("bob")])
        assert leads.get(session, "summit", "maria").name == "Maria"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("phone", "+18165550142", "phone number"),
        ("email", "maria@example.com", "e-mail address"),
        ("external_id", "crm-7", "external id"),
    ],
)
def test_two_leads_never_share_a_way_to_reach_them(store, make, field, value, said):
    fresh = {field: "+18165550199"}
    with store.write() as session:
        leads.add(session, "summit", [make.lead("maria", **{field: value}), make.lead("ana"), make.lead("eva")])
        with pytest.raises(LeadError) as refusal:
            leads.add(session, "summit", [make.lead("carl"), make.lead("bob", **{field: value})])
        assert refusal.value.message == f"lead 'bob' has the same {said} as lead 'maria'"
        with pytest.raises(LeadError, match=f"'ana' has the same {said} as lead 'maria'"):
            leads.update(session, "summit", [make.lead("ana", **{field: value})])
        with pytest.raises(LeadError, match=f"'eva' has the same {said} as lead 'ana'"):
            leads.update(session, "summit", [make.lead("ana", **fresh), make.lead("eva", **fresh)])
        with pytest.raises(LeadError, match=f"'joe' has the same {said} as lead 'jim'"):
            leads.add(session, "summit", [make.lead("jim", **fresh), make.lead("joe", **fresh)])
        assert ids(leads.listing(session, "summit")) == ["ana", "eva", "maria"], "a refused batch leaves nothing"


def test_leads_without_a_phone_do_not_stand_in_each_others_way(store, make):
    with store.write() as session:
        leads.add(session, "summit", [make.lead("maria"), make.lead("bob")])
        assert leads.count(session, "summit") == 2


def test_an_id_is_used_once(store, make):
    with store.write() as session:
        leads.add(session, "summit", [make.lead()])
        with pytest.raises(LeadError, match="there is a lead 'maria' already"):
            leads.add(session, "summit", [make.lead()])
        with pytest.raises(LeadError, match="there is a lead 'bob' already"):
            leads.add(session, "summit", [make.lead("bob"), make.lead("bob")])


def test_a_refusal_never_repeats_a_phone_number(store, make):
    with store.write() as session:
        leads.add(session, "summit", [make.lead("maria", phone="+18165550142")])
        with pytest.raises(LeadError) as refusal:
            leads.add(session, "summit", [make.lead("bob", phone="+18165550142")])
    assert "555" not in str(refusal.value) + refusal.value.help


def test_find_answers_by_any_address_each_lead_once(store, make):
    maria = make.lead("maria", phone="+18165550142", email="maria@example.com")
    bob = make.lead("bob", external_id="crm-7")
    with store.write() as session:
        leads.add(session, "summit", [maria, bob, make.lead("carl")])
    with store.read() as session:
        assert leads.find(session, "summit", phones=["+18165550142"], emails=["maria@example.com"]) == [maria]
        assert leads.find(session, "summit", phones=["+18165550142"], external_ids=["crm-7"]) == [bob, maria]
        assert leads.find(session, "summit", emails=["MARIA@example.com"]) == [], "compared as it stands"
        assert leads.find(session, "summit", phones=[""]) == [], "no phone is nobody's phone"
        assert leads.find(session, "summit") == []


@pytest.fixture
def shop(store, make):
    """Three leads: maria and bob in roofer, carl in hvac."""
    with store.write() as session:
        leads.add(
            session,
            "summit",
            [
                make.lead("maria", name="Maria Lopez", owner="dana", phone="+18165550142"),
                make.lead("bob", name="Bob 100%", owner="lee", email="bob@example.com"),
                make.lead("carl", name="Carl", owner="dana", external_id="crm_7"),
            ],
        )
        enrolments.save(
            session,
            "summit",
            [
                make.enrolment("maria", stage="estimate"),
                make.enrolment("bob", stage="new"),
                make.enrolment("carl", playbook="hvac", enrolment="carl/hvac/-/1", stage="estimate"),
                make.enrolment(
                    "carl", job="2", enrolment="carl/roofer/2/1", stage="won", ended_at=make.at(1), end="won"
                ),
            ],
        )
    return store


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["bob", "carl", "maria"]),
        ({"owner": "dana"}, ["carl", "maria"]),
        ({"stage": "estimate"}, ["carl", "maria"]),
        ({"stage": "estimate", "playbook": "roofer"}, ["maria"]),
        ({"stage": "won"}, ["carl"]),
        ({"playbook": "hvac", "owner": "lee"}, []),
        ({"text": "LOPEZ"}, ["maria"]),
        ({"text": "5550142"}, ["maria"]),
        ({"text": "bob@"}, ["bob"]),
        ({"text": "0%"}, ["bob"]),
        ({"text": "crm_"}, ["carl"]),
        ({"text": "_"}, ["carl"]),
    ],
)
def test_listing_and_count_agree_on_who_is_wanted(shop, wanted, found):
    with shop.read() as session:
        assert ids(leads.listing(session, "summit", LeadFilter(**wanted))) == found
        assert leads.count(session, "summit", LeadFilter(**wanted)) == len(found)


def test_stage_and_playbook_must_hold_of_one_and_the_same_enrolment(shop):
    with shop.read() as session:
        assert ids(leads.listing(session, "summit", LeadFilter(stage="estimate", playbook="hvac"))) == ["carl"]
        assert leads.listing(session, "summit", LeadFilter(stage="won", playbook="hvac")) == []


def test_a_listing_is_read_page_by_page(shop):
    with shop.read() as session:
        assert ids(leads.listing(session, "summit", limit=2)) == ["bob", "carl"]
        assert ids(leads.listing(session, "summit", limit=2, after="carl")) == ["maria"]


def test_due_leads_come_longest_due_first_and_no_earlier_than_due(store, make):
    with store.write() as session:
        leads.add(
            session,
            "summit",
            [
                make.lead("later", wake_at=make.at(1)),
                make.lead("b-now", wake_at=make.now),
                make.lead("a-now", wake_at=make.now),
                make.lead("first", wake_at=make.at(-60)),
                make.lead("asleep"),
            ],
        )
        assert leads.due(session, "summit", make.now, 10) == ["first", "a-now", "b-now"]
        assert leads.due(session, "summit", make.now, 2) == ["first", "a-now"]
        assert leads.due(session, "summit", make.at(-61), 10) == []
        assert leads.next_wake(session, "summit") == make.at(-60)


def test_nobody_to_wake_is_no_instant(store, make):
    with store.write() as session:
        assert leads.next_wake(session, "summit") is None
        leads.add(session, "summit", [make.lead()])
        assert leads.next_wake(session, "summit") is None


def test_set_wake_moves_or_silences_each_lead(store, make):
    with store.write() as session:
        leads.add(session, "summit", [make.lead(name, wake_at=make.now) for name in ("maria", "bob", "carl")])
        leads.set_wake(session, "summit", {"maria": make.at(60), "bob": None, "unknown": make.now})
        assert leads.due(session, "summit", make.at(60), 10) == ["carl", "maria"]
        leads.set_wake(session, "summit", {})
        assert leads.due(session, "summit", make.now, 10) == ["carl"]


def test_wake_all_wakes_no_lead_later_than_before(store, make):
    with store.write() as session:
        leads.add(
            session,
            "summit",
            [make.lead("early", wake_at=make.at(-5)), make.lead("late", wake_at=make.at(5)), make.lead("asleep")],
        )
        assert leads.wake_all(session, "summit", make.now) == 2
        assert leads.due(session, "summit", make.now, 10) == ["early", "asleep", "late"]
        assert leads.get(session, "summit", "early").wake_at == make.at(-5)


def test_wake_all_of_a_playbook_leaves_other_and_ended_enrolments_asleep(shop, make):
    with shop.write() as session:
        assert leads.wake_all(session, "summit", make.now, playbook="roofer") == 2
        assert leads.due(session, "summit", make.now, 10) == ["bob", "maria"]


@pytest.mark.parametrize("kept", ["0 o'clock", "9999 o'clock", "", "2026-11-24T19:30"])
def test_an_instant_that_cannot_be_read_is_put_right_when_it_stands_first(store, make, kept):
    with store.write() as session:
        leads.add(session, "summit", [make.lead("maria", wake_at=make.at(5)), make.lead("asleep")])
        assert leads.mend_wake(session, "summit", make.now) == 0
        session.change(update(leads_table).where(leads_table.c.lead == "maria").values(wake_at=literal(kept, Text)))
        with pytest.raises(Damaged, match=r"cannot be read|not in UTC"):
            leads.next_wake(session, "summit")
        assert leads.mend_wake(session, "summit", make.now) == 1
        assert leads.next_wake(session, "summit") == make.now
        assert leads.due(session, "summit", make.now, 10) == ["maria"]


def test_an_owner_is_set_for_many_leads_at_once(shop):
    with shop.write() as session:
        leads.set_owner(session, "summit", {"maria": "pat", "carl": "", "unknown": "pat"})
        assert {row.lead: row.owner for row in leads.listing(session, "summit")} == {
            "bob": "lee",
            "carl": "",
            "maria": "pat",
        }


def test_more_leads_than_fit_one_query_are_all_found(store, make):
    many = [make.lead(f"lead-{number:04}", phone=f"+1816555{number:04}") for number in range(1203)]
    with store.write() as session:
        leads.add(session, "summit", many)
        assert len(leads.by_ids(session, "summit", ids(many))) == 1203
        assert leads.find(session, "summit", phones=[row.phone for row in many]) == many
