"""The checkup reads every row, on every store; what it finds is named without being repeated."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cadence.errors import StoreError
from cadence.store import accounts, checkup, enrolments, events, leads, outbox, tasks, versions
from cadence.store.checkup import Finding, check
from cadence.store.store import open_store
from cadence.store.tables import METADATA


@pytest.fixture
def shop(store, make):
    with store.write() as session:
        leads.add(session, "summit", [make.lead("maria", phone="+18165550142", wake_at=make.now), make.lead("bob")])
        leads.add(session, "valley", [make.lead("maria")])
        events.append(
            session, "summit", {"maria": [make.event(data={"text": "nul \x00, half \ud83d"})], "": [make.event()]}
        )
        enrolments.save(session, "summit", [make.enrolment(owner="dana")])
        outbox.claim(session, "summit", [make.touch()])
        tasks.add(session, "summit", [make.task()])
        versions.publish(session, "summit", "roofer", "d1", "any JSON", make.now)
    return store


def spoil(store, statement):
    with store.write() as session:
        session.connection.exec_driver_sql(statement)


def test_a_sound_store_is_found_sound(shop, url):
    found = check(url)
    assert found.findings == []
    assert found.more == 0
    assert found.name == shop.name
    assert found.rows == {**dict.fromkeys(METADATA.tables, 0), "accounts": 2, "leads": 3, "events": 2} | dict.fromkeys(
        ("enrolments", "loads", "outbox", "publications", "tasks", "versions"), 1
    )


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        (
            "UPDATE leads SET attributes = '{\"zip\":' WHERE lead = 'maria' AND account = 'summit'",
            Finding(table="leads", account="summit", lead="maria", key="maria", what="attributes is no JSON"),
        ),
        (
            "UPDATE leads SET attributes = '[1]' WHERE lead = 'bob'",
            Finding(table="leads", account="summit", lead="bob", key="bob", what="attributes is no JSON object"),
        ),
        (
            "UPDATE leads SET wake_at = '2026-11-24 19:10:00' WHERE lead = 'maria' AND account = 'valley'",
            Finding(table="leads", account="valley", lead="maria", key="maria", what="wake_at is no instant"),
        ),
        (
            "UPDATE outbox SET due_at = '2026-02-30T19:10:00Z'",
            Finding(
                table="outbox",
                account="summit",
                lead="maria",
                key="maria/roofer/-/1/1/day-1",
                what="due_at is no instant",
            ),
        ),
        (
            "UPDATE tasks SET created_at = ''",
            Finding(table="tasks", account="summit", lead="maria", key="call-maria", what="created_at is no instant"),
        ),
        (
            "UPDATE versions SET content = 'nothing'",
            Finding(table="versions", account="summit", key="roofer/d1", what="content is no JSON"),
        ),
        (
            "UPDATE accounts SET created_at = 'then' WHERE account = 'valley'",
            Finding(table="accounts", account="valley", what="created_at is no instant"),
        ),
        (
            "UPDATE enrolments SET gaps = '{}'",
            Finding(
                table="enrolments", account="summit", lead="maria", key="maria/roofer/-/1", what="gaps is no JSON list"
            ),
        ),
        (
            "UPDATE loads SET open = 7 WHERE member = 'dana'",
            Finding(
                table="loads", account="summit", key="dana", what="open is not the number of their open enrolments"
            ),
        ),
        (
            "DELETE FROM loads",
            Finding(
                table="loads", account="summit", key="dana", what="open is not the number of their open enrolments"
            ),
        ),
        ("DROP INDEX ix_outbox_check", Finding(what="index ix_outbox_check is missing")),
        ("ALTER TABLE tasks ADD COLUMN spare text", Finding(what="column spare is too many")),
    ],
)
def test_a_fault_is_found_and_its_lead_is_named(shop, url, statement, found):
    spoil(shop, statement)
    assert check(url).findings == [found]


def test_what_is_wrong_is_not_repeated(shop, url):
    spoil(shop, "UPDATE leads SET attributes = '+18165550142', created_at = '+18165550142' WHERE lead = 'bob'")
    found = check(url).findings
    assert [finding.what for finding in found] == ["attributes is no JSON", "created_at is no instant"]
    assert "555" not in repr(found)


def test_many_faults_are_counted_and_the_first_told(shop, url, make, monkeypatch):
    monkeypatch.setattr(checkup, "MOST", 5)
    with shop.write() as session:
        events.append(session, "summit", {"bob": [make.event() for _ in range(20)]})
    spoil(shop, "UPDATE events SET data = '' WHERE lead = 'bob'")
    found = check(url)
    assert len(found.findings) == 5
    assert found.more == 15


def test_the_checkup_changes_nothing_and_holds_nobody_up(shop, url, make):
    with shop.write() as session:
        leads.set_wake(session, "summit", {"maria": make.at(5)})
        assert check(url).findings == []
        leads.set_wake(session, "summit", {"bob": make.at(5)})


def test_a_row_without_its_lead_is_found_in_a_file(new_sqlite_url, make):
    url = new_sqlite_url()
    with open_store(url) as store, store.write() as session:
        accounts.ensure(session, "summit", make.now)
        leads.add(session, "summit", [make.lead()])
        outbox.claim(session, "summit", [make.touch()])
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as raw:
        raw.execute("DELETE FROM leads")
        raw.execute("UPDATE outbox SET body = CAST(x'48ff' AS TEXT)")
        raw.commit()
    orphan, no_text = check(url).findings
    assert (orphan.table, orphan.account, orphan.lead) == ("outbox", "summit", "maria")
    assert orphan.what == "belongs to a row of leads that is not there"
    assert (no_text.lead, no_text.what) == ("maria", "body is no text")


def test_a_damaged_file_is_found_damaged(new_sqlite_url, make):
    url = new_sqlite_url()
    with open_store(url) as store, store.write() as session:
        accounts.ensure(session, "summit", make.now)
        leads.add(session, "summit", [make.lead(f"lead-{number:04}") for number in range(2000)])
    path = Path(url.removeprefix("sqlite:///"))
    behind = path.stat().st_size * 3 // 4  # where leads are; what is read to open it lies before them
    with path.open("r+b") as file:
        file.seek(behind)
        file.write(b"\xa5" * (path.stat().st_size - behind))
    said = [finding.what for finding in check(url).findings]
    assert said
    assert any("is damaged" in what or what.startswith("SQLite says") for what in said)


def test_what_cannot_be_opened_cannot_be_checked(tmp_path):
    with pytest.raises(StoreError, match="there is no database"):
        check(f"sqlite:///{tmp_path}/cadence.db")
