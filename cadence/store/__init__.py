"""The store: tables, queries and migrations behind one door, :func:`cadence.store.store.open_store`."""
