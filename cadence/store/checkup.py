"""A look at every row: can everything be read that a tick or a person will want to read?"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import LargeBinary, Text, cast, func, inspect, literal_column, select, type_coerce

from cadence.errors import StoreError
from cadence.store import accounts, loads
from cadence.store.columns import Instant, Json, Words
from cadence.store.dialect import SQLITE
from cadence.store.schema import HEAD, VERSION_TABLE
from cadence.store.store import open_store
from cadence.store.tables import METADATA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Column, Table

    from cadence.store.session import Session

__all__ = ["MOST", "Checkup", "Finding", "check"]

MOST = 1000  #: findings that are told one by one
_OBJECTS = ("attributes", "counts", "data")  #: JSON columns that name their values
_LISTS = ("gaps",)  #: JSON columns that list theirs
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is not as it should be."""

    what: str  #: a sentence; never with a value out of a row
    table: str = ""
    account: str = ""
    lead: str = ""  #: empty: it concerns no lead
    key: str = ""  #: which row


@dataclass(slots=True, kw_only=True)
class Checkup:
    """What was found in a database."""

    name: str  #: of the database
    revision: str
    rows: dict[str, int] = field(default_factory=dict)  #: table -> number of rows
    findings: list[Finding] = field(default_factory=list)  #: the first MOST
    more: int = 0  #: findings beyond those

    def note(self, finding: Finding) -> None:
        """Add a finding."""
        if len(self.findings) < MOST:
            self.findings.append(finding)
        else:
            self.more += 1


def check(url: str) -> Checkup:
    """Look at every table and every row of the database that ``url`` names; changes nothing.

    StoreError when it cannot be opened at all (see :func:`cadence.store.store.open_store`).
    """
    with open_store(url) as store:
        checkup = Checkup(name=store.name, revision=HEAD)
        for look in (_whole, _as_defined, _rows, _counts):
            try:
                with store.read() as session:
                    for finding in look(session, checkup):
                        checkup.note(finding)
            except StoreError as error:
                checkup.note(Finding(what=error.message))
    return checkup


def _whole(session: Session, _: Checkup) -> Iterator[Finding]:
    """Ask the database whether it is sound itself."""
    run = session.connection.exec_driver_sql
    if session.dialect == SQLITE:
        for (said,) in run("PRAGMA integrity_check(20)"):
            if said != "ok":
                yield Finding(what=f"SQLite says: {said}")
        for name, row, parent, _key in run("PRAGMA foreign_key_check").all():
            known = [column for column in METADATA.tables[name].c if column.name in ("account", "lead")]
            whose = session.ask(select(*known).where(literal_column("rowid") == row)).mappings().first()
            yield Finding(
                table=name, **(whose or {}), key=f"row {row}", what=f"belongs to a row of {parent} that is not there"
            )
    else:
        for name, thing in run(_BROKEN):
            yield Finding(table=name, what=f"{thing} is there, but does not hold")


_BROKEN = """
SELECT conrelid::regclass::text, conname::text FROM pg_constraint
WHERE connamespace = current_schema()::regnamespace AND NOT convalidated
UNION ALL
SELECT indrelid::regclass::text, indexrelid::regclass::text FROM pg_index
JOIN pg_class ON pg_class.oid = indexrelid
WHERE relnamespace = current_schema()::regnamespace AND NOT indisvalid
"""


def _as_defined(session: Session, _: Checkup) -> Iterator[Finding]:
    """Compare the tables, columns, keys and indexes with what this version makes."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    context = MigrationContext.configure(session.connection, opts={"version_table": VERSION_TABLE})
    for difference in compare_metadata(context, METADATA):
        parts = difference[0] if isinstance(difference[0], tuple) else difference
        kind, thing = str(parts[0]), parts[-1]
        name = getattr(thing, "name", None) or next((part for part in parts[1:] if isinstance(part, str)), "")
        action, what = kind.split("_", 1)
        wrong = {"add": "is missing", "remove": "is too many"}.get(action, "is not as this version makes it")
        yield Finding(what=f"{what.replace('_', ' ') or 'something'} {name} {wrong}")


def _rows(session: Session, checkup: Checkup) -> Iterator[Finding]:
    there = set(inspect(session.connection).get_table_names())
    for table in METADATA.sorted_tables:
        if table.name in there:
            checkup.rows[table.name] = session.ask(select(func.count()).select_from(table)).scalar_one()
            yield from _rows_of(session, table)


def _rows_of(session: Session, table: Table) -> Iterator[Finding]:
    """Read what cannot be relied upon to be readable: texts (in a file, any bytes may be), instants and JSON."""
    in_a_file = session.dialect == SQLITE
    keys = [column for column in table.primary_key if column.name != "account"]
    names = [column for column in table.c if column.name in ("account", "lead")]
    wanted = [column for column in table.c if _is_text(column) and (in_a_file or _has_a_form(column))]
    bare = [
        (cast(column, LargeBinary) if in_a_file else type_coerce(column, Text())).label(column.name)
        if _is_text(column)
        else column
        for column in dict.fromkeys([*keys, *names, *wanted])
    ]
    result = session.connection.execution_options(stream_results=True).execute(select(*bare))
    for row in result.yield_per(1000).mappings():
        for column in wanted:
            if wrong := _wrong(row[column.name], column):
                yield Finding(
                    table=table.name,
                    account=_said(row.get("account")),
                    lead=_said(row.get("lead")),
                    key="/".join(_said(row[key.name]) for key in keys),
                    what=f"{column.name} {wrong}",
                )


def _counts(session: Session, _: Checkup) -> Iterator[Finding]:
    """Compare what is counted along with what there is."""
    there = set(inspect(session.connection).get_table_names())
    if not {"accounts", "enrolments", "loads"} <= there:
        return
    for account in accounts.names(session):
        kept, counted = loads.read(session, account), loads.recount(session, account)
        for member in sorted({*kept, *counted}):
            if kept.get(member, 0) != counted.get(member, 0):
                yield Finding(
                    table="loads",
                    account=account,
                    key=member,
                    what="open is not the number of their open enrolments",
                )


def _is_text(column: Column[Any]) -> bool:
    return isinstance(column.type, Text | Words | Instant | Json)


def _has_a_form(column: Column[Any]) -> bool:
    return isinstance(column.type, Instant | Json)


def _wrong(value: bytes | str | None, column: Column[Any]) -> str:
    """Say what is wrong with a value; empty: nothing."""
    if value is None:
        return "" if column.nullable else "is not there"
    try:
        text = value.decode() if isinstance(value, bytes) else value
    except UnicodeDecodeError:
        return "is no text"
    if isinstance(column.type, Instant):
        return "" if _is_instant(text) else "is no instant"
    if isinstance(column.type, Json):
        return _wrong_json(text, column)
    return ""


def _is_instant(text: str) -> bool:
    if not _INSTANT.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _wrong_json(text: str, column: Column[Any]) -> str:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return "is no JSON"
    if column.name in _LISTS:
        return "" if isinstance(value, list) else "is no JSON list"
    return "" if isinstance(value, dict) or column.name not in _OBJECTS else "is no JSON object"


def _said(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value if value is not None else "")
