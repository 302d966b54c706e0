"""The tables. Every row carries the account; words are those of the language.

Texts are never NULL (empty means none); an instant that has not come is NULL. What the database must
guarantee by itself (one identity per touch, one person per address, one entry per source key) is here.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    text,
)

from cadence.store.columns import BigId, Instant, Json, Text, Words

__all__ = [
    "METADATA",
    "accounts",
    "cursors",
    "enrolments",
    "events",
    "halts",
    "handles",
    "inbound",
    "leads",
    "outbox",
    "senders",
    "suppressions",
    "tasks",
    "ticks",
    "versions",
]

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _words(name: str) -> Column[str]:
    return Column(name, Words, nullable=False)


def _account() -> Column[str]:
    return Column("account", Text, ForeignKey("accounts.account"), nullable=False)


def _of_a_lead() -> ForeignKeyConstraint:
    """The lead, and through it the account."""
    return ForeignKeyConstraint(["account", "lead"], ["leads.account", "leads.lead"])


accounts = Table(
    "accounts",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("created_at", Instant, nullable=False),
    _text("source_signature"),  # of the files the published versions came from
    _text("mode"),
    Column("polls", Integer, nullable=False),  # 1: every tick asks the providers, so that none is idle
)

leads = Table(
    "leads",
    METADATA,
    _account(),
    _text("lead"),
    _words("name"),
    _words("phone"),
    _words("email"),
    _words("external_id"),
    Column("attributes", Json, nullable=False),
    _text("owner"),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("wake_at", Instant),
    PrimaryKeyConstraint("account", "lead"),
)

_KNOWN_BY = (leads.c.phone, leads.c.email, leads.c.external_id)
for _column in _KNOWN_BY:
    _given = text(f"{_column.name} <> ''")
    Index(
        f"uq_leads_{_column.name}",
        leads.c.account,
        _column,
        unique=True,
        sqlite_where=_given,
        postgresql_where=_given,
    )
# ``lead`` makes it answer the due query alone, in a settled order among equal instants.
Index(
    "ix_leads_wake",
    leads.c.account,
    leads.c.wake_at,
    leads.c.lead,
    sqlite_where=text("wake_at IS NOT NULL"),
    postgresql_where=text("wake_at IS NOT NULL"),
)

enrolments = Table(
    "enrolments",
    METADATA,
    _text("account"),
    _text("enrolment"),
    _text("lead"),
    _text("playbook"),
    _text("job"),
    _text("digest"),
    _text("stage"),
    Column("visit", Integer, nullable=False),
    _text("owner"),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    _text("end"),
    PrimaryKeyConstraint("account", "enrolment"),
    _of_a_lead(),
    Index("ix_enrolments_lead", "account", "lead"),
    Index(
        "ix_enrolments_open",
        "account",
        "playbook",
        "digest",
        "stage",
        "owner",
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)

events = Table(
    "events",
    METADATA,
    Column("id", BigId, primary_key=True, autoincrement=True),
    _account(),
    _text("lead"),  # empty: the whole account
    _text("enrolment"),
    _text("type"),
    Column("at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    _text("job"),
    _words("actor"),
    _words("key"),
    Column("data", Json, nullable=False),
    Index("ix_events_lead", "account", "lead", "id"),
    Index(
        "uq_events_key",
        "account",
        "lead",
        "key",
        unique=True,
        sqlite_where=text("key <> ''"),
        postgresql_where=text("key <> ''"),
    ),
    sqlite_autoincrement=True,
)

outbox = Table(
    "outbox",
    METADATA,
    _text("account"),
    _text("touch_key"),
    _text("lead"),
    _text("enrolment"),
    Column("visit", Integer, nullable=False),
    _text("playbook"),
    _text("digest"),
    _text("stage"),
    _text("touch"),
    _text("channel"),
    _text("state"),
    _text("reason"),
    _words("detail"),
    Column("due_at", Instant),
    Column("decided_at", Instant, nullable=False),
    Column("ended_at", Instant),
    _words("address"),
    _words("subject"),
    _words("body"),
    Column("segments", Integer, nullable=False),
    _text("variant"),
    Column("line", Integer, nullable=False),
    _text("owner"),
    Column("attempts", Integer, nullable=False),
    Column("tries", Integer, nullable=False),  # of them, calls that surely did not go
    _text("holder"),  # the tick that has it in hand
    Column("called_at", Instant),  # when the last attempt was claimed
    Column("check_at", Instant),  # when somebody must look at it again: a claim's end, a question to the provider
    _words("provider_id"),
    _text("handle"),  # its opaque name outside; empty: it has none
    Column("good_until", Instant),  # its send window closes then
    _text("delivery"),  # what the provider told of it afterwards, the furthest; empty: nothing
    Column("delivered_at", Instant),  # when that was
    PrimaryKeyConstraint("account", "touch_key"),
    _of_a_lead(),
    Index("ix_outbox_lead", "account", "lead"),
    Index(
        "ix_outbox_provider_id",
        "account",
        "provider_id",
        sqlite_where=text("provider_id <> ''"),
        postgresql_where=text("provider_id <> ''"),
    ),
    Index(
        "ix_outbox_handle",
        "account",
        "handle",
        sqlite_where=text("handle <> ''"),
        postgresql_where=text("handle <> ''"),
    ),
    Index(
        "ix_outbox_check",
        "account",
        "check_at",
        "state",
        sqlite_where=text("check_at IS NOT NULL"),
        postgresql_where=text("check_at IS NOT NULL"),
    ),
    Index(
        "ix_outbox_trouble",
        "account",
        "decided_at",
        "touch_key",
        sqlite_where=text("state = 'failed' OR state = 'waits'"),
        postgresql_where=text("state = 'failed' OR state = 'waits'"),
    ),
)

senders = Table(
    "senders",
    METADATA,
    _account(),
    _text("sender"),  # the channel, and what the reader sees as the sender
    Column("free_at", BigInteger, nullable=False),  # microseconds since 1970: when the next message may go
    _text("day"),  # the day that is counted
    Column("day_count", Integer, nullable=False),
    PrimaryKeyConstraint("account", "sender"),
)

halts = Table(
    "halts",
    METADATA,
    _account(),
    _text("channel"),
    _words("code"),
    _words("detail"),
    Column("since", Instant, nullable=False),
    PrimaryKeyConstraint("account", "channel"),
)

handles = Table(
    "handles",
    METADATA,
    _account(),
    _text("handle"),
    _text("lead"),
    _text("enrolment"),
    PrimaryKeyConstraint("account", "handle"),
    _of_a_lead(),
)

# A ledger: entries are added and never changed; the latest of an address and channel counts.
suppressions = Table(
    "suppressions",
    METADATA,
    Column("id", BigId, primary_key=True, autoincrement=True),
    _account(),
    _words("address"),
    _text("channel"),  # all: every one
    _text("standing"),  # suppressed | returned
    _text("reason"),
    _words("source"),
    _words("detail"),
    _text("lead"),  # empty: not known
    Column("at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    _words("key"),
    Index("ix_suppressions_address", "account", "address", "id"),
    Index(
        "uq_suppressions_key",
        "account",
        "key",
        unique=True,
        sqlite_where=text("key <> ''"),
        postgresql_where=text("key <> ''"),
    ),
    sqlite_autoincrement=True,
)

inbound = Table(
    "inbound",
    METADATA,
    Column("id", BigId, primary_key=True, autoincrement=True),
    _account(),
    _text("source"),
    _words("key"),
    _text("kind"),  # message | receipt | call
    Column("at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("data", Json, nullable=False),
    _text("lead"),  # empty: nobody known
    _text("taken_as"),  # what it was taken for
    _words("because"),  # why
    Column("handled_at", Instant),
    _words("problem"),
    Index("uq_inbound_source_key", "account", "source", "key", unique=True),
    Index("ix_inbound_lead", "account", "lead", "id"),
    Index(
        "ix_inbound_open",
        "account",
        "id",
        sqlite_where=text("handled_at IS NULL"),
        postgresql_where=text("handled_at IS NULL"),
    ),
    sqlite_autoincrement=True,
)

cursors = Table(
    "cursors",
    METADATA,
    _account(),
    _text("source"),
    Column("data", Json, nullable=False),
    Column("at", Instant, nullable=False),  # when it was last asked with success
    _words("problem"),  # why it could not be asked since; empty: it could
    Column("failing_since", Instant),
    PrimaryKeyConstraint("account", "source"),
)

tasks = Table(
    "tasks",
    METADATA,
    _account(),
    _text("task"),
    _text("lead"),
    _text("enrolment"),
    _words("title"),
    _words("body"),
    _text("owner"),
    Column("due_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("done_at", Instant),
    _text("cause"),
    PrimaryKeyConstraint("account", "task"),
    Index("ix_tasks_lead", "account", "lead"),
    Index(
        "ix_tasks_open",
        "account",
        "due_at",
        sqlite_where=text("done_at IS NULL"),
        postgresql_where=text("done_at IS NULL"),
    ),
)

versions = Table(
    "versions",
    METADATA,
    _account(),
    _text("playbook"),
    _text("digest"),
    Column("published_at", Instant, nullable=False),
    Column("content", Json, nullable=False),
    Column("retired_at", Instant),
    PrimaryKeyConstraint("account", "playbook", "digest"),
)

ticks = Table(
    "ticks",
    METADATA,
    Column("id", BigId, primary_key=True, autoincrement=True),
    _account(),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant, nullable=False),
    Column("at", Instant, nullable=False),  # the instant that was judged by
    _text("holder"),
    _text("outcome"),
    Column("counts", Json, nullable=False),
    Column("idle_runs", Integer, nullable=False),
    Index("ix_ticks_account", "account", "id"),
    sqlite_autoincrement=True,
)
