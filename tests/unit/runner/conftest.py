"""A roofing shop for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.desk import open_desk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.desk import Desk


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Return a roofing shop."""
    monkeypatch.delenv("CADENCE_STORE", raising=False)
    with open_desk(tmp_path / "shop") as opened:
        yield opened
