"""What colleagues must do and be told: next steps, locks and gaps of enrolments, alerts, reviews, loads and turns."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cadence.store.migrations.kinds import TEXT

__all__ = ["downgrade", "upgrade"]

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

#: New texts of enrolments, and what old rows have there.
_TEXTS = {"next_kind": "", "next_name": "", "next_owner": "", "locked_by": "", "score": "", "gaps": "[]", "reason": ""}
_SINCE = ("stage_since", "moved_at")
_INSTANTS = ("next_due_at", "lock_due_at", "locked_at", "locked_until")
_TABLES = ("reviews", "alerts", "turns", "loads")


def upgrade() -> None:
    """Migrate forward; leads in flight are looked at by the next tick, which works out their next steps."""
    _widen_enrolments()
    _widen_tasks()
    _make_loads()
    _make_turns()
    _make_alerts()
    _make_reviews()
    _let_messages_be_of_no_lead()
    op.execute(
        "UPDATE leads SET wake_at = updated_at WHERE (wake_at IS NULL OR wake_at > updated_at) AND EXISTS ("
        "SELECT 1 FROM enrolments WHERE enrolments.account = leads.account AND enrolments.lead = leads.lead "
        "AND ended_at IS NULL)"
    )


def downgrade() -> None:
    """Migrate back; a task without a date is due since it was made, and one that was dropped counts as done.

    Messages to colleagues are forgotten.
    """
    for table in _TABLES:
        op.drop_table(table)
    op.execute("DELETE FROM outbox WHERE lead IS NULL")
    with op.batch_alter_table("outbox") as outbox:
        outbox.alter_column("lead", existing_type=TEXT, nullable=False)
    op.execute("UPDATE tasks SET due_at = created_at WHERE due_at IS NULL")
    with op.batch_alter_table("tasks") as tasks:
        tasks.drop_column("closed_as")
        tasks.alter_column("due_at", existing_type=TEXT, nullable=False)
    with op.batch_alter_table("enrolments") as enrolments:
        for name in (*_SINCE, *_INSTANTS, *_TEXTS):
            enrolments.drop_column(name)


def _widen_enrolments() -> None:
    with op.batch_alter_table("enrolments") as enrolments:
        for name in _SINCE:
            enrolments.add_column(sa.Column(name, TEXT, nullable=False, server_default=""))
        for name in _INSTANTS:
            enrolments.add_column(sa.Column(name, TEXT, nullable=True))
        for name, value in _TEXTS.items():
            enrolments.add_column(sa.Column(name, TEXT, nullable=False, server_default=value))
    op.execute("UPDATE enrolments SET stage_since = started_at, moved_at = started_at")
    with op.batch_alter_table("enrolments") as enrolments:
        for name in (*_SINCE, *_TEXTS):
            enrolments.alter_column(name, server_default=None)


def _widen_tasks() -> None:
    with op.batch_alter_table("tasks") as tasks:
        tasks.add_column(sa.Column("closed_as", TEXT, nullable=False, server_default=""))
    op.execute("UPDATE tasks SET closed_as = 'done' WHERE done_at IS NOT NULL")
    with op.batch_alter_table("tasks") as tasks:
        tasks.alter_column("closed_as", server_default=None)
        tasks.alter_column("due_at", existing_type=TEXT, nullable=True)


def _make_loads() -> None:
    op.create_table(
        "loads",
        *_texts("account", "member"),
        sa.Column("open", sa.Integer(), nullable=False),
        _of_account("loads"),
        sa.PrimaryKeyConstraint("account", "member", name="pk_loads"),
    )
    op.execute(
        "INSERT INTO loads (account, member, open) SELECT account, owner, count(*) FROM enrolments "
        "WHERE ended_at IS NULL AND owner <> '' GROUP BY account, owner"
    )


def _make_turns() -> None:
    op.create_table(
        "turns",
        *_texts("account", "role", "member"),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        _of_account("turns"),
        sa.PrimaryKeyConstraint("account", "role", "member", name="pk_turns"),
    )


def _make_alerts() -> None:
    op.create_table(
        "alerts",
        *_texts("account", "alert", "lead", "enrolment", "member", "about", "title", "body", "made_at", "due_at"),
        *_texts("state", "message"),
        _of_account("alerts"),
        sa.PrimaryKeyConstraint("account", "alert", name="pk_alerts"),
    )
    op.create_index("ix_alerts_lead", "alerts", ["account", "lead"])
    for name, columns, condition in (
        ("ix_alerts_due", ["account", "due_at", "alert"], "state = 'waits'"),
        ("ix_alerts_failed", ["account", "due_at"], "state = 'failed'"),
        ("ix_alerts_message", ["account", "message"], "message <> ''"),
    ):
        op.create_index(name, "alerts", columns, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))


def _let_messages_be_of_no_lead() -> None:
    with op.batch_alter_table("outbox") as outbox:
        outbox.alter_column("lead", existing_type=TEXT, nullable=True)


def _make_reviews() -> None:
    op.create_table(
        "reviews",
        *_texts("account", "playbook", "review", "due_at"),
        sa.Column("held_at", TEXT, nullable=True),
        _of_account("reviews"),
        sa.PrimaryKeyConstraint("account", "playbook", "review", name="pk_reviews"),
    )


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, TEXT, nullable=False) for name in names]


def _of_account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["account"], ["accounts.account"], name=f"fk_{table}_account_accounts")
