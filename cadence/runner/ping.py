"""The health ping: after each tick a request to an address of your choice, so that its absence is noticed elsewhere.

``CADENCE_PING_URL`` (environment or ``.env``) is asked for when all is well, with ``/fail`` behind its path when
something needs a person. A ping is bounded in time, follows nobody elsewhere, and never makes a tick fail.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cadence.machine import setting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["PING_VARIABLE", "Health", "ping", "pinged"]

PING_VARIABLE = "CADENCE_PING_URL"
SECONDS = 5.0  #: the longest that a ping takes, looking up the name included
_MOVED = range(300, 400)
LONGEST = 1000  #: characters of the text that goes with a failure


@dataclass(slots=True)
class Health:
    """What there is to say when the tick is over."""

    well: bool = True
    says: str = ""  #: the summary line
    problem: str = ""  #: why the ping itself did not arrive; empty: it did, or none was asked for


@contextmanager
def pinged(root: Path) -> Iterator[Health]:
    """Ping at the end of the block, however it ends: an exception is a failure, and goes on."""
    health = Health()
    try:
        yield health
    except BaseException as error:
        health.well, health.says = False, str(error)
        raise
    finally:
        if url := _url(root, health):
            from cadence.masking import mask_of

            mask = mask_of(root)
            health.problem = mask.text(ping(url, well=health.well, says=mask.text(health.says)))


def _url(root: Path, health: Health) -> str:
    from cadence.errors import CadenceError

    try:
        return setting(root, PING_VARIABLE)
    except CadenceError as error:
        health.problem = error.message
        return ""


def ping(url: str, *, well: bool, says: str = "", seconds: float = SECONDS) -> str:
    """Send one ping; return a sentence when it did not arrive, empty when it did. Raises nothing.

    ``says`` goes along with a failure, as it stands. Only https, and http to this machine, is spoken.
    """
    import threading

    answer = [f"the ping had no answer within {seconds:g} seconds"]

    def send() -> None:
        try:
            answer[0] = _send(url, well, says, 2 * seconds)  # the waiting below ends it
        except Exception as error:  # noqa: BLE001 - a tick goes on, whatever becomes of its ping
            answer[0] = f"the ping did not arrive: {_why(error)}"

    # In a thread of its own: looking up a name waits as long as it likes, whatever time-out is given.
    sender = threading.Thread(target=send, daemon=True)
    sender.start()
    sender.join(seconds)
    return answer[0]


def _send(url: str, well: bool, says: str, seconds: float) -> str:
    from urllib.parse import urlsplit
    from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

    class Stay(HTTPRedirectHandler):
        """Follows nobody elsewhere: what is said is meant for the address that was given."""

        def redirect_request(self, *_: object) -> None:
            return None

    parts = urlsplit(url)
    here = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if parts.scheme != "https" and not (parts.scheme == "http" and here):
        return f"{PING_VARIABLE} was not used: it must begin with https:// (http:// only on this machine)"
    target = url if well else parts._replace(path=f"{parts.path.rstrip('/')}/fail").geturl()
    request = Request(target, headers={"User-Agent": "cadence"})  # noqa: S310 - the scheme was looked at
    if not well:
        request.data = says[:LONGEST].encode("utf-8", "replace")
        request.add_header("Content-Type", "text/plain; charset=utf-8")
    opener = build_opener(Stay, *([ProxyHandler({})] if here else []))
    with opener.open(request, timeout=seconds):
        return ""


def _why(error: Exception) -> str:
    """Say what went wrong, without the address: whoever knows it could say that all is well."""
    from urllib.error import HTTPError

    if isinstance(error, HTTPError):
        error.close()
        moved = f"it is sent elsewhere ({error.code}); give the address it is sent to in {PING_VARIABLE}"
        return moved if error.code in _MOVED else f"the answer was {error.code}"
    reason = getattr(error, "reason", error)
    if isinstance(reason, OSError):
        return reason.strerror or type(reason).__name__
    return f"{PING_VARIABLE} is not an address that can be asked"
