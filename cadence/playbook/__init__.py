"""The playbook room: a page becomes a plan, or a list of diagnostics. Pure: no clock, no store, no network."""
