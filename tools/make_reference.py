#!/usr/bin/env python3
"""Make the generated pages of ``docs/reference/`` from what they describe: schemas, events, codes, commands.

    python tools/make_reference.py            write the pages
    python tools/make_reference.py --check    exit 1 when a page is not what would be written

A test holds the pages to it.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click
import yaml
from demands import demands, shown_by

from cadence.channels.twilio_codes import CODES, Act
from cadence.cli.main import cli
from cadence.engine.decision import Outcome, Reason
from cadence.files import data_text, schema_text
from cadence.inbox.kinds import Kind
from cadence.inbox.rules import Rules
from cadence.playbook.codes import all_codes, explain
from cadence.playbook.filters import FILTERS
from cadence.playbook.lint import PLAYBOOK_RULES, WORKSPACE_RULES
from cadence.playbook.sandbox import METHODS
from cadence.playbook.shapes import Shape, context_shape
from cadence.playbook.style import STYLE_CODES
from cadence.playbook.words import EVENTS, LEAD_FIELDS
from cadence.timing.hours import ALWAYS, WEEKDAYS
from cadence.timing.law import LawTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from cadence.playbook.lint_rules import Rule
    from cadence.timing.hours import Hours
    from cadence.timing.law import LawRow

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"
NOTICE = "<!-- Made by tools/make_reference.py from what it describes; edit that, not this page. -->"
PAGES = {
    "workspace": "cadence.yaml",
    "playbook": "playbooks/NAME.yaml",
    "samples": "playbooks/NAME.samples.yaml",
    "test": "playbooks/NAME.test.yaml",
}
ACTORS = {"lead": "the customer", "colleague": "a colleague", "system": "a program", "engine": "cadence itself"}
OUTCOMES = {
    "waits": "it has not ended; it is looked at again",
    "sent": "it was carried out (in log mode: written to the log)",
    "skipped": "it was due and was left out",
    "stopped": "something happened that ended it",
    "failed": "it could not be carried out",
    "unknown": "it may or may not have gone; it never goes again by itself",
}


def main(arguments: list[str]) -> int:
    """Write the pages, or compare them; return the exit code."""
    stale = []
    for name, lines in pages().items():
        path = FOLDER / name
        text = "\n".join(lines).rstrip() + "\n"
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in arguments:
            path.write_text(text, encoding="utf-8")
    if "--check" in arguments and stale:
        sys.stderr.write(f"not up to date: {', '.join(stale)}; run python tools/make_reference.py\n")
        return 1
    return 0


def pages() -> dict[str, list[str]]:
    """Make every page: name -> lines."""
    return {
        "language.md": list(language()),
        "events.md": list(events()),
        "lead.md": list(lead()),
        "outcomes.md": list(outcomes()),
        "names.md": list(names()),
        "law.md": list(law()),
        "answers.md": list(answers()),
        "codes.md": list(codes()),
        "commands.md": list(commands()),
        "twilio-errors.md": list(twilio_errors()),
        "demands.md": list(demand_page()),
    }


def demand_page() -> Iterator[str]:
    """List what is asked of cadence, and which tests show it."""
    sources, asked = demands()
    shown = shown_by()
    yield from (NOTICE, "", "# What shops ask, and what shows it", "")
    yield "Five articles by people who run follow-up in home services are where cadence began. Each of their demands"
    yield 'has a name, and the tests that show it carry that name: `@pytest.mark.demand("A1")`. The letters:'
    yield ""
    yield from (f"- **{letter}**: {title}" for letter, title in sources.items())
    yield ""
    rows = [(name, says, "<br>".join(code(test) for test in shown.get(name, []))) for name, says in asked.items()]
    yield from table(("Name", "Demand", "Shown by"), rows)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Write a Markdown table."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""


def code(text: object) -> str:
    """Write a text as code."""
    return f"`{text}`"


def flow(value: Any) -> str:
    """Write a value as it stands on a line of a page."""
    text = yaml.safe_dump(value, default_flow_style=True, width=10_000, sort_keys=False, allow_unicode=True)
    text = text.removesuffix("...\n").strip()
    return text.replace("'", '"') if re.fullmatch(r"'[^'\"]*'", text) else text


def block(value: Any) -> list[str]:
    """Write a value as lines of YAML in a fence."""
    text = yaml.safe_dump(value, width=100, sort_keys=False, allow_unicode=True)
    return ["```yaml", *text.rstrip().splitlines(), "```", ""]


# The language


def language() -> Iterator[str]:
    """Make the reference of the pages: every key, from the schemas."""
    yield from ("# The pages, key by key", "", NOTICE, "")
    yield "Four kinds of page make a workspace. A key that is not listed here is an error; `meta` takes anything."
    yield "**Bold** keys must be there. What the words mean is in the [glossary](../glossary.md), how times are worked"
    yield "out in [time](../explanation/time.md)."
    yield ""
    sheets = [_Sheet(kind, json.loads(schema_text(kind))) for kind in PAGES]
    for sheet in sheets:
        yield f"- [{code(PAGES[sheet.kind])}](#{slug(sheet.heading(''))}): {sheet.schema['description']}"
    yield from ("- [Kinds of value](#kinds-of-value): how a duration, a time or a name is written.", "")
    for sheet in sheets:
        yield from sheet.lines()
    yield from ("## Kinds of value", "")
    kinds = {(name, each["description"]): each for sheet in sheets for name, each in sheet.values.items()}
    yield from table(
        ("Kind", "What it is", "Examples"),
        (
            (name.replace("_", " "), said, ", ".join(code(flow(example)) for example in each.get("examples", ())))
            for (name, said), each in sorted(kinds.items())
        ),
    )


def slug(heading: str) -> str:
    """The anchor of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


