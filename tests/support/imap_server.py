"""A real IMAP server (pymap) in a process of its own: mails in a folder, so it can be stopped and started again.

It ends when its starter does. Its one mailbox belongs to :data:`USER`.
"""

from __future__ import annotations

import asyncio
import imaplib
import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from argparse import Namespace
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cadence.playbook.model import Imap

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

__all__ = ["PASSWORD", "PATIENT", "USER", "MailServer", "running_imap_server"]

TESTS = Path(__file__).parents[1]
USER = "box@example.com"
PASSWORD = "open sesame 1234"
PATIENT = 10.0  #: seconds that a test waits for an answer


class MailServer:
    """The server as its tests see it."""

    def __init__(self, folder: Path, certificate: Path | None = None) -> None:
        self.folder = folder
        self.certificate = certificate  #: certificate and key in one file; None: it speaks plainly
        self._process: subprocess.Popen[str] | None = None
        with socket.socket() as chosen:
            chosen.bind(("127.0.0.1", 0))
            self.port = int(chosen.getsockname()[1])

    def settings(self, **others: object) -> Imap:
        """How a workspace would name it."""
        plain = {"host": "127.0.0.1", "user": USER, "port": self.port, "tls": self.certificate is not None}
        return Imap(**{**plain, **others})  # type: ignore[arg-type]

    def start(self) -> None:
        """Start it, and wait until it listens."""
        words = [sys.executable, "-m", "support.imap_server", str(self.folder), str(self.port)]
        words += [str(self.certificate)] if self.certificate else []
        self._process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=TESTS,
            env={**os.environ, "PYTHONPATH": f"{TESTS}{os.pathsep}{TESTS.parent}"},
        )  # fmt: skip
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def start_if_stopped(self) -> None:
        """Start it again after a test that stopped it."""
        if self._process is None:
            self.start()

    def stop(self) -> None:
        """Kill it."""
        if self._process:
            with self._process:
                self._process.kill()
            self._process = None

    @contextmanager
    def client(self, folder: str = "INBOX") -> Iterator[imaplib.IMAP4]:
        """A mail program of the mailbox's owner, which may change things."""
        if self.certificate:
            trusting = ssl.create_default_context(cafile=str(self.certificate))
            program: imaplib.IMAP4 = imaplib.IMAP4_SSL("127.0.0.1", self.port, ssl_context=trusting, timeout=PATIENT)
        else:
            program = imaplib.IMAP4("127.0.0.1", self.port, timeout=PATIENT)
        with program:
            program.login(USER, PASSWORD)
            program.select(folder)
            yield program

    def put(self, *mails: bytes, folder: str = "INBOX", came: datetime | None = None) -> None:
        """Have mails arrive."""
        with self.client() as program:
            for mail in mails:
                when = imaplib.Time2Internaldate(came) if came else ""
                assert program.append(folder, "", when, mail.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))[0] == "OK"

    def number_anew(self) -> None:
        """Forget all numbers: after its next start each mail has another, and the folder another UIDVALIDITY."""
        assert self._process is None
        for file in self.folder.rglob("dovecot-uidlist"):
            file.unlink()

    def flags(self) -> list[str]:
        """What the mails of the inbox are marked with."""
        with self.client() as program:
            _, answer = program.fetch("1:*", "(FLAGS)")
            return [str(line) for line in answer]


@contextmanager
def running_imap_server(folder: Path, certificate: Path | None = None) -> Iterator[MailServer]:
    """Start a server whose mails are in ``folder``; it is ended afterwards."""
    server = MailServer(folder, certificate)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def _serve(folder: Path, port: int, certificate: str) -> None:
    from proxyprotocol.reader import ProxyProtocolReader
    from pymap.backend.maildir import Config, Identity, Login
    from pymap.frozen import frozendict
    from pymap.imap import IMAPServer
    from pymap.user import UserMetadata
    from pysasl.hashing import BuiltinHash

    folder.mkdir(parents=True, exist_ok=True)
    args = Namespace(
        host=None, port=port, debug=False, cert=None, key=None, tls=False, passlib_cfg=None, proxy_protocol=None,
        base_dir=str(folder), concurrency=2, layout="++", colon=None,
    )  # fmt: skip
    config = Config.from_args(args, hash_context=BuiltinHash(rounds=1), invalid_user_sleep=0.0)
    config.apply_context()
    login = Login(config)
    secret = config.hash_context.hash(PASSWORD)
    owner = UserMetadata(config, USER, password=secret, params=frozendict({"mailbox_path": "box"}))
    await Identity(config, login.tokens, USER, None, {"admin"}).set(owner)
    answer = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(login, config))
    spoken = None
    if certificate:
        spoken = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        spoken.load_cert_chain(certificate)
    server = await asyncio.start_server(answer, "127.0.0.1", port, ssl=spoken)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    async with server:
        await server.serve_forever()


def main() -> None:
    """Serve until standard input ends."""
    folder, port, *certificate = sys.argv[1:]

    def wait() -> None:
        sys.stdin.read()
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()
    asyncio.run(_serve(Path(folder), int(port), certificate[0] if certificate else ""))


if __name__ == "__main__":
    main()
