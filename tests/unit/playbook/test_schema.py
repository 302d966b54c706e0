"""The shape of pages: the schemas as a contract, and what is said of a page that does not hold to it."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from cadence.leads.fields import STATES
from cadence.playbook import model, words
from cadence.playbook.forms import FORMS
from cadence.playbook.lint import lint_playbook, lint_workspace
from cadence.playbook.page_limits import MOST_FAULTS
from cadence.playbook.schema import check_schema
from cadence.playbook.source import Page, read_page
from cadence.playbook.values import check_values
from cadence.timing.durations import parse_duration
from cadence.timing.hours import parse_day
from cadence.timing.law import LawRow, parse_most
from cadence.timing.wall import parse_time
from cadence.timing.when import When

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cadence.playbook.diagnostics import Diagnostic

ROOT = Path(__file__).parents[3]
CORPUS = ROOT / "tests" / "corpus"
KINDS = ("playbook", "workspace", "samples", "test")
SCHEMAS: dict[str, Any] = {
    kind: json.loads((ROOT / "schemas" / f"{kind}.schema.json").read_text(encoding="utf-8")) for kind in KINDS
}
PLAYBOOK = """\
cadence: 1
playbook: roofer
stages:
  new:
    owner: csr
    enter_on: [lead.created]
    next: {lead.won: won}
    touches:
      - {id: hello, channel: sms, send: now, template: new/instant}
  won: {end: won}
"""


def page_of(text: str) -> Page:
    page, _ = read_page("page.yaml", text.encode())
    assert page is not None
    return page


def faults_of(text: str, kind: str = "playbook") -> list[Diagnostic]:
    return check_schema(page_of(text), kind, SCHEMAS[kind])


def changed(old: str, new: str) -> str:
    assert PLAYBOOK.count(old) == 1
    return PLAYBOOK.replace(old, new)


def fault_of(old: str, new: str) -> Diagnostic:
    """Return the one fault of the playbook above with a part of it written otherwise."""
    (fault,) = faults_of(changed(old, new))
    return fault


def parts(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every part of a schema that describes a value."""
    if not isinstance(schema, dict):
        return
    yield path, schema
    for word in ("properties", "patternProperties", "definitions"):
        for name, part in schema.get(word, {}).items():
            yield from parts(part, f"{path}/{name}")
    yield from parts(schema.get("items"), f"{path}/items")


PROPERTIES = [
    (kind, f"{path}/{name}", part)
    for kind in KINDS
    for path, owner in parts(SCHEMAS[kind])
    for word in ("properties", "patternProperties", "definitions")
    for name, part in owner.get(word, {}).items()
]


