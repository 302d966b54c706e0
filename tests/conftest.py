"""What holds for every test: properties are tried on the same cases in every run; one PostgreSQL server for all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from support.postgres import Server

#: ``HYPOTHESIS_PROFILE=explore`` looks for new cases; a run that everybody must be able to repeat does not.
_ANY_SPEED = [HealthCheck.too_slow]  # a machine may be busy
settings.register_profile("repeatable", derandomize=True, suppress_health_check=_ANY_SPEED)
settings.register_profile("explore", derandomize=False, suppress_health_check=_ANY_SPEED)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A PostgreSQL server of this run's own (of each worker's, where several share the tests)."""
    from support import postgres

    server = postgres.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def postgres_url(postgres_server: Server) -> Callable[[], str]:
    """Gives the address of a fresh, empty PostgreSQL database at each call."""
    return lambda: postgres_server.url(postgres_server.make())
