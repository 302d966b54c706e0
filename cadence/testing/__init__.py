"""Playbooks put to the test: tests that ship beside a page, and the torture pack."""
