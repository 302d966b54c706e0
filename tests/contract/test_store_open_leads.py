"""What a review reads, on every store."""

import pytest

from cadence.engine.events import Event
from cadence.store import enrolments, events, leads, open_leads


@pytest.fixture
def shop(store, make):
    with store.write() as session:
        leads.add(session, "summit", [make.lead("maria"), make.lead("bob")])
        leads.add(session, "valley", [make.lead("maria")])
        enrolments.save(
            session,
            "summit",
            [
                make.enrolment(enrolment="maria/1", stage="new", owner="dana", next_kind="task", next_name="call",
                               next_due_at=make.at(60), next_owner="lee", lock_due_at=make.at(90),
                               gaps=({"code": "no_owner", "text": "nobody", "since": "2026-11-24T19:10:00Z"},)),
                make.enrolment(enrolment="maria/2", stage="later", job="kitchen", playbook="gutters"),
                make.enrolment(enrolment="maria/3", stage="won", ended_at=make.at(60), end="won"),
                make.enrolment("bob", enrolment="bob/1", stage="later"),
            ],
        )  # fmt: skip
        enrolments.save(session, "valley", [make.enrolment(enrolment="maria/1", stage="new")])
    return store


def found(shop, **asked):
    with shop.read() as session:
        return sorted(row.enrolment for row in open_leads.read(session, "summit", **asked))


def test_open_enrolments_are_read_with_the_names_of_their_leads(shop, make):
    with shop.read() as session:
        rows = {row.enrolment: row for row in open_leads.read(session, "summit")}
    assert rows.keys() == {"maria/1", "maria/2", "bob/1"}
    row = rows["maria/1"]
    assert (row.lead, row.name, row.owner, row.stage) == ("maria", make.lead("maria").name, "dana", "new")
    assert (row.next_kind, row.next_name, row.next_due_at, row.next_owner) == ("task", "call", make.at(60), "lee")
    assert (row.lock_due_at, row.locked_by, row.locked_until) == (make.at(90), "", None)
    assert [gap["code"] for gap in row.gaps] == ["no_owner"]


def test_a_playbook_and_stages_leave_out_the_others(shop):
    assert found(shop, playbook="gutters") == ["maria/2"]
    assert found(shop, stages=["later"]) == ["bob/1", "maria/2"]
    assert found(shop, playbook="roofer", stages=["later", "new"]) == ["bob/1", "maria/1"]


def test_facts_of_some_types_are_read_lead_by_lead_in_their_order(shop, make):
    def fact(kind, minutes, **data):
        return Event(type=kind, at=make.at(minutes), recorded_at=make.now, data=data, job="kitchen")

    log = {"maria": [fact("no_decision", 9, follow_up_due="2026-12-01"), fact("reply", 5), fact("no_decision", 1)],
           "bob": [fact("no_decision", 2)]}  # fmt: skip
    with shop.write() as session:
        events.append(session, "summit", log)
        events.append(session, "valley", {"maria": [fact("no_decision", 3)]})
    with shop.read() as session:
        said = list(open_leads.said(session, "summit", ["maria"], ["no_decision"]))
    assert [(each.lead, each.job, each.data) for each in said] == [
        ("maria", "kitchen", {"follow_up_due": "2026-12-01"}),
        ("maria", "kitchen", {}),
    ]
