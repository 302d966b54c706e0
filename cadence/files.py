"""A workspace on disk: found, read, fingerprinted. The only place that reads playbook files."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cadence.errors import CadenceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = [
    "WorkspaceFiles",
    "data_text",
    "find_workspace",
    "read_pages",
    "read_workspace",
    "schema_text",
    "signature",
    "starter",
]

WORKSPACE_FILE = "cadence.yaml"
SAMPLES_SUFFIX = (".samples.yaml", ".samples.yml")
TESTS_SUFFIX = (".test.yaml", ".test.yml")
#: No page is longer; what is longer is read only this far, so that it can be refused without being loaded.
MOST_BYTES = 1_000_000


class WorkspaceFiles(NamedTuple):
    """The files of a workspace; names are relative, with forward slashes."""

    root: Path
    workspace: bytes  #: cadence.yaml
    playbooks: Mapping[str, bytes]  #: name such as ``playbooks/roofer.yaml`` -> content
    samples: Mapping[str, bytes]  #: name such as ``playbooks/roofer.samples.yaml`` -> content
    tests: Mapping[str, bytes]  #: name such as ``playbooks/roofer.test.yaml`` -> content
    templates: Mapping[str, bytes]  #: name below ``templates/``, such as ``roofer/new/instant.sms.j2`` -> content


def find_workspace(start: Path) -> Path:
    """Return the nearest folder, from ``start`` upwards, that holds ``cadence.yaml``; UsageError when none does."""
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / WORKSPACE_FILE).is_file():
            return folder
    raise UsageError(
        f"no {WORKSPACE_FILE} in {start} or above it",
        help="run `cadence init` to make a workspace, or give --workspace DIR",
    )


def read_workspace(root: Path) -> WorkspaceFiles:
    """Read every file the playbooks of a workspace are made of."""
    pages = {_name(root, path): _read(path) for path in _pages(root)}
    templates = root / "templates"
    return WorkspaceFiles(
        root=root,
        workspace=_read(root / WORKSPACE_FILE),
        playbooks={name: raw for name, raw in pages.items() if not name.endswith((*SAMPLES_SUFFIX, *TESTS_SUFFIX))},
        samples={name: raw for name, raw in pages.items() if name.endswith(SAMPLES_SUFFIX)},
        tests={name: raw for name, raw in pages.items() if name.endswith(TESTS_SUFFIX)},
        templates={_name(templates, path): _read(path) for path in _texts(root)},
    )


def read_pages(root: Path) -> dict[str, bytes]:
    """Read every page of a workspace, of whatever kind: name such as ``playbooks/roofer.yaml`` -> content."""
    return {_name(root, path): _read(path) for path in (root / WORKSPACE_FILE, *_pages(root))}


def signature(root: Path) -> str:
    """Return a text that changes whenever a file of the workspace is edited; reads no content.

    Tests do not count: what they say changes nothing that a tick does.
    """
    digest = hashlib.sha256()
    pages = (path for path in _pages(root) if not path.name.endswith(TESTS_SUFFIX))
    for path in (root / WORKSPACE_FILE, *pages, *_texts(root)):
        try:
            stat = path.stat()
        except OSError:
            stat = path.lstat()  # a link that leads nowhere
        digest.update(f"{_name(root, path)}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def starter(*parts: str) -> Path:
    """Return a file or folder of the starter workspace, from the installed package or from a checkout."""
    package = Path(__file__).parent
    installed = package / "starter"
    return (installed if installed.is_dir() else package.parent).joinpath(*parts)


def schema_text(kind: str) -> str:
    """Return the JSON Schema of a kind of page: ``playbook``, ``workspace``, ``samples`` or ``test``."""
    return starter("schemas", f"{kind}.schema.json").read_text(encoding="utf-8")


def data_text(name: str) -> str:
    """Return a data file of the package, such as ``texting_hours.yaml``."""
    return (Path(__file__).parent / "data" / name).read_text(encoding="utf-8")


def _pages(root: Path) -> Iterator[Path]:
    yield from (path for path in sorted((root / "playbooks").glob("*.y*ml")) if _is_page(path))


def _texts(root: Path) -> Iterator[Path]:
    yield from (path for path in sorted((root / "templates").rglob("*.j2")) if not _left_behind(path))


def _is_page(path: Path) -> bool:
    return path.suffix in (".yaml", ".yml") and not _left_behind(path)


def _left_behind(path: Path) -> bool:
    """Tell whether a file is an editor's or a system's own, such as ``.#roofer.yaml`` while somebody edits."""
    return path.name.startswith(".")


def _name(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise CadenceError(f"cannot read {path}: {error.strerror or 'it is not a file'}") from error