class _Sheet:
    """One schema, written as sections: the page first, then each of its objects."""

    def __init__(self, kind: str, schema: dict[str, Any]) -> None:
        self.kind = kind
        self.schema = schema
        definitions: dict[str, Any] = schema.get("definitions") or schema.get("$defs") or {}
        self.objects = {name: each for name, each in definitions.items() if "properties" in each}
        self.values = {name: each for name, each in definitions.items() if name not in self.objects}
        self.told: set[str] = set()
        self.open: list[tuple[str, dict[str, Any]]] = []

    def heading(self, name: str) -> str:
        return f"{self.kind}: {name}" if name else f"{self.kind} page"

    def lines(self) -> Iterator[str]:
        yield from self._section("", self.schema)
        while self.open:
            yield from self._section(*self.open.pop(0))

    def _section(self, name: str, schema: dict[str, Any]) -> Iterator[str]:
        yield from (f"{'###' if name else '##'} {self.heading(name)}", "", _sentence(schema["description"]), "")
        if schema.get("type") != "object":
            yield from ("A text alone, or:", "")
        rows, below = [], []
        needed = schema.get("required", ())
        named = [(key, code(key), each) for key, each in schema.get("properties", {}).items()]
        named += [("", "*a name*", each) for each in schema.get("patternProperties", {}).values()]
        for key, shown, each in named:
            kind, found = self._kind(each, f"{name} {key}".strip())
            below += found
            examples = each.get("examples") or self._resolved(each).get("examples", [""])
            shown = f"**{shown}**" if key in needed else shown
            rows.append((shown, each["description"], kind, code(flow(examples[0]))))
        yield from table(("Key", "What it is", "Kind", "Example"), rows)
        yield from self._rules(schema)
        if examples := schema.get("examples"):
            yield from block(max(examples, key=lambda each: len(str(each))))
        self.open = [each for each in dict(below).items() if each[0] not in self.told] + self.open
        self.told.update(dict(below))

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        name = _reference(schema)
        return self.objects.get(name) or self.values[name] if name else schema

    def _kind(self, schema: dict[str, Any], path: str) -> tuple[str, list[tuple[str, dict[str, Any]]]]:
        """Say what kind of value a key takes, and which objects are to be told of below."""
        name = _reference(schema)
        if name in self.values:
            return f"[{name.replace('_', ' ')}](#kinds-of-value)", []
        if name or "properties" in schema:
            section = name or path
            found = [(section, self._resolved(schema))]
            return f"[{section}](#{slug(self.heading(section))})", found
        if "const" in schema or "enum" in schema:
            return " or ".join(code(flow(each)) for each in schema.get("enum", [schema.get("const")])), []
        if schema["type"] == "array":
            kind, found = self._kind(schema["items"], path)
            return f"list of {kind}", found
        if schema["type"] == "object":
            pairs = [self._kind(each, path) for each in schema.get("patternProperties", {}).values()]
            kinds = " or ".join(kind for kind, _ in pairs)
            return f"names, each with {kinds}" if kinds else "anything", [each for _, found in pairs for each in found]
        return _scalar(schema), []

    def _rules(self, schema: dict[str, Any]) -> Iterator[str]:
        """Tell which keys go together."""
        if "if" in schema:
            for key in schema["if"].get("required", ()):
                yield from _together(f"With {code(key)}", schema.get("then", {}))
                yield from _together(f"Without {code(key)}", schema.get("else", {}))
        cases = [each for each in schema.get("allOf", ()) if "if" in each]
        by_key = [each for each in cases if "required" in each["if"] and "properties" not in each["if"]]
        if by_key:
            yield from self._key_table(schema, {each["if"]["required"][0]: each["then"] for each in by_key})
        elif cases:
            yield from self._case_table(schema, cases)

    def _key_table(self, schema: dict[str, Any], cases: dict[str, dict[str, Any]]) -> Iterator[str]:
        """Tell what goes with which of several keys, of which there is always one."""
        barred = {name for then in cases.values() for name in _barred(then)} - set(cases)
        concerned = [name for name in schema["properties"] if name in barred]
        yield from (f"There is exactly one of {', '.join(map(code, cases))}; what goes with which:", "")
        yield from table(
            ("Key", *map(code, cases)),
            ((code(name), *(_allowed(name, then) for then in cases.values())) for name in concerned),
        )

    def _case_table(self, schema: dict[str, Any], cases: list[dict[str, Any]]) -> Iterator[str]:
        key = next(iter(cases[0]["if"]["properties"]))
        values = [each["if"]["properties"][key]["const"] for each in cases]
        concerned = [
            name
            for name in schema["properties"]
            if any(name in {*case["then"].get("properties", ()), *case["then"].get("required", ())} for case in cases)
        ]
        yield from (f"Which keys go with which {code(key)}:", "")
        yield from table(
            ("Key", *map(code, values)),
            ((code(name), *(_allowed(name, case["then"]) for case in cases)) for name in concerned),
        )


