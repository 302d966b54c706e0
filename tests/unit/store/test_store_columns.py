"""Instants and JSON as text."""

from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from cadence.engine.events import instant_text, parse_instant
from cadence.store.columns import Instant, Json

DIALECT = sqlite.dialect()
write_instant = Instant().bind_processor(DIALECT)
read_instant = Instant().result_processor(DIALECT, None)
write_json = Json().bind_processor(DIALECT)
read_json = Json().result_processor(DIALECT, None)

instants = st.datetimes(datetime(1000, 1, 1), timezones=st.just(UTC)).map(lambda at: at.replace(microsecond=0))  # noqa: DTZ001


def test_an_instant_is_written_with_a_z():
    assert write_instant(datetime(2026, 11, 24, 19, 10, tzinfo=UTC)) == "2026-11-24T19:10:00Z"


@given(instants)
def test_an_instant_comes_back_and_reads_as_the_log_reads_it(instant):
    text = write_instant(instant)
    assert text == instant_text(instant)
    assert read_instant(text) == instant == parse_instant(text)
    assert read_instant(text).tzinfo is UTC


@given(instants, instants)
def test_the_order_of_the_texts_is_the_order_of_time(one, other):
    assert (write_instant(one) < write_instant(other)) == (one < other)


def test_an_instant_that_has_not_come_is_null():
    assert write_instant(None) is None
    assert read_instant(None) is None


@pytest.mark.parametrize(
    "instant",
    [
        datetime(2026, 11, 24, 19, 10),  # noqa: DTZ001 - the naive one is the case
        datetime(2026, 11, 24, 13, 10, tzinfo=timezone(timedelta(hours=-6))),
        datetime(2026, 11, 24, 19, 10, tzinfo=timezone(timedelta(0), "GMT")),
        datetime(2026, 11, 24, 19, 10, 0, 1, tzinfo=UTC),
    ],
)
def test_an_instant_that_is_not_whole_utc_seconds_is_refused(instant):
    with pytest.raises(ValueError, match="aware UTC datetime in whole seconds"):
        write_instant(instant)


def test_json_is_compact_with_sorted_keys_in_ascii():
    assert write_json({"b": [1, 2.5, None, True], "a": "¿sí?"}) == '{"a":"\\u00bfs\\u00ed?","b":[1,2.5,null,true]}'


def test_json_takes_read_only_mappings_at_any_depth():
    assert write_json(MappingProxyType({"a": MappingProxyType({"b": 1})})) == '{"a":{"b":1}}'


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), {1, 2}, object(), {"at": datetime(2026, 1, 1, tzinfo=UTC)}]
)
def test_what_json_cannot_say_is_refused(value):
    with pytest.raises((ValueError, TypeError)):
        write_json(value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(json_values)
def test_json_comes_back_and_equal_values_have_equal_texts(value):
    text = write_json(value)
    assert read_json(text) == value
    assert write_json(read_json(text)) == text
    assert text.isascii()
