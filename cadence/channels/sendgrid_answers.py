"""What an answer of SendGrid to a mail means.

It answers 202 when it has taken a mail, 200 when it was asked only to check one, and whatever else in HTTP's own terms
(twilio.com/docs/sendgrid/api-reference/mail-send). A 4xx was not taken; anything out of order may have been.
"""

from __future__ import annotations

import json
import re
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from cadence.channels.channel import Accepted, Lost, NotNow, Refused
from cadence.masking import Mask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cadence.channels.channel import Result

__all__ = ["meaning_of"]

PATIENCE = timedelta(minutes=1)  #: after a 429 that does not say how long
_LONGEST = timedelta(hours=1)
_RECIPIENT = re.compile(r"(?:personalizations\W*\d+\W*)?to(?:\W|$)")
_SENDER = re.compile(r"(?:from|reply_to)(?:\W|$)")
_TEXT = re.compile(r"(?:personalizations\W*\d+\W*)?(?:subject|content|attachments)(?:\W|$)")
_MOST_SAID = 200

_HALTS = {
    401: "SendGrid does not accept the key, or the account's mails are used up: check SENDGRID_API_KEY and the plan",
    403: "SendGrid does not let this key send from this address: give it the right to send mail, verify the sender",
    404: "SendGrid does not know this address of its own: check the region of the channel email in cadence.yaml",
}


def meaning_of(status: int, headers: Mapping[str, str], body: bytes | str, *, sandbox: bool = False) -> Result:
    """Say what became of a mail by the answer to it; ``sandbox``: it was only to be checked."""
    code = f"http_{status}"
    if status == 202:
        return Accepted(headers.get("X-Message-Id") or "")
    if status == 200 and sandbox:
        return NotNow("sandbox", "SendGrid has checked the mail, and was not to send it")
    if status < 300 or status >= 500 or status == 408:
        return Lost(code, "SendGrid's answer does not say whether it has taken the mail")
    if status == 429:
        return NotNow(code, "SendGrid asks for patience", after=_patience(headers))
    said, field = _error(body)
    if status == 413:
        return Refused(code, "the mail is too large for SendGrid", because="text")
    if status == 400 and not _SENDER.match(field):
        return _refused(code, said, field)
    why = _HALTS.get(status, "SendGrid does not accept the sender, or the call: a person must look at the settings")
    return NotNow(code, f"{why}{f' ({said})' if said else ''}", halt=True)


def _refused(code: str, said: str, field: str) -> Refused:
    if _RECIPIENT.match(field):
        return Refused(code, said or "SendGrid takes this for no address", because="address")
    if _TEXT.match(field):
        return Refused(code, said or "SendGrid does not accept the text", because="text")
    return Refused(code, said or "SendGrid does not accept the mail")


def _error(body: bytes | str) -> tuple[str, str]:
    """Return the first fault that an answer names, without addresses and secrets, and the field it is in."""
    try:
        errors: Any = json.loads(body)["errors"]
        first = errors[0]
        said, field = str(first.get("message") or ""), str(first.get("field") or "")
    except (ValueError, LookupError, TypeError, AttributeError):
        return "", ""
    return Mask().text(" ".join(said.split())[:_MOST_SAID]), field.strip().lower()


def _patience(headers: Mapping[str, str]) -> timedelta:
    """Return how long to wait, by the provider's own clock: ours may be wrong."""
    try:
        if "Retry-After" in headers:
            wait = timedelta(seconds=float(headers["Retry-After"]))
        else:
            told_at = parsedate_to_datetime(headers["Date"]).timestamp()
            wait = timedelta(seconds=float(headers["X-RateLimit-Reset"]) - told_at)
    except (KeyError, ValueError, TypeError, OverflowError):
        return PATIENCE
    return min(max(wait, timedelta(seconds=1)), _LONGEST)
