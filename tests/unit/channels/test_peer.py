"""A stand-in for a provider is on this machine, or is refused."""

from __future__ import annotations

import pytest

from cadence.channels.peer import local_peer
from cadence.errors import CadenceError


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("", ""),
        ("http://127.0.0.1:4010/", "http://127.0.0.1:4010"),
        ("http://localhost:4010", "http://localhost:4010"),
        ("https://[::1]:4010", "https://[::1]:4010"),
        (" http://127.9.9.9 ", "http://127.9.9.9"),
    ],
)
def test_this_machine_has_several_names(url: str, read: str) -> None:
    assert local_peer(lambda _: url, "CADENCE_X_URL") == read


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com", "http://127.0.0.1.example.com", "http://localhost.example.com", "http://10.0.0.1",
        "http://0.0.0.0:80", "127.0.0.1:4010", "ftp://127.0.0.1", "http://127.0.0.1@api.example.com", "http://[::1",
        "http://user@127.0.0.1", "http://127.0.0.1:99999", "http://", "http://2130706433", "nonsense",
    ],
)  # fmt: skip
def test_whatever_is_not_this_machine_is_refused(url: str) -> None:
    with pytest.raises(CadenceError, match="CADENCE_X_URL names another machine"):
        local_peer(lambda _: url, "CADENCE_X_URL")
