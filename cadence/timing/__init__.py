"""Clocks and calendars: durations, opening hours, holidays, zones, and the instant a touch is due."""
