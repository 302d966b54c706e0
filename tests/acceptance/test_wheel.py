"""What is installed from the wheel is whole: program, data, and the starter workspace."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the unpacked wheel, and nothing of the checkout."""
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    (wheel,) = out.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(out / "site")
    return out / "site"


def run(installed: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the unpacked program, away from the checkout."""
    code = "import sys; from cadence.cli.main import main; sys.argv[0] = 'cadence'; main()"
    return subprocess.run(
        [sys.executable, "-P", "-c", code, *words],
        capture_output=True, text=True, cwd=installed.parent, timeout=120,
        env={**os.environ, "PYTHONPATH": str(installed)},
    )  # fmt: skip


def test_the_wheel_carries_playbooks_templates_and_schemas(installed: Path) -> None:
    """Everything ``cadence init`` copies out is in the package."""
    starter = installed / "cadence" / "starter"

    for folder in ("playbooks", "templates", "schemas"):
        ours = {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*") if path.is_file()}
        theirs = {path.relative_to(starter).as_posix() for path in (starter / folder).rglob("*") if path.is_file()}
        assert theirs == ours
        assert ours


def test_a_workspace_made_from_the_wheel_is_without_faults(installed: Path) -> None:
    """A new user's first two commands work."""
    made = run(installed, "init", "shop")
    assert made.returncode == 0, made.stderr

    checked = run(installed, "-C", "shop", "validate")
    assert checked.returncode == 0, checked.stdout + checked.stderr

    previewed = run(installed, "-C", "shop", "dry-run")
    assert previewed.returncode == 0
    assert "Nothing was sent or written." in previewed.stdout
    assert str(ROOT) not in made.stdout


def test_a_tick_from_the_wheel_makes_its_own_database(installed: Path) -> None:
    """Migrations and data files are found in the package."""
    run(installed, "init", "second", "--trade", "plumber")

    ticked = run(installed, "-C", "second", "tick")

    assert ticked.returncode == 0, ticked.stderr
    assert (installed.parent / "second" / "cadence.db").is_file()
