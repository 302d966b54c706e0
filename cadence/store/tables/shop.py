"""Tables of the shop itself: the account, the published pages, the ticks."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, Table

from cadence.store.columns import BigId, Instant, Json, Text
from cadence.store.tables.making import METADATA, a_text, the_account

__all__ = ["accounts", "publications", "reviews", "ticks", "versions"]

accounts = Table(
    "accounts",
    METADATA,
    Column("account", Text, primary_key=True),
    Column("created_at", Instant, nullable=False),
    a_text("source_signature"),  # of the files the published versions came from
    a_text("mode"),
    Column("polls", Integer, nullable=False),  # 1: every tick asks the providers, so that none is idle
)

versions = Table(
    "versions",
    METADATA,
    the_account(),
    a_text("playbook"),
    a_text("digest"),
    Column("published_at", Instant, nullable=False),
    Column("content", Json, nullable=False),
    Column("retired_at", Instant),
    PrimaryKeyConstraint("account", "playbook", "digest"),
)

publications = Table(
    "publications",
    METADATA,
    Column("id", BigId, primary_key=True, autoincrement=True),
    the_account(),
    a_text("playbook"),
    Column("at", Instant, nullable=False),
    a_text("digest"),  # empty: the playbook was retired
    a_text("by"),  # member id; empty: nobody in particular
    a_text("how"),
    Column("answers", Json, nullable=False),  # stage that the version lacks -> where its leads go
    Index("ix_publications_account", "account", "playbook", "id"),
    sqlite_autoincrement=True,
)

ticks = Table(
    "ticks",
    METADATA,
    Column("id", BigId, primary_key=True, autoincrement=True),
    the_account(),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant, nullable=False),
    Column("at", Instant, nullable=False),  # the instant that was judged by
    a_text("holder"),
    a_text("outcome"),
    Column("counts", Json, nullable=False),
    Column("idle_runs", Integer, nullable=False),
    Index("ix_ticks_account", "account", "id"),
    sqlite_autoincrement=True,
)

reviews = Table(
    "reviews",
    METADATA,
    the_account(),
    a_text("playbook"),
    a_text("review"),
    Column("due_at", Instant, nullable=False),
    Column("held_at", Instant),  # NULL: never
    PrimaryKeyConstraint("account", "playbook", "review"),
)
