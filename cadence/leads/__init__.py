"""People who asked for work: their record, where they are, and how lists of them are read in."""
