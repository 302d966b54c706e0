"""Declarative follow-up cadences for home-service shops."""

__version__ = "0.1.0"
