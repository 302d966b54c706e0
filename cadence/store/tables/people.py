"""Tables of the people: leads, where they stand, their log."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, Table

from cadence.store.columns import BigId, Instant, Json
from cadence.store.tables.making import METADATA, a_text, of_a_lead, only_where, some_words, the_account

__all__ = ["enrolments", "events", "leads"]

leads = Table(
    "leads",
    METADATA,
    the_account(),
    a_text("lead"),
    some_words("name"),
    some_words("phone"),
    some_words("email"),
    some_words("external_id"),
    Column("attributes", Json, nullable=False),
    a_text("owner"),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("wake_at", Instant),
    PrimaryKeyConstraint("account", "lead"),
)

_KNOWN_BY = (leads.c.phone, leads.c.email, leads.c.external_id)
for _column in _KNOWN_BY:
    Index(f"uq_leads_{_column.name}", leads.c.account, _column, unique=True, **only_where(f"{_column.name} <> ''"))
# ``lead`` makes it answer the due query alone, in a settled order among equal instants.
Index("ix_leads_wake", leads.c.account, leads.c.wake_at, leads.c.lead, **only_where("wake_at IS NOT NULL"))

enrolments = Table(
    "enrolments",
    METADATA,
    a_text("account"),
    a_text("enrolment"),
    a_text("lead"),
    a_text("playbook"),
    a_text("job"),
    a_text("digest"),
    a_text("stage"),
    Column("visit", Integer, nullable=False),
    a_text("owner"),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    a_text("end"),
    Column("stage_since", Instant, nullable=False),
    Column("moved_at", Instant, nullable=False),  # the lead's last word, a colleague's act, the stage's beginning
    a_text("next_kind"),  # task | touch | move; empty: there is no next step
    some_words("next_name"),
    Column("next_due_at", Instant),
    a_text("next_owner"),
    Column("lock_due_at", Instant),  # NULL: no lock is asked for
    a_text("locked_by"),  # empty: it is not locked
    Column("locked_at", Instant),
    Column("locked_until", Instant),  # NULL: for good
    a_text("score"),
    Column("gaps", Json, nullable=False),  # those that time alone does not bring about
    some_words("reason"),  # why it was lost
    PrimaryKeyConstraint("account", "enrolment"),
    of_a_lead(),
    Index("ix_enrolments_lead", "account", "lead", "ended_at"),
    Index("ix_enrolments_open", "account", "playbook", "digest", "stage", "owner", **only_where("ended_at IS NULL")),
)

events = Table(
    "events",
    METADATA,
    Column("id", BigId, primary_key=True, autoincrement=True),
    the_account(),
    a_text("lead"),  # empty: the whole account
    a_text("enrolment"),
    a_text("type"),
    Column("at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    a_text("job"),
    some_words("actor"),
    some_words("key"),
    Column("data", Json, nullable=False),
    Index("ix_events_lead", "account", "lead", "id"),
    Index("uq_events_key", "account", "lead", "key", unique=True, **only_where("key <> ''")),
    sqlite_autoincrement=True,
)
