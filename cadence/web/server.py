"""Serves the endpoint with waitress, and ends without dropping what it has in hand."""

from __future__ import annotations

import signal
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cadence.errors import CadenceError
from cadence.web.hooks import MOST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from wsgiref.types import WSGIApplication

__all__ = ["serve"]

PATIENCE = 10.0  #: seconds that requests in hand may take at the end
HALF_HEARD = 2.0  #: seconds in which those that are still coming in must be there
CONNECTIONS = 500  #: open at once; the proxy in front lets others wait


def serve(app: WSGIApplication, host: str, port: int, *, threads: int, ready: Callable[[int], None]) -> int:
    """Serve until SIGTERM or SIGINT; return how many requests had to be left unanswered.

    ``ready`` is called with the port once connections are taken (of ``port`` 0, the system picks one). CadenceError
    when the address cannot be had.
    """
    from waitress import create_server, wasyncore

    channels: dict[int, Any] = {}
    try:
        server = create_server(
            app,
            map=channels,
            host=host,
            port=port,
            threads=threads,
            ident=None,
            connection_limit=CONNECTIONS,
            channel_timeout=30,
            max_request_body_size=max(MOST.values()),
            clear_untrusted_proxy_headers=True,
        )
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or "no such address"
        raise CadenceError(
            f"cannot listen on {host}, port {port}: {said}", help="name another with --host and --port"
        ) from None
    with _told_to_end(channels) as ends:
        ready(int(_servers(channels)[0].effective_port))
        while not ends():
            wasyncore.loop(timeout=1, use_poll=True, map=channels, count=1)
    for each in _servers(channels):
        wasyncore.dispatcher.close(each)  # the listening socket alone
    ended = time.monotonic()
    while (left := _in_hand(channels)) or _coming_in(channels):
        if time.monotonic() - ended > (PATIENCE if left else HALF_HEARD):
            break
        wasyncore.loop(timeout=0.05, use_poll=True, map=channels, count=1)
    server.task_dispatcher.shutdown(timeout=1)
    wasyncore.close_all(channels, ignore_all=True)
    return left


@contextmanager
def _told_to_end(channels: dict[int, Any]) -> Iterator[Callable[[], bool]]:
    told: list[int] = []

    def tell(number: int, _frame: object) -> None:
        told.append(number)
        for each in _servers(channels):
            each.pull_trigger()  # wakes the loop

    before = {number: signal.signal(number, tell) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield lambda: bool(told)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _servers(channels: dict[int, Any]) -> list[Any]:
    from waitress.server import BaseWSGIServer

    return [each for each in list(channels.values()) if isinstance(each, BaseWSGIServer)]


def _in_hand(channels: dict[int, Any]) -> int:
    """Count the requests that have come in and are not answered to the last byte."""
    return sum(bool(each.requests or each.total_outbufs_len) for each in _callers(channels))


def _coming_in(channels: dict[int, Any]) -> bool:
    return any(each.request for each in _callers(channels))


def _callers(channels: dict[int, Any]) -> list[Any]:
    from waitress.channel import HTTPChannel

    return [each for each in list(channels.values()) if isinstance(each, HTTPChannel) and each.connected]
