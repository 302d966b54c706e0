"""``cadence lint``: ``cadence validate`` under the name that programmers look for."""

from __future__ import annotations

from cadence.cli.validate import checking

__all__ = ["command"]

command = checking("lint")
