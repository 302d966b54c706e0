"""How a database carries out what it is asked: which indexes it reads, which tables it reads as a whole."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg
from sqlalchemy import event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cadence.store.session import Session

__all__ = ["Plan", "explain", "explain_text", "fill"]


@dataclass
class Plan:
    """How one or several statements are carried out."""

    indexes: list[str] = field(default_factory=list)  #: that are searched, in order
    alone: list[str] = field(default_factory=list)  #: of them, those that answer without the table
    whole: list[str] = field(default_factory=list)  #: tables that are read from one end to the other
    sorts: bool = False
    statements: int = 0


def explain(session: Session, ask: Callable[[Session], object]) -> Plan:
    """Let ``ask`` do its work, and tell how the database carried it out."""
    asked: list[tuple[str, Any]] = []

    def note(connection, cursor, statement, parameters, context, many):
        asked.append((statement, parameters[0] if many else parameters))

    event.listen(session.connection, "before_cursor_execute", note)
    ask(session)
    event.remove(session.connection, "before_cursor_execute", note)
    plan = Plan()
    for statement, parameters in asked:
        if not statement.startswith(("SAVEPOINT", "RELEASE")):
            explain_text(session, statement, parameters, plan)
    return plan


def explain_text(session: Session, statement: str, parameters: Any, plan: Plan | None = None) -> Plan:
    """Tell how the database carries out a statement in its driver's own words."""
    plan = plan or Plan()
    plan.statements += 1
    run = session.connection.exec_driver_sql
    if session.dialect == "sqlite":
        for row in run(f"EXPLAIN QUERY PLAN {statement}", parameters):
            _note_sqlite(plan, row[3])
    else:
        for node in _nodes(run(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()[0]["Plan"]):
            _note_postgres(plan, node)
    return plan


def _note_sqlite(plan: Plan, step: str) -> None:
    found = re.match(r"(SEARCH|SCAN) (\w+)(?: USING (COVERING )?INDEX (\w+))?", step)
    if found and (found[4] or found[1] == "SEARCH"):
        plan.indexes.append(found[4] or f"{found[2]}'s own key")
        if found[3]:
            plan.alone.append(found[4])
    if found and found[1] == "SCAN":
        plan.whole.append(found[2])
    plan.sorts |= "ORDER BY" in step


def _note_postgres(plan: Plan, node: dict[str, Any]) -> None:
    kind = node["Node Type"]
    if "Index Name" in node:
        plan.indexes.append(node["Index Name"])
    if kind == "Index Only Scan":
        plan.alone.append(node["Index Name"])
    if kind == "Seq Scan":
        plan.whole.append(node["Relation Name"])
    plan.sorts |= kind.endswith("Sort")


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for inner in node.get("Plans", ()):
        yield from _nodes(inner)


def fill(url: str, account: str) -> None:
    """Fill a PostgreSQL store as a shop of some years' standing has it: what is due is few, what is past is much."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # keys need not be checked: they are right
        connection.execute("SET synchronous_commit = on")  # VACUUM goes by what is on disk
        for statement in _ROWS:
            connection.execute(statement.replace("ACCOUNT", account))
        connection.execute("VACUUM ANALYZE leads, enrolments, events, outbox, alerts, tasks, ticks")


_ROWS = (
    """
    INSERT INTO leads (account, lead, name, phone, email, external_id, attributes, owner,
        created_at, updated_at, wake_at)
    SELECT 'ACCOUNT', 'lead-' || n, 'Lead', '+1816' || lpad(n::text, 7, '0'), n || '@example.com', 'crm-' || n, '{}',
        'dana', '2026-11-01T00:00:00Z', '2026-11-01T00:00:00Z',
        CASE WHEN n % 5 = 0
        THEN to_char(timestamp '2026-11-24' + n * interval '1 minute', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') END
    FROM generate_series(1, 8000) AS n
    """,
    """
    INSERT INTO enrolments (account, enrolment, lead, playbook, job, digest, stage, visit, owner, started_at, ended_at,
        "end", stage_since, moved_at, next_kind, next_name, next_owner, locked_by, score, gaps, reason)
    SELECT 'ACCOUNT', 'lead-' || n || '/roofer/-/1', 'lead-' || n, 'roofer', '', 'd1', 'new', 1, 'dana',
        '2026-11-01T00:00:00Z', CASE WHEN n % 20 > 0 THEN '2026-11-02T00:00:00Z' END, '',
        '2026-11-01T00:00:00Z', '2026-11-01T00:00:00Z', '', '', '', '', '', '[]', ''
    FROM generate_series(1, 8000) AS n
    """,
    """
    INSERT INTO events (account, lead, enrolment, type, at, recorded_at, job, actor, key, data)
    SELECT 'ACCOUNT', 'lead-' || n % 8000, '', 'reply', '2026-11-01T00:00:00Z', '2026-11-01T00:00:00Z', '', '', '', '{}'
    FROM generate_series(1, 16000) AS n
    """,
    """
    INSERT INTO outbox (account, touch_key, lead, enrolment, visit, playbook, digest, stage, touch, channel, state,
        reason, detail, decided_at, address, subject, body, segments, variant, line, owner, attempts, tries,
        holder, check_at, provider_id, handle, delivery)
    SELECT 'ACCOUNT', 'lead-' || n || '/roofer/-/1/1/day-1', 'lead-' || n, '', 1, 'roofer', 'd1', 'new', 'day-1', 'sms',
        CASE WHEN n % 500 = 0 THEN 'claimed' WHEN n % 300 = 0 THEN 'failed' ELSE 'sent' END,
        '', '', '2026-11-01T00:00:00Z', '', '',
        repeat('Hi, it is Dana. ', 8), 1, '', 0, '', 1, 0, 't1',
        CASE WHEN n % 500 = 0 THEN '2026-11-24T19:12:00Z' END, 'SM' || n, 'h' || n, ''
    FROM generate_series(1, 8000) AS n
    """,
    """
    INSERT INTO alerts (account, alert, lead, enrolment, member, about, title, body, made_at, due_at, state, message)
    SELECT 'ACCOUNT', 'alert-' || n, 'lead-' || n, '', 'dana', 'assigned', '', '', '2026-11-01T00:00:00Z',
        '2026-11-01T00:00:00Z', CASE WHEN n % 200 = 0 THEN 'waits' ELSE 'sent' END, ''
    FROM generate_series(1, 8000) AS n
    """,
    """
    INSERT INTO tasks (account, task, lead, enrolment, title, body, owner, due_at, created_at, done_at, cause,
        closed_as)
    SELECT 'ACCOUNT', 'task-' || n, 'lead-' || n, '', 'Call', '', 'dana', '2026-11-01T00:00:00Z',
        '2026-11-01T00:00:00Z', CASE WHEN n % 20 > 0 THEN '2026-11-02T00:00:00Z' END, '',
        CASE WHEN n % 20 > 0 THEN 'done' ELSE '' END
    FROM generate_series(1, 8000) AS n
    """,
    """
    INSERT INTO ticks (account, started_at, finished_at, at, holder, outcome, counts, idle_runs)
    SELECT 'ACCOUNT', '2026-11-01T00:00:00Z', '2026-11-01T00:00:00Z', '2026-11-01T00:00:00Z', '', 'done', '{}', 0
    FROM generate_series(1, 2000)
    """,
)