def _reference(schema: dict[str, Any]) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def _allowed(name: str, then: dict[str, Any]) -> str:
    if name in then.get("required", ()):
        return "needed"
    return "no" if name in _barred(then) else "may"


def _barred(then: dict[str, Any]) -> list[str]:
    return [name for name, each in then.get("properties", {}).items() if each in (False, {"not": {}})]


def _together(start: str, then: dict[str, Any]) -> Iterator[str]:
    if needed := then.get("required"):
        yield from (f"{start}, {', '.join(map(code, needed))} is needed.", "")
    if barred := _barred(then):
        yield from (f"{start} there is no {', no '.join(map(code, barred))}.", "")


def _scalar(schema: dict[str, Any]) -> str:
    kind = schema["type"]
    if kind == "boolean":
        return "`true` or `false`"
    if kind in ("integer", "number"):
        low, high = schema.get("minimum"), schema.get("maximum")
        bounds = f" from {low} to {high}" if high is not None else f" from {low}" if low is not None else ""
        return ("whole number" if kind == "integer" else "number") + bounds
    return "text"


# Words


def events() -> Iterator[str]:
    """Make the list of events."""
    yield from ("# Events", "", NOTICE, "")
    yield "An event is a fact about a lead. `cadence event LEAD TYPE` records one; a page names them in `enter_on`,"
    yield "`next`, `stop_on`, `met_by`, `lock: by` and `anchor`. A shop declares more of its own under `events:` in"
    yield "`cadence.yaml`. `cadence docs events` prints this list."
    yield ""
    rows = []
    for kind, event in EVENTS.items():
        marks = {"inquiry": event.inquiry, "contact": event.contact, "person": event.person}
        dates, fields = (", ".join(map(code, each)) for each in (event.moments, event.fields))
        said = ", ".join(name for name, holds in marks.items() if holds)
        rows.append((code(kind), event.title, ACTORS[event.actor.value], dates, fields, said))
    yield from table(("Type", "What happened", "Who makes it true", "Dates", "Other data", "Marks"), rows)
    yield "- **inquiry**: the person asks for something; a touch with `answers: inquiry` may answer at any hour."
    yield "- **contact**: counts as a contact with the person (`enrolment.contacts`)."
    yield "- **person**: concerns the person in every enrolment, not one job."
    yield ""
    yield "A date is written `2026-11-26` or `2026-11-26T09:00`, with or without an offset; without one it is the"
    yield "lead's local time. It can be an anchor: `appointment.booked.starts_at`."


