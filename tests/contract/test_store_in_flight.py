"""Who is in flight, page by page, on every store."""

from cadence.store import enrolments, events, leads
from cadence.store.entries import read_entry


def _enrol(session, make, lead, playbook="roofer", **changes):
    row = make.enrolment(lead, enrolment=f"{lead}/{playbook}/-/1", playbook=playbook, **changes)
    enrolments.save(session, "summit", [row])


def test_leads_with_an_open_enrolment_come_by_id_and_with_their_wake_up(store, make):
    with store.write() as session:
        leads.add(session, "summit", [make.lead(name) for name in ("maria", "ann", "bob", "carl")])
        leads.set_wake(session, "summit", {"ann": make.at(5)})
        for lead in ("maria", "ann", "bob"):
            _enrol(session, make, lead)
        _enrol(session, make, "bob", ended_at=make.at(1), end="won")
        _enrol(session, make, "carl", playbook="gutters")
    with store.read() as session:
        assert leads.in_flight(session, "summit", 2, "") == [("ann", make.at(5)), ("carl", None)]
        assert leads.in_flight(session, "summit", 2, "carl") == [("maria", None)]
        assert leads.in_flight(session, "summit", 2, "maria") == []
        assert leads.in_flight(session, "summit", 9, "", playbooks={"gutters"}) == [("carl", None)]
        assert leads.count_in_flight(session, "summit") == 3
        assert leads.count_in_flight(session, "summit", playbooks={"roofer"}) == 2
        assert leads.in_flight(session, "valley", 9, "") == []


def test_the_rows_of_a_log_say_what_the_log_says(store, make):
    with store.write() as session:
        leads.add(session, "summit", [make.lead("maria")])
        entries = [make.event("note.added", at=make.at(n), data={"text": f"¿qué {n}?"}, key=f"k{n}") for n in (1, 2)]
        events.append(session, "summit", {"maria": entries})
    with store.read() as session:
        rows = events.rows_of_leads(session, "summit", ["maria", "nobody"])
        assert [read_entry(row) for row in rows["maria"]] == entries
        assert events.of_leads(session, "summit", ["maria"]) == {"maria": entries}
        assert rows["nobody"] == []


def test_marks_change_with_the_logs_of_those_in_flight_and_of_the_account_alone(store, make):
    with store.write() as session:
        leads.add(session, "summit", [make.lead(name) for name in ("maria", "ann", "bob")])
        _enrol(session, make, "maria")
        _enrol(session, make, "ann", playbook="gutters")
        _enrol(session, make, "bob", ended_at=make.at(1), end="won")
        before = events.marks(session, "summit", ["roofer"])
        events.append(session, "summit", {"ann": [make.event()], "bob": [make.event()]})
        assert events.marks(session, "summit", ["roofer"]) == before
        events.append(session, "valley", {"maria": [make.event()]})
        assert events.marks(session, "summit", ["roofer"]) == before
        events.append(session, "summit", {"maria": [make.event()]})
        one = events.marks(session, "summit", ["roofer"])
        events.append(session, "summit", {"": [make.event("paused")]})
        assert len({before, one, events.marks(session, "summit", ["roofer"])}) == 3


def test_followers_are_counted_by_version(store, make):
    with store.write() as session:
        leads.add(session, "summit", [make.lead(name) for name in ("maria", "ann", "bob")])
        _enrol(session, make, "maria", digest="d1")
        _enrol(session, make, "ann", digest="d2")
        _enrol(session, make, "bob", digest="d1", ended_at=make.at(1), end="won")
        assert enrolments.followers(session, "summit") == {("roofer", "d1"): 1, ("roofer", "d2"): 1}
        assert enrolments.followers(session, "valley") == {}
