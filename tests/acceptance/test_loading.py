"""Nothing heavy is loaded before it is needed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Shop

#: Runs the program in this process and prints which modules it ended with.
PROBE = """
import json, sys
from cadence.cli.entry import main
sys.argv = ["cadence", *sys.argv[1:]]
try:
    code = main() or 0
except SystemExit as ended:
    code = ended.code
print("\\nLOADED " + json.dumps([code, sorted(sys.modules)]))
"""
HEAVY = {
    "alembic", "croniter", "email_validator", "flask", "holidays", "icalendar", "jinja2", "jsonschema", "phonenumbers",
    "rich", "sendgrid", "sqlalchemy", "sqlite3", "twilio", "waitress", "yaml", "zipcodes",
}  # fmt: skip
STORE = {"alembic", "sqlalchemy", "sendgrid", "twilio"}


def loaded(*words: str, **settings: str) -> tuple[int, set[str]]:
    """Return a command's exit code and the top-level modules it loaded."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("CADENCE_")} | settings
    done = subprocess.run([sys.executable, "-c", PROBE, *words], capture_output=True, text=True, env=clean, timeout=120)
    code, modules = json.loads(done.stdout.rpartition("LOADED ")[2])
    return code, {name.partition(".")[0] for name in modules}


@pytest.mark.parametrize(
    "words", [("--help",), ("--version",), ("tick", "--help"), ("dry-run", "--help"), ("hooks", "--help")]
)
def test_help_loads_nothing_heavier_than_click(words: tuple[str, ...]) -> None:
    """``cadence --help`` is answered at once."""
    code, modules = loaded(*words)

    assert code == 0
    assert "click" in modules
    assert modules & HEAVY == set()


def test_validate_needs_no_database_and_no_provider(make_shop: Callable[..., Shop]) -> None:
    """Checking a playbook works anywhere."""
    code, modules = loaded("-C", str(make_shop().folder), "validate")

    assert code == 0
    assert "jsonschema" in modules
    assert modules & STORE == set()


def test_preview_of_files_needs_no_database_and_no_provider(make_shop: Callable[..., Shop]) -> None:
    """Sample leads and a list of leads are previewed without a database."""
    shop = make_shop("roofer")
    leads = shop.folder / "leads.csv"
    leads.write_text("name,phone,zip,trade\nMaria Lopez,816-555-0142,64110,roofing\n")

    for words in ([], ["--leads", str(leads)]):
        code, modules = loaded("-C", str(shop.folder), "dry-run", *words)

        assert code == 0
        assert "jinja2" in modules
        assert modules & STORE == set()


def test_idle_tick_asks_through_the_bare_driver(make_shop: Callable[..., Shop]) -> None:
    """A tick with nothing due loads neither SQLAlchemy nor the engine, and is recorded all the same."""
    shop = make_shop("roofer")
    shop.run("tick")

    code, modules = loaded("-C", str(shop.folder), "tick")

    assert code == 0
    assert "sqlite3" in modules
    assert modules & (HEAVY - {"sqlite3"} | {"click", "dataclasses", "logging", "importlib.resources"}) == set()


def test_idle_tick_loads_no_log_and_no_network_though_it_could_write_one(make_shop: Callable[..., Shop]) -> None:
    """Settings in a plain .env cost no library; a log is loaded when there is something to tell, a ping when asked."""
    shop = make_shop("roofer")
    shop.run("tick")
    (shop.folder / ".env").write_text("# of this machine\nCADENCE_LOG='ticks.log'\nTWILIO_AUTH_TOKEN=0a1b2c\n")

    code, modules = loaded("-C", str(shop.folder), "tick")
    assert code == 0
    assert modules & {"logging", "http", "ssl", "dotenv"} == set()
    assert not (shop.folder / "ticks.log").exists()

    code, modules = loaded("-C", str(shop.folder), "tick", CADENCE_PING_URL="http://127.0.0.1:9/")
    assert (code, "http" in modules, modules & STORE) == (0, True, set())


def test_tick_with_an_edited_playbook_is_not_idle(make_shop: Callable[..., Shop]) -> None:
    """An edit is noticed by the next tick, even when nobody is due."""
    shop = make_shop("roofer")
    shop.run("tick")
    page = shop.folder / "playbooks" / "roofer.yaml"
    page.write_text(page.read_text().replace('touch_time: "10:00"', 'touch_time: "10:30"'))

    assert "published roofer" in shop.run("tick").err
