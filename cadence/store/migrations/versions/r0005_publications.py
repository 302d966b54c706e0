"""Publications: every version that was put in force, when, by whom and how; who is in flight, from an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cadence.store.migrations.kinds import BIG_ID, TEXT

__all__ = ["downgrade", "upgrade"]

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Migrate forward; of each version that is there, the last time it was published is known."""
    op.create_table(
        "publications",
        sa.Column("id", BIG_ID, primary_key=True, autoincrement=True),
        *(sa.Column(name, TEXT, nullable=False) for name in ("account", "playbook", "at", "digest", "by", "how")),
        sa.Column("answers", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.account"], name="fk_publications_account_accounts"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_publications_account", "publications", ["account", "playbook", "id"])
    op.execute(
        'INSERT INTO publications (account, playbook, at, digest, "by", how, answers) '
        "SELECT account, playbook, published_at, digest, '', 'tick', '{}' FROM versions "
        "ORDER BY published_at, account, playbook, digest"
    )

    _index_enrolments("account", "lead", "ended_at")  # whether a lead is in flight stands in the index alone


def downgrade() -> None:
    """Migrate back; who published what is forgotten."""
    _index_enrolments("account", "lead")
    op.drop_table("publications")


def _index_enrolments(*columns: str) -> None:
    op.drop_index("ix_enrolments_lead", "enrolments")
    op.create_index("ix_enrolments_lead", "enrolments", list(columns))
