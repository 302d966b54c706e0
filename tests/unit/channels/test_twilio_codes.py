"""What follows from an error of Twilio's, code by code."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cadence.channels.channel import Lost, NotNow, Refused
from cadence.channels.twilio_codes import CODES, Act, Fault, patience, result_of
from support.twilio_make import NOW


def refused(code: int, status: int = 400, **given: object) -> Fault:
    return Fault(where="refused", status=status, code=code, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("codes", "kind", "because"),
    [
        ((21211, 21614, 21635, 30006, 21612, 30004), Refused, "address"),
        ((21610, 30640), Refused, "opt_out"),
        ((21602, 21617, 30019), Refused, "text"),
        ((21604, 21408), Refused, "other"),
        ((20500, 20503, 30410), Lost, None),
        ((21611, 30001, 30017, 30022, 30450, 30036, 30610, 30047, 30003, 30008, 30005), NotNow, None),
    ],
)
def test_a_code_has_its_consequence(codes: tuple[int, ...], kind: type, because: str | None) -> None:
    for code in codes:
        result = result_of(refused(code), NOW)
        assert isinstance(result, kind), code
        assert result.code == str(code)
        assert getattr(result, "because", None) == because
        assert CODES[code].says in result.detail


@pytest.mark.parametrize(
    "code",
    [30007, 30034, 30035, 30032, 30002, 20005, 20003, 21606, 21212, 21608, 21703, 21704, 21705],
)
def test_what_a_person_must_put_right_halts_the_channel(code: int) -> None:
    result = result_of(refused(code), NOW)

    assert isinstance(result, NotNow)
    assert result.halt


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        (datetime(2026, 11, 24, 19, 10, tzinfo=UTC), 12 + 50 / 60),  # 11:10 in Los Angeles
        (datetime(2026, 7, 1, 6, 59, tzinfo=UTC), 1 / 60),  # 23:59 in summer
        (datetime(2026, 11, 1, 7, 30, tzinfo=UTC), 24.5),  # 00:30, the day has 25 hours
    ],
)
@pytest.mark.parametrize("code", [30023, 30027])
def test_a_carrier_that_takes_no_more_today_is_asked_after_its_midnight(code: int, now: datetime, hours: float) -> None:
    result = result_of(refused(code), now)

    assert isinstance(result, NotNow)
    assert result.after == timedelta(hours=hours) + timedelta(minutes=5)


def test_a_limit_of_24_hours_is_tried_again_before_they_are_over() -> None:
    assert result_of(refused(63038, 429), NOW) == NotNow(
        "63038", "Twilio error 63038: the account has sent all it may send in 24 hours", timedelta(hours=3)
    )


@pytest.mark.parametrize("code", [30003, 30005, 30008])
def test_a_phone_out_of_reach_is_tried_once_more_and_given_up(code: int) -> None:
    assert isinstance(result_of(refused(code), NOW, attempt=1), NotNow)
    assert result_of(refused(code), NOW, attempt=2).code == str(code)
    assert isinstance(result_of(refused(code), NOW, attempt=2), Refused)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 301, 200, 408])
@pytest.mark.parametrize("code", [0, 21610, 20003, 29999])
def test_only_an_answer_that_says_no_is_a_no(status: int, code: int) -> None:
    """Whatever code stands in it: behind a 500 the message may have gone."""
    assert isinstance(result_of(refused(code, status), NOW), Lost)


@pytest.mark.parametrize("code", [0, 21610, 29999, 20429])
def test_too_many_requests_are_always_safe_to_repeat(code: int) -> None:
    result = result_of(refused(code, 429, after=timedelta(seconds=7)), NOW)

    assert isinstance(result, NotNow)
    assert (result.after, result.halt) == (timedelta(seconds=7), False)


@pytest.mark.parametrize(
    ("status", "kind"), [(400, Refused), (401, NotNow), (403, NotNow), (404, NotNow), (422, Refused)]
)
@pytest.mark.parametrize("code", [0, 29999])
def test_a_code_nobody_knows_yet_is_judged_by_its_status(status: int, kind: type, code: int) -> None:
    result = result_of(refused(code, status), NOW)

    assert isinstance(result, kind)
    assert getattr(result, "halt", True)
    assert result.code == str(code or status)


def test_no_line_is_no_call_and_no_answer_is_no_knowledge() -> None:
    assert result_of(Fault(where="connecting", word="x"), NOW) == NotNow("unreachable", "x")
    assert result_of(Fault(where="answering", word="x"), NOW) == Lost("no_answer", "x")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        ("0", None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("٧", None),
        ("9" * 400, 86400),
        ("Tue, 24 Nov 2026 19:12:00 GMT", 120),
        ("Tue, 24 Nov 2026 19:00:00 GMT", None),
        ("Tue, 24 Nov 2026 19:12:00 -0000", None),
    ],
)
def test_patience_is_asked_for_in_seconds_or_by_a_date(header: str, seconds: int | None) -> None:
    assert patience(header, NOW) == (None if seconds is None else timedelta(seconds=seconds))


def test_every_code_says_what_it_means_in_a_clause_and_every_consequence_is_used() -> None:
    assert {each.act for each in CODES.values()} == set(Act)
    assert [code for code, each in CODES.items() if not each.says or each.says[-1] in ".:!?"] == []
