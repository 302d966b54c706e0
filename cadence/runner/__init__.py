"""Where engine, store and channels meet."""
