"""Texts drawn among variants, and the tests read from the log: the same on every store."""

import json
from datetime import timedelta

import pytest

from cadence.engine.events import Decided, Event
from cadence.reports.experiments_read import read_experiments
from cadence.store import events, leads, outbox, varied, versions

PAGE = {
    "playbook": "roofer",
    "stages": {
        "new": {
            "lock": {"by": ["appointment.booked"]},
            "variants": {"three": 1, "five": 1},
            "touches": [{"id": "day-1", "variants": {"story": 1, "offer": 1}}],
        }
    },
}


@pytest.fixture
def shop(store, make):
    with store.write() as session:
        leads.add(session, "summit", [make.lead("maria"), make.lead("bob")])
    return store


def test_the_touches_asked_for_are_listed_as_they_were_carried_out(shop, make):
    with shop.write() as session:
        rows = [make.touch(variant="story"), make.touch("bob", variant="offer"), make.touch(touch="day-3", variant="x")]
        outbox.claim(session, "summit", rows)
        for row in rows[:2]:
            outbox.settle(session, "summit", [make.ending(touch_key=row.touch_key, ended_at=make.at(1))])
    with shop.read() as session:
        place = (rows[0].playbook, rows[0].stage, "day-1")
        found = varied.listing(session, "summit", [place], make.at(2))
        assert [(row.lead, row.variant, row.ended_at) for row in found] == [
            ("bob", "offer", make.at(1)),
            ("maria", "story", make.at(1)),
        ]
        assert varied.listing(session, "summit", [place], make.at(0)) == [], "nothing had gone then"
        assert varied.listing(session, "summit", [], make.at(2)) == []
        assert varied.listing(session, "harbor", [place], make.at(2)) == [], "another account's"


def test_a_test_is_read_from_pages_log_and_outbox(shop, make):
    enrolment = "maria/roofer/-/1"
    log = [
        entry(make.at(0), Decided.ENROLLED, enrolment, playbook="roofer", digest="d1", by="lead.created"),
        entry(
            make.at(0),
            Decided.STAGE_ENTERED,
            enrolment,
            stage="new",
            visit=1,
            owner="dana",
            by="lead.created",
            variant="five",
        ),
        entry(make.at(1), "appointment.booked", ""),
    ]
    with shop.write() as session:
        versions.publish(session, "summit", "roofer", "d1", json.dumps({"meaning": {"playbook": PAGE}}), make.at(-9))
        versions.publish(session, "summit", "roofer", "d2", json.dumps({"meaning": {"playbook": PAGE}}), make.at(5))
        events.append(session, "summit", {"maria": log})
    ends = make.at(0) + timedelta(days=30)
    with shop.read() as session:
        sequence, text = read_experiments(session, "summit", ends, within=timedelta(days=30), gain=0.1)
        assert [(arm.name, arm.leads, arm.counted, arm.locked) for arm in sequence.arms] == [
            ("three", 0, 0, 0),
            ("five", 1, 1, 1),
        ]
        assert (text.trial.place, text.counted) == ("new/day-1", 0)
        assert read_experiments(session, "summit", ends, within=timedelta(days=30), gain=0.1, playbook="hvac") == []


def entry(at, kind, enrolment, **data):
    return Event(type=kind, at=at, recorded_at=at, enrolment=enrolment, data=data)
