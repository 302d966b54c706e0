"""The shape of a page: what its JSON Schema refuses, said in plain words, with the place on the page.

One diagnostic per fault, all of them at once. The schema says what is wrong; the sentences are written here, by keyword
and, for texts with a form of their own (durations, hours, short names), by the definition the form stands in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from cadence.playbook.diagnostics import did_you_mean
from cadence.playbook.source import MOST_FAULTS
from cadence.timing.cron import check_cron
from cadence.timing.durations import parse_duration
from cadence.timing.holidays import parse_holidays
from cadence.timing.hours import parse_day, parse_hours
from cadence.timing.wall import parse_time
from cadence.timing.zones import find_zone

if TYPE_CHECKING:
    from cadence.playbook.diagnostics import Diagnostic
    from cadence.playbook.source import Page, Path

__all__ = ["FORMS", "check_schema"]

Schema = Mapping[str, Any]


def check_schema(page: Page, kind: str, schema: Schema) -> list[Diagnostic]:
    """List what the schema refuses in a page, in page order. ``kind``: ``playbook``, ``workspace`` or ``samples``.

    A page on which only single values or the fit of keys to a channel are wrong has a right shape: the later checks
    (:mod:`cadence.playbook.values`, :mod:`cadence.playbook.lint`) find these faults too, beside all others, so they
    are left to them. Where the shape is wrong the later checks cannot run, and everything is listed here.
    """
    reading = _Reading(page, kind, schema)
    faults = dict.fromkeys(reading.check(page.data, schema, ()))
    mistyped = {fault.path for fault in faults if fault.code in ("wrong-type", "missing-value")}
    meant = {(*fault.path[:-1], fault.meant) for fault in faults if fault.meant}
    kept = [
        fault
        for fault in faults
        if not (fault.beside and fault.path in mistyped)
        and not (fault.code == "missing-key" and fault.path in meant)
        and not _is_below(fault, page)
    ]
    if all(fault.later for fault in kept):
        return []
    found = {
        page.diagnostic(fault.path, fault.code, fault.message, fault.help, key=fault.key)
        for fault in sorted(kept, key=lambda fault: reading.place(fault))[:MOST_FAULTS]
    }
    if len(kept) > MOST_FAULTS:
        found.add(
            page.diagnostic(kept[-1].path, "too-many-faults", "there are more faults than these", "mend these first")
        )
    return sorted(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fault:
    """One fault of shape."""

    path: Path
    code: str
    message: str
    help: str = ""
    key: bool = False  #: point at the key
    later: bool = False  #: the later checks find it too
    beside: bool = False  #: not worth saying of a value of the wrong type
    meant: str = ""  #: the key that was meant instead


def _is_below(fault: _Fault, page: Page) -> bool:
    """Whether the fault lies in a part of the page that was refused already."""
    return any(fault.path[: len(part)] == part for part in page.unread)


# ---- the validator: draft 7, with whole numbers, whole matches and one error for each repeated item


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


_Validator: Any = extend(  # type: ignore[no-untyped-call]
    Draft7Validator,
    {"pattern": _pattern, "uniqueItems": _unique},
    type_checker=Draft7Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    ),
)


# ---- texts with a form of their own

_Said = tuple[str, str]


def _by(read: Callable[[Any], object]) -> Callable[[Any], _Said | None]:
    """Ask the reader of a value: what it refuses it explains, as ``what is wrong; what to write``."""

    def say(value: Any) -> _Said | None:
        try:
            read(value)
        except ValueError as refusal:
            message, _, advice = str(refusal).rpartition("; ")
            return message or advice, advice if message else ""
        return None

    return say


def _say(message: str, advice: str) -> Callable[[Any], _Said]:
    return lambda value: (message.format(value), advice)


def _short_name(value: Any) -> _Said:
    meant = re.sub(r"[^a-z0-9_]+", "-", str(value).lower()).strip("-_")[:64]
    advice = "use small letters, digits, hyphens and underscores"
    return f"'{value}' is not a short name", f"write {meant}; {advice}" if meant else advice


def _phone(value: Any) -> _Said:
    digits = re.sub(r"[\s().+-]", "", str(value)).removeprefix("1")
    example = f"+1{digits}" if re.fullmatch("[2-9][0-9]{9}", digits, re.ASCII) else "+18165550100"
    return "this phone number is not complete", f'write it with the country in front, in quotes: "{example}"'


@dataclass(frozen=True, slots=True)
class _Form:
    """A form that texts of one definition have."""

    code: str
    say: Callable[[Any], _Said | None]
    later: bool = False  #: the later checks find what is wrong with it
    numbers: bool = False  #: a number in its place is meant as such a text


_EVENT = _Form(
    "bad-event", _say("'{}' is not the name of an event", "names are written like estimate.sent, in small letters")
)
_HOURS = _Form("bad-hours", _by(parse_day), later=True, numbers=True)
_WAIT = _say("'{}' is not a time to wait", "write 0m for at once, or a duration such as 15m, 2h or 3d")

#: Definition of the schemas -> its form; names of what stands in a map are forms too.
FORMS: Mapping[str, _Form] = {
    "text": _Form("missing-value", _say("nothing stands between the quotes", "write a text, or remove the key")),
    "condition": _Form(
        "missing-value", _say("nothing stands between the quotes", "write a condition, or remove the key")
    ),
    "id": _Form("bad-id", _short_name),
    "lead_id": _Form("bad-id", _short_name),
    "event": _EVENT,
    "anchor": _Form(
        "bad-event", _say("'{}' is neither an event nor a touch", "write it like estimate.sent, or name a touch")
    ),
    "requirement": _Form(
        "bad-event", _say("'{}' is nothing that can be known", "write it like lead.zip or no_decision.follow_up_due")
    ),
    "template": _Form(
        "bad-template", _say("'{}' is not the name of a text", "write it like new/instant, without the ending")
    ),
    "field": _Form("bad-field", _say("'{}' is not the name of a field", "use small letters, digits and underscores")),
    "duration": _Form("bad-duration", _by(lambda value: parse_duration(str(value))), later=True, numbers=True),
    "delay": _Form("bad-duration", _WAIT, numbers=True),
    "time": _Form("bad-time", _by(lambda value: parse_time(str(value))), later=True, numbers=True),
    "span": _HOURS,
    "day_hours": _HOURS,
    "hours": _HOURS,
    "day": _Form("bad-day", _by(lambda key: parse_hours({key: "closed"})), later=True),
    "date": _Form(
        "bad-date",
        _say("'{}' is not a date of the calendar", "write year, month and day, such as 2026-12-24"),
        later=True,
    ),
    "holiday": _Form("bad-date", _by(lambda value: parse_holidays([str(value)])), later=True, numbers=True),
    "cron": _Form("bad-cron", _by(check_cron), later=True),
    "zone": _Form("unknown-zone", _by(find_zone), later=True),
    "phone": _Form("bad-phone", _phone, numbers=True),
    "email": _Form("bad-email", _say("'{}' is not an e-mail address", "write it like hello@example.com")),
    "link": _Form(
        "bad-link", _say("'{}' is not an address on the web", "write it whole, such as https://www.example.com")
    ),
    "zip": _Form("bad-zip", _say("'{}' is not a ZIP code", 'write five digits in quotes, such as "64110"')),
    "moment": _Form(
        "bad-date", _say("'{}' is not a day with a time", "write it like 2026-11-24T16:40, in the shop's own time")
    ),
}

#: Map -> the form its names have; in other maps they are short names.
_NAMES_IN = {
    "next": "event",
    "events": "event",
    "lead_fields": "field",
    "lead": "field",
    "data": "field",
    "hours_on": "date",
}

# ---- words for the parts of a page

_PAGES = {"playbook": "a playbook", "workspace": "cadence.yaml", "samples": "a page of sample leads"}
_ITEMS = {
    "touches": "touch",
    "schedule": "row",
    "rules": "rule",
    "team": "person",
    "on_miss": "step",
    "leads": "lead",
    "events": "event",
    "stages": "stage",
    "sla": "promise",
    "routing": "role",
    "reviews": "review",
}
_KINDS = {
    "touch": "a touch",
    "row": "a row of 'schedule:'",
    "stage": "a stage",
    "sla": "a promise",
    "consequence": "a step of 'on_miss:'",
    "routing": "a role of 'routing:'",
    "review": "a review",
    "member": "a person of the team",
}
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
_OR = {"after": "at", "alert": "reassign", "at": "after", "reassign": "alert"}


class _Reading:
    """Turns the validator's errors on one page into faults."""

    def __init__(self, page: Page, kind: str, schema: Schema) -> None:
        self.page = page
        self.kind = kind
        self.schema = schema
        self.definitions: Mapping[str, Any] = schema.get("definitions", {})
        self._names = {id(definition): name for name, definition in self.definitions.items()}
        self._validator = _Validator(schema)

    def place(self, fault: _Fault) -> tuple[int, int]:
        """Where the fault stands, for sorting."""
        mark = self.page.key_mark(fault.path) if fault.key else self.page.value_mark(fault.path)
        return mark.line, mark.column

    def check(self, value: Any, schema: Any, path: Path) -> Iterator[_Fault]:
        """Say in plain words what a part of the schema refuses in the value at a path."""
        # A validator evolved to the whole schema would be looked up by its "$schema", and lose the keywords above.
        validator = self._validator if schema is self.schema else self._validator.evolve(schema=schema)
        for error in validator.iter_errors(value):
            yield from _SENTENCES[str(error.validator)](self, error, (*path, *error.absolute_path))

    def form(self, schema: Any) -> _Form | None:
        """The form that a definition gives its texts."""
        return FORMS.get(self._names.get(id(schema), ""))

    def owner(self, path: Path) -> str:
        """Name the map at a path."""
        if not path:
            return _PAGES[self.kind]
        last, above = path[-1], path[-2] if len(path) > 1 else ""
        noun = _ITEMS.get(str(above))
        if isinstance(last, str):
            return f"the {noun} '{last}'" if noun else f"'{last}:'"
        said = self.at(path)
        name = (said.get("id") or said.get("event")) if isinstance(said, dict) else None
        return f"the {noun or 'item'} '{name}'" if isinstance(name, str) else f"this {noun or 'item'}"

    def name(self, path: Path) -> str:
        """Name the value at a path."""
        if not path:
            return "the page"
        last = path[-1]
        return f"'{last}:'" if isinstance(last, str) else f"item {last + 1} of {self.name(path[:-1])}"

    def at(self, path: Path) -> Any:
        """What the page says at a path."""
        value: Any = self.page.data
        for step in path:
            value = value[step]
        return value

    def written(self, path: Path) -> str:
        """How the value is written on the page."""
        mark = self.page.value_mark(path)
        return self.page.lines[mark.line - 1][mark.column - 1 :][: mark.length].strip()

    def home(self, key: str) -> str:
        """Name the part of the page to which a key belongs; empty when there is none."""
        if key in self.schema["properties"]:
            return _PAGES[self.kind]
        for name, part in self.schema["properties"].items():
            if key in part.get("properties", {}):
                return f"'{name}:'"
        return next(
            (_KINDS[name] for name in _KINDS if key in self.definitions.get(name, {}).get("properties", {})), ""
        )


