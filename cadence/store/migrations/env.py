"""Run by Alembic: migrate over the connection that :func:`cadence.store.schema.upgrade` hands in."""

from __future__ import annotations

from alembic import context

from cadence.store.schema import VERSION_TABLE
from cadence.store.tables import METADATA

__all__: list[str] = []

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
context.run_migrations()