class TestContract:
    @pytest.mark.parametrize("kind", KINDS)
    def test_each_schema_is_valid_draft_7_and_names_no_host_of_ours(self, kind: str) -> None:
        schema = SCHEMAS[kind]
        assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
        assert schema["$id"] == f"urn:cadence:schema:{kind}:1"
        Draft7Validator.check_schema(schema)

    @pytest.mark.parametrize("kind", KINDS)
    def test_no_choice_is_left_to_the_validator(self, kind: str) -> None:
        """A bare ``anyOf`` or ``oneOf`` would spoil the messages."""
        text = json.dumps(SCHEMAS[kind])
        assert '"anyOf"' not in text
        assert '"oneOf"' not in text

    @pytest.mark.parametrize("kind", KINDS)
    def test_every_map_refuses_what_it_does_not_know_but_meta(self, kind: str) -> None:
        for path, part in parts(SCHEMAS[kind]):
            free = path.endswith(("/meta", "/options")) or "/data/" in path
            if "object" in part.get("type", ()) and not free:
                assert part.get("additionalProperties") is False, path

    @pytest.mark.parametrize("kind", KINDS)
    def test_every_definition_is_used(self, kind: str) -> None:
        text = json.dumps(SCHEMAS[kind])
        used = set(re.findall(r'"#/definitions/(\w+)"', text))
        assert used == set(SCHEMAS[kind]["definitions"])

    @pytest.mark.parametrize(
        ("kind", "path", "part"), PROPERTIES, ids=lambda value: value if isinstance(value, str) else ""
    )
    def test_every_property_says_what_it_is_with_examples_that_fit(
        self, kind: str, path: str, part: dict[str, Any]
    ) -> None:
        assert len(part["description"].split()) > 1
        assert part["description"].endswith(".")
        assert part["examples"]
        whole = {
            **{key: value for key, value in part.items() if key != "examples"},
            "definitions": SCHEMAS[kind]["definitions"],
        }
        if "$ref" in part:
            whole = {"allOf": [{"$ref": part["$ref"]}], "definitions": SCHEMAS[kind]["definitions"]}
        for example in part["examples"]:
            assert list(Draft7Validator(whole).iter_errors(example)) == [], path

    @pytest.mark.parametrize("kind", KINDS)
    def test_every_text_with_a_form_has_its_sentence(self, kind: str) -> None:
        for name, part in SCHEMAS[kind]["definitions"].items():
            assert ("pattern" in part) <= (name in FORMS), name

    @pytest.mark.parametrize("kind", KINDS)
    def test_no_example_is_refused_by_its_own_sentence(self, kind: str) -> None:
        for name, part in SCHEMAS[kind]["definitions"].items():
            if name in FORMS and name in ("duration", "time", "span", "holiday", "cron", "zone", "day_hours"):
                assert [FORMS[name].say(example) for example in part["examples"]] == [None] * len(part["examples"])


