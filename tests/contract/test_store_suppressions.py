"""The ledger of addresses to which nothing may go."""

from __future__ import annotations

from cadence.store import suppressions
from cadence.store.suppressions import ALL

PHONE = "+18165550142"


def held(session, *addresses):
    return {key: row.reason for key, row in suppressions.standing(session, "summit", addresses).items()}


def test_an_address_that_is_not_in_the_ledger_may_be_written_to(store):
    with store.read() as session:
        assert held(session, PHONE, "") == {}


def test_a_stop_holds_for_its_channel_until_the_person_returns(store, make):
    with store.write() as session:
        suppressions.add(session, "summit", [make.suppression(PHONE, channel="sms")])
        assert held(session, PHONE, "+18165550143") == {("sms", PHONE): "opt_out"}

        suppressions.add(session, "summit", [make.suppression(PHONE, channel="sms", standing="returned")])
        assert held(session, PHONE) == {}

        suppressions.add(session, "summit", [make.suppression(PHONE, channel="sms", reason="dead")])
        assert held(session, PHONE) == {("sms", PHONE): "dead"}


def test_who_returns_everywhere_returns_on_each_channel(store, make):
    with store.write() as session:
        suppressions.add(
            session,
            "summit",
            [make.suppression(PHONE, channel="sms"), make.suppression(PHONE), make.suppression("maria@example.com")],
        )
        suppressions.add(session, "summit", [make.suppression(PHONE, standing="returned")])

        assert held(session, PHONE, "maria@example.com") == {(ALL, "maria@example.com"): "opt_out"}


def test_to_return_on_one_channel_does_not_end_a_stop_on_all(store, make):
    with store.write() as session:
        suppressions.add(session, "summit", [make.suppression(PHONE)])
        suppressions.add(session, "summit", [make.suppression(PHONE, channel="sms", standing="returned")])

        assert held(session, PHONE) == {(ALL, PHONE): "opt_out"}


def test_what_is_told_twice_is_written_down_once(store, make):
    with store.write() as session:
        told = [make.suppression(PHONE, key="twilio/SM1"), make.suppression(PHONE, key="twilio/SM1")]
        assert suppressions.add(session, "summit", told) == 1
        assert suppressions.add(session, "summit", told[:1]) == 0
        assert len(suppressions.history(session, "summit", PHONE)) == 1


def test_nothing_is_ever_taken_out_of_the_ledger(store, make):
    with store.write() as session:
        for standing in ("suppressed", "returned", "suppressed"):
            suppressions.add(session, "summit", [make.suppression(PHONE, standing=standing)])

        assert [row.standing for row in suppressions.history(session, "summit", PHONE)] == [
            "suppressed",
            "returned",
            "suppressed",
        ]


def test_the_list_shows_what_holds_now_in_order_of_address(store, make):
    addresses = [f"+181655501{n:02}" for n in range(7)]
    with store.write() as session:
        suppressions.add(session, "summit", [make.suppression(address) for address in reversed(addresses)])
        suppressions.add(session, "summit", [make.suppression(addresses[3], standing="returned")])
        listed = [row.address for row in suppressions.listing(session, "summit", page=2)]

        assert listed == [*addresses[:3], *addresses[4:]]
        assert list(suppressions.listing(session, "summit", since=make.at(1))) == []
        assert suppressions.count(session, "summit") == 7
