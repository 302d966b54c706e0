"""The explanation of error codes: every code that a check can report is explained, and every explanation is true."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from cadence.errors import UsageError
from cadence.playbook.check import check_workspace
from cadence.playbook.codes import all_codes, explain
from cadence.playbook.lint import PLAYBOOK_RULES, WORKSPACE_RULES, lint_playbook, lint_workspace
from cadence.playbook.lint_tests import RULES as TEST_RULES
from cadence.playbook.samples import Samples, bare_sample, full_sample
from cadence.playbook.schema import check_schema
from cadence.playbook.shapes import context_shape
from cadence.playbook.source import Page, read_page
from cadence.playbook.template_check import check_template
from cadence.playbook.values import check_values
from cadence.workspace import rulebook

if TYPE_CHECKING:
    from cadence.playbook.diagnostics import Diagnostic

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "cadence" / "data" / "codes.md").read_text(encoding="utf-8")
CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+|tab|unprintable")
SHOP = (ROOT / "tests" / "corpus" / "good" / "cadence.yaml").read_text(encoding="utf-8")
TEMPLATES = (ROOT / "tests" / "corpus" / "good" / "templates.txt").read_text(encoding="utf-8").split()
PLAYBOOK = """
cadence: 1
playbook: roofer
stages:
  new:
    owner: csr
    enter_on: [lead.created]
    next: {lead.won: won, lead.lost: lost}
    touches:
      - {id: guide, channel: email, day: 2, template: nurture/guide}
  won: {end: won}
  lost: {end: lost}
"""


TESTS = """
cadence: 1
tests_of: roofer
start: "2026-11-24T13:10"
leads:
  maria: {name: Maria Lopez, email: maria@example.com}
  drew: {name: Drew Hall, email: drew@example.com}
tests:
  - {test: nothing goes, lead: maria, expect: []}
