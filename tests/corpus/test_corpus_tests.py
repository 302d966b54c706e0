"""Bad pages of tests: each says exactly what its ``.expected`` file lists; no rule is there for nothing.

``bad_tests/<name>.yaml`` is a page of tests of ``bad_tests/playbook.yaml``, with ``<name>.expected`` beside it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cadence.playbook.check import check_page, check_workspace
from cadence.playbook.lint_tests import RULES, lint_tests
from cadence.workspace import rulebook

if TYPE_CHECKING:
    from cadence.playbook.compile import Plan

HERE = Path(__file__).parent
PAGES = sorted({*(HERE / "bad_tests").glob("*.yaml")} - {HERE / "bad_tests" / "playbook.yaml"})


@cache
def plan() -> Plan:
    checked = check_workspace(
        rulebook(),
        workspace=(HERE / "good" / "cadence.yaml").read_bytes(),
        playbooks={"playbooks/roofer.yaml": (HERE / "bad_tests" / "playbook.yaml").read_bytes()},
        samples={},
        templates={
            "hello.sms.j2": b"This is {{ business.name }}. Reply STOP to opt out.",
            "hello.email.j2": b"---\nsubject: Hello\n---\nThis is {{ business.name }}. Reply STOP to opt out.",
        },
    )
    assert not checked.has_errors, checked.diagnostics
    return checked.plans[0]


def found(file: Path, without: str = "") -> list[str]:
    """List what is said of a page, one rule left out if named."""
    page, faults = check_page(file.name, file.read_bytes(), "test", rulebook().schemas["test"])
    if page and not faults:
        known = plan() if page.data["tests_of"] == "roofer" else None
        faults = lint_tests(page, known, ["roofer"], rules=[each for each in RULES if each.code != without])
    return [f"{each.line}:{each.column} {each.code} {each.message} | {each.help}" for each in sorted(faults)]


def expected(file: Path) -> list[str]:
    return file.with_suffix(".expected").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.stem)
def test_every_fault_of_a_page_of_tests_is_found_at_its_place(file: Path) -> None:
    assert expected(file)
    assert found(file) == expected(file)


@pytest.mark.parametrize("code", [rule.code for rule in RULES])
def test_without_a_rule_some_page_of_tests_would_pass_that_must_not(code: str) -> None:
    assert any(found(file, without=code) != expected(file) for file in PAGES)
