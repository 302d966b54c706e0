"""The line to Twilio: who we are there, a client for each thread, and what it means when a call does not succeed.

The official SDK, with what it leaves open closed: it waits for ever, logs phone numbers, lets the environment choose
another host, takes local times for UTC, and shares the last answer between threads.
"""

from __future__ import annotations

import json
import logging
import re
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from cadence.channels.kit import Secret
from cadence.channels.peer import local_peer
from cadence.channels.twilio_codes import Fault, patience
from cadence.errors import CadenceError
from cadence.logs import TALKATIVE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cadence.channels.kit import Kit

__all__ = ["SECRETS", "TIMEOUT", "Credentials", "Failed", "TwilioLine", "utc"]

TIMEOUT = 15.0  #: seconds to connect, and then to wait for an answer
PEER = "CADENCE_TWILIO_URL"  #: setting: a stand-in for Twilio on this machine
ACCOUNT = Secret("TWILIO_ACCOUNT_SID", "the account SID, which starts with AC: Twilio console, Account Info")
TOKEN = Secret(
    "TWILIO_AUTH_TOKEN",
    "the auth token beside it; it also proves that what comes in is Twilio's",
    needed=False,
)
KEY = Secret("TWILIO_API_KEY", "the SID of an API key, which starts with SK: Twilio console, API keys", needed=False)
KEY_SECRET = Secret("TWILIO_API_SECRET", "the secret shown once when the API key was made", needed=False)
SECRETS = (ACCOUNT, TOKEN, KEY, KEY_SECRET)

_ACCOUNT_FORM, _KEY_FORM = re.compile(r"AC[0-9a-fA-F]{32}"), re.compile(r"SK[0-9a-fA-F]{32}")
_SECRET_FORM = re.compile(r"[!-~]+")
_CODE_FORM = re.compile(r"[1-9][0-9]{4}")
_NO_ENVIRONMENT = {"cadence": "asks"}  #: not empty, or the SDK would read the real one: TWILIO_REGION, TWILIO_EDGE
_PATIENCE, _DATE = "Retry-After", "Date"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who we are at Twilio."""

    account: str
    user: str  #: the account itself, or an API key
    password: str = field(repr=False)

    @classmethod
    def from_kit(cls, kit: Kit) -> Credentials:
        """Read them from the settings of the machine; CadenceError, with what to do, when they cannot be right."""
        account, key, secret, token = (kit.secret(each) for each in (ACCOUNT, KEY, KEY_SECRET, TOKEN))
        _expect(_ACCOUNT_FORM, ACCOUNT, account, "is not an account SID: AC and 32 more characters, 0-9 and a-f")
        if key or secret:
            _expect(_KEY_FORM, KEY, key, "is not the SID of an API key: SK and 32 more characters, 0-9 and a-f")
            _expect(_SECRET_FORM, KEY_SECRET, secret, "is empty or has spaces in it")
            return cls(account, key, secret)
        if not token:
            raise CadenceError(
                f"neither {TOKEN.name} nor {KEY.name} is set; nothing can go by {kit.channel}",
                help=f"put one into .env or the environment; {TOKEN.name}: {TOKEN.what}",
            )
        _expect(_SECRET_FORM, TOKEN, token, "has spaces in it")
        return cls(account, account, token)


def _expect(form: re.Pattern[str], secret: Secret, value: str, wrong: str) -> None:
    if not form.fullmatch(value):
        raise CadenceError(f"{secret.name} {wrong}", help=f"{secret.name}: {secret.what}")


class Failed(Exception):  # noqa: N818 - says what happened
    """A call of Twilio's API did not succeed; ``fault`` tells how. Its text names no number and no secret."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


