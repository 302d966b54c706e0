"""Labelled answers are read as what they are. ``python -m support.answers`` prints the tables: see CONTRIBUTING."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.answers import KINDS, ZONE, Answer, answers, misses, shipped_rules, table

if TYPE_CHECKING:
    from cadence.inbox.rules import Rule

EVERY = answers()


def test_the_answers_are_many_and_of_every_kind_and_language_and_way() -> None:
    assert len(EVERY) > 1100
    assert {answer.kind for answer in EVERY} == set(KINDS)
    assert {answer.given["channel"] for answer in EVERY} == {"sms", "email"}


@pytest.mark.parametrize("answer", [each for each in EVERY if each.labels], ids=lambda answer: answer.name)
def test_an_answer_has_the_day_and_the_doubt_that_are_its_own(answer: Answer) -> None:
    reading = answer.read()
    until = reading.until and reading.until.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M")
    found = {"until": until, "sure": reading.sure, "automatic": reading.automatic}

    assert {name: found[name] for name in answer.labels} == answer.labels


def test_every_opt_out_of_the_corpus_is_found_and_next_to_nothing_else_is_taken_for_one() -> None:
    counted = table(EVERY)
    print(f"\n{len(EVERY)} answers\n\n{counted}")  # noqa: T201 - the table is what one wants to see when this fails

    assert counted.recall("opt_out") == 1.0
    assert counted.false_opt_outs < 0.02


def test_every_answer_of_the_corpus_is_read_as_what_it_is() -> None:
    assert list(misses(EVERY)) == []


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
