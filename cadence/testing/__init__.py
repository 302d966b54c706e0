"""Tests of playbooks: stories on a virtual clock, what came of them, and what should have. Pure."""
