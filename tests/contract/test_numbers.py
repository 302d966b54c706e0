"""The numbers of a rehearsed month: counted once more by plain SQL, and the same on every store."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cadence.reports.reasons import read_reasons
from cadence.reports.reasons_page import reasons_data
from cadence.reports.stages_page import stages_data
from cadence.reports.stages_read import read_stages
from cadence.reports.unlocked import read_unlocked
from cadence.reports.unlocked_page import unlocked_data
from cadence.reports.weekly_page import weekly_data
from cadence.reports.weekly_read import read_weekly
from cadence.store import chronicle
from cadence.store.store import Store, open_store
from cadence.store.tables.making import METADATA
from support.month import play_month
from support.plans_of_queries import explain
from support.recount import recount

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cadence.store.session import Session

ZONE = "America/Chicago"
MONDAYS = ["2026-11-23", "2026-11-30", "2026-12-07", "2026-12-14"]
NOW = datetime(2026, 12, 19, 18, tzinfo=UTC)  #: a Saturday noon
TUESDAY = datetime(2026, 12, 15, 7, 3, tzinfo=UTC)  #: at night
PERIOD = timedelta(days=20)


@pytest.fixture(scope="session")
def month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a rehearsed month, an SQLite file."""
    return play_month(tmp_path_factory.mktemp("month"))


@pytest.fixture(scope="session")
def store(month: Path, kind: str, new_url: Callable[[], str]) -> Iterator[Store]:
    """The same rows in a store of each kind."""
    with open_store(f"sqlite:///{month}" if kind == "sqlite" else new_url()) as opened:
        if kind != "sqlite":
            _copy(month, opened)
        yield opened


def _copy(month: Path, store: Store) -> None:
    with closing(sqlite3.connect(month)) as source, store.write() as session:
        for table in METADATA.sorted_tables:
            names = [column.name for column in table.c]
            chosen = ", ".join(f'"{name}"' for name in names)
            rows = source.execute(f"SELECT {chosen} FROM {table.name}").fetchall()
            if rows:
                places = ", ".join(["%s"] * len(names))
                session.connection.exec_driver_sql(f"INSERT INTO {table.name} ({chosen}) VALUES ({places})", rows)


def numbers(session: Session, *, now: datetime = NOW) -> dict[str, Any]:
    """Everything that the reports tell, as plain data."""
    about = {"account": "summit", "now": now, "since": PERIOD}
    return {
        "weekly": weekly(session, now=now),
        "stages": stages_data(read_stages(session, "summit", now, PERIOD), **about),
        "reasons": reasons_data(read_reasons(session, "summit", now, PERIOD), **about),
        "unlocked": unlocked_data(read_unlocked(session, "summit", now, PERIOD), **about),
    }


def weekly(session: Session, *, now: datetime = NOW, playbook: str = "") -> list[dict[str, Any]]:
    found = read_weekly(session, "summit", now, ZONE, weeks=4, playbook=playbook)
    return weekly_data(found, account="summit", playbook=playbook, timezone=ZONE, now=now)["weeks"]


@pytest.mark.demand("D11")
@pytest.mark.parametrize(("now", "playbook"), [(NOW, ""), (NOW, "roofer"), (TUESDAY, "plumber")])
def test_the_weekly_numbers_equal_a_plain_sql_recount(month: Path, store: Store, now: datetime, playbook: str) -> None:
    with store.read() as session:
        found = weekly(session, now=now, playbook=playbook)
    again = recount(month, zone=ZONE, mondays=MONDAYS, now=f"{now:%Y-%m-%dT%H:%M:%SZ}", playbook=playbook)

    assert [flat(week) for week in found] == again
    assert sum(week["inquiries"] for week in again) > 9
    assert sum(week["followed_up"] for week in again) > 2
    assert again[-1]["open_estimates"] > 0


def flat(week: dict[str, Any]) -> dict[str, Any]:
    """The numbers of a week under the names of the recount."""
    response, estimates = week["first_response"], week["estimates"]
    opened, elapsed = response["open_time"], response["elapsed"]
    return {
        "inquiries": response["inquiries"],
        "answered": response["answered"],
        "open_median": opened["median"],
        "open_p90": opened["p90"],
        "open_within": opened["within"],
        "open_judged": opened["judged"],
        "median": elapsed["median"],
        "p90": elapsed["p90"],
        "within": elapsed["within"],
        "judged": elapsed["judged"],
        **{name: estimates[name] for name in ("sent", "not_yet", "followed_up", "by_person")},
        "open_estimates": week["open_estimates"]["number"],
    }


def test_every_store_tells_the_same_numbers(month: Path, store: Store) -> None:
    with open_store(f"sqlite:///{month}") as plain, plain.read() as session:
        expected = numbers(session)
    with store.read() as session:
        assert numbers(session) == expected


