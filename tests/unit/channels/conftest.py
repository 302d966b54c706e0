"""A Twilio for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.twilio_desk import twilio_desk
from support.twilio_make import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.twilio_desk import TwilioDesk


@pytest.fixture
def desk() -> Iterator[TwilioDesk]:
    """Return an account at Twilio whose clock stands at :data:`NOW`."""
    with twilio_desk(lambda: NOW) as opened:
        yield opened
