"""A mail server of the tests' own (aiosmtpd): it keeps mails, refuses what it is told to, and hangs up when ordered."""

from __future__ import annotations

import asyncio
import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from support.certificates import self_signed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path

__all__ = ["PASSWORD", "USER", "SmtpDesk", "certificate", "smtp_desk"]

LONGEST = 5.0  #: seconds that an answer is held back
USER, PASSWORD = "hello@example.com", "geheimnis"


@dataclass
class SmtpDesk:
    """One mail server."""

    port: int = 0
    taken: list[tuple[str, list[str], bytes]] = field(default_factory=list)  #: envelope and mail
    connections: int = 0
    at_mail: list[str] = field(default_factory=list)  #: answers to the next senders; empty: as usual
    at_rcpt: dict[str, str] = field(default_factory=dict)  #: recipient -> answer, as often as it comes
    at_data: list[str] = field(
        default_factory=list
    )  #: answers to the next mails; "" as usual, "drop", "lost" and "hang": below

    @property
    def mails(self) -> list[EmailMessage]:
        """Return the mails it has taken."""
        return [message_from_bytes(raw.replace(b"\r\n", b"\n"), policy=default) for _, _, raw in self.taken]  # type: ignore[misc]

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        """Greet."""
        session.host_name = hostname
        self.connections += not getattr(session, "counted", False)
        session.counted = True
        return responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Take a sender."""
        answer = self.at_mail.pop(0) if self.at_mail else ""
        if answer == "drop":
            server.transport.abort()
        if answer:
            return answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Take a recipient."""
        if address in self.at_rcpt:
            return self.at_rcpt[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802
        """Take a mail. On a day of "lost" it has it and hangs up, "drop": and has it not, "hang": it says nothing."""
        answer = self.at_data.pop(0) if self.at_data else ""
        if answer in ("", "lost", "hang") or answer[0] not in "45d":
            self.taken.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
        if answer == "hang":
            await asyncio.sleep(LONGEST)
        if answer in ("lost", "drop", "hang"):
            server.transport.abort()
        return answer or "250 OK"


def certificate(folder: Path, *, name: str = "localhost") -> tuple[Path, Path]:
    """Make a certificate to throw away: the file of the certificate, and that of its key."""
    made, secret = self_signed(names=(name,), addresses=("127.0.0.1",) if name == "localhost" else ())
    (folder / "cert.pem").write_bytes(made)
    (folder / "key.pem").write_bytes(secret)
    return folder / "cert.pem", folder / "key.pem"


def _login(server: SMTP, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=good, handled=False)


@contextmanager
def smtp_desk(
    files: tuple[Path, Path] | None = None, *, tls: str = "none", login: bool = False, **settings: Any
) -> Iterator[SmtpDesk]:
    """Open one; ``files`` are certificate and key."""
    context = None
    if files:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*files)
    if tls == "starttls":
        settings |= {"tls_context": context, "require_starttls": True}
    if login:
        settings |= {"authenticator": _login, "auth_required": True, "auth_require_tls": tls == "starttls"}
    desk = SmtpDesk()
    loop = asyncio.new_event_loop()
    settings = {"enable_SMTPUTF8": True, "loop": loop, **settings}
    listening = loop.create_server(
        lambda: SMTP(desk, **settings), "127.0.0.1", 0, ssl=context if tls == "tls" else None
    )
    server = loop.run_until_complete(listening)
    desk.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield desk
    finally:
        asyncio.run_coroutine_threadsafe(_close(server), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _close(server: asyncio.Server) -> None:
    """End the listening, and every conversation."""
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for each in others:
        each.cancel()
    await asyncio.gather(*others, return_exceptions=True)
