"""Twilio's own description of its API, and what it says against a request or an answer."""

from __future__ import annotations

import json
import threading
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from openapi_core import OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest, MockResponse
from werkzeug.datastructures import ImmutableMultiDict

__all__ = ["Description", "twilio_description"]

SPECS = Path(__file__).parents[1] / "specs"
HOST, MESSAGING = "https://api.twilio.com", "https://messaging.twilio.com"


class Description:
    """Checks requests and answers, from any thread."""

    def __init__(self, spec: dict[str, Any], host: str) -> None:
        self._host = host
        self._api = OpenAPI.from_dict(spec)
        self._lock = threading.Lock()

    def faults(
        self, method: str, target: str, headers: dict[str, str], body: bytes, status: int, answer: bytes
    ) -> list[str]:
        """Say what the description has against a call; of answers, it describes those that tell of success only."""
        parts = urlsplit(target)
        request = MockRequest(
            self._host, method, parts.path, headers=headers, data=body,
            content_type=headers.get("Content-Type", "").partition(";")[0],
        )  # fmt: skip
        request.parameters.query = ImmutableMultiDict(parse_qsl(parts.query, keep_blank_values=True))
        with self._lock:
            found = self._fault(self._api.validate_request, request)
            if status < 300:
                response = MockResponse(answer, status, content_type="application/json")
                found += self._fault(self._api.validate_response, request, response)
        return found

    def request_faults(self, method: str, target: str, headers: dict[str, str], body: bytes) -> list[str]:
        """Say what the description has against a request."""
        return self.faults(method, target, headers, body, 400, b"")

    @staticmethod
    def _fault(check: Any, *what: Any) -> list[str]:
        try:
            check(*what)
        except OpenAPIError as error:
            why = "; ".join(str(each) for each in getattr(error.__cause__, "schema_errors", ()))
            return [f"{error} {error.__cause__ or ''} {why}".strip()]
        return []


def twilio_description(target: str = "") -> Description:
    """Return that of the part of the API which has an address: messaging services have one of their own."""
    messaging = target.startswith("/v1/")
    return _loaded("twilio_messaging_v1.json", MESSAGING) if messaging else _loaded("twilio_api_v2010.json", HOST)


@cache
def _loaded(name: str, host: str) -> Description:
    """Load one, put right: pages name each other by path alone, which is no ``uri``."""
    return Description(_put_right(json.loads((SPECS / name).read_text(encoding="utf-8"))), host)


def _put_right(value: Any) -> Any:
    if isinstance(value, list):
        return [_put_right(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: {**each, "format": "uri-reference"} if name.endswith("_uri") or name == "uri" else _put_right(each)
        for name, each in value.items()
    }
