"""Accounts, enrolments, tasks and versions, on every store."""

import dataclasses

import pytest

from cadence.errors import StoreError
from cadence.store import accounts, enrolments, leads, tasks, versions
from cadence.store.accounts import AccountRow
from cadence.store.tasks import TaskFilter
from cadence.store.versions import VersionRow


@pytest.fixture
def shop(store, make):
    with store.write() as session:
        leads.add(session, "summit", [make.lead("maria"), make.lead("bob")])
    return store


# -- accounts


def test_an_account_is_recorded_once(store, make):
    with store.write() as session:
        assert accounts.ensure(session, "peak", make.now, mode="log") is True
        assert accounts.ensure(session, "peak", make.at(60), mode="live") is False
        assert accounts.get(session, "peak") == AccountRow(
            account="peak", created_at=make.now, source_signature="", mode="log"
        )
        assert accounts.get(session, "nobody") is None
        assert accounts.names(session) == ["peak", "summit", "valley"]


def test_an_account_remembers_its_files_and_its_mode(store):
    with store.write() as session:
        accounts.set_source(session, "summit", "sha256:1")
        accounts.set_ways(session, "summit", mode="live", polls=True)
        row = accounts.get(session, "summit")
        assert (row.source_signature, row.mode) == ("sha256:1", "live")
        assert accounts.get(session, "valley").source_signature == ""


def test_nothing_is_recorded_for_an_unknown_account(store, make):
    with pytest.raises(StoreError, match="no account 'nobody'"), store.write() as session:
        accounts.set_ways(session, "nobody", mode="live", polls=False)
    with pytest.raises(StoreError, match="refused a row") as refusal, store.write() as session:
        leads.add(session, "nobody", [make.lead()])
    assert "record it first" in refusal.value.help


# -- enrolments


def test_an_enrolment_is_saved_new_and_saved_again(shop, make):
    first = make.enrolment(stage="new", owner="dana")
    moved = make.enrolment(stage="won", visit=3, owner="lee", digest="d2", ended_at=make.at(60), end="won")
    with shop.write() as session:
        enrolments.save(session, "summit", [first])
        assert enrolments.of_leads(session, "summit", ["maria", "bob"]) == {"maria": [first], "bob": []}
        enrolments.save(session, "summit", [moved, make.enrolment("bob")])
        assert enrolments.of_leads(session, "summit", ["maria"]) == {"maria": [moved]}
        enrolments.save(session, "summit", [])


def test_an_enrolment_says_what_is_next_what_is_locked_and_what_is_missing(shop, make):
    row = make.enrolment(
        stage_since=make.at(5),
        moved_at=make.at(6),
        next_kind="task",
        next_name="Call María 🏠",
        next_due_at=make.at(60),
        next_owner="dana",
        lock_due_at=make.at(30),
        locked_by="booked",
        locked_at=make.at(20),
        locked_until=make.at(90),
        score="hot",
        gaps=({"code": "no_owner", "text": "Nobody owns it.", "since": "2026-11-24T19:10:00Z"},),
        reason="too dear",
    )
    with shop.write() as session:
        enrolments.save(session, "summit", [make.enrolment()])
        enrolments.save(session, "summit", [row])
        assert enrolments.of_leads(session, "summit", ["maria"]) == {"maria": [row]}


def test_an_enrolment_of_which_nothing_else_is_said_stands_where_it_began(shop, make):
    with shop.write() as session:
        enrolments.save(session, "summit", [make.enrolment(stage_since=None, moved_at=None, started_at=make.at(3))])
        row = enrolments.of_leads(session, "summit", ["maria"])["maria"][0]
    assert (row.stage_since, row.moved_at) == (make.at(3), make.at(3))
    assert (row.next_kind, row.next_due_at, row.lock_due_at, row.locked_by, row.gaps) == ("", None, None, "", ())


def test_what_an_enrolment_is_about_never_changes(shop, make):
    first = make.enrolment()
    with shop.write() as session:
        enrolments.save(session, "summit", [first])
        enrolments.save(
            session, "summit", [dataclasses.replace(first, playbook="hvac", job="9", started_at=make.at(9))]
        )
        assert enrolments.of_leads(session, "summit", ["maria"]) == {"maria": [first]}


def test_a_leads_enrolments_come_oldest_first(shop, make):
    second = make.enrolment(enrolment="maria/hvac/-/1", playbook="hvac", started_at=make.at(5))
    first = make.enrolment(enrolment="maria/roofer/-/1", started_at=make.now)
    with shop.write() as session:
        enrolments.save(session, "summit", [second, first])
        assert enrolments.of_leads(session, "summit", ["maria"])["maria"] == [first, second]


def test_only_open_enrolments_are_counted(shop, make):
    with shop.write() as session:
        enrolments.save(
            session,
            "summit",
            [
                make.enrolment("maria", owner="dana"),
                make.enrolment("bob", owner="dana"),
                make.enrolment("bob", enrolment="bob/roofer/2/1", owner="lee", stage="estimate"),
                make.enrolment("bob", enrolment="bob/roofer/3/1", stage="won", ended_at=make.now, end="won"),
            ],
        )
        assert enrolments.active_counts(session, "summit") == {
            ("roofer", "new", "dana"): 2,
            ("roofer", "estimate", "lee"): 1,
        }