def _additional(reading: _Reading, error: Any, path: Path) -> Iterator[_Fault]:
    """Keys that their owner does not have. What stands below them is looked at all the same."""
    known, patterns = error.schema.get("properties", {}), error.schema.get("patternProperties", {})
    for key, value in error.instance.items():
        if key in known or any(re.search(pattern, key) for pattern in patterns):
            continue
        meant = _meant(reading, key, known)
        if patterns and not meant:
            yield _misnamed(reading, error, (*path, key))
            yield from reading.check(value, next(iter(patterns.values())), (*path, key))
            continue
        yield _Fault(
            path=(*path, key),
            code="unknown-key",
            message=f"{reading.owner(path)} has no key '{key}'",
            help=f"did you mean '{meant}'?" if meant else _other_place(reading, key, known),
            key=True,
            meant=meant,
        )
        if meant and meant not in error.instance:
            yield from reading.check(value, known[meant], (*path, key))


def _meant(reading: _Reading, key: str, known: Mapping[str, Any]) -> str:
    other = _MEANT.get(key.lower(), "")
    if other in known or reading.home(key):
        return other if other in known else ""
    question = did_you_mean(key, known)
    return question.split("'")[1] if question else ""


def _misnamed(reading: _Reading, error: Any, path: Path) -> _Fault:
    owner = str(path[-2]) if len(path) > 1 else ""
    form = FORMS["day" if reading.form(error.schema) is _HOURS else _NAMES_IN.get(owner, "id")]
    message, advice = form.say(path[-1]) or ("this name cannot be used here", "")
    return _Fault(path=path, code=form.code, message=message, help=advice, key=True, later=form.later)


