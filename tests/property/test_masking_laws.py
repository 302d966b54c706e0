"""Whatever a line is made of: no phone number, address or secret is in it, and it is one line of JSON."""

from __future__ import annotations

import json
import logging
import re

from hypothesis import example, given
from hypothesis import strategies as st

from cadence.logs import JsonLines
from cadence.masking import Mask

JUNK = st.text(max_size=30)
DIGITS = st.tuples(st.integers(201, 989), st.integers(200, 999), st.integers(0, 9999))
SHAPES = ("+1{}{}{}", "{}{}{}", "({}) {}-{}", "{}-{}-{}", "{}.{}.{}", "1 {} {} {}", "{}/{}/{}", "+1-{}\u2011{}\u2011{}")
PHONES = st.builds(lambda shape, n: shape.format(n[0], n[1], f"{n[2]:04}"), st.sampled_from(SHAPES), DIGITS)
MAILS = st.builds(
    "{}@{}.example.com".format,
    st.from_regex(r"[a-z][a-z0-9.+_-]{3,12}", fullmatch=True),
    st.sampled_from(("mail", "x")),
)
SECRETS = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_characters="*"), min_size=6, max_size=40)


def line_of(mask: Mask, message: str, fields: dict[str, object], error: Exception | None = None) -> str:
    """Make the line a record comes to."""
    record = logging.LogRecord(
        "cadence", logging.INFO, "", 0, message, (), (type(error), error, None) if error else None
    )
    record.fields = fields
    return JsonLines(mask).format(record)


def texts(value: object) -> list[str]:
    """Every text in a line, names included."""
    if isinstance(value, dict):
        return [text for name, each in value.items() if name != "time" for text in (name, *texts(each))]
    if isinstance(value, list):
        return [text for each in value for text in texts(each)]
    return [value] if isinstance(value, str) else []


@given(JUNK, PHONES, JUNK)
@example("2026-11-24T13:10", "+18165550142", "")
@example("0", "8165550142", "0")
@example("SM0123456789abcdef0123456789abcdef", "8165550142", "")
def test_no_phone_number_is_in_a_line(before: str, phone: str, after: str) -> None:
    text = before + phone + after
    line = line_of(Mask(), text, {"to": text, text: [text], "in": {"side": (text,)}}, ValueError(text))
    last_seven = "".join(re.findall(r"\d", phone))[-7:]

    for each in texts(json.loads(line)):
        assert last_seven not in "".join(re.findall(r"\d", each))
        assert phone not in each
    assert "\n" not in line


@given(JUNK, MAILS, JUNK)
def test_no_address_is_in_a_line(before: str, mail: str, after: str) -> None:
    line = line_of(Mask(), "touch.sent", {"to": before + mail + after})

    assert mail.partition("@")[0] not in line or mail.partition("@")[0] in before + after


@given(JUNK, SECRETS, JUNK)
@example("https://", "user:pass@word", "@example.com")
def test_no_secret_is_in_a_line(before: str, secret: str, after: str) -> None:
    text = before + secret + after
    line = line_of(Mask([secret]), text, {"to": text, text: text}, ValueError(text))

    for each in texts(json.loads(line)):
        assert secret not in each
    assert secret not in line.replace(json.loads(line)["time"], "")


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | JUNK | st.binary(max_size=9)


@given(st.dictionaries(JUNK, LEAVES | st.lists(LEAVES, max_size=2), max_size=4))
def test_a_line_is_one_line_of_json_whatever_is_told(fields: dict[str, object]) -> None:
    line = line_of(Mask(), "touch.sent", fields)

    assert "\n" not in line
    assert line.isascii()
    assert json.loads(line)["event"] == "touch.sent"
