"""Phrases: words, compared word by word."""

from __future__ import annotations

import pytest

from cadence.playbook.phrases import MOST_CHARACTERS, parse_phrase, read_text


def found(phrase: str, text: str) -> str:
    """Return what a phrase finds in a text, as it was written; empty: nothing."""
    words = read_text(text)
    for index in range(len(words.words)):
        if last := parse_phrase(phrase).match(words.words, index, len(words.words)):
            return words.said(index, last)
    return ""


@pytest.mark.parametrize(
    ("phrase", "text", "said"),
    [
        ("stop texting", "Please STOP  texting!", "STOP texting"),
        ("stop/quit texting", "quit texting", "quit texting"),
        ("stop/quit texting", "halt texting", ""),
        ("stop texting (me)", "stop texting me now", "stop texting me"),
        ("stop texting (me)", "stop texting now", "stop texting"),
        ("take me off ... list", "take me off your silly mailing list", "take me off your silly mailing list"),
        ("take me off ... list", "take me off list", "take me off list"),
        ("take me off ... list", "take me off of each and every list", ""),
        ("unsub*", "unsubscription", "unsubscription"),
        ("stop *ing me", "please stop wasting me", "stop wasting me"),
        ("stop *ing/spam", "stop it", ""),
        ("dont text", "do not text", "do not text"),
        ("do not text", "don’t text", "don’t text"),
        ("mas", "no más", "más"),
        ("número", "NUMERO", "NUMERO"),
        ("opt-out", "opt out", "opt out"),
    ],
)
def test_a_phrase_finds_what_it_says_and_nothing_else(phrase: str, text: str, said: str) -> None:
    assert found(phrase, text) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "no word"),
        ("!!!", "no word"),
        ("(please) stop", "may be missing"),
        ("... stop", "may be missing"),
        ("stop ...", "ends with"),
        ("stop (texting", "not closed"),
        ("stop) texting", "nothing to close"),
        ("stop ((me))", "within another"),
        ("un*", "three letters"),
        ("*ed", "three letters"),
        ("*scrib*", "one star"),
        ("stop .*", "no word"),
        ("^stop$", "means nothing"),
        ("don't/stop text-me/call-me", "two phrases"),
        ("a " * 30, "more than"),
    ],
)
def test_a_phrase_that_cannot_be_looked_for_says_why(written: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_phrase(written)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("S T O P", ["stop"]),
        ("S.T.O.P.", ["stop"]),
        ("ＳＴＯＰ", ["stop"]),
        ("st\u200bop", ["stop"]),
        ("Stoppppp", ["stop"]),
        ("ＮＯ más, señor", ["no", "mas", "senor"]),
        ("12/1 at 9:30", ["12", "1", "at", "9", "30"]),
        ("👍🏽", []),
        ("", []),
    ],
)
def test_a_text_is_taken_apart_into_plain_words(text: str, words: list[str]) -> None:
    assert [word.plain for word in read_text(text).words] == words


def test_sentences_end_at_marks_emoji_and_empty_lines_and_parts_at_commas_and_line_ends() -> None:
    text = read_text("No thanks, stop. I mean it 🙏 bye\nnow\n\nDana at 3.30")

    assert [text.said(*run) for run in text.runs("sentence")] == [
        "No thanks, stop",
        "I mean it",
        "bye now",
        "Dana at 3.30",
    ]
    assert [text.said(*run) for run in text.runs("part")][:2] == ["No thanks", "stop"]


def test_what_is_longer_than_any_answer_is_cut() -> None:
    assert len(read_text("ﷺ" * MOST_CHARACTERS).text) <= MOST_CHARACTERS
