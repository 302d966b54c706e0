"""E-mail through SendGrid, by its own library (twilio.com/docs/sendgrid/api-reference/mail-send).

A mail that may have been taken is left to a person: SendGrid has no key by which a second call would be the same one,
and its logs of mails are an extra that not every account has.
"""

from __future__ import annotations

import base64
import logging
import socket
import ssl
from typing import TYPE_CHECKING, Any
from urllib.error import URLError

from cadence.channels.channel import Channel, Lost, NotNow, Refused
from cadence.channels.kit import CADENCE_SECRET
from cadence.channels.mail.invitation import FILE_NAME
from cadence.channels.mail.letter import write_letter
from cadence.channels.mail.letterhead import letterhead_of
from cadence.channels.sendgrid_account import HOSTS, SENDGRID_API_KEY, host_of
from cadence.channels.sendgrid_answers import meaning_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cadence.channels.channel import Outgoing, Result
    from cadence.channels.kit import Kit
    from cadence.channels.mail.letter import Letter
    from cadence.channels.mail.letterhead import Letterhead

__all__ = ["SendGridChannel"]

TIMEOUT = 20.0  #: seconds for each step of a call


class SendGridChannel(Channel):
    """E-mail through SendGrid."""

    secrets = (SENDGRID_API_KEY, CADENCE_SECRET)

    def __init__(
        self,
        head: Letterhead,
        key: str,
        *,
        host: str = HOSTS["global"],
        tracking: bool = False,
        sandbox: bool = False,
        timeout: float = TIMEOUT,
    ) -> None:
        """``tracking``: SendGrid notes who opens and who clicks; ``sandbox``: it checks mails and sends none."""
        self.head = head
        self.host = host
        self.tracking = tracking
        self.sandbox = sandbox
        self.timeout = timeout
        self._key = key

    @classmethod
    def from_kit(cls, kit: Kit) -> SendGridChannel:
        """Make it for one workspace; CadenceError, with what to do, when something it needs is not there."""
        host = host_of(kit)
        return cls(
            letterhead_of(kit),
            kit.secret(SENDGRID_API_KEY),
            host=host,
            tracking=kit.settings.options.get("tracking") is True,
        )

    def send(self, messages: Sequence[Outgoing]) -> Sequence[Result]:
        """Hand over mails, one call for each."""
        return [self._send(message) for message in messages]

    def _send(self, message: Outgoing) -> Result:
        letter = write_letter(message, self.head)
        if isinstance(letter, Refused):
            return letter
        return self._call(self._body(letter, message.handle))

    def _call(self, body: dict[str, Any]) -> Result:
        from python_http_client.exceptions import HTTPError
        from sendgrid import SendGridAPIClient

        logging.getLogger("python_http_client").setLevel(logging.WARNING)  # below, it writes down key and mail
        client = SendGridAPIClient(self._key, host=self.host).client  # a new one: its headers are shared by its calls
        client.timeout = self.timeout
        try:
            answer = client.mail.send.post(request_body=body)
        except HTTPError as refusal:
            return meaning_of(refusal.status_code, refusal.headers, refusal.body)
        except URLError as error:
            # Said only while it connects or hands the call over: half a call is none.
            return NotNow("no_connection", f"SendGrid cannot be reached: {_why(error.reason)}")
        except TimeoutError:
            return Lost("timeout", "SendGrid did not answer in time")
        except Exception as error:  # noqa: BLE001 - whatever it was, the mail may have been taken
            return Lost("no_answer", f"SendGrid's answer was lost: {type(error).__name__}")
        return meaning_of(answer.status_code, answer.headers, answer.body, sandbox=self.sandbox)

    def _body(self, letter: Letter, handle: str) -> dict[str, Any]:
        """Write a mail as the API wants it: one recipient, and nothing personal where SendGrid keeps it for long."""
        receiver: dict[str, Any] = {"to": [{"email": letter.to}]}
        if handle:
            receiver["custom_args"] = {"cadence_message": handle}
        body: dict[str, Any] = {
            "personalizations": [receiver],
            "from": {"email": letter.sender, "name": letter.sender_name},
            "reply_to": {"email": letter.reply_to},
            "subject": letter.subject,
            "content": [{"type": "text/plain", "value": letter.text}, {"type": "text/html", "value": letter.html}],
            "headers": dict(letter.headers),
            "categories": ["cadence", self.head.account],
            "tracking_settings": {
                "click_tracking": {"enable": self.tracking, "enable_text": False},
                "open_tracking": {"enable": self.tracking},
                "subscription_tracking": {"enable": False},  # the way out is our own
                "ganalytics": {"enable": False},
            },
        }
        if letter.invitation:
            content = base64.b64encode(letter.invitation).decode("ascii")
            file = {"content": content, "type": "text/calendar", "filename": FILE_NAME, "disposition": "attachment"}
            body["attachments"] = [file]
        if self.sandbox:
            body["mail_settings"] = {"sandbox_mode": {"enable": True}}
        return body


def _why(reason: object) -> str:
    if isinstance(reason, socket.gaierror):
        return "its name is not found"
    if isinstance(reason, ConnectionRefusedError):
        return "it does not accept the connection"
    if isinstance(reason, ssl.SSLError):
        return "no safe connection can be made"
    return type(reason).__name__ if isinstance(reason, Exception) else "the connection failed"
