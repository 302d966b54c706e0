"""What ``dry-run --jsonl`` promises: the touches of ``--json``, one a line, however many leads there are."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Shop

NOW = "2026-11-24T13:10"
MANY = 450  #: three pages of leads: enough for a second process to take some

_DEATH = """
import os, signal, sys
from datetime import datetime, timedelta, UTC
from pathlib import Path
from cadence.reports.helper import Helper, page_texts
from cadence.reports.preview_job import Job
from cadence.workspace import load_good_workspace

root, start = Path(sys.argv[1]), datetime(2026, 11, 24, 19, 10, tzinfo=UTC)
checked = load_good_workspace(root)
alive, dead = Helper(checked.plans), Helper(checked.plans)
os.kill(dead.pid, signal.SIGKILL)
from cadence.reports.sources import from_store
source = from_store(root, checked, ("roofer",), None, start, start)
job = Job(book=source.book, start=start, end=start + timedelta(days=7), tick=timedelta(minutes=1), asked=frozenset())
texts = [list(page_texts(job, source.runs.pages(), helper)) for helper in (None, alive, dead)]
alive.close()
dead.close()
print(len(texts[0]), "pages,", "the same" if texts[0] == texts[1] == texts[2] else "not the same")
"""
_ALONE = """
import os, sys
from cadence.cli.main import main

if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
main()
"""


@pytest.fixture
def crowd(make_shop: Callable[..., Shop]) -> Shop:
    """A shop with hundreds of leads in flight."""
    shop = make_shop("roofer")
    rows = [f"Lead {number},816-555-{number:04},64110,roofing,leak,{NOW}" for number in range(MANY)]
    (shop.folder / "list.csv").write_text("\n".join(["name,phone,zip,trade,service,date received", *rows]))
    shop.run("leads", "import", str(shop.folder / "list.csv"), "--now", NOW)
    return shop


@pytest.mark.parametrize("trade", ["roofer", "hvac", "plumber"])
def test_the_sample_leads_have_the_same_touches_as_lines_and_as_an_array(
    make_shop: Callable[..., Shop], trade: str
) -> None:
    shop = make_shop(trade)
    array = shop.run("dry-run", "--days", "9", "--json")
    lines = shop.run("dry-run", "--days", "9", "--jsonl")
    written = [json.loads(line) for line in lines.out.splitlines()]
    assert written == array.data
    assert len(written) > 20
    assert [line for line in lines.out.splitlines() if line != line.strip()] == []


def test_so_have_the_leads_of_a_database_with_and_without_a_second_process(crowd: Shop) -> None:
    """With one processor allowed there is none; one that dies changes nothing, nor does a file asked for too."""
    words = ("dry-run", "--days", "2", "--start", NOW)
    touches = crowd.run(*words, "--json").data
    lines = crowd.run(*words, "--jsonl").out
    assert [json.loads(line) for line in lines.splitlines()] == touches
    assert len({touch["lead"] for touch in touches}) == MANY
    assert [touch["lead"] for touch in touches] == sorted(touch["lead"] for touch in touches)
    assert crowd.run(*words, "--jsonl", "--csv", str(crowd.folder / "touches.csv")).out == lines

    alone = [sys.executable, "-c", _ALONE, "-C", str(crowd.folder), *words, "--jsonl"]
    assert subprocess.run(alone, capture_output=True, text=True, timeout=60).stdout == lines
    dying = [sys.executable, "-c", _DEATH, str(crowd.folder)]
    assert subprocess.run(dying, capture_output=True, text=True, timeout=60).stdout == "3 pages, the same\n"


def test_an_array_and_lines_cannot_be_asked_for_together(make_shop: Callable[..., Shop]) -> None:
    answer = make_shop("roofer").run("dry-run", "--json", "--jsonl", expect=2)
    assert "--jsonl prints one touch per line" in answer.err
