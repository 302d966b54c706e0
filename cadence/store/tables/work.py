"""Tables of what colleagues must do and be told."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, PrimaryKeyConstraint, Table

from cadence.store.columns import Instant
from cadence.store.tables.making import METADATA, a_text, only_where, some_words, the_account

__all__ = ["alerts", "loads", "tasks", "turns"]

tasks = Table(
    "tasks",
    METADATA,
    the_account(),
    a_text("task"),
    a_text("lead"),
    a_text("enrolment"),
    some_words("title"),
    some_words("body"),
    a_text("owner"),
    Column("due_at", Instant),  # NULL: nobody said by when
    Column("created_at", Instant, nullable=False),
    Column("done_at", Instant),  # when it was closed
    a_text("cause"),
    a_text("closed_as"),  # done | dropped; empty: it is open
    PrimaryKeyConstraint("account", "task"),
    Index("ix_tasks_lead", "account", "lead"),
    Index("ix_tasks_open", "account", "due_at", **only_where("done_at IS NULL")),
)

# How many open enrolments each member owns: a count, so that nobody has to count them.
loads = Table(
    "loads",
    METADATA,
    the_account(),
    a_text("member"),
    Column("open", Integer, nullable=False),
    PrimaryKeyConstraint("account", "member"),
)

turns = Table(
    "turns",
    METADATA,
    the_account(),
    a_text("role"),
    a_text("member"),
    Column("turn", BigInteger, nullable=False),  # the higher, the later it was this member's
    PrimaryKeyConstraint("account", "role", "member"),
)

alerts = Table(
    "alerts",
    METADATA,
    the_account(),
    a_text("alert"),
    a_text("lead"),  # empty: it is about none
    a_text("enrolment"),
    a_text("member"),
    a_text("about"),
    some_words("title"),
    some_words("body"),
    Column("made_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    a_text("state"),  # waits | taken | sent | failed | dropped
    a_text("message"),  # touch_key of the outbox row that carried it
    PrimaryKeyConstraint("account", "alert"),
    Index("ix_alerts_lead", "account", "lead"),
    # ``alert`` settles the order among equal instants.
    Index("ix_alerts_due", "account", "due_at", "alert", **only_where("state = 'waits'")),
    Index("ix_alerts_failed", "account", "due_at", **only_where("state = 'failed'")),
    Index("ix_alerts_message", "account", "message", **only_where("message <> ''")),
)
