"""A bad line to a mail server, and a certificate of its own making for a good one."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from support.certificates import self_signed
from support.imap_server import PATIENT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.imap_server import MailServer

__all__ = ["between", "certificate_for"]


def certificate_for(address: str, path: Path) -> Path:
    """Make a certificate that its maker signs himself."""
    made, secret = self_signed(addresses=(address,))
    path.write_bytes(secret + made)
    return path


@dataclass
class _Line:
    """Carries what is said between a mail program and the server, as long as its mood lets it."""

    near: socket.socket
    far: socket.socket
    cut_at: bytes
    refuse: bytes
    held: threading.Event | None

    def carry(self) -> None:
        """Carry both ways until one side goes."""
        answers = threading.Thread(target=self._answers, daemon=True)
        answers.start()
        with suppress(OSError):
            self._questions()
        for side in (self.far, self.near):
            with suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)
        answers.join()

    def _questions(self) -> None:
        while said := self.near.recv(65536):
            if self.held:
                self.held.wait(5)
                return
            if self.refuse and self.refuse in said:
                self.near.sendall(said.split()[0] + b" NO [SERVERBUG] it cannot be read\r\n")
            else:
                self.far.sendall(said)

    def _answers(self) -> None:
        with suppress(OSError):
            while said := self.far.recv(65536):
                if self.cut_at and self.cut_at in said:
                    self.near.shutdown(socket.SHUT_RDWR)
                    return
                self.near.sendall(said)


@contextmanager
def between(server: MailServer, *, cut_at: bytes = b"", refuse: bytes = b"", hang: bool = False) -> Iterator[int]:
    """A line to the server that is cut when the server says ``cut_at``, or that refuses what holds ``refuse``."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ended = threading.Event()

        def serve() -> None:
            with suppress(OSError):
                while True:
                    near, _ = listening.accept()
                    near.settimeout(PATIENT)
                    with near, socket.create_connection(("127.0.0.1", server.port), PATIENT) as far:
                        _Line(near, far, cut_at, refuse, ended if hang else None).carry()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield int(listening.getsockname()[1])
        finally:
            ended.set()
            with suppress(OSError):  # some systems say so of a socket that only listens
                listening.shutdown(socket.SHUT_RDWR)
            listening.close()
            thread.join()
