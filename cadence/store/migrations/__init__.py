"""Alembic migrations of the store; run by :mod:`cadence.store.schema`."""
