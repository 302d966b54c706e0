"""Bad pages: each says exactly what its ``.expected`` file lists.

``bad/<name>.yaml`` is a page with ``bad/<name>.expected`` beside it. A page whose name begins with ``workspace-`` is a
``cadence.yaml``, with ``samples-`` a page of sample leads, with ``test-`` one of tests, any other a playbook. A folder
``bad/<name>/`` holds a ``playbook.yaml`` with its own ``cadence.yaml`` and ``templates/``, and a file ``expected``. A
line of an expectation is ``line:column code message``, and, where there is one, the help after `` | ``.
"""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cadence.playbook import forms, schema, schema_sentences, source
from cadence.playbook.diagnostics import render_github, render_json, render_text
from cadence.playbook.schema import check_schema
from cadence.playbook.source import read_page
from cadence.playbook.yaml_loader import PlainLoader

if TYPE_CHECKING:
    from cadence.playbook.diagnostics import Diagnostic

HERE = Path(__file__).parent
SCHEMAS = HERE.parents[1] / "schemas"
PAGES = sorted([*(HERE / "bad").glob("*.yaml"), *(HERE / "bad").glob("*/playbook.yaml")])


def faults_of(path: Path) -> list[Diagnostic]:
    """List what is said of one page of the corpus."""
    page, faults = read_page(path.name, path.read_bytes())
    kind = kind_of(path)
    shape = json.loads((SCHEMAS / f"{kind}.schema.json").read_text(encoding="utf-8"))
    return sorted([*faults, *(check_schema(page, kind, shape) if page else [])])


def kind_of(path: Path) -> str:
    first = name_of(path).partition("-")[0]
    return first if first in ("workspace", "samples", "test") else "playbook"


def name_of(path: Path) -> str:
    return path.parent.name if path.name == "playbook.yaml" else path.stem


def expectation(path: Path) -> Path:
    return path.parent / "expected" if path.name == "playbook.yaml" else path.with_suffix(".expected")


def said(fault: Diagnostic) -> str:
    advice = f" | {fault.help}" if fault.help else ""
    return f"{fault.line}:{fault.column} {fault.code} {fault.message}{advice}"


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_a_bad_page_says_exactly_what_is_expected(path: Path) -> None:
    expected = expectation(path).read_text(encoding="utf-8").splitlines()
    assert expected
    assert [said(fault) for fault in faults_of(path)] == expected


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_fault_points_into_its_line(path: Path) -> None:
    for fault in faults_of(path):
        assert fault.line >= 1
        assert fault.length >= 1
        assert 1 <= fault.column <= max(1, len(fault.source))


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_both_parsers_say_the_same(path: Path) -> None:
    raw = path.read_bytes()
    assert read_page("page", raw) == read_page("page", raw, loader=PlainLoader)


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_fault_can_be_shown_in_every_way(path: Path) -> None:
    faults = faults_of(path)
    text = render_text(faults, 1)
    assert all(f"[{fault.code}]" in text for fault in faults)
    assert max(map(len, text.splitlines())) < 700
    assert len(json.loads(render_json(faults, 1))["diagnostics"]) == len(faults)
    assert render_github(faults).count("\n") == len(faults)


def test_no_expectation_is_without_its_page() -> None:
    expected = {*(HERE / "bad").glob("*.expected"), *(HERE / "bad").glob("*/expected")}
    assert expected == {expectation(path) for path in PAGES}


def codes_of(module: object) -> set[str]:
    """Collect the codes that stand in the source text of a module."""
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))  # type: ignore[attr-defined]
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {text for text in texts if re.fullmatch("[a-z]+(-[a-z]+)+|tab", text)}


def test_every_code_that_reading_and_shape_can_report_has_a_page() -> None:
    shown = {
        line.split(" ")[1] for path in PAGES for line in expectation(path).read_text(encoding="utf-8").splitlines()
    }
    assert set().union(*map(codes_of, (source, schema, schema_sentences, forms))) <= shown
