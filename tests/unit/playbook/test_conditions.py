"""Conditions: what they answer, and what is said of those that cannot be right."""

import time
from datetime import datetime, timedelta, timezone

import pytest

from cadence.errors import RenderError
from cadence.playbook.conditions import compile_condition, condition_faults, holds
from cadence.playbook.context import events_view, lead_view
from cadence.playbook.samples import bare_sample, full_sample
from cadence.playbook.shapes import EventVocabulary, context_shape

SHAPE = context_shape(["roof_age"], {"permit.approved": ("the permit came", ("inspect_on",))}, ["offer", "first-call"])
AT = datetime(2026, 11, 24, 16, 40, tzinfo=timezone(timedelta(hours=-6)))  # a Tuesday
CONTEXT = {
    **full_sample(SHAPE),
    "lead": lead_view({"name": "Maria Lopez", "zip": "64110", "urgency": "leak", "value": 8500}, ["roof_age"]),
    "events": events_view({"estimate.sent": {"at": AT - timedelta(days=2), "amount": 8400}}, EventVocabulary()),
    "now": AT,
    "score": "hot",
    "in_business_hours": True,
}


@pytest.mark.parametrize(
    ("condition", "answer"),
    [
        ("lead.urgency in ['leak', 'storm']", True),
        ("lead.zip.startswith('641')", True),
        ("lead.source in ['referral', 'estimate-request']", False),
        ("lead.city.startswith('Kansas')", False),
        ("lead.city == ''", True),
        ("not lead.city", True),
        ("lead.value > 5000 and score == 'hot'", True),
        ("in_business_hours", True),
        ("not in_business_hours", False),
        ("events.estimate.sent", True),
        ("events.estimate.sent.amount >= 8000", True),
        ("events.work.approved.amount >= 8000", False),
        ("events.work.approved.amount < 8000", False),
        ("events.message.sent.by_person", False),
        ("lead.roof_age > 15", False),
        ("lead.roof_age is defined", False),
        ("lead.zip is defined", True),
        ("lead.roof_age is none", True),
        ("lead.roof_age | int > 15", False),
        ("lead.urgency | upper == 'LEAK'", True),
        ("lead.city | lower in ['kansas city']", False),
        ("touches['first-call'].outcome == 'sent'", True),
        ("now.hour < 12 or now.weekday() == 1", True),
        ("(now - events.estimate.sent.at).days == 2", True),
        ("lead.name.split() | length == 2", True),
        ("'opez' in lead.name", True),
    ],
)
def test_a_condition_answers_from_what_is_known(condition, answer):
    assert condition_faults(condition, SHAPE) == []
    assert holds(condition, CONTEXT) is answer


def test_a_condition_of_several_lines_is_one_expression():
    assert holds("score == 'hot'\n  and lead.zip\n", CONTEXT)


def test_reckoning_with_what_is_not_known_is_an_error_that_names_it():
    with pytest.raises(RenderError, match=r"the condition `lead.roof_age \+ 1 > 5` .*'lead.roof_age' is not known"):
        holds("lead.roof_age + 1 > 5", CONTEXT)


def test_an_error_never_repeats_what_a_lead_said():
    context = {**CONTEXT, "lead": lead_view({"notes": "+18165550142"})}
    with pytest.raises(RenderError) as error:
        holds("lead.notes > 5", context)
    assert "0142" not in str(error.value)
    assert "do not fit" in str(error.value)


def test_a_name_that_does_not_exist_is_an_error_not_false():
    with pytest.raises(RenderError, match="'ownr' is not something a text can name"):
        holds("ownr.id == 'lee'", CONTEXT)
    with pytest.raises(RenderError, match="'zpi'"):
        holds("lead.zpi == '64110'", CONTEXT)


def test_a_condition_that_cannot_be_read_says_so():
    with pytest.raises(RenderError, match="cannot be read: `=` does not compare") as error:
        holds("lead.zip = '64110'", CONTEXT)
    assert error.value.help == "write == to compare"


def test_a_condition_is_compiled_once():
    assert compile_condition("lead.zip == '64110'") is compile_condition("lead.zip == '64110'")


def found(condition):
    """The faults of a condition as (text pointed at, code, message, help)."""
    return [
        (condition[fault.offset : fault.offset + fault.length], fault.code, fault.message, fault.help)
        for fault in condition_faults(condition, SHAPE)
    ]


