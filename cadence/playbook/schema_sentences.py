"""What a JSON Schema refuses in a page, said in plain words: a sentence for each keyword of the schemas."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cadence.playbook.diagnostics import did_you_mean
from cadence.playbook.forms import FORMS, NAMES_IN
from cadence.playbook.schema_reading import Fault, Reading

if TYPE_CHECKING:
    from cadence.playbook.marks import Path
    from cadence.playbook.schema_validator import Schema

__all__ = ["faults_of"]


def faults_of(reading: Reading, value: Any, schema: Any, path: Path) -> Iterator[Fault]:
    """Say in plain words what a part of the schema refuses in the value at a path."""
    # A validator evolved to the whole schema would be looked up by its "$schema", and lose its own keywords.
    validator = reading.validator if schema is reading.schema else reading.validator.evolve(schema=schema)
    for error in validator.iter_errors(value):
        yield from _SENTENCES[str(error.validator)](reading, error, (*path, *error.absolute_path))


#: What other programs call it -> what it is called here.
_MEANT = {
    "type": "channel",
    "when": "schedule",
    "wait": "after",
    "delay": "after",
    "time": "at",
    "text": "template",
    "message": "template",
    "body": "template",
    "condition": "if",
    "hours": "business_hours",
    "name": "title",
    "steps": "touches",
    "assignee": "owner",
    "exit_on": "stop_on",
}
_TYPES = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "keys and values below it",
}
_TRUTH = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}
_OR = {
    "after": "at",
    "alert": "reassign",
    "at": "after",
    "country": "state",
    "lead": "leads",
    "leads": "lead",
    "reassign": "alert",
    "state": "country",
}

#: What an expectation of a test is about, by its key.
EXPECTATIONS = ("touch", "skip", "stop", "stage", "sla", "alert", "step")


def _additional(reading: Reading, error: Any, path: Path) -> Iterator[Fault]:
    """Keys that their owner does not have. What stands below them is looked at all the same."""
    known, patterns = error.schema.get("properties", {}), error.schema.get("patternProperties", {})
    for key, value in error.instance.items():
        if key in known or any(re.search(pattern, key) for pattern in patterns):
            continue
        meant = _meant(reading, key, known)
        if patterns and not meant:
            yield _misnamed(reading, error, (*path, key))
            yield from faults_of(reading, value, next(iter(patterns.values())), (*path, key))
            continue
        yield Fault(
            path=(*path, key),
            code="unknown-key",
            message=f"{reading.owner(path)} has no key '{key}'",
            help=f"did you mean '{meant}'?" if meant else _other_place(reading, key, known),
            key=True,
            meant=meant,
        )
        if meant and meant not in error.instance:
            yield from faults_of(reading, value, known[meant], (*path, key))


def _meant(reading: Reading, key: str, known: Mapping[str, Any]) -> str:
    other = _MEANT.get(key.lower(), "")
    if other in known or reading.home(key):
        return other if other in known else ""
    question = did_you_mean(key, known)
    return question.split("'")[1] if question else ""


def _misnamed(reading: Reading, error: Any, path: Path) -> Fault:
    owner = str(path[-2]) if len(path) > 1 else ""
    form = FORMS["day" if reading.form(error.schema) is FORMS["hours"] else NAMES_IN.get(owner, "id")]
    message, advice = form.say(path[-1]) or ("this name cannot be used here", "")
    return Fault(path=path, code=form.code, message=message, help=advice, key=True, later=form.later)


def _other_place(reading: Reading, key: str, known: Mapping[str, Any]) -> str:
    if home := reading.home(key):
        return f"'{key}:' belongs to {home}"
    notes = "; notes of your own go under 'meta:'" if "meta" in known else ""
    return f"the keys are: {', '.join(known)}{notes}"


#: What a touch of some channel needs -> the code of the later check that asks for it too.
_OF_A_CHANNEL = {"template": "no-template", "list": "no-list", "to": "no-endpoint"}


def _required(reading: Reading, error: Any, path: Path) -> Iterator[Fault]:
    if error.validator_value == [EXPECTATIONS[0]]:
        *others, last = (f"'{key}:'" for key in EXPECTATIONS)
        message = "this expectation names nothing that could happen"
        yield Fault(path=path, code="missing-key", message=message, help=f"add {', '.join(others)} or {last}")
        return
    codes = _OF_A_CHANNEL if {"id", "channel"} <= error.instance.keys() else {}
    for key in error.validator_value:
        if key in error.instance:
            continue
        choice = f"'{key}:' or '{_OR[key]}:'" if key in _OR and "properties" not in error.schema else f"'{key}:'"
        parts = (error.schema, *reading.definitions.values())
        known: Mapping[str, Any] = next((part["properties"] for part in parts if key in part.get("properties", {})), {})
        example = next(iter(known.get(key, {}).get("examples", ())), None)
        yield Fault(
            path=(*path, key),
            code=codes.get(key, "missing-key"),
            message=f"{reading.owner(path)} needs {choice}",
            help=f"add for instance: {key}: {_yaml(example)}" if example is not None else "",
            key=True,
            later=key in codes,
        )


def _type(reading: Reading, error: Any, path: Path) -> Iterator[Fault]:
    value, name = error.instance, reading.name(path)
    wanted = [error.validator_value] if isinstance(error.validator_value, str) else list(error.validator_value)
    form = reading.form(error.schema)
    if value is None:
        advice = f"write one, or remove {name}" if path else ""
        yield Fault(path=path, code="missing-value", message=f"{name} has no value", help=advice)
    elif form and form.numbers and isinstance(value, int | float) and not isinstance(value, bool):
        written = reading.written(path)
        message, advice = form.say(written) or ("", "")
        yield Fault(path=path, code=form.code, message=message, help=advice, later=form.later)
    else:
        yield Fault(
            path=path,
            code="wrong-type",
            message=_mistake(reading, value, wanted, path),
            help=_remedy(reading, value, wanted, path),
        )


def _mistake(reading: Reading, value: Any, wanted: list[str], path: Path) -> str:
    kinds = [_TYPES[each] for each in wanted]
    needs = f"{reading.name(path)} needs {', '.join(kinds[:-1])}{' or ' if kinds[1:] else ''}{kinds[-1]}"
    if isinstance(value, dict | list):
        return f"{needs}, not {'a list' if isinstance(value, list) else 'keys and values'}"
    read_as = "true or false" if isinstance(value, bool) else "a text" if isinstance(value, str) else "a number"
    return f"{needs}, and {reading.written(path)} is read as {read_as}"


def _remedy(reading: Reading, value: Any, wanted: list[str], path: Path) -> str:
    written = reading.written(path)
    if "string" in wanted:
        if isinstance(value, dict | list):
            return (
                f"write {value[0]}" if len(value) == 1 and isinstance(value, list) and isinstance(value[0], str) else ""
            )
        return f'put quotes around it: "{written}"'
    if "array" in wanted:
        return f"put it in brackets: [{written}]" if not isinstance(value, dict) else "begin each item with a hyphen"
    if "object" in wanted:
        squeezed = isinstance(value, str) and re.match(r"[\w.-]+:\S", value)
        return "put a space after the colon" if squeezed else "put them on lines of their own below, indented"
    if "boolean" in wanted:
        return f"write {_TRUTH[str(value).lower()]}" if str(value).lower() in _TRUTH else "write true or false"
    number = re.fullmatch(r"[0-9]+(\.[0-9]+)?", str(value), re.ASCII)
    return f"write {number[0]}, without quotes" if number and isinstance(value, str) else "write digits only"


def _enum(reading: Reading, error: Any, path: Path) -> Iterator[Fault]:
    options = [str(option) for option in error.validator_value]
    value = error.instance
    message = (
        f"'{value}' is not one of {', '.join(options)}"
        if options[1:]
        else f"{reading.name(path)} can only be {options[0]}"
    )
    advice = did_you_mean(str(value), options) or (f"write {options[0]}" if len(options) == 1 else "choose one of them")
    yield Fault(path=path, code="bad-value", message=message, help=advice, beside=True)


def _const(_: Reading, error: Any, path: Path) -> Iterator[Fault]:
    message = f"this program reads pages of version {error.validator_value}, and this one says {error.instance}"
    yield Fault(path=path, code="bad-version", message=message, help="write: cadence: 1", beside=True)


def _form_of_text(reading: Reading, error: Any, path: Path) -> Iterator[Fault]:
    form = reading.form(error.schema) or FORMS["text"]
    said = form.say(error.instance)
    message, advice = said or (f"'{error.instance}' cannot stand here", "type it anew, on one line")
    yield Fault(path=path, code=form.code, message=message, help=advice, later=form.later and said is not None)


def _bound(reading: Reading, error: Any, path: Path) -> Iterator[Fault]:
    if error.instance == 0 and path[-1] in ("day", "business_day"):
        first = "the anchor's own day" if path[-1] == "day" else "the first open day"
        message, advice = f"days count from 1: day 1 is {first}", f"write: {path[-1]}: 1"
        yield Fault(path=path, code="day-zero", message=message, help=advice, later=True)
        return
    low, high = error.schema["minimum"], error.schema["maximum"]
    message = f"{reading.name(path)} goes from {low} to {high}, and {error.instance} is outside"
    yield Fault(path=path, code="bad-number", message=message, help=f"write a number from {low} to {high}")


def _length(reading: Reading, error: Any, path: Path) -> Iterator[Fault]:
    name = reading.name(path)
    if error.instance:
        message = f"{name} needs {error.validator_value} items, and has {len(error.instance)}"
        yield Fault(path=path, code="bad-value", message=message, help=f"write {error.validator_value}", key=True)
    elif isinstance(error.instance, list):
        yield Fault(
            path=path,
            code="empty-list",
            message=f"{name} is an empty list",
            help=f"write an item, or remove {name}",
            key=True,
        )
    else:
        yield Fault(
            path=path,
            code="missing-value",
            message=f"nothing stands in {name}",
            help="write something, or remove it",
            key=True,
        )


def _repeated(reading: Reading, error: Any, path: Path) -> Iterator[Fault]:
    message = f"'{error.instance}' stands in {reading.name(path[:-1])} twice"
    yield Fault(path=path, code="repeated-item", message=message, help="remove one of the two")


def _excluded(reading: Reading, _: Any, path: Path) -> Iterator[Fault]:
    """A key that does not go with another one of its owner."""
    key, owner = str(path[-1]), reading.at(path[:-1])
    remove = f"remove '{key}:', or change"
    if "expect" in path[-3:-1]:
        yield _excluded_from_expectation(key, owner, path)
    elif "channel" in owner:
        *others, last = _channels(reading.definitions["touch"], key)
        fitting = f"{', '.join(others)} and {last}" if others else last
        message = f"'{key}:' is not for the channel {owner['channel']}; it goes with {fitting}"
        yield Fault(path=path, code="wrong-channel", message=message, help=f"{remove} 'channel:'", key=True, later=True)
    elif "end" in owner:
        message = f"{reading.owner(path[:-1])} ends the follow-up, so its '{key}:' would never be looked at"
        yield Fault(path=path, code="ends-with-touches", message=message, help=f"{remove} 'end:'", key=True, later=True)
    else:
        message = f"{reading.owner(path[:-1])} has both '{_OR[key]}:' and '{key}:'"
        yield Fault(path=path, code="one-of-two", message=message, help="keep one of the two", key=True)


def _excluded_from_expectation(key: str, owner: Mapping[str, Any], path: Path) -> Fault:
    if key == "at":
        message, advice = "this expectation has both 'at:' and 'after:'", "keep one of the two"
        return Fault(path=path, code="one-of-two", message=message, help=advice, key=True)
    kind = next(each for each in EXPECTATIONS if each in owner)
    if key in EXPECTATIONS:
        message = f"this expectation is both a '{kind}:' and a '{key}:'"
        return Fault(path=path, code="one-of-two", message=message, help="make it two expectations", key=True)
    message = f"'{key}:' is nothing that an expectation with '{kind}:' can say"
    return Fault(path=path, code="wrong-key", message=message, help=f"remove '{key}:'", key=True)


def _channels(touch: Schema, key: str) -> Iterator[str]:
    """Yield the channels whose touches may have a key."""
    for branch in touch["allOf"]:
        if key not in branch["then"]["properties"]:
            yield branch["if"]["properties"]["channel"]["const"]


def _yaml(value: Any) -> str:
    """Write an example as it would stand on a page."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_yaml(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_yaml(part) for part in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    plain = not isinstance(value, str) or re.fullmatch(r"[a-z][\w./-]*", value, re.ASCII | re.IGNORECASE)
    return str(value) if plain else f'"{value}"'


_SENTENCES: Mapping[str, Callable[[Reading, Any, Path], Iterator[Fault]]] = {
    "additionalProperties": _additional,
    "required": _required,
    "type": _type,
    "enum": _enum,
    "const": _const,
    "pattern": _form_of_text,
    "minimum": _bound,
    "maximum": _bound,
    "minItems": _length,
    "maxItems": _length,
    "minProperties": _length,
    "uniqueItems": _repeated,
    "not": _excluded,
}