def lead() -> Iterator[str]:
    """Make the list of a lead's fields."""
    yield from ("# What a lead's record holds", "", NOTICE, "")
    yield "Pages and texts write `lead.zip`; `cadence leads add` takes `zip=64110`. A shop declares more fields of its"
    yield "own under `lead_fields:` in `cadence.yaml`."
    yield ""
    rows = ((code(name), said, code(example)) for name, (said, example) in LEAD_FIELDS.items())
    yield from table(("Field", "What it is", "Example"), rows)


def outcomes() -> Iterator[str]:
    """Make the list of what becomes of touches."""
    yield from ("# What becomes of a touch", "", NOTICE, "")
    yield "A touch waits, and then ends in exactly one outcome. Previews, the lead's card and the tick's summary name"
    yield "the outcome and the reason."
    yield ""
    yield from table(("Outcome", "Meaning"), ((code(each.value), OUTCOMES[each.value]) for each in Outcome))
    yield from table(("Reason", "Meaning"), ((code(each.code), each.text) for each in Reason))


def names() -> Iterator[str]:
    """Make the list of what conditions and templates may name."""
    yield from ("# What conditions and texts may name", "", NOTICE, "")
    yield "A condition is one expression, such as `lead.urgency == 'leak'`. A text writes a value as"
    yield "`{{ lead.first_name or 'there' }}`. A value that is not known is false and empty; to print one is an error,"
    yield "so a text says what stands there instead. How to: [write texts](../howto/write-texts.md)."
    yield ""
    shape = context_shape()
    yield from table(("Name", "Kind"), _named("", shape))
    yield "`events` has every type of [events](events.md), nested by its dots: `events.estimate.sent.amount`. Each has"
    yield "`.at` and its data, and is false when it has not happened. `lead` has also the shop's own fields. `touches`"
    yield "has the touches of the running stage: `touches.instant.outcome`. `offers` are the two next offered times."
    yield ""
    yield from ("## Filters", "", "`{{ next_opening | when }}`", "")
    own = {name: each for name, each in FILTERS.items() if each.__module__.startswith("cadence") and each.__doc__}
    own = {name: each for name, each in own.items() if name in ("when", "day", "clock", "money", "phone")}
    rows = ((code(name), str(inspect.getdoc(each)).splitlines()[0].replace("``", "`")) for name, each in own.items())
    yield from table(("Filter", "What it does"), rows)
    yield f"Of Jinja's own: {', '.join(code(name) for name in FILTERS if name not in own)}."
    yield ""
    yield from ("## Methods", "")
    methods = ((kind.__name__, ", ".join(code(each) for each in sorted(known))) for kind, known in METHODS.items())
    spoken = {"str": "a text", "datetime": "a moment", "date": "a date", "timedelta": "a length of time"}
    yield from table(("Of", "Methods"), ((spoken[kind], known) for kind, known in methods if kind in spoken))


