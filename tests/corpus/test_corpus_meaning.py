"""Every page of the corpus says exactly what its ``.expected`` file lists; no rule is there for nothing.

``bad_meaning/<name>.yaml`` is a playbook, or a ``cadence.yaml``, with ``<name>.expected`` beside it; a folder holds a
``playbook.yaml`` with a ``cadence.yaml`` of its own, and ``templates/`` where a rule reads texts. ``good/`` holds odd
but legal pages; where one earns a warning, its ``.expected`` says so. The shop of all other pages is
``good/cadence.yaml``.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cadence.playbook.lint import PLAYBOOK_RULES, WORKSPACE_RULES, lint_playbook, lint_workspace
from cadence.playbook.schema import check_schema
from cadence.playbook.source import Page, read_page
from cadence.playbook.values import check_values

if TYPE_CHECKING:
    from cadence.playbook.diagnostics import Diagnostic

HERE = Path(__file__).parent
SHOP = HERE / "good" / "cadence.yaml"
TEMPLATES = (HERE / "good" / "templates.txt").read_text(encoding="utf-8").split()
BAD = sorted([*(HERE / "bad_meaning").glob("*.yaml"), *(HERE / "bad_meaning").glob("*/playbook.yaml")])
GOOD = sorted((HERE / "good").glob("*.yaml"))
ALL_RULES = (*PLAYBOOK_RULES, *WORKSPACE_RULES)


def name_of(file: Path) -> str:
    return file.parent.name if file.name == "playbook.yaml" else file.stem


@cache
def page_of(file: Path) -> Page:
    page, faults = read_page(file.name, file.read_bytes())
    assert page is not None
    assert not faults
    return page


@cache
def kind_of(file: Path) -> str:
    return "workspace" if "account" in page_of(file).data else "playbook"


@cache
def schema_faults(file: Path) -> tuple[Diagnostic, ...]:
    schema = json.loads((HERE.parents[1] / "schemas" / f"{kind_of(file)}.schema.json").read_text(encoding="utf-8"))
    return tuple(check_schema(page_of(file), kind_of(file), schema))


def texts_of(file: Path) -> dict[str, str]:
    """Read the texts of a page that has a folder of its own, by their names below ``templates/``."""
    folder = file.parent / "templates"
    own = folder.rglob("*.j2") if file.name == "playbook.yaml" else ()
    return {each.relative_to(folder).as_posix(): each.read_text(encoding="utf-8") for each in own}


def found(file: Path, without: str = "") -> list[str]:
    """List what the value and meaning checks say of a page, one rule left out if named."""
    own_shop = file.parent / "cadence.yaml"
    shop = own_shop if file.name == "playbook.yaml" else SHOP
    page = page_of(file)
    faults = list(check_values(page))
    if kind_of(file) == "workspace":
        faults += lint_workspace(page, rules=[rule for rule in WORKSPACE_RULES if rule.code != without])
    else:
        rules = [rule for rule in PLAYBOOK_RULES if rule.code != without]
        texts = texts_of(file)
        faults += lint_playbook(page, page_of(shop), [*TEMPLATES, *texts], texts=texts, rules=rules)
    return [f"{fault.line}:{fault.column} {fault.code} {fault.message}" for fault in sorted(faults)]


def expected(file: Path) -> list[str]:
    listed = file.parent / "expected" if file.name == "playbook.yaml" else file.with_suffix(".expected")
    return listed.read_text(encoding="utf-8").splitlines() if listed.exists() else []


@pytest.mark.parametrize("file", [*BAD, *GOOD], ids=name_of)
def test_the_shape_of_every_page_of_the_corpus_is_right(file: Path) -> None:
    """What the schema refuses is no matter of meaning, and belongs elsewhere."""
    assert schema_faults(file) == ()


@pytest.mark.parametrize("file", BAD, ids=name_of)
def test_every_fault_of_a_bad_page_is_found_at_its_place(file: Path) -> None:
    assert expected(file), "a bad page needs a list of its faults"
    assert found(file) == expected(file)


@pytest.mark.parametrize("file", GOOD, ids=name_of)
def test_an_odd_but_legal_page_is_left_alone(file: Path) -> None:
    """Warnings may be listed; a good page has no errors."""
    assert found(file) == expected(file)
    severities = {rule.code: rule.severity for rule in ALL_RULES}
    assert {severities[line.split()[1]] for line in expected(file)} <= {"warning"}


@pytest.mark.parametrize("code", [rule.code for rule in ALL_RULES])
def test_without_a_rule_some_page_would_pass_that_must_not(code: str) -> None:
    assert any(found(file, without=code) != expected(file) for file in BAD)


def test_every_expected_list_belongs_to_a_page() -> None:
    for folder in ("good", "bad_meaning"):
        pages = {page.stem for page in (HERE / folder).glob("*.yaml")}
        assert {listed.stem for listed in (HERE / folder).glob("*.expected")} <= pages


VALUE_CODES = (
    "bad-cron",
    "bad-date",
    "bad-day",
    "bad-duration",
    "bad-frequency",
    "bad-hours",
    "bad-time",
    "business-days",
    "day-zero",
    "impossible-cron",
    "overlapping-hours",
    "reversed-window",
    "unknown-zone",
)


@pytest.mark.parametrize("code", VALUE_CODES)
def test_every_fault_of_a_value_occurs_in_the_corpus(code: str) -> None:
    assert any(line.split()[1] == code for file in BAD for line in expected(file))
