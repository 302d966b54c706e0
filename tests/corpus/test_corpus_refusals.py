"""Every key of every page refuses what it must: a page that uses all of them, with each in turn made wrong.

``full/<kind>.yaml`` uses every key of its schema. Each value is replaced by things it is not, each key is taken away,
each map gets a key too many; ``full/<kind>.refusals`` lists what is refused, and how. A schema that is loosened
anywhere lets something of the list pass.
"""

from __future__ import annotations

import copy
import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cadence.files import schema_text
from cadence.playbook.check import check_page
from cadence.playbook.source import read_page

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = ("playbook", "workspace", "samples")
FULL = Path(__file__).parent / "full"
#: What a value is replaced by: other types, and values of the same type that are out of bounds.
WRONG: dict[str, Any] = {
    "a list": [1],
    "a map": {"x": 1},
    "a number": 7,
    "a text": "Not This!",
    "an empty text": "",
    "true": True,
    "zero": 0,
    "minus one": -1,
    "a huge number": 10**9,
    "a fraction": 1.5,
    "an empty list": [],
    "an empty map": {},
}
Path_ = tuple[Any, ...]


def full(kind: str) -> Any:
    """Return the page that uses every key."""
    file = FULL / f"{kind}.yaml"
    page, faults = read_page(file.name, file.read_bytes())
    assert faults == ()
    assert page is not None
    return page.data


def places(node: Any, path: Path_ = ()) -> Iterator[Path_]:
    """Yield the path of every value of a page, ``meta`` left alone."""
    yield path
    if isinstance(node, dict):
        for key, value in node.items():
            yield from places(value, (*path, key)) if key != "meta" else [(*path, key)]
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from places(value, (*path, index))


def changed(page: Any, path: Path_, change: str) -> Any:
    """Return a copy of the page in which one thing is wrong; None when the change does not apply there."""
    copied = copy.deepcopy(page)
    holder = copied
    for step in path[:-1]:
        holder = holder[step]
    value = holder[path[-1]] if path else copied
    if change in WRONG:
        if not path or (type(value) is type(WRONG[change]) and value == WRONG[change]):
            return None
        holder[path[-1]] = WRONG[change]
    elif change == "taken away" and path and isinstance(holder, dict):
        del holder[path[-1]]
    elif change == "a key too many" and isinstance(value, dict) and path[-1:] != ("meta",):
        value["kee"] = 1
    elif change == "an item twice" and isinstance(value, list):
        value.append(copy.deepcopy(value[0]))
    else:
        return None
    return copied


def around(page: Any, path: Path_) -> Any:
    """Return as much of the page as is needed to spoil one place of it: of the stages, the one that is spoilt."""
    if "stages" not in page or not path or (path[0] == "stages" and len(path) < 3):
        return page
    stage = path[1] if path[0] == "stages" else "won"
    return {**page, "stages": {stage: page["stages"][stage]}}


def spoilt(kind: str) -> Iterator[tuple[str, bytes]]:
    """Yield every spoilt page with what is wrong in it; the first of several like items stands for all."""
    page = full(kind)
    for path in places(page):
        part = around(page, path)
        for change in (*WRONG, "taken away", "a key too many", "an item twice"):
            wrong = changed(part, path, change)
            if wrong is not None:
                said = f"{'.'.join(map(str, path)) or 'the page'}: {change}"
                yield said, json.dumps(wrong, indent=0).encode()


def refusals(kind: str, schema: str) -> list[str]:
    """List every spoilt page with the codes of what is refused in it; ``passes`` where nothing is."""
    lines = []
    for said, raw in spoilt(kind):
        _, faults = check_page(kind, raw, kind, schema)
        lines.append(f"{said} -> {', '.join(sorted({fault.code for fault in faults})) or 'passes'}")
    return lines


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_refuses_what_it_must(kind: str) -> None:
    """What is refused, and as what, is what the list says. UPDATE_REFUSALS=1 writes the list anew, to be read."""
    kept = FULL / f"{kind}.refusals"
    found = refusals(kind, schema_text(kind))
    if os.environ.get("UPDATE_REFUSALS") and not os.environ.get("CI"):
        kept.write_text("\n".join(found) + "\n", encoding="utf-8")

    assert found == kept.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("kind", KINDS)
def test_the_full_page_itself_is_without_fault(kind: str) -> None:
    """Nothing but the change is wrong."""
    _, faults = check_page(kind, (FULL / f"{kind}.yaml").read_bytes(), kind, schema_text(kind))

    assert faults == []


def keys_of(schema: Any) -> set[str]:
    """Return every property a schema names."""
    found: set[str] = set()
    if isinstance(schema, dict):
        for name, value in schema.items():
            if name == "properties" and isinstance(value, dict):
                found |= set(value)
            found |= keys_of(value) if name != "examples" else set()
    elif isinstance(schema, list):
        for value in schema:
            found |= keys_of(value)
    return found


@pytest.mark.parametrize("kind", ["playbook", "workspace"])
def test_the_full_page_uses_every_key(kind: str) -> None:
    """A key that is added to the schema must be added to the page."""
    used = {str(path[-1]) for path in places(full(kind)) if path}

    assert keys_of(json.loads(schema_text(kind))) - used == set()


def constraints(node: Any) -> Any:
    """Return a schema without the words for people: what it demands, and nothing else."""
    if isinstance(node, dict):
        return {
            key: {name: constraints(value) for name, value in node[key].items()}
            if key in ("properties", "definitions") and isinstance(node[key], dict)
            else constraints(node[key])
            for key in sorted(node)
            if key not in ("description", "examples", "title", "$id", "$schema")
        }
    return [constraints(value) for value in node] if isinstance(node, list) else node


@pytest.mark.parametrize("kind", KINDS)
def test_no_demand_of_a_schema_changes_by_accident(kind: str) -> None:
    """Whoever changes what a page must be changes this mark too, and looks through the list of refusals."""
    demands = json.dumps(constraints(json.loads(schema_text(kind))), sort_keys=True)
    mark = hashlib.sha256(demands.encode()).hexdigest()[:16]
    kept = FULL / "demands.json"
    marks = json.loads(kept.read_text(encoding="utf-8"))
    if os.environ.get("UPDATE_REFUSALS") and not os.environ.get("CI"):
        marks[kind] = mark
        kept.write_text(json.dumps(marks, indent=2) + "\n", encoding="utf-8")

    assert marks[kind] == mark