def _other_place(reading: _Reading, key: str, known: Mapping[str, Any]) -> str:
    if home := reading.home(key):
        return f"'{key}:' belongs to {home}"
    notes = "; notes of your own go under 'meta:'" if "meta" in known else ""
    return f"the keys are: {', '.join(known)}{notes}"


def _required(reading: _Reading, error: Any, path: Path) -> Iterator[_Fault]:
    codes = {"template": "no-template", "list": "no-list"}
    for key in error.validator_value:
        if key in error.instance:
            continue
        choice = f"'{key}:' or '{_OR[key]}:'" if key in _OR and "properties" not in error.schema else f"'{key}:'"
        parts = (error.schema, *reading.definitions.values())
        known: Mapping[str, Any] = next((part["properties"] for part in parts if key in part.get("properties", {})), {})
        example = next(iter(known.get(key, {}).get("examples", ())), None)
        yield _Fault(
            path=(*path, key),
            code=codes.get(key, "missing-key"),
            message=f"{reading.owner(path)} needs {choice}",
            help=f"add for instance: {key}: {_yaml(example)}" if example is not None else "",
            key=True,
            later=key in codes,
        )


def _type(reading: _Reading, error: Any, path: Path) -> Iterator[_Fault]:
    value, name = error.instance, reading.name(path)
    wanted = [error.validator_value] if isinstance(error.validator_value, str) else list(error.validator_value)
    form = reading.form(error.schema)
    if value is None:
        advice = f"write one, or remove {name}" if path else ""
        yield _Fault(path=path, code="missing-value", message=f"{name} has no value", help=advice)
    elif form and form.numbers and isinstance(value, int | float) and not isinstance(value, bool):
        written = reading.written(path)
        message, advice = form.say(written) or ("", "")
        yield _Fault(path=path, code=form.code, message=message, help=advice, later=form.later)
    else:
        yield _Fault(
            path=path,
            code="wrong-type",
            message=_mistake(reading, value, wanted, path),
            help=_remedy(reading, value, wanted, path),
        )


