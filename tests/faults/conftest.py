"""A roofing shop for each test, and one whose clocks and provider the test holds in its hand."""

from support.fixtures import desk, lab

__all__ = ["desk", "lab"]
