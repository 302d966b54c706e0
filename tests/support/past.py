"""Databases as earlier versions of cadence left them, with rows in every table, written by raw SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, text

from cadence.store import dialect, schema
from cadence.store.store import Store

if TYPE_CHECKING:
    from cadence.store.session import Session

__all__ = ["make_at", "read_tables", "shape"]

_THEN, _LATER = "2026-11-24T19:10:00Z", "2026-11-25T16:00:00Z"

#: What each revision brought: revision -> table -> rows. A database of a revision has the rows of those before, too.
_ROWS: dict[str, dict[str, list[dict[str, Any]]]] = {
    "0001": {
        "accounts": [
            {
                "account": "summit",
                "created_at": _THEN,
                "tick_holder": "host:1:abc",
                "tick_since": _THEN,
                "tick_until": _LATER,
                "source_signature": "sha256:1",
                "mode": "log",
            },
            {
                "account": "valley",
                "created_at": _THEN,
                "tick_holder": "",
                "tick_since": None,
                "tick_until": None,
                "source_signature": "",
                "mode": "log",
            },
        ],
        "leads": [
            {
                "account": account,
                "lead": lead,
                "name": "María 🏠",
                "phone": phone,
                "email": "",
                "external_id": "",
                "attributes": '{"zip":"64110"}',
                "owner": "dana",
                "created_at": _THEN,
                "updated_at": _THEN,
                "wake_at": wake_at,
            }
            for account, lead, phone, wake_at in (
                ("summit", "maria", "+18165550142", _LATER),
                ("summit", "bob", "", None),
                ("valley", "maria", "+18165550142", _THEN),
            )
        ],
        "enrolments": [
            {
                "account": "summit",
                "enrolment": "maria/roofer/-/1",
                "lead": "maria",
                "playbook": "roofer",
                "job": "",
                "digest": "d1",
                "stage": "new",
                "visit": 1,
                "owner": "dana",
                "started_at": _THEN,
                "ended_at": None,
                "end": "",
            }
        ],
        "events": [
            {
                "account": "summit",
                "lead": lead,
                "enrolment": "",
                "type": kind,
                "at": _THEN,
                "recorded_at": _THEN,
                "job": "",
                "actor": "lead",
                "key": key,
                "data": data,
            }
            for lead, kind, key, data in (
                ("maria", "lead.created", "form-1", "{}"),
                ("maria", "reply", "SM1", '{"text":"\\u00bfCu\\u00e1ndo?"}'),
                ("", "paused", "", '{"scope":"all"}'),
            )
        ],
        "outbox": [
            {
                "account": "summit",
                "touch_key": f"maria/roofer/-/1/1/{touch}",
                "lead": "maria",
                "enrolment": "maria/roofer/-/1",
                "visit": 1,
                "playbook": "roofer",
                "digest": "d1",
                "stage": "new",
                "touch": touch,
                "channel": "sms",
                "state": state,
                "reason": "",
                "detail": "",
                "due_at": _THEN,
                "decided_at": _THEN,
                "ended_at": ended_at,
                "address": "+18165550142",
                "subject": "",
                "body": "Hi María, it is Dana…",
                "segments": 2,
                "variant": "",
                "line": 41,
                "owner": "dana",
                "attempts": attempts,
            }
            for touch, state, ended_at, attempts in (
                ("instant", "sent", _THEN, 1),
                ("day-1", "claimed", None, 0),
                ("day-2", "unknown", _THEN, 0),
                ("day-3", "skipped", _THEN, 0),
            )
        ],
        "tasks": [
            {
                "account": "summit",
                "task": task,
                "lead": "maria",
                "enrolment": "maria/roofer/-/1",
                "title": "Call María",
                "body": "",
                "owner": "dana",
                "due_at": _LATER,
                "created_at": _THEN,
                "done_at": done_at,
                "cause": "",
            }
            for task, done_at in (("call-maria", None), ("write-maria", _THEN))
        ],
        "versions": [
            {
                "account": "summit",
                "playbook": "roofer",
                "digest": "d1",
                "published_at": _THEN,
                "content": '{"stages":{}}',
                "retired_at": None,
            }
        ],
        "ticks": [
            {
                "account": "summit",
                "started_at": _THEN,
                "finished_at": _THEN,
                "at": _THEN,
                "holder": "host:1:abc",
                "outcome": "idle",
                "counts": "{}",
                "idle_runs": 7,
            }
        ],
    },
    "0002": {
        "senders": [
            {
                "account": "summit",
                "sender": "sms:+18165550100",
                "free_at": 1_764_011_400_000_000,
                "day": "2026-11-24",
                "day_count": 12,
            }
        ],
    },
    "0003": {
        "suppressions": [
            {
                "account": "summit",
                "address": "+18165550142",
                "channel": "all",
                "standing": "suppressed",
                "reason": "opt_out",
                "source": "text message",
                "detail": "STOP",
                "lead": "maria",
                "at": _THEN,
                "recorded_at": _THEN,
                "key": "twilio/SM1",
            }
        ],
        "inbound": [
            {
                "account": "summit",
                "source": "twilio",
                "key": "SM1",
                "kind": "message",
                "at": _THEN,
                "received_at": _THEN,
                "data": '{"text":"STOP"}',
                "lead": "maria",
                "taken_as": "opt_out",
                "because": "stop-word",
                "handled_at": _THEN,
                "problem": "",
            }
        ],
        "handles": [
            {
                "account": "summit",
                "handle": "a" * 20,
                "lead": "maria",
                "enrolment": "maria/roofer/-/1",
            }
        ],
        "cursors": [
            {"account": "summit", "source": "twilio", "data": "{}", "at": _THEN, "problem": "", "failing_since": None}
        ],
        "halts": [{"account": "summit", "channel": "sms", "code": "30007", "detail": "taken for spam", "since": _THEN}],
    },
    "0004": {
        "loads": [{"account": "summit", "member": "lee", "open": 0}],
        "turns": [{"account": "summit", "role": "sales", "member": "dana", "turn": 12}],
        "alerts": [
            {
                "account": "summit",
                "alert": "assigned/maria",
                "lead": "maria",
                "enrolment": "maria/roofer/-/1",
                "member": "dana",
                "about": "assigned",
                "title": "María 🏠 is yours",
                "body": "",
                "made_at": _THEN,
                "due_at": _LATER,
                "state": "waits",
                "message": "",
            }
        ],
        "reviews": [
            {"account": "summit", "playbook": "roofer", "review": "daily", "due_at": _LATER, "held_at": _THEN},
        ],
    },
    "0005": {
        "publications": [
            {
                "account": "summit",
                "playbook": "roofer",
                "at": _LATER,
                "digest": "",
                "by": "dana",
                "how": "apply",
                "answers": '{"schedule":"booked"}',
            }
        ],
    },
}


def make_at(url: str, revision: str) -> None:
    """Make a database as it was at ``revision``, after a life through all the revisions before."""
    with Store(dialect.database(url), wait=5, migrate=True) as store:
        for step in schema.REVISIONS[: schema.REVISIONS.index(revision) + 1]:
            with store.write() as session:
                schema.upgrade(session.connection, step)
                for table, rows in _ROWS[step].items():
                    names = list(rows[0])
                    columns = ", ".join(f'"{name}"' for name in names)
                    values = ", ".join(f":{name}" for name in names)
                    session.connection.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({values})"), rows)


def read_tables(session: Session) -> dict[str, list[dict[str, Any]]]:
    """Read every row of every table, bare, in a settled order."""
    tables = sorted(set(inspect(session.connection).get_table_names()) - {schema.VERSION_TABLE})
    return {
        table: sorted(
            (dict(row) for row in session.connection.execute(text(f"SELECT * FROM {table}")).mappings()), key=repr
        )
        for table in tables
    }


def shape(session: Session) -> dict[str, Any]:
    """Tell what the tables are like: columns, keys, indexes."""
    inspector = inspect(session.connection)
    return {
        table: {
            "columns": sorted(
                (column["name"], repr(column["type"]), column["nullable"], str(column["default"]).partition("::")[0])
                for column in inspector.get_columns(table)
            ),
            "key": inspector.get_pk_constraint(table),
            "foreign keys": sorted(map(str, inspector.get_foreign_keys(table))),
            "indexes": sorted(
                (index["name"], str(index["column_names"]), bool(index["unique"]), *_conditions(index))
                for index in inspector.get_indexes(table)
            ),
        }
        for table in inspector.get_table_names()
    }


def _conditions(index: Any) -> list[str]:
    return [str(value) for name, value in index.get("dialect_options", {}).items() if name.endswith("_where")]
