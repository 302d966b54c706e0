"""The tests that come with the starter playbooks notice slips; the script that says so is held to its word here."""

from __future__ import annotations

import json
import random
import shutil
import sys
from pathlib import Path

import pytest

from cadence.files import starter
from cadence.playbook.compile import compile_plan
from cadence.workspace import load_good_workspace
from support.plans import one_stage, plan_of

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "tools"))

from mutants import KINDS, mutants_of
from mutate_playbooks import benches, judged, main

TRADES = ("roofer", "hvac", "plumber")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The starter workspace, tests and all."""
    folder = tmp_path_factory.mktemp("starters")
    for kind in ("playbooks", "templates"):
        shutil.copytree(starter(kind), folder / kind)
    shutil.copyfile(starter("schemas", "starter.cadence.yaml"), folder / "cadence.yaml")
    return folder


#: Slips that change nothing anybody could see: the law is stricter than the window, another rule ends it all the same.
UNSEEN = (
    "07:00-20:00",
    "stop_on: lead.lost removed",
    "lock: by appointment.booked removed",
    "booked · confirm-call: anchor confirm removed",
    "big-job-call.call.j2:1:",
)


def test_slips_in_a_starter_playbook_are_noticed_by_its_tests(root: Path) -> None:
    """A few of each kind, chosen by a seed; `make mutants` tries them all."""
    found = benches(load_good_workspace(root, tests=True))
    assert [bench.plan.playbook.id for bench in found] == sorted(TRADES)
    chance = random.Random(5)
    for bench in found:
        by_kind = [[each for each in mutants_of(bench.plan) if each.kind == kind] for kind in KINDS]
        chosen = [each for mutants in by_kind for each in chance.sample(mutants, min(3, len(mutants)))]
        tally = judged(bench, chosen)
        assert tally.killed.total() + len(tally.survived) == len(chosen), "all of them are playbooks"
        assert [each.name for each in tally.survived if not any(known in each.name for known in UNSEEN)] == []


def test_mutants_are_of_every_kind_and_have_names_of_their_own(root: Path) -> None:
    for plan in load_good_workspace(root).plans:
        mutants = list(mutants_of(plan))
        assert {each.kind for each in mutants} == set(KINDS)
        assert len({each.name for each in mutants}) > 0.98 * len(mutants), "a sentence may stand twice in a line"
        digests = {compile_plan(each.content(plan)).digest for each in mutants[::40]}
        assert plan.digest not in digests


def test_each_timing_stop_and_sentence_is_changed_one_at_a_time() -> None:
    page = one_stage(
        """
        - {id: hello, channel: sms, after: 1h30m, if: lead.zip, template: hello}
        - {id: later, channel: email, day: 2, at: "10:00", template: later}
        """,
        top="stop_on: [reply]\nlimits: {min_gap: 1m}",
    )
    texts = {"hello.sms.j2": "Hi {{ lead.name or 'you' }}. {% if lead.zip %}We come{% endif %}", "later.email.j2":
             "---\nsubject: Later\n---\nOne. Two.\n"}  # fmt: skip
    plan = plan_of(page, templates=texts)

    names = [each.name for each in mutants_of(plan) if each.kind in ("timing", "stop", "template", "limits")]

    assert names == [
        "limits · min_gap: 1m -> 2m",
        "limits · min_gap: 1m -> 3m",
        "stop_on: reply removed",
        "new · hello removed",
        "new · hello: after: 1h30m -> 1h31m",
        "new · hello: after: 1h30m -> 1h29m",
        "new · hello: if removed",
        "new · hello: if negated",
        "new · later removed",
        "new · later: at: 10:00 -> 10:30",
        "new · later: at: 10:00 -> 09:30",
        "new · later: day: 2 -> 1",
        "new · later: day: 2 -> 3",
        "hello.sms.j2:1: 'Hi' left out",
        "hello.sms.j2:1: {{ lead.name or 'you' }} is wrong",
        "hello.sms.j2:1: {% if lead.zip %} turned round",
        "hello.sms.j2:1: 'We come' left out",
        "later.email.j2: subject",
        "later.email.j2:4: 'One.' left out",
        "later.email.j2:4: 'Two.' left out",
    ]


def test_tests_that_look_away_let_slips_live_and_the_script_says_which(
    root: Path, tmp_path: Path, capsys: object
) -> None:
    """One test that asks for one text of one touch."""
    assert isinstance(capsys, pytest.CaptureFixture)
    shutil.copytree(root, tmp_path / "shop")
    for page in (tmp_path / "shop" / "playbooks").glob("*.test.yaml"):
        page.unlink()
    test = {
        "cadence": 1,
        "tests_of": "roofer",
        "start": "2027-01-12T10:10",
        "tests": [
            {
                "test": "answered at once",
                "lead": {"name": "Ann", "phone": "+18165550142", "zip": "64110", "trade": "roofing"},
                "until": "5m",
                "expect": [{"after": "0m", "touch": "instant"}, {"after": "0m", "touch": "first-call"}],
            }
        ],
    }
    (tmp_path / "shop" / "playbooks" / "roofer.test.yaml").write_text(json.dumps(test), encoding="utf-8")
    folder = ["--folder", str(tmp_path / "shop")]

    assert main([*folder, "--only", "new · instant: send"]) == 0
    assert main([*folder, "--only", "new · next-day"]) == 1

    said = capsys.readouterr().out
    assert "  survives: new · next-day: next_business_day: 09:15 -> 09:45\n" in said
    assert said.startswith("roofer: tests 1, mutants 1, ")
