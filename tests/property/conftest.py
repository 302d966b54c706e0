"""Stores that machines share, each run of them in an account of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cadence.store.store import open_store
from support.clocks import take_over
from support.make import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.store.store import Store


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Any]]:
    """A store, and its clock; every run of a machine has an account of its own in it."""
    if request.param == "sqlite":
        folder = tmp_path_factory.mktemp("model")
        url = f"sqlite:///{folder}/cadence.db"
    else:
        url = request.getfixturevalue("postgres_url")()
    with open_store(url, create=True) as store, pytest.MonkeyPatch.context() as patch:
        yield store, take_over(store, NOW, patch)
