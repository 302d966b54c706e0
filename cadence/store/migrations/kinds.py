"""Kinds of columns that migrations make, as they were when the first one was written."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

__all__ = ["BIG_ID", "TEXT"]

#: Text that is ordered byte by byte on every database.
TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
#: A number the database gives.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
