"""A roofing shop for each test."""

from support.fixtures import desk, lab

__all__ = ["desk", "lab"]
