"""The program serving hooks as a process of its own, and a provider that calls it."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from support.hook_calls import PUBLIC_KEY, SECRET, TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from support.hook_calls import Call

__all__ = ["SETTINGS", "Server", "post", "serving"]

PROGRAM = Path(sys.executable).with_name("cadence")
SETTINGS = {"TWILIO_AUTH_TOKEN": TOKEN, "SENDGRID_WEBHOOK_KEY": PUBLIC_KEY, "CADENCE_SECRET": SECRET}


@dataclass(frozen=True)
class Server:
    """A running server; ``port`` is where it listens."""

    process: subprocess.Popen[str]
    port: int

    def end(self, number: int) -> tuple[int, str]:
        """Send a signal and wait; return exit code and what was said on standard error."""
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=30)
        return self.process.returncode, said


@contextmanager
def serving(folder: Path, *options: str, env: Mapping[str, str] = SETTINGS) -> Iterator[Server]:
    """Run ``cadence hooks serve`` in a workspace, on a free port, until the end of the block; ``env``: its secrets."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("CADENCE_")}
    process = subprocess.Popen(
        [str(PROGRAM), "-C", str(folder), "hooks", "serve", "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**clean, "PYTHONUNBUFFERED": "1", **env},
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said.startswith("listening on http://127.0.0.1:"), said or process.communicate()
        yield Server(process, int(said.split(" ")[2].rpartition(":")[2]))
    finally:
        process.kill()
        process.communicate()


def post(port: int, call: Call, *, timeout: float = 20) -> tuple[int, bytes]:
    """Call as a provider does; return status and body. OSError or HTTPException when no answer came."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)) as connection:
        path = f"{call.path}?{call.query}" if call.query else call.path
        connection.request("POST", path, call.body, dict(call.headers))
        answer = connection.getresponse()
        return answer.status, answer.read()