def definition(kind: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = SCHEMAS[kind]["definitions"][name]
    return found


BUSINESS = SCHEMAS["workspace"]["properties"]["business"]
CHANNELS = SCHEMAS["workspace"]["properties"]["channels"]["properties"]
INBOUND = SCHEMAS["workspace"]["properties"]["inbound"]
LIMITS = SCHEMAS["playbook"]["properties"]["limits"]
LOCK = definition("playbook", "stage")["properties"]["lock"]
NOTES = {"description": "", "meta": "", "cadence": ""}
TIMING = dict.fromkeys(definition("playbook", "row")["properties"], "when")

#: Class of the model, the map on the page, keys with another name (empty: not kept), fields that are not on the page.
PAIRS: list[tuple[type, dict[str, Any], dict[str, str], set[str]]] = [
    (model.Workspace, SCHEMAS["workspace"], NOTES, set()),
    (model.Business, BUSINESS, {}, set()),
    (model.Member, definition("workspace", "member"), {}, set()),
    (model.Alerts, definition("workspace", "member")["properties"]["alerts"], {}, set()),
    (model.ChannelSettings, CHANNELS["sms"], {"from": "sender", "service": "options"}, set()),
    (
        model.ChannelSettings,
        CHANNELS["email"],
        {
            "from": "sender",
            "cost_per_message": "cost_per_segment",
            **dict.fromkeys(("reply_to", "host", "port", "user", "tls", "tracking"), "options"),
        },
        set(),
    ),
    (model.ChannelSettings, CHANNELS["voice"], {"from": "sender", "cost_per_message": "cost_per_segment"}, set()),
    (
        model.ChannelSettings,
        CHANNELS["webhook"],
        {"to": "options"},
        {"via", "sender", "per_day", "cost_per_segment"},
    ),
    (
        model.ChannelSettings,
        CHANNELS["audience"],
        {"folder": "options"},
        {"via", "sender", "per_minute", "per_day", "cost_per_segment"},
    ),
    (model.Hearing, INBOUND, {}, set()),
    (model.Imap, INBOUND["properties"]["imap"], {}, set()),
    (model.Replies, SCHEMAS["workspace"]["properties"]["replies"], {}, set()),
    (LawRow, definition("workspace", "law_row"), {"country": "state"}, {"basis"}),
    (model.Playbook, SCHEMAS["playbook"], {**NOTES, "playbook": "id", "expires_after": ""}, {"lines"}),
    (model.Limits, LIMITS, {}, {"line"}),
    (
        model.Touch,
        definition("playbook", "touch"),
        {**NOTES, **TIMING, "schedule": "when", "if": "condition", "list": "audience", "to": "endpoint"},
        {"instead_of", "line"},
    ),
    (When, definition("playbook", "row"), {"send": "send_now", "clock": "business_clock"}, set()),
    (model.Requirement, definition("playbook", "requirement"), {"if": "condition"}, {"path", "line"}),
    (model.Escalation, definition("playbook", "consequence"), {}, set()),
    (model.Sla, definition("playbook", "sla"), {}, {"name", "line"}),
    (model.Lock, LOCK, {}, {"line"}),
    (model.Silence, definition("playbook", "silence"), {}, {"line"}),
    (
        model.Stage,
        definition("playbook", "stage"),
        {**NOTES, "require": ""},
        {"id", "silence", "to_enter", "to_leave", "index", "line"},
    ),
    (model.RoutingRule, definition("playbook", "rule"), {"if": "condition"}, {"line"}),
    (model.Routing, definition("playbook", "routing"), {}, {"role", "line"}),
    (model.Review, definition("playbook", "review"), {}, {"name", "line"}),
]


class TestSchemasAndModel:
    @pytest.mark.parametrize(("kind", "said", "names", "own"), PAIRS, ids=lambda value: getattr(value, "__name__", ""))
    def test_the_keys_of_a_page_are_the_fields_of_the_model(
        self, kind: type, said: dict[str, Any], names: dict[str, str], own: set[str]
    ) -> None:
        kept = {names.get(key, key) for key in said["properties"]} - {""}
        assert kept | own == {field.name for field in dataclasses.fields(kind)}
        assert not kept & own

    def test_every_class_of_the_model_stands_on_some_page(self) -> None:
        classes = {name for name in model.__all__ if not name.isupper()}
        assert {kind.__name__ for kind, *_ in PAIRS} == classes | {"LawRow", "When"}

    def test_what_a_stage_requires_and_its_silence_are_where_the_model_has_them(self) -> None:
        stage = definition("playbook", "stage")["properties"]
        assert set(stage["require"]["properties"]) == {"to_enter", "to_leave"}
        assert set(stage["next"]["properties"]) == {"silence"}

    def test_the_channels_are_those_of_the_language(self) -> None:
        channel = definition("playbook", "touch")["properties"]["channel"]
        assert channel["enum"] == list(words.CHANNELS)
        assert set(CHANNELS) == {*words.MESSAGE_CHANNELS, *words.PROGRAM_CHANNELS}

    def test_the_leads_of_tests_have_the_fields_every_lead_has_but_the_id(self) -> None:
        people = (definition("test", "person"), definition("test", "case")["properties"]["lead"])
        assert [[*person["properties"]] for person in people] == [[*words.LEAD_FIELDS][1:]] * 2

    def test_a_sample_lead_has_the_fields_every_lead_has(self) -> None:
        lead = definition("samples", "sample")["properties"]["lead"]
        assert list(lead["properties"]) == list(words.LEAD_FIELDS)

    @pytest.mark.parametrize("name", words.EVENTS)
    def test_the_name_of_every_event_has_the_form_of_one(self, name: str) -> None:
        assert re.search(definition("playbook", "event")["pattern"], name)


@pytest.mark.parametrize(
    "path",
    [
        *sorted((ROOT / "playbooks").glob("*.yaml")),
        *sorted((ROOT / "schemas").glob("*.yaml")),
        *sorted((CORPUS / "good").glob("*.yaml")),
    ],
    ids=lambda path: path.name,
)
def test_good_pages_have_the_right_shape(path: Path) -> None:
    page, faults = read_page(path.name, path.read_bytes())
    assert faults == ()
    assert page is not None
    kinds = {"samples_of": "samples", "tests_of": "test", "account": "workspace"}
    kind = next((kind for key, kind in kinds.items() if key in page.data), "playbook")
    assert list(Draft7Validator(SCHEMAS[kind]).iter_errors(page.data)) == []
    assert check_schema(page, kind, SCHEMAS[kind]) == []


class TestWords:
    def test_an_unknown_key_is_shown_itself_with_the_key_that_was_meant(self) -> None:
        fault = fault_of("owner: csr", "ownr: csr")
        assert (fault.line, fault.column, fault.length) == (5, 5, 4)
        assert (fault.code, fault.message) == ("unknown-key", "the stage 'new' has no key 'ownr'")
        assert fault.help == "did you mean 'owner'?"

    def test_what_stands_below_a_misspelt_key_is_looked_at_too(self) -> None:
        found = faults_of(changed("touches:", "touchs:").replace("send: now", "send: soon"))
        assert [(fault.line, fault.code) for fault in found] == [(8, "unknown-key"), (9, "bad-value")]

    def test_a_key_of_another_part_says_where_it_belongs(self) -> None:
        assert fault_of("owner: csr", 'touch_time: "10:00"').help == "'touch_time:' belongs to 'calendar:'"
        assert fault_of("playbook: roofer", "playbook: roofer\ntemplate: x").help == "'template:' belongs to a touch"

    def test_a_word_of_other_programs_says_what_it_is_called_here(self) -> None:
        found = faults_of(changed("send: now", "delay: 5m"))
        assert [fault.help for fault in found] == ["did you mean 'after'?"]

    def test_a_missing_key_is_shown_at_its_owner_with_an_example(self) -> None:
        fault = fault_of("id: hello, ", "")
        assert (fault.line, fault.column) == (9, 9)
        assert (fault.code, fault.message) == ("missing-key", "this touch needs 'id:'")
        assert fault.help == "add for instance: id: instant"

    def test_the_missing_key_behind_a_misspelt_one_is_not_said_twice(self) -> None:
        assert [fault.code for fault in faults_of(changed("playbook:", "playbok:"))] == ["unknown-key"]

    @pytest.mark.parametrize(
        ("old", "new", "message", "advice"),
        [
            (
                "playbook: roofer",
                "playbook: 24",
                "'playbook:' needs a text, and 24 is read as a number",
                'put quotes around it: "24"',
            ),
            (
                "owner: csr",
                "owner: true",
                "'owner:' needs a text, and true is read as true or false",
                'put quotes around it: "true"',
            ),
            ("owner: csr", "owner: [csr]", "'owner:' needs a text, not a list", "write csr"),
            (
                "[lead.created]",
                "lead.created",
                "'enter_on:' needs a list, and lead.created is read as a text",
                "put it in brackets: [lead.created]",
            ),
            (
                "send: now",
                'day: "3"',
                "'day:' needs a whole number, and \"3\" is read as a text",
                "write 3, without quotes",
            ),
            ("send: now", "day: 3.0", "'day:' needs a whole number, and 3.0 is read as a number", "write digits only"),
            (
                "{lead.won: won}",
                "lead.won",
                "'next:' needs keys and values below it, and lead.won is read as a text",
                "put them on lines of their own below, indented",
            ),
        ],
    )
    def test_a_value_of_another_type(self, old: str, new: str, message: str, advice: str) -> None:
        fault = fault_of(old, new)
        assert (fault.code, fault.message, fault.help) == ("wrong-type", message, advice)

    def test_an_item_without_a_space_after_its_colon(self) -> None:
        fault = fault_of("- {id: hello, channel: sms, send: now, template: new/instant}", "- id:hello")
        assert (fault.code, fault.help) == ("wrong-type", "put a space after the colon")

    @pytest.mark.parametrize("nothing", ["", "~", '""', "null", "'  '"])
    def test_a_value_that_is_missing(self, nothing: str) -> None:
        assert fault_of("playbook: roofer", f"playbook: roofer\ntitle: {nothing}").code == "missing-value"

    def test_a_value_that_is_none_of_the_choices(self) -> None:
        fault = fault_of("channel: sms", "channel: e-mail")
        assert (fault.line, fault.column, fault.length) == (9, 30, 6)
        assert fault.message == "'e-mail' is not one of sms, email, voice, call, task, audience, webhook"
        assert fault.help == "did you mean 'email'?"

    def test_a_value_of_the_wrong_type_is_not_also_none_of_the_choices(self) -> None:
        assert [fault.code for fault in faults_of(changed("channel: sms", "channel: 5"))] == ["wrong-type"]

    def test_another_version(self) -> None:
        fault = fault_of("cadence: 1", "cadence: 2")
        assert (fault.code, fault.help) == ("bad-version", "write: cadence: 1")

    def test_an_item_that_is_listed_twice_is_shown_at_its_second_place(self) -> None:
        fault = fault_of("[lead.created]", "[lead.created, reply, reply]")
        assert (fault.line, fault.column, fault.code) == (6, 37, "repeated-item")

    def test_names_with_capitals_are_written_as_they_should_be(self) -> None:
        fault = fault_of("  new:", "  New Lead:")
        assert (fault.line, fault.column, fault.code) == (4, 3, "bad-id")
        assert fault.help.startswith("write new-lead;")

    @pytest.mark.parametrize(
        "phone", ["816-555-0100", "(816) 555-0100", "+1 816 555 0100", "8165550100", "18165550100"]
    )
    def test_a_phone_number_is_completed_and_not_repeated_in_the_sentence(self, phone: str) -> None:
        shop = (
            f"cadence: 1\naccount: summit\nbusiness: {{name: Summit, phone: {phone}, timezone: America/Chicago}}\n"
            "team: [{id: dana, name: Dana, roles: [csr]}]\n"
        )
        (fault,) = faults_of(shop, "workspace")
        assert (fault.code, fault.message) == ("bad-phone", "this phone number is not complete")
        assert '"+18165550100"' in fault.help

    def test_a_line_break_at_the_end_of_a_name_is_seen(self) -> None:
        assert fault_of("playbook: roofer", "playbook: |\n  roofer").code == "bad-id"


class TestAllAtOnce:
    def test_faults_come_in_the_order_of_the_page(self) -> None:
        text = changed("playbook: roofer", "playbook: 7\ntitle: 8").replace("owner: csr", "owner: 9") + "colour: red\n"
        places = [(fault.line, fault.column) for fault in faults_of(text)]
        assert places == sorted(places)
        assert len(places) == 4

    def test_after_very_many_no_more_are_listed(self) -> None:
        found = faults_of(PLAYBOOK + "".join(f"colour_{n}: red\n" for n in range(3000)))
        assert len(found) == MOST_FAULTS + 1
        assert sum(fault.code == "too-many-faults" for fault in found) == 1

    def test_parts_that_were_refused_already_are_not_judged(self) -> None:
        text = changed("owner: csr", "owner: *x").replace("id: hello", "id:hello") + "again:\n  <<: *x\n"
        assert faults_of(text) == []

    def test_a_right_page_with_meta_anywhere_it_may_stand(self) -> None:
        text = changed("template: new/instant", "template: new/instant, meta: {a: [1, {b: ~}]}")
        assert faults_of(text.replace("owner: csr", "owner: csr\n    meta: {x: y}") + "meta: {any: thing}\n") == []


BROKEN = "\ncolour: red\n"


class TestLeftToTheLaterChecks:
    """Single values and the fit of keys to a channel are judged by the checks that also see all other faults."""

    @pytest.mark.parametrize(
        ("old", "new", "code"),
        [
            ("send: now", "after: 5 min", "bad-duration"),
            ("send: now", "after: 5", "bad-duration"),
            ("send: now", "at: 9:00", "bad-time"),
            ("send: now", "day: 0", "day-zero"),
            ("send: now", "cron: daily", "bad-cron"),
            ("channel: sms", "channel: sms, list: x", "wrong-channel"),
            (", template: new/instant", "", "no-template"),
            ("{end: won}", "{end: won, next: {reply: new}}", "ends-with-touches"),
        ],
    )
    def test_alone_they_are_left_and_beside_a_fault_of_shape_they_are_listed(
        self, old: str, new: str, code: str
    ) -> None:
        text = changed(old, new)
        assert faults_of(text) == []
        assert {fault.code for fault in faults_of(text + BROKEN)} == {code, "unknown-key"}

    def test_a_key_of_another_channel_says_whose_it_is(self) -> None:
        found = faults_of(changed("channel: sms", "channel: email, max_segments: 2") + BROKEN)
        assert found[0].message == "'max_segments:' is not for the channel email; it goes with sms"
        assert (found[0].line, found[0].column, found[0].length) == (9, 37, 12)

    @pytest.mark.parametrize("path", sorted((CORPUS / "bad_meaning").glob("*.yaml")), ids=lambda path: path.stem)
    def test_whatever_is_left_the_later_checks_find(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        kind = "workspace" if "\naccount:" in text else "playbook"
        page = page_of(text)
        assert check_schema(page, kind, SCHEMAS[kind]) == []
        if kind == "workspace":
            later = [*check_values(page), *lint_workspace(page)]
        else:
            shop = page_of((CORPUS / "good" / "cadence.yaml").read_text(encoding="utf-8"))
            later = [*check_values(page), *lint_playbook(page, shop, [])]
        left = [fault for fault in faults_of(text + BROKEN, kind) if fault.code != "unknown-key"]
        assert {(fault.line, fault.code) for fault in left} <= {(fault.line, fault.code) for fault in later}

    def test_without_the_later_checks_a_wrong_wait_of_a_sample_is_said_here(self) -> None:
        text = "cadence: 1\nsamples_of: roofer\nleads: [{lead: {id: a}, arrives: 0h}]\n"
        assert [fault.code for fault in faults_of(text, "samples")] == ["bad-duration"]


class TestFormsAndReaders:
    """An editor that knows the schema and the program itself agree on what may be written."""

    @staticmethod
    def agree(name: str, read: Callable[[str], object], text: str) -> bool:
        try:
            read(text)
        except ValueError:
            fits = False
        else:
            fits = True
        return fits == bool(re.fullmatch(definition("playbook", name)["pattern"], text))

    @settings(max_examples=300, deadline=None)
    @given(st.from_regex(r"([0-9]{1,3}[wdhm ]){1,4}", fullmatch=True).filter(lambda text: len(text) < 9))
    def test_durations(self, text: str) -> None:
        try:
            parse_duration(text)
        except ValueError as refusal:
            if "longer than ten years" in str(refusal):  # what is too long the form does not know
                return
        assert self.agree("duration", parse_duration, text)

    @pytest.mark.parametrize("text", ["3 in 24h", "10 in 7d", "0 in 1h", "3 in 0h", "3 per day", "3 in 24", "03 in 1h"])
    def test_numbers_of_texts(self, text: str) -> None:
        try:
            parse_most(text)
        except ValueError:
            fits = False
        else:
            fits = True
        assert fits == bool(re.search(definition("workspace", "frequency")["pattern"], text))

    def test_the_states_of_the_law_are_those_of_a_record(self) -> None:
        pattern = definition("workspace", "state")["pattern"]
        assert set(pattern[2:-2].split("|")) == {*STATES, "US"}

    @settings(max_examples=300, deadline=None)
    @given(st.from_regex(r"[0-2]?[0-9]:[0-6][0-9]", fullmatch=True))
    def test_times(self, text: str) -> None:
        assert self.agree("time", parse_time, text)

    @pytest.mark.parametrize("text", ["08:00-18:00", "00:00-24:00", "20:00-04:00", "closed"])
    def test_hours_that_may_be_written(self, text: str) -> None:
        assert parse_day(text) is not None
        assert re.search(definition("playbook", "day_hours")["pattern"], text)

    @pytest.mark.parametrize("text", ["8:00-18:00", "08:00 - 18:00", "24:00-08:00", "08:00-24:30", "08:00", "open"])
    def test_hours_that_may_not(self, text: str) -> None:
        assert self.agree("day_hours", parse_day, text)
        assert not re.search(definition("playbook", "day_hours")["pattern"], text)
