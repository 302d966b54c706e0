"""Why a mailbox cannot be read, and what to do about it, in words without address or secret."""

from __future__ import annotations

import imaplib
import socket
import ssl
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cadence.playbook.model import Imap

__all__ = ["Unable", "in_words"]


class Unable(Exception):  # noqa: N818 - says what is so
    """One step could not be done: ``login``, ``folder``, ``login_form`` or ``not_encrypted``."""

    def __init__(self, step: str, cause: BaseException | None = None) -> None:
        super().__init__(step)
        self.step = step
        self.cause = cause


def in_words(error: BaseException, settings: Imap, timeout: float) -> str:
    """Return what is wrong and what to do. What the server said is not repeated: it may name people."""
    if isinstance(error, Unable):
        if isinstance(error.cause, OSError | imaplib.IMAP4.abort):
            error = error.cause  # it is not the step, it is the line
        else:
            return _of_step(error, settings)
    where = f"{settings.host}:{settings.port}"
    for kind, words in _OF_THE_LINE:
        if isinstance(error, kind):
            return words.format(where=where, host=settings.host, timeout=timeout)
    return f"the mailbox at {where} could not be read ({type(error).__name__}); it is tried again"


#: What happened to the line -> words; the first that fits.
_OF_THE_LINE: tuple[tuple[type[BaseException], str], ...] = (
    (ssl.SSLCertVerificationError, "the certificate of {where} is not to be trusted: check inbound.imap.host"),
    (ssl.SSLError, "{where} does not speak TLS: check inbound.imap.port (993 is usual)"),
    (socket.gaierror, "there is no mail server {host}: check inbound.imap.host, and the network"),
    (TimeoutError, "the mail server {where} did not answer within {timeout:g} seconds; it is asked again"),
    (ConnectionRefusedError, "nothing answers at {where}: check inbound.imap.host and port"),
    (OSError, "the connection to {where} broke off; the rest is read next time"),
    (imaplib.IMAP4.abort, "the connection to {where} broke off; the rest is read next time"),
    (imaplib.IMAP4.error, "{where} does not answer as a mail server should: check that it speaks IMAP on this port"),
)


def _of_step(unable: Unable, settings: Imap) -> str:
    if unable.step == "login_form":
        return "IMAP_PASSWORD or inbound.imap.user has a line break or another sign in it that cannot be seen"
    if unable.step == "not_encrypted":
        return f"mail from {settings.host} would come unencrypted: take `tls: false` out of inbound.imap"
    if unable.step == "folder":
        return f"there is no folder {settings.folder!r} in the mailbox: name another in inbound.imap.folder"
    if "UNAVAILABLE" in _said(unable.cause):
        return f"the mail server {settings.host} cannot check the login now; it is asked again"
    return (
        f"the mail server {settings.host} refuses the login: check inbound.imap.user and IMAP_PASSWORD"
        " (many providers want an app password, and IMAP switched on in their settings)"
    )


def _said(error: BaseException | None) -> str:
    result = getattr(error, "command_result", ("", ""))
    return str(result[1])
