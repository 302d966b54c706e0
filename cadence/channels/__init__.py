"""Ways out: one file per channel."""
