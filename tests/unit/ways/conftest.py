"""A roofing shop whose clocks stand where a test puts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.clocks import take_over
from support.desk import TUESDAY, open_desk
from support.lab import Lab

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


@pytest.fixture
def lab(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """Return a roofing shop with clocks that stand still."""
    return Lab(desk, take_over(desk.account.store, TUESDAY, monkeypatch))