"""
TESTED = PLAYBOOK.replace(
    "    touches:", "    sla: {first-contact: {within: 30m, met_by: [call.logged]}}\n    touches:"
).replace(", template: nurture/guide", ", template: guide")


class TestExplaining:
    def test_a_code_is_explained_by_its_whole_section(self) -> None:
        text = "# Title\n\n## one-code\n\nFirst.\n\nMore.\n\n## two-code\n\nSecond.\n"
        assert explain(text, "one-code") == "## one-code\n\nFirst.\n\nMore."
        assert explain(text, "two-code") == "## two-code\n\nSecond."

    def test_codes_are_listed_in_the_order_of_the_text(self) -> None:
        assert all_codes("## b-code\ntext\n## a-code\n### not-this\n") == ("b-code", "a-code")

    def test_a_misspelt_code_is_answered_with_the_nearest(self) -> None:
        with pytest.raises(UsageError, match="no error code 'unknown-stag'") as refusal:
            explain(TEXT, "unknown-stag")
        assert refusal.value.help == "did you mean 'unknown-stage'?"

    def test_a_code_like_no_other_is_answered_with_where_codes_are_shown(self) -> None:
        with pytest.raises(UsageError) as refusal:
            explain(TEXT, "xyzzy")
        assert "cadence validate" in refusal.value.help


def documented() -> list[str]:
    return list(all_codes(TEXT))


def test_no_code_is_explained_twice() -> None:
    assert len(documented()) == len(set(documented()))


@pytest.mark.parametrize("code", documented())
def test_each_explanation_has_its_four_parts(code: str) -> None:
    section = explain(TEXT, code)
    assert re.search(rf"\A## {code}\n\n[A-Z`].+?\n\nWrong:\n\n```", section, re.DOTALL)
    assert re.search(r"\n```\n\nRight:\n\n```[a-z]+\n.+?\n```\n\nWhy it matters: \w.+\.\Z", section, re.DOTALL)


#: Texts of the checks that look like codes and are none.
NOT_CODES = {"utf-8", "estimate-request", "crm-10442", "maria-lopez"}


def emitted() -> set[str]:
    """Collect the codes that stand in the source text of the checks."""
    files = [*(ROOT / "cadence" / "playbook").glob("*.py"), ROOT / "cadence" / "timing" / "hours.py"]
    texts = {
        node.value
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {text for text in texts if CODE.fullmatch(text)}


def test_what_only_looks_like_a_code_is_still_there() -> None:
    assert emitted() >= NOT_CODES


def test_every_code_a_check_can_report_is_explained() -> None:
    assert emitted() - NOT_CODES - set(documented()) == set()


def test_every_explained_code_is_reported_by_some_check() -> None:
    assert set(documented()) - emitted() == set()


def test_every_rule_is_explained() -> None:
    rules = {code for rule in (*PLAYBOOK_RULES, *WORKSPACE_RULES, *TEST_RULES) for code in rule.codes}
    assert rules <= set(documented())


def examples(code: str) -> dict[str, tuple[str, str]]:
    """Return language and text of the wrong and the right example of a code; what is only described is left out."""
    found = re.findall(r"(Wrong|Right):\n\n```([a-z]+)\n(.+?)\n```", explain(TEXT, code), re.DOTALL)
    return {kind.lower(): (language, text) for kind, language, text in found if language != "text"}


def reported(language: str, example: str) -> list[Diagnostic]:
    """List what is said of an example."""
    return of_a_page(example) if language == "yaml" else of_a_text(example, language)


def of_a_text(example: str, language: str) -> list[Diagnostic]:
    channel = "email" if language == "markdown" else "sms"
    shape = context_shape()
    samples = Samples(full=full_sample(shape), bare=bare_sample(channel, shape))
    return check_template(f"example.{channel}.j2", example, channel, shape, samples, 2)


def of_a_page(example: str) -> list[Diagnostic]:
    """Put an example into a whole page, and list what is said of it."""
    part, faults = read_page("example.yaml", example.encode())
    if part is None or faults:
        return list(faults)
    if part.data.keys() & {"tests_of", "tests", "leads"}:
        return of_tests(part.data)
    is_shop = bool(
        part.data.keys() & {"team", "business", "channels", "events", "lead_fields", "account", "law", "replies"}
    )
    page = overlaid(PLAYBOOK, {} if is_shop else part.data)
    shop = overlaid(SHOP, part.data if is_shop else {})
    checked, kind = (shop, "workspace") if is_shop else (page, "playbook")
    schema = json.loads((ROOT / "schemas" / f"{kind}.schema.json").read_text(encoding="utf-8"))
    if faults := check_schema(checked, kind, schema):
        return list(faults)
    found = check_values(checked) + lint_playbook(page, shop, TEMPLATES)
    return found + (lint_workspace(shop) if is_shop else [])


def of_tests(example: Mapping[str, Any]) -> list[Diagnostic]:
    """Put an example into a page of tests, and list what is said of it beside its playbook."""
    page = overlaid(TESTS, example)
    checked = check_workspace(
        rulebook(),
        workspace=SHOP.encode(),
        playbooks={"playbooks/roofer.yaml": TESTED.encode()},
        samples={},
        templates={"guide.email.j2": b"---\nsubject: A guide\n---\nHi"},
        tests={"playbooks/roofer.test.yaml": "\n".join(page.lines).encode()},
    )
    return [fault for fault in checked.diagnostics if fault.file.endswith(".test.yaml")]


def overlaid(base: str, example: Mapping[str, Any]) -> Page:
    """Lay an example over a page."""
    page, _ = read_page("base.yaml", base.encode())
    assert page is not None
    whole = yaml.safe_dump(merged(page.data, example), sort_keys=False, allow_unicode=True)
    page, faults = read_page("example.yaml", whole.encode())
    assert page is not None
    assert not faults
    return page


def merged(base: Any, example: Any) -> Any:
    """Lay an example over a page level by level: an empty value takes the key away, channels come as a whole."""
    if not isinstance(base, Mapping) or not isinstance(example, Mapping):
        return example
    if example and all(isinstance(value, Mapping) and "via" in value for value in example.values()):
        return example
    both = {key: merged(base.get(key), value) for key, value in example.items()}
    return {key: value for key, value in {**base, **both}.items() if value is not None}


@pytest.mark.parametrize("code", [code for code in documented() if examples(code)])
def test_the_wrong_example_has_the_fault_and_the_right_one_has_not(code: str) -> None:
    wrong, right = (reported(*examples(code)[kind]) for kind in ("wrong", "right"))
    assert code in {fault.code for fault in wrong}
    assert [fault for fault in right if fault.severity == "error" or fault.code == code] == []