def _named(path: str, shape: Shape) -> Iterator[tuple[str, str]]:
    kinds = {"text": "text", "number": "number", "moment": "date and time", "flag": "true or false", "list": "a list"}
    for name, child in shape.children.items():
        below = f"{path}.{name}" if path else name
        if name in ("events", "touches"):
            yield code(f"{below}.…"), "see below"
        elif child.children:
            yield from _named(below, child)
        else:
            yield code(below), kinds.get(child.kind, "anything")


def law() -> Iterator[str]:
    """Make the list of what the law table knows."""
    yield from ("# Texting hours by law", "", NOTICE, "")
    yield "When texts that sell something may be sent, on the reader's own clock, and how many. The rows come with the"
    yield "program as data, each with its source and the day that was read. This is not legal advice, and it is not"
    yield "complete. What it is used for, and how to put your own rows in place of these:"
    yield "[the law as data](../explanation/law.md)."
    yield ""
    rows = LawTable.from_data(yaml.safe_load(data_text("texting_hours.yaml"))).rows.values()
    head = ("Hours", "At most", "Basis", "Source", "Read on", "Note")
    at_home = [each for each in rows if not each.country]
    yield from ("## The United States", "", "`US` is the federal row. A state without a row has that alone.", "")
    yield from table(("State", *head), ((code(each.state), *_law_row(each)) for each in at_home))
    yield from ("## Numbers abroad", "", "A country without a row is under none.", "")
    yield from table(("Country", *head), ((code(each.country), *_law_row(each)) for each in rows if each.country))
    yield "**Basis.** `statute`: the law's text, or a law firm's account of it. `vendor table`: as messaging vendors"
    yield "list it; the law's text was not read. `own`: a row of the shop."


def _law_row(row: LawRow) -> tuple[str, ...]:
    return (_hours(row.hours), str(row.most or ""), row.basis, row.source, row.as_of.isoformat(), row.note)


def _hours(hours: Hours) -> str:
    """Write a week: days with equal hours together."""
    if hours == ALWAYS:
        return "always"
    runs: list[tuple[str, str, str]] = []
    for day, spans in zip(WEEKDAYS, hours.week, strict=True):
        said = ", ".join(map(str, spans)) or "closed"
        if runs and runs[-1][2] == said:
            runs[-1] = (runs[-1][0], day, said)
        else:
            runs.append((day, day, said))
    if len(runs) == 1:
        return runs[0][2]
    return "; ".join(f"{first if first == last else f'{first}-{last}'} {said}" for first, last, said in runs)


def answers() -> Iterator[str]:
    """Make the list of the rules that answers are read by."""
    rules = Rules.from_data(yaml.safe_load(data_text("reply_rules.yaml")))
    yield from ("# How answers are read", "", NOTICE, "")
    yield "The rules by which answers are taken for what they mean, in the order in which they are asked. The words"
    yield "are in [reply_rules.yaml](../../cadence/data/reply_rules.yaml). What no rule takes is a reply. How to try"
    yield "one, and to add words of your own: [understand answers](../howto/understand-answers.md)."
    yield ""
    languages = {"en": "English", "es": "Spanish"}
    for kind in get_args(Kind):
        named = list(rules.of(kind))
        if not named:
            continue
        yield from (f"## {kind}", "", f"{EVENTS[kind].title.capitalize()}.", "")
        yield from table(
            ("Rule", "Language", "Takes", "Leaves alone"),
            (
                (
                    code(rule.name) + ("" if rule.sure else " (not sure)"),
                    languages[rule.language],
                    *(
                        "; ".join(f"“{text}”" for text in texts).replace("\n", " ⏎ ")
                        for texts in (rule.takes, rule.leaves)
                    ),
                )
                for rule in named
            ),
        )
    yield "Beside them: the provider's own word (`told-by-provider`), a mail's headers (`headers`), a reaction to a"
    yield "text of ours (`reaction`), and `anything-else`."


