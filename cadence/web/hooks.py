"""The public endpoint: what providers tell comes in, a mail's reader finds the way out.

Nothing is believed that is not signed, and nothing is answered with 2xx that is not recorded for good. Whatever cannot
be recorded now is answered with 503, so that it is told again. No path leads to a 500.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Flask, Response, request
from werkzeug.exceptions import BadRequest, HTTPException

from cadence.channels.mail.unsubscribe import read_token
from cadence.errors import StoreError
from cadence.logs import get_log
from cadence.web import pages, twiml
from cadence.web.door import present
from cadence.web.multipart import fields_of
from cadence.web.signatures import NotSigned, sendgrid_signed, twilio_params

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from cadence.inbox.message import Item
    from cadence.web.door import Desk, Door

__all__ = ["AGAIN", "MOST", "OVERRIDES", "PATHS", "make_app"]

#: Path of each hook, and the bytes that a request there may have at most. SendGrid sends mails of 30 MB.
MOST = {
    "/twilio/sms": 1 << 18,
    "/twilio/status": 1 << 18,
    "/twilio/voice": 1 << 18,
    "/twilio/dial-done": 1 << 18,
    "/sendgrid/events": 8 << 20,
    "/sendgrid/inbound": 32 << 20,
}
PATHS = tuple(MOST)
MOST_ELSEWHERE = 1 << 12
#: Behind an address given to Twilio: try three times more, whatever goes wrong. By itself it tries again only when it
#: could not connect. It never comes here, and is no part of what is signed.
OVERRIDES = "#rc=3&rp=all"
AGAIN = 30  #: seconds after which a provider or a person may try again


def make_app(door: Door, desk: Desk, now: Callable[[], datetime] = present) -> Flask:
    """Return the endpoint of one workspace as a WSGI application."""
    app = Flask("cadence.web", static_folder=None)
    app.url_map.merge_slashes = False  # no path is led to another
    hooks = _Hooks(door, desk, now)
    for path, answer in (
        ("/twilio/sms", hooks.sms),
        ("/twilio/status", hooks.status),
        ("/twilio/voice", hooks.voice),
        ("/twilio/dial-done", hooks.dial_done),
        ("/sendgrid/events", hooks.events),
        ("/sendgrid/inbound", hooks.inbound),
        ("/u/<token>", hooks.leave),
    ):
        app.add_url_rule(path, path, answer, methods=["POST"], provide_automatic_options=False)
    app.add_url_rule("/u/<token>", "way_out", hooks.way_out, methods=["GET"], provide_automatic_options=False)
    app.add_url_rule("/healthz", "healthz", hooks.health, methods=["GET"], provide_automatic_options=False)
    app.before_request(_limit)
    app.register_error_handler(NotSigned, _not_signed)
    app.register_error_handler(StoreError, _busy)
    app.register_error_handler(HTTPException, _plain)
    app.register_error_handler(Exception, _failed)
    app.wsgi_app = _AsConfigured(app.wsgi_app, door)  # type: ignore[method-assign]
    return app


class _Hooks:
    """One function for each path."""

    def __init__(self, door: Door, desk: Desk, now: Callable[[], datetime]) -> None:
        self.door = door
        self.desk = desk
        self.now = now

    def sms(self) -> Response:
        """Take a person's text message."""
        from cadence.inbox.twilio import message

        self._take([message(self._from_twilio(), self.now())])
        return _twiml(twiml.nothing())

    def status(self) -> Response:
        """Take what became of a message of ours."""
        from cadence.inbox.twilio import receipt

        self._take([receipt(self._from_twilio(), self.now())])
        return Response(status=204)

    def voice(self) -> Response:
        """Have a phone ring for a caller; where there is none, the call is missed already."""
        from cadence.inbox.twilio import call

        params = self._from_twilio()
        if self.door.ring:
            then = self.door.url("/twilio/dial-done") + OVERRIDES
            return _twiml(twiml.ring(self.door.ring, self.door.ring_for, then))
        self._take([call({**params, "DialCallStatus": "no-answer"}, self.now())])
        return _twiml(twiml.busy())

    def dial_done(self) -> Response:
        """Take what became of a call."""
        from cadence.inbox.twilio import call

        self._take([call(self._from_twilio(), self.now())])
        return _twiml(twiml.hang_up())

    def events(self) -> Response:
        """Take what became of mails of ours."""
        from cadence.inbox.sendgrid import events

        try:
            told = json.loads(self._from_sendgrid())
        except (ValueError, RecursionError):
            raise BadRequest from None
        if not isinstance(told, list):
            raise BadRequest
        self._take(events(told, self.now()))
        return Response(status=204)

    def inbound(self) -> Response:
        """Take a mail."""
        from cadence.inbox.sendgrid import parsed

        body = self._from_sendgrid()
        try:
            fields = fields_of(body, request.headers.get("Content-Type", ""))
        except ValueError:
            raise BadRequest from None
        self._take([parsed(fields, self.now(), ours=self.door.addresses)])
        return Response(status=204)

    def way_out(self, token: str) -> Response:
        """Show the page with the button; programs that open every link of a mail change nothing (RFC 8058)."""
        return pages.ask(self.door.business) if self._handle(token) else pages.unknown(self.door.business)

    def leave(self, token: str) -> Response:
        """Have mails end, at the press of the button or of a mail program's own (RFC 8058, one click)."""
        handle = self._handle(token)
        try:
            done = bool(handle) and self.desk.way_out(handle)
        except StoreError as error:
            return _again(pages.later(self.door.business), error)
        get_log().event("hook.way_out", known=done)
        return pages.done(self.door.business) if done else pages.unknown(self.door.business)

    def health(self) -> Response:
        """Say whether what comes in could be recorded."""
        self.desk.check()
        return Response("ok\n", mimetype="text/plain")

    def _handle(self, token: str) -> str:
        return read_token(self.door.secret, self.door.account, token)

    def _from_twilio(self) -> Mapping[str, str]:
        signature = request.headers.get("X-Twilio-Signature", "")
        return twilio_params(
            self.door.url(request.path, request.query_string.decode("latin-1")),
            request.get_data(cache=False) if signature else b"",  # nothing is read for nothing
            content_type=request.headers.get("Content-Type", ""),
            signature=signature,
            settings=request.headers.get("X-Twilio-Webhooks-Signature-Settings", ""),
            tokens=self.door.twilio_tokens,
        )

    def _from_sendgrid(self) -> bytes:
        signature = request.headers.get("X-Twilio-Email-Event-Webhook-Signature", "")
        body = request.get_data(cache=False) if signature else b""
        sendgrid_signed(
            body,
            signature=signature,
            timestamp=request.headers.get("X-Twilio-Email-Event-Webhook-Timestamp", ""),
            keys=self.door.sendgrid_keys,
        )
        return body

    def _take(self, items: Sequence[Item | None]) -> None:
        known = [item for item in items if item is not None]
        if known:
            self.desk.take(known)
        get_log().event("hook.taken", path=request.path, items=len(known))


