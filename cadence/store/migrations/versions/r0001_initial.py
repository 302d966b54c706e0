"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cadence.store.migrations.kinds import BIG_ID, TEXT

__all__ = ["downgrade", "upgrade"]

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Migrate forward."""
    op.create_table(
        "accounts",
        _text("account"),
        _text("created_at"),
        _text("tick_holder"),
        _maybe("tick_since"),
        _maybe("tick_until"),
        _text("source_signature"),
        _text("mode"),
        sa.PrimaryKeyConstraint("account", name="pk_accounts"),
    )
    _leads()
    _enrolments()
    _events()
    _outbox()
    _tasks()
    op.create_table(
        "versions",
        _text("account"),
        _text("playbook"),
        _text("digest"),
        _text("published_at"),
        _text("content"),
        _maybe("retired_at"),
        _account_key("versions"),
        sa.PrimaryKeyConstraint("account", "playbook", "digest", name="pk_versions"),
    )
    op.create_table(
        "ticks",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        _text("account"),
        _text("started_at"),
        _text("finished_at"),
        _text("at"),
        _text("holder"),
        _text("outcome"),
        _text("counts"),
        _number("idle_runs"),
        _account_key("ticks"),
        sa.PrimaryKeyConstraint("id", name="pk_ticks"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_ticks_account", "ticks", ["account", "id"])


def downgrade() -> None:
    """Migrate back."""
    for table in ("ticks", "versions", "tasks", "outbox", "events", "enrolments", "leads", "accounts"):
        op.drop_table(table)


def _leads() -> None:
    op.create_table(
        "leads",
        _text("account"),
        _text("lead"),
        _text("name"),
        _text("phone"),
        _text("email"),
        _text("external_id"),
        _text("attributes"),
        _text("owner"),
        _text("created_at"),
        _text("updated_at"),
        _maybe("wake_at"),
        _account_key("leads"),
        sa.PrimaryKeyConstraint("account", "lead", name="pk_leads"),
    )
    for column in ("phone", "email", "external_id"):
        _partial_index(f"uq_leads_{column}", "leads", ["account", column], f"{column} <> ''", unique=True)
    _partial_index("ix_leads_wake", "leads", ["account", "wake_at", "lead"], "wake_at IS NOT NULL")


def _enrolments() -> None:
    op.create_table(
        "enrolments",
        _text("account"),
        _text("enrolment"),
        _text("lead"),
        _text("playbook"),
        _text("job"),
        _text("digest"),
        _text("stage"),
        _number("visit"),
        _text("owner"),
        _text("started_at"),
        _maybe("ended_at"),
        _text("end"),
        _lead_key("enrolments"),
        sa.PrimaryKeyConstraint("account", "enrolment", name="pk_enrolments"),
    )
    op.create_index("ix_enrolments_lead", "enrolments", ["account", "lead"])
    _partial_index("ix_enrolments_open", "enrolments", ["account", "playbook", "stage", "owner"], "ended_at IS NULL")


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        _text("account"),
        _text("lead"),
        _text("enrolment"),
        _text("type"),
        _text("at"),
        _text("recorded_at"),
        _text("job"),
        _text("actor"),
        _text("key"),
        _text("data"),
        _account_key("events"),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_lead", "events", ["account", "lead", "id"])
    _partial_index("uq_events_key", "events", ["account", "lead", "key"], "key <> ''", unique=True)


def _outbox() -> None:
    op.create_table(
        "outbox",
        _text("account"),
        _text("touch_key"),
        _text("lead"),
        _text("enrolment"),
        _number("visit"),
        _text("playbook"),
        _text("digest"),
        _text("stage"),
        _text("touch"),
        _text("channel"),
        _text("state"),
        _text("reason"),
        _text("detail"),
        _maybe("due_at"),
        _text("decided_at"),
        _maybe("ended_at"),
        _text("address"),
        _text("subject"),
        _text("body"),
        _number("segments"),
        _text("variant"),
        _number("line"),
        _text("owner"),
        _number("attempts"),
        _lead_key("outbox"),
        sa.PrimaryKeyConstraint("account", "touch_key", name="pk_outbox"),
    )
    op.create_index("ix_outbox_state", "outbox", ["account", "state"])
    op.create_index("ix_outbox_lead", "outbox", ["account", "lead"])


def _tasks() -> None:
    op.create_table(
        "tasks",
        _text("account"),
        _text("task"),
        _text("lead"),
        _text("enrolment"),
        _text("title"),
        _text("body"),
        _text("owner"),
        _text("due_at"),
        _text("created_at"),
        _maybe("done_at"),
        _text("cause"),
        _account_key("tasks"),
        sa.PrimaryKeyConstraint("account", "task", name="pk_tasks"),
    )
    op.create_index("ix_tasks_lead", "tasks", ["account", "lead"])
    _partial_index("ix_tasks_open", "tasks", ["account", "due_at"], "done_at IS NULL")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, TEXT, nullable=False)


def _maybe(name: str) -> sa.Column[str]:
    return sa.Column(name, TEXT, nullable=True)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _account_key(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["account"], ["accounts.account"], name=f"fk_{table}_account_accounts")


def _lead_key(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["account", "lead"], ["leads.account", "leads.lead"], name=f"fk_{table}_account_lead_leads"
    )


def _partial_index(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    op.create_index(name, table, columns, unique=unique, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
