"""Labelled answers are read as what they are. ``python -m support.answers`` prints the tables: see CONTRIBUTING."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.answers import KINDS, ZONE, Answer, answers, shipped_rules, table

if TYPE_CHECKING:
    from cadence.inbox.rules import Rule

EVERY = answers(held_out=False)
#: Of the answers that the rules were not made for: the least share of a kind that is read as it.
FLOORS = {"opt_out": 0.80, "opt_in": 1.0, "acknowledgement": 0.80, "snooze": 0.80, "not_interested": 0.80}


def test_the_answers_are_many_and_of_every_kind_and_language_and_way() -> None:
    assert len(EVERY) > 600
    assert len(answers(held_out=True)) > 80
    assert {answer.kind for answer in EVERY} == set(KINDS)
    assert {answer.given["channel"] for answer in EVERY} == {"sms", "email"}


@pytest.mark.parametrize("answer", [each for each in EVERY if each.labels], ids=lambda answer: answer.name)
def test_an_answer_has_the_day_and_the_doubt_that_are_its_own(answer: Answer) -> None:
    reading = answer.read()
    until = reading.until and reading.until.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M")
    found = {"until": until, "sure": reading.sure, "automatic": reading.automatic}

    assert {name: found[name] for name in answer.labels} == answer.labels


def test_the_answers_that_the_rules_were_made_for_are_read_as_what_they_are() -> None:
    counted = table(EVERY)
    print(f"\n{counted}")  # noqa: T201 - the table is what one wants to see when this fails
    wrong = [answer.name for answer in EVERY if answer.read().kind != answer.kind]

    assert counted.recall("opt_out") == 1.0
    assert counted.false_opt_outs < 0.02
    assert wrong == []


def test_of_answers_that_no_rule_was_made_for_most_are_read_right_and_every_opt_out_stops_the_touches() -> None:
    unseen = answers(held_out=True)
    counted = table(unseen)
    print(f"\n{counted}")  # noqa: T201

    assert counted.false_opt_outs < 0.02
    assert {kind: counted.recall(kind) for kind in FLOORS if counted.recall(kind) < FLOORS[kind]} == {}
    asked = {answer.read().counts_as for answer in unseen if answer.kind == "opt_out"}
    assert asked <= {"opt_out", "reply", "not_interested"}


@pytest.mark.parametrize("rule", shipped_rules().rules, ids=lambda rule: rule.name)
def test_a_rule_takes_and_leaves_alone_the_answers_that_stand_beside_it(rule: Rule) -> None:
    for taken, examples in ((True, rule.takes), (False, rule.leaves)):
        for text in examples:
            assert (rule.name in _read_by(rule.kind, text, "subject" in rule.ways)) is taken, text


def _read_by(kind: str, text: str, as_subject: bool) -> set[str]:
    """Name the rules that an answer is read by: as a text, and as a mail's subject where the rule looks at those."""
    names = {Answer("", text, kind, {"awaits": kind == "acknowledgement"}, {}).read().rule}
    if as_subject:
        mail = {"channel": "email", "subject": text}
        names.add(Answer("", "See below.", kind, mail, {}).read().rule)
    return names
