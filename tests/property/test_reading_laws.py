"""Whatever an answer is made of: it is read, in no time to speak of, and STOP is STOP."""

from __future__ import annotations

import time
from typing import get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cadence.inbox.kinds import Kind
from cadence.inbox.reading import read_reply
from cadence.inbox.stripping import LONGEST, strip
from cadence.playbook.phrases import parse_phrase, read_text
from support.answers import AT, ZONE, answers, shipped_rules

WORDS = st.sampled_from((
    "stop", "please", "text", "texting", "me", "dont", "not", "next", "week", "in", "two", "until", "march", "12/1",
    "On", "wrote:", "From:", ">", "--", "Thanks,", "yes", "no", "the", "...", "interested", "call", "remove", "list",
    "?", "!", ",", ".", "\n", "👍", "“", "”", "El", "escribió:", "Sent from my iPhone", "unsubscribe", "semana",
))  # fmt: skip
TEXTS = st.text(max_size=80) | st.lists(WORDS | st.text(max_size=4), max_size=40).map(" ".join)
HEADERS = st.dictionaries(
    st.sampled_from(("from", "auto-submitted", "precedence", "return-path", "content-type", "x-autoreply")),
    st.text(max_size=30),
    max_size=3,
)
#: What patterns are slow on: much of the same, that nearly fits.
NASTY = (
    "a ", "no ", "On On ", "On x wrote:\n", "From: a\n", "> \n", "\n", " \n", "dont want ", "in 2 ", "Thanks,\n",
    "_" * 40 + "\n", "e\u0301\u0316\u0327", "s t o p ", "CAUTION: mail ", "ﷺ", "On a\nb\n", "El a escribió:\n> x\ny\n",
    "take me off a b c ", "*From:* x\n*Sent:* y\n", "a\u0300\u0316" * 50 + " ", "Liked “",
    "stop xing ", "unsub ", "dont x y z w ads ", "remvoe ", "and stop ",
)  # fmt: skip


@given(text=TEXTS, subject=st.text(max_size=20), channel=st.sampled_from(("sms", "email")), headers=HEADERS,
       told=st.sampled_from(("", "STOP", "START", "HELP")), awaits=st.booleans())  # fmt: skip
@example(text="\ud800", subject="", channel="sms", headers={}, told="", awaits=False)
@settings(max_examples=300, deadline=None)
def test_any_answer_is_read(
    text: str, subject: str, channel: str, headers: dict[str, str], told: str, awaits: bool
) -> None:
    reading = read_reply(
        text, subject=subject, channel=channel, headers=headers, told=told, awaits=awaits, at=AT, zone=ZONE,
        rules=shipped_rules(),
    )  # fmt: skip

    assert reading.kind in get_args(Kind)
    assert reading.rule
    assert len(reading.text) <= LONGEST
    assert (reading.automatic != "") == (reading.kind == "automatic")
    assert reading.until is None or (reading.until > AT and reading.kind in ("snooze", "automatic"))
    assert awaits or reading.kind != "acknowledgement"
    assert told != "STOP" or reading.kind == "opt_out"


@pytest.mark.parametrize("channel", ["sms", "email"])
@pytest.mark.parametrize("piece", NASTY, ids=range(len(NASTY)))
def test_a_long_answer_takes_no_time_to_speak_of(piece: str, channel: str) -> None:
    """Five seconds of processor time are far more than the slowest takes: patterns that run away take hours."""
    text = piece * (40_000 // len(piece))
    start = time.process_time()
    read_reply(text, subject=text, channel=channel, at=AT, zone=ZONE, rules=shipped_rules())

    assert time.process_time() - start < 5


@given(st.sampled_from([each for each in answers() if each.kind == "opt_out"]), st.data())
@settings(max_examples=60, deadline=None)
def test_letters_accents_and_spaces_do_not_change_an_opt_out(answer: object, data: st.DataObject) -> None:
    from support.answers import Answer

    assert isinstance(answer, Answer)
    change = data.draw(st.sampled_from((str.upper, str.lower, lambda text: f"  {text} ", lambda text: f"{text} 🙏")))
    changed = Answer(answer.name, change(answer.text), answer.kind, answer.given, {})

    assert changed.read().kind == "opt_out"


@given(
    st.lists(
        st.sampled_from(("Reply STOP to opt out", "Text STOP", "unsubscribe me", "please stop texting")), max_size=5
    )
)
@settings(max_examples=30, deadline=None)
def test_what_stands_in_a_quote_never_counts(lines: list[str]) -> None:
    quote = "".join(f"> {line}\n" for line in lines)
    head = "On Mon, Nov 23, 2026 at 9:02 AM Summit <hello@example.com> wrote:\n"

    assert strip(f"What does it cost\n\n{head}{quote}", "email").text == "What does it cost"


PIECES = ("stop", "(", ")", "/", "...", "*", "me", "un", "a/b", "[")


@given(st.text(max_size=40) | st.lists(st.sampled_from(PIECES), max_size=9).map(" ".join))
@settings(max_examples=200, deadline=None)
def test_a_phrase_is_read_or_refused_with_a_sentence(written: str) -> None:
    words = read_text("stop me un a b").words
    try:
        phrase = parse_phrase(written)
    except ValueError as error:
        said = str(error)
    else:
        said = "read"
        assert 1 <= phrase.fewest <= len(phrase.elements)
        assert phrase.match(words, 0, len(words)) <= len(words)
    assert said
