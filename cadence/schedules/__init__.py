"""Schedules: what starts a tick every minute on each kind of machine, and a look that says when none ran."""
