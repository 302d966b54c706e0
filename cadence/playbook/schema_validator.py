"""The validator of pages: draft 7, with whole numbers, whole matches and one error for each repeated item."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Schema", "Validator"]

Schema = Mapping[str, Any]


def _pattern(_: Any, pattern: str, value: Any, __: Schema) -> Iterator[ValidationError]:
    # "$" would let a line break at the end pass.
    if isinstance(value, str) and (not re.search(pattern, value) or (pattern.endswith("$") and value.endswith("\n"))):
        yield ValidationError("has another form")


def _unique(_: Any, wanted: bool, value: Any, __: Schema) -> Iterator[ValidationError]:
    seen: set[str] = set()
    for number, item in enumerate(value if wanted and isinstance(value, list) else ()):
        if isinstance(item, str):
            if item in seen:
                yield ValidationError("is repeated", path=[number], instance=item)
            seen.add(item)


Validator: Any = extend(  # type: ignore[no-untyped-call]
    Draft7Validator,
    {"pattern": _pattern, "uniqueItems": _unique},
    type_checker=Draft7Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    ),
)
