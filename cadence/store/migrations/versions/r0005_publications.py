"""Publications: every version that was put in force, when, by whom and how."""

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


def downgrade() -> None:
    """Migrate back; who published what is forgotten."""
    op.drop_table("publications")
