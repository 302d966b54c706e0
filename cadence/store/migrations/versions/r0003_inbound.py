"""What comes in, addresses nothing goes to, halted channels, the opaque names of messages and enrolments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cadence.store.migrations.kinds import BIG_ID, TEXT

__all__ = ["downgrade", "upgrade"]

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_NEW_OF_OUTBOX = ("handle", "delivery")
_TABLES = ("cursors", "inbound", "suppressions", "handles", "halts")


def upgrade() -> None:
    """Migrate forward; what was sent before has no opaque name, and no receipt will come for it."""
    with op.batch_alter_table("accounts") as accounts:
        accounts.add_column(sa.Column("polls", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("accounts") as accounts:
        accounts.alter_column("polls", server_default=None)
    with op.batch_alter_table("outbox") as outbox:
        for name in _NEW_OF_OUTBOX:
            outbox.add_column(sa.Column(name, TEXT, nullable=False, server_default=""))
        outbox.add_column(sa.Column("good_until", TEXT, nullable=True))
        outbox.add_column(sa.Column("delivered_at", TEXT, nullable=True))
    with op.batch_alter_table("outbox") as outbox:
        for name in _NEW_OF_OUTBOX:
            outbox.alter_column(name, server_default=None)
    _index("ix_outbox_provider_id", "outbox", ["account", "provider_id"], "provider_id <> ''")
    _index("ix_outbox_handle", "outbox", ["account", "handle"], "handle <> ''")
    _make_halts()
    _make_handles()
    _make_suppressions()
    _make_inbound()
    _make_cursors()


def downgrade() -> None:
    """Migrate back; suppressed addresses are forgotten, so nothing should be sent before the next upgrade."""
    for table in _TABLES:
        op.drop_table(table)
    op.drop_index("ix_outbox_handle", "outbox")
    op.drop_index("ix_outbox_provider_id", "outbox")
    with op.batch_alter_table("outbox") as outbox:
        for name in (*_NEW_OF_OUTBOX, "good_until", "delivered_at"):
            outbox.drop_column(name)
    with op.batch_alter_table("accounts") as accounts:
        accounts.drop_column("polls")


def _make_halts() -> None:
    op.create_table(
        "halts",
        *_texts("account", "channel", "code", "detail", "since"),
        _of_account("halts"),
        sa.PrimaryKeyConstraint("account", "channel", name="pk_halts"),
    )


def _make_handles() -> None:
    op.create_table(
        "handles",
        *_texts("account", "handle", "lead", "enrolment"),
        _of_account("handles"),
        sa.ForeignKeyConstraint(
            ["account", "lead"], ["leads.account", "leads.lead"], name="fk_handles_account_lead_leads"
        ),
        sa.PrimaryKeyConstraint("account", "handle", name="pk_handles"),
    )


def _make_suppressions() -> None:
    names = ("account", "address", "channel", "standing", "reason", "source", "detail", "lead", "at", "recorded_at")
    op.create_table(
        "suppressions",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        *_texts(*names, "key"),
        _of_account("suppressions"),
        sa.PrimaryKeyConstraint("id", name="pk_suppressions"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_suppressions_address", "suppressions", ["account", "address", "id"])
    _index("uq_suppressions_key", "suppressions", ["account", "key"], "key <> ''", unique=True)


def _make_inbound() -> None:
    op.create_table(
        "inbound",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        *_texts("account", "source", "key", "kind", "at", "received_at", "data", "lead", "taken_as", "because"),
        sa.Column("handled_at", TEXT, nullable=True),
        *_texts("problem"),
        _of_account("inbound"),
        sa.PrimaryKeyConstraint("id", name="pk_inbound"),
        sqlite_autoincrement=True,
    )
    op.create_index("uq_inbound_source_key", "inbound", ["account", "source", "key"], unique=True)
    op.create_index("ix_inbound_lead", "inbound", ["account", "lead", "id"])
    _index("ix_inbound_open", "inbound", ["account", "id"], "handled_at IS NULL")


def _make_cursors() -> None:
    op.create_table(
        "cursors",
        *_texts("account", "source", "data", "at", "problem"),
        sa.Column("failing_since", TEXT, nullable=True),
        _of_account("cursors"),
        sa.PrimaryKeyConstraint("account", "source", name="pk_cursors"),
    )


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, TEXT, nullable=False) for name in names]


def _of_account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["account"], ["accounts.account"], name=f"fk_{table}_account_accounts")


def _index(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)
