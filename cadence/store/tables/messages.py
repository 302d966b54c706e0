"""Tables of what goes out and comes in."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, PrimaryKeyConstraint, Table

from cadence.store.columns import BigId, Instant, Json, NameOrNone
from cadence.store.tables.making import METADATA, a_text, of_a_lead, only_where, some_words, the_account

__all__ = ["cursors", "halts", "handles", "inbound", "outbox", "senders", "suppressions"]

outbox = Table(
    "outbox",
    METADATA,
    a_text("account"),
    a_text("touch_key"),
    Column("lead", NameOrNone),  # NULL: of none, it is to a colleague
    a_text("enrolment"),
    Column("visit", Integer, nullable=False),
    a_text("playbook"),
    a_text("digest"),
    a_text("stage"),
    a_text("touch"),
    a_text("channel"),
    a_text("state"),
    a_text("reason"),
    some_words("detail"),
    Column("due_at", Instant),
    Column("decided_at", Instant, nullable=False),
    Column("ended_at", Instant),
    some_words("address"),
    some_words("subject"),
    some_words("body"),
    Column("segments", Integer, nullable=False),
    a_text("variant"),
    Column("line", Integer, nullable=False),
    a_text("owner"),
    Column("attempts", Integer, nullable=False),
    Column("tries", Integer, nullable=False),  # of them, calls that surely did not go
    a_text("holder"),  # the tick that has it in hand
    Column("called_at", Instant),  # when the last attempt was claimed
    Column("check_at", Instant),  # when somebody must look at it again: a claim's end, a question to the provider
    some_words("provider_id"),
    a_text("handle"),  # its opaque name outside; empty: it has none
    Column("good_until", Instant),  # its send window closes then
    a_text("delivery"),  # what the provider told of it afterwards, the furthest; empty: nothing
    Column("delivered_at", Instant),  # when that was
    PrimaryKeyConstraint("account", "touch_key"),
    of_a_lead(),
    Index("ix_outbox_lead", "account", "lead"),
    Index("ix_outbox_provider_id", "account", "provider_id", **only_where("provider_id <> ''")),
    Index("ix_outbox_handle", "account", "handle", **only_where("handle <> ''")),
    Index("ix_outbox_check", "account", "check_at", "state", **only_where("check_at IS NOT NULL")),
    Index(
        "ix_outbox_trouble", "account", "decided_at", "touch_key", **only_where("state = 'failed' OR state = 'waits'")
    ),
)

senders = Table(
    "senders",
    METADATA,
    the_account(),
    a_text("sender"),  # the channel, and what the reader sees as the sender
    Column("free_at", BigInteger, nullable=False),  # microseconds since 1970: when the next message may go
    a_text("day"),  # the day that is counted
    Column("day_count", Integer, nullable=False),
    PrimaryKeyConstraint("account", "sender"),
)

halts = Table(
    "halts",
    METADATA,
    the_account(),
    a_text("channel"),
    some_words("code"),
    some_words("detail"),
    Column("since", Instant, nullable=False),
    PrimaryKeyConstraint("account", "channel"),
)

handles = Table(
    "handles",
    METADATA,
    the_account(),
    a_text("handle"),
    a_text("lead"),
    a_text("enrolment"),
    PrimaryKeyConstraint("account", "handle"),
    of_a_lead(),
)

# A ledger: entries are added and never changed; the latest of an address and channel counts.
suppressions = Table(
    "suppressions",
    METADATA,
    Column("id", BigId, primary_key=True, autoincrement=True),
    the_account(),
    some_words("address"),
    a_text("channel"),  # all: every one
    a_text("standing"),  # suppressed | returned
    a_text("reason"),
    some_words("source"),
    some_words("detail"),
    a_text("lead"),  # empty: not known
    Column("at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    some_words("key"),
    Index("ix_suppressions_address", "account", "address", "id"),
    Index("uq_suppressions_key", "account", "key", unique=True, **only_where("key <> ''")),
    sqlite_autoincrement=True,
)

inbound = Table(
    "inbound",
    METADATA,
    Column("id", BigId, primary_key=True, autoincrement=True),
    the_account(),
    a_text("source"),
    some_words("key"),
    a_text("kind"),  # message | receipt | call
    Column("at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("data", Json, nullable=False),
    a_text("lead"),  # empty: nobody known
    a_text("taken_as"),  # what it was taken for
    some_words("because"),  # why
    Column("handled_at", Instant),
    some_words("problem"),
    Index("uq_inbound_source_key", "account", "source", "key", unique=True),
    Index("ix_inbound_lead", "account", "lead", "id"),
    Index("ix_inbound_open", "account", "id", **only_where("handled_at IS NULL")),
    sqlite_autoincrement=True,
)

cursors = Table(
    "cursors",
    METADATA,
    the_account(),
    a_text("source"),
    Column("data", Json, nullable=False),
    Column("at", Instant, nullable=False),  # when it was last asked with success
    some_words("problem"),  # why it could not be asked since; empty: it could
    Column("failing_since", Instant),
    PrimaryKeyConstraint("account", "source"),
)
