"""The log, on every store."""

import pytest

from cadence.store import events


def test_a_log_reads_back_in_the_order_it_was_recorded(store, make):
    late_news = make.event("estimate.sent", at=make.at(-90), data={"amount": 8400, "lines": [{"n": 1}]})
    log = [
        make.event("lead.created", key="form-1", actor="system"),
        make.event("reply", at=make.at(3), recorded_at=make.at(4), actor="lead", data={"text": "¿Cuándo? 🏠"}),
        late_news,
        make.event("appointment.booked", job="job-7", enrolment="maria/roofer/job-7/1"),
    ]
    with store.write() as session:
        assert events.append(session, "summit", {"maria": log[:2]}) == 2
        assert events.append(session, "summit", {"maria": log[2:]}) == 2
    with store.read() as session:
        assert events.of_leads(session, "summit", ["maria"]) == {"maria": log}


def test_logs_of_many_leads_are_kept_apart(store, make):
    entries = {f"lead-{n}": [make.event(data={"n": n}), make.event("reply", data={"n": n})] for n in range(1100)}
    with store.write() as session:
        assert events.append(session, "summit", entries) == 2200
    with store.read() as session:
        assert events.of_leads(session, "summit", list(entries)) == entries
        assert events.of_leads(session, "summit", ["lead-7", "stranger"]) == {
            "lead-7": entries["lead-7"],
            "stranger": [],
        }
        assert events.of_leads(session, "summit", []) == {}


def test_a_fact_with_a_key_is_recorded_once(store, make):
    first, again = make.event("reply", key="SM1", data={"n": 1}), make.event("reply", key="SM1", data={"n": 2})
    with store.write() as session:
        assert events.append(session, "summit", {"maria": [first]}) == 1
        assert events.append(session, "summit", {"maria": [again, make.event("reply", key="SM2")]}) == 1
        assert events.append(session, "summit", {"maria": [make.event(key="SM3"), make.event(key="SM3")]}) == 1
        assert events.append(session, "summit", {"bob": [again]}) == 1, "another lead's log is another matter"
        assert [event.key for event in events.of_leads(session, "summit", ["maria"])["maria"]] == ["SM1", "SM2", "SM3"]
        assert events.of_leads(session, "summit", ["maria"])["maria"][0] == first, "the first word stands"


def test_facts_without_a_key_are_all_recorded(store, make):
    with store.write() as session:
        assert events.append(session, "summit", {"maria": [make.event(), make.event()]}) == 2
        assert events.append(session, "summit", {"maria": [make.event()]}) == 1


def test_nothing_to_record_is_no_error(store):
    with store.write() as session:
        assert events.append(session, "summit", {}) == 0
        assert events.append(session, "summit", {"maria": []}) == 0


def test_entries_of_the_whole_account_stand_apart_from_every_lead(store, make):
    paused = make.event("paused", data={"scope": "all"})
    with store.write() as session:
        events.append(session, "summit", {"": [paused], "maria": [make.event()]})
        assert events.of_account(session, "summit") == [paused]
        assert events.of_account(session, "valley") == []
        assert len(events.of_leads(session, "summit", ["maria"])["maria"]) == 1


@pytest.mark.parametrize("text", ["nul \x00 inside", "half a pair \ud83d", "quote ' \" \\", "line\nbreak", ""])
def test_whatever_a_stranger_writes_comes_back(store, make, text):
    with store.write() as session:
        events.append(session, "summit", {"maria": [make.event("reply", data={"text": text})]})
        assert events.of_leads(session, "summit", ["maria"])["maria"][0].data == {"text": text}


def test_the_leads_of_whom_something_is_told_are_named_by_id(store, make):
    entries = {
        "tom": [make.event("consent.given"), make.event("consent.given")],
        "ann": [make.event("reply"), make.event("consent.withdrawn")],
        "bob": [make.event("reply")],
        "": [make.event("consent.given")],
    }
    with store.write() as session:
        events.append(session, "summit", entries)
        events.append(session, "valley", {"zoe": [make.event("consent.given")]})
    with store.read() as session:
        found = events.leads_with(session, "summit", ["consent.given", "consent.withdrawn"])
        assert found == ["ann", "tom"], "the log of the whole account is nobody's"
        assert events.leads_with(session, "summit", []) == []