class TwilioLine:
    """Calls Twilio's API, from any number of threads at once. It never tries twice."""

    def __init__(self, credentials: Credentials, *, base: str = "", timeout: float = TIMEOUT) -> None:
        """``base`` is the address of a stand-in on this machine; ``timeout`` in seconds."""
        self.credentials = credentials
        self.base = base
        self.timeout = timeout
        self._own = threading.local()

    @classmethod
    def from_kit(cls, kit: Kit) -> TwilioLine:
        """Make it from the settings of the machine; CadenceError, with what to do, when they cannot be right."""
        return cls(Credentials.from_kit(kit), base=local_peer(kit.setting, PEER))

    def call(self, what: Callable[[Any], T]) -> T:
        """Call ``what`` with the SDK's client and return what it returns; Failed when it did not succeed."""
        client, headers = self._client()
        headers.clear()
        try:
            return what(client)
        except Exception as error:  # noqa: BLE001 - whatever the SDK raises says how far the call had come
            raise Failed(_fault_of(error, headers)) from None

    def date(self) -> str:
        """Return when this thread's last answer was given, by Twilio's own clock; empty: none came."""
        return self._client()[1].get(_DATE, "")

    def _client(self) -> tuple[Any, dict[str, str]]:
        """Return this thread's client, and the headers of the last answer it got.

        The SDK's HTTP client keeps its last answer in itself and returns it from there: two threads that share one
        can get each other's.
        """
        if not hasattr(self._own, "client"):
            self._own.headers = {}
            self._own.client = _make_client(self.credentials, self.base, self.timeout, self._own.headers)
        return self._own.client, self._own.headers


def utc(instant: datetime) -> datetime:
    """Return an instant as the SDK must get it, which takes whatever it gets for UTC; ValueError without a zone."""
    if instant.tzinfo is None:
        raise ValueError("an instant without a zone")
    return instant.astimezone(UTC)


def _make_client(credentials: Credentials, base: str, timeout: float, headers: dict[str, str]) -> Any:
    from twilio.http.http_client import TwilioHttpClient
    from twilio.rest import Client

    def note(answer: Any, **_: Any) -> None:
        headers.update({name: answer.headers.get(name, "") for name in (_PATIENCE, _DATE)})

    http = TwilioHttpClient(timeout=timeout, logger=_silence(), request_hooks={"response": note})
    if base:
        http.session.trust_env = False  # a proxy of the environment has no business between two ends of this machine
    client = Client(
        credentials.user,
        credentials.password,
        credentials.account,
        http_client=http,
        environment=_NO_ENVIRONMENT,
        user_agent_extensions=["cadence"],
    )
    if base:
        client.api.base_url = base
    return client


def _silence() -> logging.Logger:
    """Return a logger that says nothing, for the SDK, and quieten what lies below it: both write down phone numbers."""
    for name in (*TALKATIVE, "urllib3.connectionpool"):
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.getEffectiveLevel(), logging.WARNING))
    silent = logging.getLogger("twilio.cadence")
    silent.disabled = True
    return silent


def _fault_of(error: Exception, headers: Mapping[str, str]) -> Fault:
    """Tell how far a call had come. Only the names of errors are kept: their texts hold addresses and numbers."""
    from twilio.base.exceptions import TwilioException

    if not isinstance(error, TwilioException):
        return Fault(where="connecting" if _said_nothing(error) else "answering", word=type(error).__name__)
    status, code = getattr(error, "status", 0), getattr(error, "code", 0)
    if not status and len(error.args) > 1:  # a list: the answer stands in a plain exception
        status, code = getattr(error.args[1], "status_code", 0), _code_in(getattr(error.args[1], "text", ""))
    if not isinstance(status, int) or not status:
        return Fault(where="answering", word=type(error).__name__)
    after = patience(headers.get(_PATIENCE, ""), datetime.now(UTC))
    return Fault(where="refused", status=status, code=_code(code), after=after)


def _said_nothing(error: Exception) -> bool:
    """Tell whether a call failed before anything of it was sent: no connection, no address, no safe line."""
    import ssl

    from requests.exceptions import ConnectTimeout, ProxyError
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

    if isinstance(error, ConnectTimeout | ProxyError):
        return True
    seen: set[int] = set()
    links: list[object] = [error]
    while links:
        link = links.pop()
        if isinstance(link, NewConnectionError | ConnectTimeoutError | ssl.SSLCertVerificationError):
            return True
        if isinstance(link, BaseException) and id(link) not in seen:
            seen.add(id(link))
            links += [*link.args, getattr(link, "reason", None), link.__cause__]
    return False


def _code_in(text: object) -> object:
    try:
        said = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return 0
    return said.get("code") if isinstance(said, dict) else 0


def _code(code: object) -> int:
    """Read a code; where an answer has none, the SDK puts the HTTP status in its place."""
    return int(str(code)) if _CODE_FORM.fullmatch(str(code)) else 0