def _limit() -> None:
    request.max_content_length = MOST.get(request.path, MOST_ELSEWHERE)
    if (request.content_length or 0) > request.max_content_length:
        from werkzeug.exceptions import RequestEntityTooLarge

        raise RequestEntityTooLarge


def _twiml(text: str) -> Response:
    return Response(text, mimetype="text/xml")


def _not_signed(error: NotSigned) -> Response:
    get_log().warning("hook.refused", path=request.path, why=error.why)
    return Response(status=403)


def _busy(error: StoreError) -> Response:
    return _again(Response(), error)


def _failed(error: Exception) -> Response:
    return _again(Response(), error)


def _again(response: Response, error: Exception) -> Response:
    """Have it told again: an error of ours may lose nothing either."""
    rule = request.url_rule
    get_log().failure("hook.failed", error, path=rule.rule if rule else "")
    response.status_code = 503
    response.headers["Retry-After"] = str(AGAIN)
    return response


def _plain(error: HTTPException) -> Response:
    response = Response(status=error.code)
    allowed: Any = getattr(error, "valid_methods", None)
    if allowed:
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


class _AsConfigured:
    """Shows the application its public address, whatever a proxy or a caller says, with or without its prefix."""

    def __init__(self, app: WSGIApplication, door: Door) -> None:
        self.app = app
        self.prefix = door.prefix
        url = urlsplit(door.public_url)
        self.seen = {"HTTP_HOST": url.netloc, "wsgi.url_scheme": url.scheme, "SCRIPT_NAME": self.prefix}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        path = environ.get("PATH_INFO", "")
        if self.prefix and path.startswith(f"{self.prefix}/"):
            path = path.removeprefix(self.prefix)
        return self.app({**environ, **self.seen, "PATH_INFO": path}, start_response)
