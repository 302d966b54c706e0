"""Facts that hold of every SMS text, whatever is in it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from cadence.playbook.segments import count_segments, not_gsm

GSM = st.text(alphabet="abcXYZ 0123456789.,?!'@£éùÇØΔ\n€[]{}^~|\\\f", max_size=500)
ANY = st.text(alphabet=st.one_of(st.sampled_from("ab €[😀çñ’\u0301\u200d👍🏽"), st.characters()), max_size=320)
quick = settings(max_examples=150, deadline=None)


def packed(sizes, room):
    """Fill parts one character after the other, and return what lies in each."""
    parts = [0]
    for size in sizes:
        if parts[-1] + size > room:
            parts.append(0)
        parts[-1] += size
    return parts


@quick
@given(GSM)
def test_a_gsm_text_is_packed_as_by_hand(text):
    sizes = [2 if char in "€[]{}^~|\\\f" else 1 for char in text]
    counted = count_segments(text)
    assert counted.units == sum(sizes)
    assert counted.segments == (1 if sum(sizes) <= 160 else len(packed(sizes, 153)))


@quick
@given(ANY)
def test_the_units_of_a_ucs2_text_are_its_utf16_units(text):
    counted = count_segments(text)
    if counted.encoding == "UCS-2":
        assert counted.units == len(text.encode("utf-16-le", "surrogatepass")) // 2


@quick
@given(ANY)
def test_the_parts_hold_the_text_and_waste_less_than_half_of_each(text):
    counted = count_segments(text)
    single, part = (160, 153) if counted.encoding == "GSM-7" else (70, 67)
    assert (counted.segments == 1) == (counted.units <= single)
    if counted.segments > 1:
        assert counted.segments >= -(-counted.units // part)
        assert counted.segments <= 2 * -(-counted.units // part)


@quick
@given(ANY, st.characters())
def test_one_more_character_never_makes_a_text_cheaper(text, more):
    assert count_segments(text + more).segments >= count_segments(text).segments


@quick
@given(ANY)
def test_a_text_is_ucs2_exactly_when_some_character_forces_it(text):
    assert (count_segments(text).encoding == "UCS-2") == bool(not_gsm(text))