def _mistake(reading: _Reading, value: Any, wanted: list[str], path: Path) -> str:
    kinds = [_TYPES[each] for each in wanted]
    needs = f"{reading.name(path)} needs {', '.join(kinds[:-1])}{' or ' if kinds[1:] else ''}{kinds[-1]}"
    if isinstance(value, dict | list):
        return f"{needs}, not {'a list' if isinstance(value, list) else 'keys and values'}"
    read_as = "true or false" if isinstance(value, bool) else "a text" if isinstance(value, str) else "a number"
    return f"{needs}, and {reading.written(path)} is read as {read_as}"


def _remedy(reading: _Reading, value: Any, wanted: list[str], path: Path) -> str:
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


def _enum(reading: _Reading, error: Any, path: Path) -> Iterator[_Fault]:
    options = [str(option) for option in error.validator_value]
    value = error.instance
    message = (
        f"'{value}' is not one of {', '.join(options)}"
        if options[1:]
        else f"{reading.name(path)} can only be {options[0]}"
    )
    advice = did_you_mean(str(value), options) or (f"write {options[0]}" if len(options) == 1 else "choose one of them")
    if path[-1] == "mode":
        advice = "write log: messages are written down and none leaves; sending is not built yet"
    yield _Fault(path=path, code="bad-value", message=message, help=advice, beside=True)


