"""What is asked of cadence, and which tests show it: ``tests/demands.yaml`` and the marks that tests carry."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["demands", "shown_by"]

TESTS = Path(__file__).resolve().parent.parent / "tests"


def demands() -> tuple[dict[str, str], dict[str, str]]:
    """Return the sources by letter, and the demands by name."""
    read = yaml.safe_load((TESTS / "demands.yaml").read_text(encoding="utf-8"))
    return read["sources"], read["demands"]


def shown_by() -> dict[str, list[str]]:
    """Return the tests that say they show a demand: its name -> ``tests/...py::test_name``, in order."""
    found: dict[str, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        where = path.relative_to(TESTS.parent).as_posix()
        for name, marks in _marked(ast.parse(path.read_text(encoding="utf-8")), ""):
            for mark in marks:
                found.setdefault(mark, []).append(f"{where}::{name}")
    return found


def _marked(node: Any, inside: str) -> Iterator[tuple[str, list[str]]]:
    for each in node.body:
        if isinstance(each, ast.ClassDef):
            yield from _marked(each, f"{inside}{each.name}::")
        elif isinstance(each, ast.FunctionDef):
            marks = [mark for decorator in each.decorator_list for mark in _names(decorator)]
            if marks:
                yield f"{inside}{each.name}", marks


def _names(decorator: ast.expr) -> Iterator[str]:
    if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.demand":
        yield from (str(ast.literal_eval(argument)) for argument in decorator.args)
