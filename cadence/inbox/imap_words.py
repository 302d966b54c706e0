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
    where = f"{settings.host}:{settings.port}"
    if isinstance(error, Unable):
        if error.step == "login_form":
            return "IMAP_PASSWORD or inbound.imap.user has a line break or another sign in it that cannot be seen"
        if error.step == "not_encrypted":
            return f"mail from {settings.host} would come unencrypted: take `tls: false` out of inbound.imap"
        if isinstance(error.cause, OSError | imaplib.IMAP4.abort):
            return in_words(error.cause, settings, timeout)
        if error.step == "folder":
            return f"there is no folder {settings.folder!r} in the mailbox: name another in inbound.imap.folder"
        if "UNAVAILABLE" in _said(error.cause):
            return f"the mail server {settings.host} cannot check the login now; it is asked again"
        return (
            f"the mail server {settings.host} refuses the login: check inbound.imap.user and IMAP_PASSWORD"
            " (many providers want an app password, and IMAP switched on in their settings)"
        )
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate of {where} is not to be trusted: check inbound.imap.host"
    if isinstance(error, ssl.SSLError):
        return f"{where} does not speak TLS: check inbound.imap.port (993 is usual)"
    if isinstance(error, socket.gaierror):
        return f"there is no mail server {settings.host}: check inbound.imap.host, and the network"
    if isinstance(error, TimeoutError):
        return f"the mail server {where} did not answer within {timeout:g} seconds; it is asked again"
    if isinstance(error, ConnectionRefusedError):
        return f"nothing answers at {where}: check inbound.imap.host and port"
    if isinstance(error, OSError | imaplib.IMAP4.abort):
        return f"the connection to {where} broke off; the rest is read next time"
    if isinstance(error, imaplib.IMAP4.error):
        return f"the mail server {where} does not answer as one should: check that it speaks IMAP on this port"
    return f"the mailbox at {where} could not be read ({type(error).__name__}); it is tried again"


def _said(error: BaseException | None) -> str:
    result = getattr(error, "command_result", ("", ""))
    return str(result[1])
