"""A provider's stand-in on this machine, for rehearsals: never anybody else's machine, whatever a setting says."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cadence.errors import CadenceError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["local_peer"]


def local_peer(setting: Callable[[str], str], name: str) -> str:
    """Return the address that setting ``name`` puts in a provider's place, without a slash at its end; empty: none.

    CadenceError when it is not this machine: a typing mistake there would hand the secrets to a stranger.
    """
    url = setting(name).strip().rstrip("/")
    if url and not _is_here(url):
        raise CadenceError(
            f"{name} names another machine; nothing was sent there",
            help="it is for a stand-in on this machine, such as http://127.0.0.1:4010; leave it out for the provider",
        )
    return url


def _is_here(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        known = parts.scheme in ("http", "https") and parts.port != 0 and not parts.username
        return known and (host == "localhost" or ip_address(host).is_loopback)
    except ValueError:
        return False
