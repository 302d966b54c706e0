"""Each kind of database by itself: how it is opened, how it refuses, what it keeps of its own settings."""
