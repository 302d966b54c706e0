"""E-mail through a mail server (RFC 5321), for shops that send from their own mailbox.

A mail whose text was handed over, and not its answer received, may have gone: it is left to a person. Whatever fails
before that surely did not go. One connection carries the mails of one call.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from contextlib import suppress
from ipaddress import ip_address
from typing import TYPE_CHECKING, Literal, cast

from cadence.channels.channel import Accepted, Channel, Lost, NotNow, Refused
from cadence.channels.kit import CADENCE_SECRET, Secret
from cadence.channels.mail.addresses import domain_of
from cadence.channels.mail.letter import write_letter
from cadence.channels.mail.letterhead import letterhead_of
from cadence.channels.mail.mime import mime_of
from cadence.channels.smtp_answers import recipient_refused, sender_refused, text_refused, words_of
from cadence.errors import CadenceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cadence.channels.channel import Outgoing, Result
    from cadence.channels.kit import Kit
    from cadence.channels.mail.letter import Letter
    from cadence.channels.mail.letterhead import Letterhead

__all__ = ["SMTP_PASSWORD", "SmtpChannel"]

SMTP_PASSWORD = Secret("SMTP_PASSWORD", "the password of the mailbox, or the one it gives to programs", needed=False)
PORTS = {"starttls": 587, "tls": 465, "none": 25}
TIMEOUT = 20.0  #: seconds for each step
_PARTING = 2.0  #: seconds for the server's goodbye: the results are there already

Safety = Literal["starttls", "tls", "none"]


class SmtpChannel(Channel):
    """E-mail through a mail server."""

    secrets = (SMTP_PASSWORD, CADENCE_SECRET)
    workers = 2  # mailboxes allow few connections at once
    per_call = 10

    def __init__(
        self,
        head: Letterhead,
        host: str,
        port: int = 0,
        *,
        tls: Safety = "starttls",
        user: str = "",
        password: str = "",
        timeout: float = TIMEOUT,
    ) -> None:
        """``port`` 0: the usual one; ``tls``: how the connection is made safe; ``user`` empty: nobody logs in."""
        self.head = head
        self.host = host
        self.port = port or PORTS[tls]
        self.tls = tls
        self.user = user
        self.timeout = timeout
        self._password = password

    @classmethod
    def from_kit(cls, kit: Kit) -> SmtpChannel:
        """Make it for one workspace; CadenceError, with what to do, when something it needs is not there."""
        options = kit.settings.options
        host, user, tls = (str(options.get(name) or "") for name in ("host", "user", "tls"))
        if not host:
            raise CadenceError(
                "nothing says which mail server takes the e-mails",
                help="add it to the channel email in cadence.yaml: host: smtp.example.com",
            )
        if tls == "none" and not _is_here(host):
            raise CadenceError(
                "mails would go to another machine for everybody to read",
                help="remove tls: none from the channel email in cadence.yaml",
            )
        if user and not kit.secret(SMTP_PASSWORD):
            raise CadenceError(
                f"{SMTP_PASSWORD.name} is not set; nothing can go by email",
                help=f"put it into .env or the environment: {SMTP_PASSWORD.what}",
            )
        return cls(
            letterhead_of(kit),
            host,
            int(options.get("port") or 0),
            tls=cast("Safety", tls or "starttls"),
            user=user,
            password=kit.secret(SMTP_PASSWORD),
        )

    def send(self, messages: Sequence[Outgoing]) -> Sequence[Result]:
        """Hand over mails, all on one connection; once it is lost, those whose turn had not come surely did not go."""
        letters = [write_letter(message, self.head) for message in messages]
        if all(isinstance(letter, Refused) for letter in letters):
            return [letter for letter in letters if isinstance(letter, Refused)]
        opened = self._open()
        results: list[Result] = []
        for message, letter in zip(messages, letters, strict=True):
            if isinstance(letter, Refused):
                results.append(letter)
            elif isinstance(opened, NotNow):
                results.append(opened)
            elif opened.sock is None:
                results.append(NotNow("no_connection", "the mail server ended the connection before its turn"))
            else:
                results.append(_carry(opened, letter, message))
        if not isinstance(opened, NotNow):
            _leave(opened)
        return results

    def reach(self) -> NotNow | None:
        """Connect, make it safe, log in and leave again; return why that cannot be done, None when it can."""
        opened = self._open()
        if isinstance(opened, NotNow):
            return opened
        _leave(opened)
        return None

    def _open(self) -> smtplib.SMTP | NotNow:
        """Connect, make it safe and log in."""
        line: smtplib.SMTP | None = None
        try:
            line = self._connect()
            if self.tls == "starttls":
                line.starttls(context=ssl.create_default_context())
            line.ehlo_or_helo_if_needed()
            if self.user:
                line.login(self.user, self._password)
        except Exception as error:  # noqa: BLE001 - whatever it was, no mail has been handed over
            if line:
                line.close()
            return _not_open(error)
        return line

    def _connect(self) -> smtplib.SMTP:
        name = domain_of(self.head.sender)  # said in greeting; our machine's own is nobody's business
        if self.tls == "tls":
            safe = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.host, self.port, name, timeout=self.timeout, context=safe)
        return smtplib.SMTP(self.host, self.port, name, timeout=self.timeout)


def _not_open(error: Exception) -> NotNow:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        final = error.smtp_code >= 500
        return NotNow("login", f"the mail server does not accept user and password: {_said(error)}", halt=final)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return NotNow(
            "not_offered", "the mail server offers no safe connection, or no login: check tls and port", halt=True
        )
    if isinstance(error, ssl.SSLCertVerificationError):
        return NotNow("certificate", "the mail server's certificate is not that of its name: check host", halt=True)
    if isinstance(error, smtplib.SMTPResponseException):
        return NotNow(str(error.smtp_code), f"the mail server does not take mails: {_said(error)}")
    return NotNow("no_connection", f"the mail server cannot be reached: {type(error).__name__}")


def _said(error: smtplib.SMTPResponseException) -> str:
    said = error.smtp_error
    return words_of(said if isinstance(said, bytes) else said.encode())


def _carry(line: smtplib.SMTP, letter: Letter, message: Outgoing) -> Result:
    """Hand over one mail; the connection is closed when it can carry no more."""
    utf8 = not letter.to.isascii()
    if utf8 and not line.has_extn("smtputf8"):
        return Refused("no_utf8", "this mail server writes only to addresses of plain letters")
    try:
        mail = mime_of(letter, message.called_at, utf8=utf8)
    except ValueError:
        return Refused("bad_header", "the text does not fit into a mail", because="text")
    refusal = _announce(line, letter, len(mail), utf8=utf8)
    if refusal:
        return refusal
    try:
        line.send(_transparent(mail))
        code, said = line.getreply()
    except (OSError, smtplib.SMTPException):
        line.close()
        return Lost("no_answer", "the mail server took the mail, and its answer was lost")
    if code == 421 or not 200 <= code < 600:
        line.close()
    if 200 <= code < 300:
        return Accepted(letter.headers.get("Message-ID", "").strip("<>"))
    if not 400 <= code < 600:
        return Lost("bad_answer", "the mail server's answer does not say whether it has taken the mail")
    return text_refused(code, said)


def _announce(line: smtplib.SMTP, letter: Letter, size: int, *, utf8: bool) -> NotNow | Refused | None:
    """Tell the server from whom and to whom a mail is, up to where its text may follow; None: it may."""
    options = [f"SIZE={size}"] if line.has_extn("size") else []
    refusal: NotNow | Refused | None = None
    try:
        code, said = line.mail(letter.sender, [*options, "SMTPUTF8"] if utf8 else options)
        if code != 250:
            refusal = sender_refused(code, said)
        else:
            code, said = line.rcpt(letter.to)
            if code not in (250, 251):
                refusal = recipient_refused(code, said)
            else:
                code, said = line.docmd("DATA")
                refusal = text_refused(code, said) if code != 354 else None
        if refusal:
            _over(line, code)
    except (OSError, smtplib.SMTPException):
        line.close()
        return NotNow("no_connection", "the mail server ended the connection before it had the mail")
    return refusal


def _over(line: smtplib.SMTP, code: int) -> None:
    """Have the server forget a mail it has refused, unless it hangs up or talks nonsense."""
    if code == 421 or not 400 <= code < 600:
        line.close()
        return
    with suppress(OSError, smtplib.SMTPException):
        line.rset()


def _transparent(mail: bytes) -> bytes:
    """Return a mail as it goes over the line: a dot that begins a line is doubled, one alone ends it (4.5.2)."""
    body = mail if mail.endswith(b"\r\n") else mail + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", body) + b".\r\n"


def _leave(line: smtplib.SMTP) -> None:
    with suppress(OSError, smtplib.SMTPException):
        if line.sock is not None:
            line.sock.settimeout(_PARTING)
            line.quit()
    line.close()


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