def test_another_account_has_nothing_to_count(store: Store) -> None:
    with store.read() as session:
        found = read_weekly(session, "valley", NOW, ZONE, weeks=2)
        assert found.empty
        assert read_stages(session, "valley", NOW, PERIOD) == []
        assert read_reasons(session, "valley", NOW, PERIOD) == []
        assert read_unlocked(session, "valley", NOW, PERIOD).captured == 0


STAYS = """
SELECT json_extract(e.data, '$.stage') AS stage, COUNT(*) FROM events AS e
WHERE e.type = 'stage.entered' AND e.enrolment LIKE '%/roofer/%' AND e.at >= :since AND e.at <= :now
AND NOT EXISTS (SELECT 1 FROM events AS r WHERE r.type = 'visit.restored' AND r.enrolment = e.enrolment
                AND r.id > e.id AND json_extract(r.data, '$.visit') < json_extract(e.data, '$.visit'))
GROUP BY 1
"""
OPEN = """
SELECT stage, COUNT(*) FROM enrolments WHERE playbook = 'roofer' AND ended_at IS NULL GROUP BY 1
"""
CAME = """
SELECT json_extract(l.attributes, '$.source'), COUNT(*) FROM enrolments AS e JOIN leads AS l ON l.lead = e.lead
WHERE e.playbook = 'roofer' AND e.started_at >= :since GROUP BY 1
"""
CALLED = """
SELECT COUNT(*) FROM enrolments AS e WHERE e.playbook = 'roofer' AND e.started_at >= :since AND EXISTS (
    SELECT 1 FROM events AS c WHERE c.lead = e.lead AND c.at >= e.started_at
    AND c.type IN ('call.logged', 'visit.logged', 'message.sent.by_person')
    AND NOT EXISTS (SELECT 1 FROM events AS u WHERE u.type = 'act.undone' AND u.lead = c.lead AND c.key <> ''
                    AND json_extract(u.data, '$.undoes') = c.key)
    AND (e.ended_at IS NULL OR c.recorded_at <= e.ended_at))
"""


@pytest.mark.demand("E12")
def test_stages_equal_a_plain_sql_recount(month: Path, store: Store) -> None:
    """At the month's very end, so that the tables of standings tell how things stood."""
    now, since = datetime(2026, 12, 21, 12, tzinfo=UTC), timedelta(days=28)
    with store.read() as session:
        data = stages_data(read_stages(session, "summit", now, since), account="summit", now=now, since=since)
    roofer = next(each for each in data["playbooks"] if each["playbook"] == "roofer")
    values = {"since": f"{now - since:%Y-%m-%dT%H:%M:%SZ}", "now": f"{now:%Y-%m-%dT%H:%M:%SZ}"}
    with closing(sqlite3.connect(month)) as connection:
        stays, opened, came = (dict(connection.execute(query, values).fetchall()) for query in (STAYS, OPEN, CAME))
        called = connection.execute(CALLED, values).fetchone()[0]

    assert {each["stage"]: each["came"] for each in roofer["stages"] if each["came"]} == stays
    assert {each["stage"]: each["now"] for each in roofer["stages"] if each["now"]} == opened
    assert roofer["leads"]["by_source"] == came
    assert roofer["leads"]["contacted"] == called
    for each in roofer["stages"]:
        assert each["came"] == each["stayed"] + sum(each["went_to"].values())


@pytest.mark.demand("A5")
def test_unlocked_leads_equal_a_plain_sql_recount(month: Path, store: Store) -> None:
    now = datetime(2026, 12, 21, 12, tzinfo=UTC)
    with store.read() as session:
        found = read_unlocked(session, "summit", now, timedelta(days=30))
    with closing(sqlite3.connect(month)) as connection:
        captured = connection.execute("SELECT COUNT(DISTINCT lead) FROM events WHERE type = 'lead.created'").fetchone()
        unlocked = connection.execute(
            "SELECT lead FROM enrolments WHERE ended_at IS NULL AND (locked_by = '' OR locked_until <= ?)",
            [f"{now:%Y-%m-%dT%H:%M:%SZ}"],
        ).fetchall()

    assert found.captured == captured[0]
    assert sorted(each.row.lead for each in found.leads) == sorted(lead for (lead,) in unlocked)
    overdue = [each.overdue for each in found.leads]
    assert overdue == sorted(overdue, reverse=True), "those past their time come first"


def test_the_log_is_read_from_end_to_end_without_an_index(store: Store, kind: str) -> None:
    """Looking up every entry through the index of leads takes SQLite three times as long."""
    with store.read() as session:
        found = explain(session, lambda each: list(chronicle.read(each, "summit", ("estimate.sent",), until=NOW)))
    assert kind == "postgresql" or (found.whole, found.indexes, found.sorts) == (["events"], [], False)