@pytest.mark.parametrize(
    ("condition", "at", "code", "message", "advice"),
    [
        ("lead.zip == 'x' and ownr.id == 'a'", "ownr", "unknown-name", "there is no 'ownr'", "did you mean 'owner'?"),
        ("lead.frist_name", "frist_name", "unknown-name", "'lead' has no 'frist_name'", "did you mean 'first_name'?"),
        (
            "first_name == 'x'",
            "first_name",
            "unknown-name",
            "there is no 'first_name'",
            "did you mean 'lead.first_name'?",
        ),
        ("estimate.sent", "estimate", "unknown-name", "there is no 'estimate'", "did you mean 'events.estimate'?"),
        ("events.estimat.sent", "estimat", "unknown-name", "'events' has no 'estimat'", "did you mean 'estimate'?"),
        ("events.estimate", "events.estimate", "unknown-name", "this is a group", "events.estimate.sent"),
        ("lead", "lead", "unknown-name", "this is a group of values, not one", "lead.address"),
        ("touches.first-call.outcome", "first", "unknown-name", "'touches' has no 'first'", "touches['first-call']"),
        ("touches['frist-call'].at", "frist-call", "unknown-name", "'touches' has no", "did you mean 'first-call'?"),
        ("lead['zpi'] == ''", "zpi", "unknown-name", "'lead' has no 'zpi'", "did you mean 'zip'?"),
        ("lead . zpi", "zpi", "unknown-name", "'lead' has no 'zpi'", "did you mean 'zip'?"),
        ("lead.zip | uper == 'A'", "uper", "unknown-filter", "there is no filter 'uper'", "did you mean 'upper'?"),
        ("lead.zip is defind", "defind", "unknown-test", "there is no test 'defind'", "did you mean 'defined'?"),
        ("lead.zip is not defind", "defind", "unknown-test", "there is no test 'defind'", "did you mean 'defined'?"),
        ("len(lead.name) > 3", "len", "unknown-function", "there is no function 'len'", "| length"),
        ("range(3)", "range", "unknown-function", "there is no function 'range'", ""),
        ("lead.name | when", "when", "bad-filter", "'when' writes a moment", "next_opening"),
        ("lead.zip = '64110'", "=", "bad-syntax", "`=` does not compare", "write == to compare"),
        ("lead.zip == '64110", "'", "bad-syntax", "the quote is not closed", "same quote"),
        ("lead.zip == ‘64110’", "‘", "bad-syntax", "typographic quote", "straight quotes"),
        ("lead.value > 5 && lead.zip", "&", "bad-syntax", "'&' is not an operator", "write `and`"),
        ("lead.zip startswith 'x'", "s", "bad-syntax", "'startswith' does not fit here", "operator"),
        ("(lead.zip", "z", "bad-syntax", "a bracket is not closed", "close it with )"),
        ("lead.zip ==", "=", "bad-syntax", "something is missing here", ""),
        ("{{ lead.zip }}", "{{", "bad-syntax", "a condition is written without braces", "leave out"),
        ("", "", "bad-syntax", "the condition is empty", ""),
        ("10 ** 10 ** 10 > lead.value", "**", "bad-syntax", "`**` is not available", ""),
        ("score == 'hot'\nand lead.zpi", "zpi", "unknown-name", "'lead' has no 'zpi'", "did you mean 'zip'?"),
        ("''.__class__", "__class__", "unknown-name", "'__class__' is out of reach", ""),
        ("lead.zip.__class__", "__class__", "unknown-name", "'__class__' is out of reach", ""),
        ("lead.zip.format(1)", "format", "unknown-name", "'lead.zip' has no 'format'", ""),
    ],
)
def test_a_fault_is_shown_where_it_stands_with_what_to_do(condition, at, code, message, advice):
    faults = found(condition)
    assert len(faults) == 1
    assert faults[0][:2] == (at, code)
    assert message in faults[0][2]
    assert advice in faults[0][3]


def test_every_fault_of_a_condition_is_shown_in_its_order():
    assert [fault[0] for fault in found("ownr.id == lead.zpi and lead.name | uper")] == ["ownr", "zpi", "uper"]


@pytest.mark.parametrize(
    "condition",
    ["9" * 5000, "(" * 1500, "not " * 400 + "score", " and ".join(["score"] * 300), "x" * 1_000_000, "\x00", "\ud800"],
)
def test_a_hostile_condition_is_a_fault_at_once(condition):
    began = time.perf_counter()
    assert condition_faults(condition, SHAPE)
    with pytest.raises(RenderError):
        holds(condition, CONTEXT)
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize(
    "condition",
    [
        "'x' * 10000000000 == ''",
        "'%9999999999d' % 1 == ''",
        "''.__class__.__mro__[1].__subclasses__()",
        "lead.__class__",
        "lead.items()",
        "'{0.__class__}'.format(lead)",
        "[].append(1)",
        "now.__reduce__()",
        "1 / 0",
        "''['__class__']",
    ],
)
def test_an_escape_or_a_bomb_is_a_plain_error(condition):
    with pytest.raises(RenderError, match=r"^the condition "):
        holds(condition, CONTEXT)


def test_a_lead_of_whom_nothing_is_known_gets_an_answer():
    bare = bare_sample("sms", SHAPE)
    for condition in ("lead.urgency in ['leak']", "lead.zip.startswith('641')", "events.estimate.sent.amount > 5"):
        assert holds(condition, bare) is False
