"""What came in is kept once, handled in order, and waits when it cannot be handled yet."""

from __future__ import annotations

from cadence.store import cursors, deliveries, halts, handles, inbound, leads, outbox
from cadence.store.cursors import CursorRow
from cadence.store.halts import HaltRow


def test_what_is_told_twice_is_kept_once(store, make):
    with store.write() as session:
        assert inbound.keep(session, "summit", [make.came_in("SM1"), make.came_in("SM1"), make.came_in("SM2")]) == 2
        assert inbound.keep(session, "summit", [make.came_in("SM2"), make.came_in("SM2", source="imap")]) == 1
        assert inbound.count_open(session, "summit") == 3


def test_things_are_handled_in_the_order_they_came(store, make):
    with store.write() as session:
        inbound.keep(session, "summit", [make.came_in(f"SM{n}") for n in range(5)])
        first, second, *rest = inbound.open_rows(session, "summit")
        assert [kept.row.key for kept in (first, second, *rest)] == [f"SM{n}" for n in range(5)]

        inbound.note(session, "summit", first.id, handled_at=make.now, lead="maria", taken_as="reply", because="else")
        inbound.note(session, "summit", second.id, handled_at=None, problem="its message is not known yet")

        assert [kept.row.key for kept in inbound.open_rows(session, "summit")] == ["SM1", "SM2", "SM3", "SM4"]
        assert inbound.get(session, "summit", first.id).row.taken_as == "reply"
        assert [kept.row.key for kept in inbound.troubled(session, "summit", make.now)] == ["SM1"]


def test_what_came_in_is_listed_newest_first(store, make):
    with store.write() as session:
        inbound.keep(session, "summit", [make.came_in(f"SM{n}", lead="maria" if n % 2 else "") for n in range(5)])
        found = inbound.listing(session, "summit", limit=2)
        assert [kept.row.key for kept in found] == ["SM4", "SM3"]
        assert [kept.row.key for kept in inbound.listing(session, "summit", before=found[-1].id, lead="maria")] == [
            "SM1"
        ]


def test_a_handle_means_what_it_meant_first(store, make):
    with store.write() as session:
        leads.add(session, "summit", [make.lead("maria"), make.lead("bob")])
        handles.keep(session, "summit", {"h1": ("maria", "maria/roofer//1")})
        handles.keep(session, "summit", {"h1": ("bob", "bob/roofer//1")})
        assert handles.find(session, "summit", "h1") == ("maria", "maria/roofer//1")
        assert handles.find(session, "summit", "h2") is None


def test_a_message_is_found_by_its_providers_name_and_by_its_own(store, make):
    with store.write() as session:
        leads.add(session, "summit", [make.lead()])
        outbox.claim(session, "summit", [make.touch(handle="h1"), make.touch(touch="day-2")])
        outbox.settle(session, "summit", [make.ending(provider_id="SM1")])

        assert deliveries.find(session, "summit", provider_id="SM1").touch == "day-1"
        assert deliveries.find(session, "summit", handle="h1").touch == "day-1"
        assert deliveries.find(session, "summit", handle="") is None
        assert deliveries.find(session, "summit", provider_id="") is None
        assert deliveries.threads(session, "summit", ["maria"], "sms") == {"maria/roofer/-/1": ["h1"]}


def test_a_source_that_cannot_be_asked_says_since_when(store, make):
    failing = CursorRow(source="imap", data={"uid": 7}, at=make.now, problem="login refused", failing_since=make.at(1))
    with store.write() as session:
        cursors.save(session, "summit", CursorRow(source="imap", data={"uid": 7}, at=make.now))
        cursors.save(session, "summit", failing)
        assert cursors.read(session, "summit") == {"imap": failing}


def test_a_halted_channel_keeps_its_first_reason_until_it_is_lifted(store, make):
    first = HaltRow(channel="sms", code="30034", detail="the sender is not registered", since=make.now)
    with store.write() as session:
        assert halts.halt(session, "summit", first)
        assert not halts.halt(session, "summit", HaltRow(channel="sms", code="20003", detail="", since=make.at(5)))
        assert halts.read(session, "summit") == {"sms": first}
        assert halts.lift(session, "summit", "sms")
        assert not halts.lift(session, "summit", "sms")
        assert halts.read(session, "summit") == {}