def codes() -> Iterator[str]:
    """Make the index of the error codes."""
    yield from ("# Error codes", "", NOTICE, "")
    yield "`cadence validate` shows every fault with a code in brackets. `cadence docs CODE` explains one: what it"
    yield "means, a page that has it and one that has not, and why it matters. A warning does not fail the check unless"
    yield "`--strict` is given. Layout is no fault: `cadence fmt` alone speaks of it."
    yield ""
    rules: tuple[Rule[Any], ...] = (*PLAYBOOK_RULES, *WORKSPACE_RULES)
    warnings = {code for each in rules if each.severity == "warning" for code in each.codes}
    text = data_text("codes.md")
    rows = []
    for name in all_codes(text):
        said = explain(text, name).split("\n\n")[1].replace("\n", " ").strip()
        link = f"[{name}](../../cadence/data/codes.md#{slug(name)})"
        kind = "layout" if name in STYLE_CODES else "warning" if name in warnings else "error"
        rows.append((link, kind, said))
    yield from table(("Code", "Severity", "What it means"), rows)


def twilio_errors() -> Iterator[str]:
    """Make the list of Twilio's error codes."""
    yield from ("# Twilio's error codes", "", NOTICE, "")
    yield "What cadence does when Twilio refuses a message. The numbers are Twilio's: its error dictionary has a page"
    yield "for each. A message that was taken and did not arrive has failed for the same reasons, and goes no more;"
    yield "what they say of number, person and channel holds. How to: [send texts](../howto/send-texts.md)."
    yield ""
    for act in Act:
        yield from (f"## {act.value[0].upper()}{act.value[1:]}", "")
        yield from table(
            ("Code", "What it means"), ((str(n), CODES[n].says) for n in sorted(CODES) if CODES[n].act is act)
        )
    yield from ("## Everything else", "")
    yield from table(
        ("What Twilio answers", "What follows"),
        (
            ("nothing: it cannot be reached", "tried again a little later"),
            ("nothing in time, half an answer, or an answer of 500 and above", Act.UNKNOWN.value),
            ("429, whatever code it has", "tried again, after as long as Twilio asks"),
            ("401, 403 or 404 with a code that is not listed", Act.HALT.value),
            ("400 to 499 otherwise, with a code that is not listed", Act.OTHER.value),
        ),
    )


# Commands


def commands() -> Iterator[str]:
    """Make the reference of the command line."""
    yield from ("# Commands", "", NOTICE, "")
    yield "`cadence [-C FOLDER] COMMAND`. The workspace is the folder given with `-C`, else the nearest folder upwards"
    yield "with a `cadence.yaml`. Data goes to standard output, notes and faults to standard error. Exit codes, files"
    yield "and environment: [files.md](files.md)."
    yield ""
    context = click.Context(cli, info_name="cadence")
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        if command is not None:
            yield from _command(command, click.Context(command, context, info_name=name), ("cadence", name))


def _command(command: click.Command, context: click.Context, path: tuple[str, ...]) -> Iterator[str]:
    yield from (f"{'#' * len(path)} {' '.join(path)}", "", inspect.cleandoc(command.help or ""), "")
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None:
                yield from _command(below, click.Context(below, context, info_name=name), (*path, name))
        return
    yield from ("```text", f"{' '.join(path)} {' '.join(command.collect_usage_pieces(context))}", "```", "")
    options = [each for each in command.params if isinstance(each, click.Option)]
    if options:
        yield from table(("Option", "What it does"), (_option(each, context) for each in options))


def _option(option: click.Option, context: click.Context) -> tuple[str, str]:
    record: Mapping[str, Any] = option.to_info_dict()
    spelled = option.opts[-1]
    if not option.is_flag:
        spelled += " NUMBER" if isinstance(option.type, click.IntRange) else f" {option.make_metavar(context)}"
    said = option.help or ""
    if option.show_default and record["default"] is not None:
        said = f"{said} Default: {record['default']}.".strip()
    if option.multiple and "epeatable" not in said:
        said += " Repeatable."
    return code(spelled), said


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
