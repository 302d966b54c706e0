"""The endpoint over a real database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.endpoint import Endpoint, open_endpoint

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[Endpoint]:
    """An endpoint over a new database."""
    with open_endpoint(tmp_path) as found:
        yield found