def _const(_: _Reading, error: Any, path: Path) -> Iterator[_Fault]:
    message = f"this program reads pages of version {error.validator_value}, and this one says {error.instance}"
    yield _Fault(path=path, code="bad-version", message=message, help="write: cadence: 1", beside=True)


def _form_of_text(reading: _Reading, error: Any, path: Path) -> Iterator[_Fault]:
    form = reading.form(error.schema) or FORMS["text"]
    said = form.say(error.instance)
    message, advice = said or (f"'{error.instance}' cannot stand here", "type it anew, on one line")
    yield _Fault(path=path, code=form.code, message=message, help=advice, later=form.later and said is not None)


def _bound(reading: _Reading, error: Any, path: Path) -> Iterator[_Fault]:
    if error.instance == 0 and path[-1] in ("day", "business_day"):
        first = "the anchor's own day" if path[-1] == "day" else "the first open day"
        message, advice = f"days count from 1: day 1 is {first}", f"write: {path[-1]}: 1"
        yield _Fault(path=path, code="day-zero", message=message, help=advice, later=True)
        return
    low, high = error.schema["minimum"], error.schema["maximum"]
    message = f"{reading.name(path)} goes from {low} to {high}, and {error.instance} is outside"
    yield _Fault(path=path, code="bad-number", message=message, help=f"write a number from {low} to {high}")


def _length(reading: _Reading, error: Any, path: Path) -> Iterator[_Fault]:
    name = reading.name(path)
    if error.instance:
        message = f"{name} needs {error.validator_value} items, and has {len(error.instance)}"
        yield _Fault(path=path, code="bad-value", message=message, help=f"write {error.validator_value}", key=True)
    elif isinstance(error.instance, list):
        yield _Fault(
            path=path,
            code="empty-list",
            message=f"{name} is an empty list",
            help=f"write an item, or remove {name}",
            key=True,
        )
    else:
        yield _Fault(
            path=path,
            code="missing-value",
            message=f"nothing stands in {name}",
            help="write something, or remove it",
            key=True,
        )


def _repeated(reading: _Reading, error: Any, path: Path) -> Iterator[_Fault]:
    message = f"'{error.instance}' stands in {reading.name(path[:-1])} twice"
    yield _Fault(path=path, code="repeated-item", message=message, help="remove one of the two")


def _excluded(reading: _Reading, _: Any, path: Path) -> Iterator[_Fault]:
    """A key that does not go with another one of its owner."""
    key, owner = str(path[-1]), reading.at(path[:-1])
    remove = f"remove '{key}:', or change"
    if "channel" in owner:
        others = " and ".join(_channels(reading.definitions["touch"], key))
        message = f"'{key}:' is not for the channel {owner['channel']}; it goes with {others}"
        yield _Fault(
            path=path, code="wrong-channel", message=message, help=f"{remove} 'channel:'", key=True, later=True
        )
    elif "end" in owner:
        message = f"{reading.owner(path[:-1])} ends the follow-up, so its '{key}:' would never be looked at"
        yield _Fault(
            path=path, code="ends-with-touches", message=message, help=f"{remove} 'end:'", key=True, later=True
        )
    else:
        message = f"{reading.owner(path[:-1])} has both '{_OR[key]}:' and '{key}:'"
        yield _Fault(path=path, code="one-of-two", message=message, help="keep one of the two", key=True)


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


_SENTENCES: Mapping[str, Callable[[_Reading, Any, Path], Iterator[_Fault]]] = {
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
