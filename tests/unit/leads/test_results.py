"""What came of a call or visit is exactly one of the page's words."""

from __future__ import annotations

import pytest

from cadence.errors import Refused
from cadence.leads.results import result_of, result_words
from support.plans import one_stage, plan_of

WORDS = plan_of(
    one_stage(
        top="results: {call: [spoke, no answer], visit: {estimate sent: estimate.sent, no decision: no_decision}}"
    )
)
NONE = plan_of(one_stage())


@pytest.mark.parametrize("said", ["no answer", "No Answer", "  no   answer "])
def test_a_word_is_kept_as_the_page_spells_it(said: str) -> None:
    assert result_of([WORDS], "call", said) == ("no answer", "")


def test_a_word_may_stand_for_an_event() -> None:
    assert result_of([WORDS], "visit", "No Decision") == ("no decision", "no_decision")


@pytest.mark.parametrize(
    ("said", "help_"),
    [("no anser", "did you mean 'no answer'?"), ("busy", "the words for a call are: spoke, no answer"), ("", "spoke")],
)
def test_any_other_word_is_refused_with_the_nearest(said: str, help_: str) -> None:
    with pytest.raises(Refused) as refused:
        result_of([WORDS], "call", said)
    assert help_ in refused.value.help


def test_a_page_without_words_takes_any() -> None:
    assert result_of([NONE], "call", "busy signal") == ("busy signal", "")
    assert result_of([], "visit", "x") == ("x", "")


def test_of_two_pages_the_words_of_both_count() -> None:
    assert result_words([NONE, WORDS], "call") == {"spoke": "", "no answer": ""}
