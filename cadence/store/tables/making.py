"""What every table is made of."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, MetaData, text

from cadence.store.columns import Text, Words

__all__ = ["METADATA", "a_text", "of_a_lead", "only_where", "some_words", "the_account"]

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def a_text(name: str) -> Column[str]:
    """Make a column for a name of our own making."""
    return Column(name, Text, nullable=False)


def some_words(name: str) -> Column[str]:
    """Make a column for a stranger's words."""
    return Column(name, Words, nullable=False)


def the_account() -> Column[str]:
    """Make the column that every row carries."""
    return Column("account", Text, ForeignKey("accounts.account"), nullable=False)


def of_a_lead() -> ForeignKeyConstraint:
    """Refer to the lead, and through it to the account."""
    return ForeignKeyConstraint(["account", "lead"], ["leads.account", "leads.lead"])


def only_where(condition: str) -> dict[str, Any]:
    """Have an index hold only the rows that ``condition`` is true of."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}