def test_the_versions_that_open_enrolments_follow_are_told_once(shop, make):
    with shop.write() as session:
        for playbook, digest in (("roofer", "d0"), ("roofer", "d1"), ("roofer", "d2"), ("hvac", "h1")):
            versions.publish(session, "summit", playbook, digest, {}, make.now)
        enrolments.save(
            session,
            "summit",
            [
                make.enrolment("maria", digest="d1"),
                make.enrolment("bob", digest="d1"),
                make.enrolment("bob", enrolment="bob/hvac/-/1", playbook="hvac", digest="h1"),
                make.enrolment("bob", enrolment="bob/roofer/3/1", digest="d0", ended_at=make.now, end="won"),
            ],
        )
        assert enrolments.carried(session, "summit") == {("roofer", "d1"), ("hvac", "h1")}
        assert enrolments.carried(session, "valley") == set()


def test_an_enrolment_of_an_unknown_lead_is_refused(shop, make):
    with pytest.raises(StoreError, match="refused a row"), shop.write() as session:
        enrolments.save(session, "summit", [make.enrolment("stranger")])


# -- tasks


def test_the_same_cause_makes_one_task(shop, make):
    task = make.task(body="Ask about the chimney", cause="maria/roofer/-/1/1/first-call", enrolment="maria/roofer/-/1")
    with shop.write() as session:
        assert tasks.add(session, "summit", [task]) == 1
        assert tasks.add(session, "summit", [make.task(title="Another title"), make.task("write-bob")]) == 1
        assert tasks.get(session, "summit", "call-maria") == task
        assert tasks.get(session, "summit", "nothing") is None


def test_a_task_is_done_once(shop, make):
    with shop.write() as session:
        tasks.add(session, "summit", [make.task()])
        assert tasks.finish(session, "summit", {"call-maria": make.at(5), "unknown": make.at(5)}) == 1
        assert tasks.finish(session, "summit", {"call-maria": make.at(9)}) == 0
        assert tasks.get(session, "summit", "call-maria").done_at == make.at(5)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["b", "c", "a"]),
        ({"owner": "dana"}, ["b", "a"]),
        ({"lead": "bob"}, ["c"]),
        ({"open": True}, ["b", "a"]),
        ({"open": True, "due_by": 15}, ["b"]),
    ],
)
def test_tasks_are_listed_by_due_time(shop, make, wanted, found):
    if "due_by" in wanted:
        wanted = {**wanted, "due_by": make.at(wanted["due_by"])}
    with shop.write() as session:
        tasks.add(
            session,
            "summit",
            [
                make.task("a", due_at=make.at(30)),
                make.task("b", due_at=make.at(15)),
                make.task("c", due_at=make.at(20), lead="bob", owner="lee"),
            ],
        )
        tasks.finish(session, "summit", {"c": make.at(40)})
        assert [row.task for row in tasks.listing(session, "summit", TaskFilter(**wanted))] == found
        assert [row.task for row in tasks.listing(session, "summit", TaskFilter(**wanted), limit=1, offset=1)] == found[
            1:2
        ]


# -- versions


def test_a_published_version_is_current_and_says_what_it_said(store, make):
    body = {"stages": {"new": {"title": "New lead"}}, "order": ["new"]}
    with store.write() as session:
        assert versions.publish(session, "summit", "roofer", "d1", body, make.now) is True
        assert versions.current(session, "summit") == {"roofer": ("d1", make.now)}
        assert versions.content(session, "summit", "roofer", "d1") == body


def test_publishing_what_is_current_does_not_move_its_publication(store, make):
    with store.write() as session:
        versions.publish(session, "summit", "roofer", "d1", {}, make.now)
        assert versions.publish(session, "summit", "roofer", "d1", {}, make.at(60)) is False
        assert versions.current(session, "summit") == {"roofer": ("d1", make.now)}


def test_a_newer_version_retires_the_one_before_and_both_can_be_read(store, make):
    with store.write() as session:
        versions.publish(session, "summit", "roofer", "d1", {"v": 1}, make.now)
        versions.publish(session, "summit", "hvac", "h1", {}, make.now)
        versions.publish(session, "summit", "roofer", "d2", {"v": 2}, make.at(60))
        assert versions.current(session, "summit") == {"hvac": ("h1", make.now), "roofer": ("d2", make.at(60))}
        assert versions.content(session, "summit", "roofer", "d1") == {"v": 1}
        assert versions.history(session, "summit", "roofer") == [
            VersionRow(playbook="roofer", digest="d1", published_at=make.now, retired_at=make.at(60)),
            VersionRow(playbook="roofer", digest="d2", published_at=make.at(60), retired_at=None),
        ]
        assert [row.digest for row in versions.history(session, "summit")] == ["h1", "d1", "d2"]


def test_a_retired_version_can_come_back(store, make):
    with store.write() as session:
        for minute, digest in enumerate(("d1", "d2", "d1")):
            versions.publish(session, "summit", "roofer", digest, {"said at": minute}, make.at(minute))
        assert versions.current(session, "summit") == {"roofer": ("d1", make.at(2))}
        assert versions.content(session, "summit", "roofer", "d1") == {"said at": 0}
        assert len(versions.history(session, "summit")) == 2


def test_a_playbook_can_go_out_of_use(store, make):
    with store.write() as session:
        versions.publish(session, "summit", "roofer", "d1", {}, make.now)
        assert versions.retire(session, "summit", "roofer", make.at(1)) is True
        assert versions.retire(session, "summit", "roofer", make.at(2)) is False
        assert versions.current(session, "summit") == {}


def test_an_unknown_version_is_said_plainly(store):
    with pytest.raises(StoreError, match="no version abcdefgh of playbook 'roofer'"), store.read() as session:
        versions.content(session, "summit", "roofer", "abcdefghijkl")
