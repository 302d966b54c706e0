"""What a text costs as SMS.

``segments_oracle.json`` holds the answers of Twilio's own calculator (npm ``sms-segments-calculator`` 1.3.0, encoding
``auto``, smart encoding off) to 330 texts: the edges of one, two and three parts, extension characters, line breaks,
emoji, flags, accents and mixed prose. ``units`` is the number of code units it encoded.
"""

import json
from pathlib import Path

import pytest

from cadence.playbook.segments import Segments, count_segments, not_gsm

ORACLE = json.loads((Path(__file__).parent / "segments_oracle.json").read_text(encoding="utf-8"))


def test_the_count_agrees_with_twilios_calculator_on_every_text():
    assert len(ORACLE) == 330
    differing = [
        case["text"]
        for case in ORACLE
        if count_segments(case["text"]) != Segments(case["encoding"], case["units"], case["segments"])
    ]
    assert differing == []


@pytest.mark.parametrize(
    ("text", "encoding", "segments"),
    [
        ("", "GSM-7", 1),
        ("a" * 160, "GSM-7", 1),
        ("a" * 161, "GSM-7", 2),
        ("a" * 306, "GSM-7", 2),
        ("a" * 307, "GSM-7", 3),
        ("€" * 80, "GSM-7", 1),
        ("€" * 81, "GSM-7", 2),
        ("a" * 152 + "€" + "a" * 10, "GSM-7", 2),
        ("é" * 160, "GSM-7", 1),
        ("Ç" * 160, "GSM-7", 1),
        ("ç" * 70, "UCS-2", 1),
        ("ç" * 71, "UCS-2", 2),
        ("ç" * 134, "UCS-2", 2),
        ("ç" * 135, "UCS-2", 3),
        ("😀" * 35, "UCS-2", 1),
        ("😀" * 36, "UCS-2", 2),
        ("a" * 66 + "😀" + "b" * 10, "UCS-2", 2),
    ],
)
def test_a_text_takes_as_many_parts_as_the_standard_says(text, encoding, segments):
    counted = count_segments(text)
    assert (counted.encoding, counted.segments) == (encoding, segments)


@pytest.mark.parametrize("char", [*"^{}\\[~]|€", "\f", "\r\n"])
def test_an_extension_character_and_a_windows_line_break_take_two_units(char):
    assert count_segments(char) == Segments("GSM-7", 2, 1)


def test_an_extension_character_is_not_split_across_parts():
    in_its_place = "a" * 153 + "€" + "a" * 151
    at_the_edge = "a" * 152 + "€" + "a" * 152
    assert count_segments(in_its_place) == Segments("GSM-7", 306, 2)
    assert count_segments(at_the_edge) == Segments("GSM-7", 306, 3)


def test_a_surrogate_pair_is_not_split_across_parts():
    assert count_segments("ç" + "a" * 65 + "😀" + "a" * 66) == Segments("UCS-2", 134, 3)
    assert count_segments("ç" + "a" * 64 + "😀" + "a" * 67) == Segments("UCS-2", 134, 2)


def test_what_a_reader_sees_as_one_character_stays_in_one_part():
    family = "👨\u200d👩\u200d👧"
    assert count_segments("x" * 60 + family + "y" * 60).segments == 3
    assert count_segments("x" * 59 + family + "y" * 67).segments == 2


def test_a_heap_of_accents_longer_than_a_part_is_still_counted():
    assert count_segments("a" + "\u0301" * 200).segments == 3


@pytest.mark.parametrize("char", ["’", "“", "”", "\u00a0", "`", "–", "—", "…", "ç", "😀", "\t", "\u200b"])
def test_one_character_outside_the_alphabet_turns_the_whole_text_into_ucs2(char):
    assert count_segments("a" * 100 + char).encoding == "UCS-2"


def test_the_characters_that_force_ucs2_are_named_once_in_their_order():
    assert not_gsm("it’s “fine” – it’s é€[]") == ["’", "“", "”", "–"]
    assert not_gsm("Plain, with é and € and [brackets]") == []
