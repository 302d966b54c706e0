"""Publications: every version that was put in force, one after the other, whatever came back."""

from __future__ import annotations

from cadence.store import publications, versions


def test_each_publication_is_written_down_with_who_and_how(store, make):
    with store.write() as session:
        versions.publish(session, "summit", "roofer", "d1", {}, make.now)
        versions.publish(session, "summit", "roofer", "d2", {}, make.at(60), by="dana", how="apply", answers={"a": "b"})
        versions.publish(session, "summit", "roofer", "d1", {}, make.at(120), by="lee", how="rollback")
        versions.retire(session, "summit", "roofer", make.at(180))

    with store.read() as session:
        rows = publications.history(session, "summit", "roofer")
    assert [(row.at, row.digest, row.by, row.how, row.answers) for row in rows] == [
        (make.now, "d1", "", "tick", {}),
        (make.at(60), "d2", "dana", "apply", {"a": "b"}),
        (make.at(120), "d1", "lee", "rollback", {}),
        (make.at(180), "", "", "tick", {}),
    ]


def test_what_changes_nothing_is_no_publication(store, make):
    with store.write() as session:
        versions.publish(session, "summit", "roofer", "d1", {}, make.now)
        versions.publish(session, "summit", "roofer", "d1", {}, make.at(60))
        versions.retire(session, "summit", "hvac", make.at(60))

        assert len(publications.history(session, "summit")) == 1


def test_answers_are_those_of_the_latest_publication(store, make):
    with store.write() as session:
        versions.publish(session, "summit", "roofer", "d1", {}, make.now, answers={"schedule": "booked"})
        versions.publish(session, "summit", "hvac", "h1", {}, make.now, answers={"new": "nurture"})
        assert publications.answers(session, "summit", ["d1", "h1"]) == {
            "d1": {"schedule": "booked"},
            "h1": {"new": "nurture"},
        }
        versions.publish(session, "summit", "roofer", "d2", {}, make.at(60))
        versions.publish(session, "summit", "roofer", "d1", {}, make.at(120))

        assert publications.answers(session, "summit", ["d1"]) == {}
        assert publications.answers(session, "valley", ["h1"]) == {}
