"""Claims with a lease of their own, questions to the provider, rates of senders; ticks need no turn any more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cadence.store.migrations.kinds import TEXT

__all__ = ["downgrade", "upgrade"]

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_LONG_AGO = "1970-01-01T00:00:00Z"
_NEVER = "9999-12-31T00:00:00Z"


def upgrade() -> None:
    """Migrate forward: what is claimed was interrupted; what is unknown is left to a person, as it was."""
    with op.batch_alter_table("accounts") as accounts:
        for column in ("tick_holder", "tick_since", "tick_until"):
            accounts.drop_column(column)
    op.drop_index("ix_outbox_state", "outbox")
    with op.batch_alter_table("outbox") as outbox:
        outbox.add_column(sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
        outbox.add_column(sa.Column("holder", TEXT, nullable=False, server_default=""))
        outbox.add_column(sa.Column("called_at", TEXT, nullable=True))
        outbox.add_column(sa.Column("check_at", TEXT, nullable=True))
        outbox.add_column(sa.Column("provider_id", TEXT, nullable=False, server_default=""))
    with op.batch_alter_table("outbox") as outbox:
        outbox.alter_column("tries", server_default=None)
        outbox.alter_column("holder", server_default=None)
        outbox.alter_column("provider_id", server_default=None)
    op.execute(
        "UPDATE outbox SET attempts = 1, called_at = decided_at, "  # noqa: S608 - our own words
        f"check_at = CASE state WHEN 'claimed' THEN '{_LONG_AGO}' ELSE '{_NEVER}' END "
        "WHERE state IN ('claimed', 'unknown')"
    )
    here = sa.text("check_at IS NOT NULL")
    op.create_index(
        "ix_outbox_check", "outbox", ["account", "check_at", "state"], sqlite_where=here, postgresql_where=here
    )
    _index_open_enrolments("playbook", "digest", "stage", "owner")
    trouble = sa.text("state = 'failed' OR state = 'waits'")
    op.create_index(
        "ix_outbox_trouble",
        "outbox",
        ["account", "decided_at", "touch_key"],
        sqlite_where=trouble,
        postgresql_where=trouble,
    )
    op.create_table(
        "senders",
        sa.Column("account", TEXT, nullable=False),
        sa.Column("sender", TEXT, nullable=False),
        sa.Column("free_at", sa.BigInteger(), nullable=False),
        sa.Column("day", TEXT, nullable=False),
        sa.Column("day_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.account"], name="fk_senders_account_accounts"),
        sa.PrimaryKeyConstraint("account", "sender", name="pk_senders"),
    )


def downgrade() -> None:
    """Migrate back: a touch that was to be tried again counts as interrupted, so that it never goes twice."""
    op.drop_table("senders")
    op.execute("UPDATE outbox SET state = 'unknown', ended_at = decided_at WHERE state = 'waits'")
    _index_open_enrolments("playbook", "stage", "owner")
    op.drop_index("ix_outbox_trouble", "outbox")
    op.drop_index("ix_outbox_check", "outbox")
    with op.batch_alter_table("outbox") as outbox:
        for column in ("tries", "holder", "called_at", "check_at", "provider_id"):
            outbox.drop_column(column)
    op.create_index("ix_outbox_state", "outbox", ["account", "state"])
    with op.batch_alter_table("accounts") as accounts:
        accounts.add_column(sa.Column("tick_holder", TEXT, nullable=False, server_default=""))
        accounts.add_column(sa.Column("tick_since", TEXT, nullable=True))
        accounts.add_column(sa.Column("tick_until", TEXT, nullable=True))
    with op.batch_alter_table("accounts") as accounts:
        accounts.alter_column("tick_holder", server_default=None)


def _index_open_enrolments(*columns: str) -> None:
    op.drop_index("ix_enrolments_open", "enrolments")
    still_open = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_enrolments_open",
        "enrolments",
        ["account", *columns],
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
