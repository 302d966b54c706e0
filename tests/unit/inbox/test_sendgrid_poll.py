"""Asking SendGrid whom it writes to no more, by its own library, over real HTTP."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cadence.channels.kit import Secret
from cadence.errors import CadenceError
from cadence.inbox import sendgrid_poll
from cadence.inbox.message import Receipt
from cadence.inbox.sendgrid_poll import EVERY, LISTS, OVERLAP, SendGridLists
from support.sendgrid_lists import KEY, Day, ListsDesk, lists_desk
from support.ways_make import kit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cadence.inbox.polled import Polled

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def lists() -> Iterator[ListsDesk]:
    with lists_desk() as desk:
        yield desk


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def stamp(minutes: float) -> int:
    return int(at(minutes).timestamp())


def read(desk: ListsDesk, cursor: Mapping[str, Any], now: datetime, *, key: str = KEY, timeout: float = 2) -> Polled:
    return SendGridLists(key, host=desk.url, timeout=timeout).poll(cursor, now)


def begun(desk: ListsDesk) -> Mapping[str, Any]:
    return read(desk, {}, NOW).cursor


def keys(polled: Polled) -> list[str]:
    assert polled.problem == ""
    return [item.key for item in polled.items]


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("bounces", "bounced"),
        ("blocks", "blocked"),
        ("invalid_emails", "bounced"),
        ("spam_reports", "complained"),
        ("unsubscribes", "opted_out"),
    ],
)
def test_each_list_tells_what_it_means_for_an_address(lists: ListsDesk, name: str, status: str) -> None:
    cursor = begun(lists)
    lists.add(name, "Ana@example.net", stamp(3))

    (found,) = read(lists, cursor, at(6)).items

    assert isinstance(found, Receipt)
    assert (found.source, found.channel, found.status) == ("sendgrid", "email", status)
    assert (found.address, found.at) == ("ana@example.net", at(3))
    assert found.key == f"{name}:ana@example.net:{stamp(3)}"


def test_what_the_mail_server_said_is_told_without_the_address(lists: ListsDesk) -> None:
    cursor = begun(lists)
    lists.add("bounces", "ana@example.net", stamp(3), status="5.1.1", reason="550 <ana@example.net> unknown")

    (found,) = read(lists, cursor, at(6)).items

    assert isinstance(found, Receipt)
    assert (found.code, found.detail) == ("5.1.1", "550 <a***@example.net> unknown")


def test_the_first_poll_reads_no_history(lists: ListsDesk) -> None:
    lists.add("unsubscribes", "ana@example.net", stamp(-60 * 24))

    assert keys(read(lists, {}, NOW)) == []


def test_polls_overlap_and_what_is_told_twice_has_the_same_key(lists: ListsDesk) -> None:
    cursor = begun(lists)
    lists.add("bounces", "ana@example.net", stamp(1))
    first = read(lists, cursor, at(6))
    lists.add("bounces", "late@example.net", stamp(2))  # it was put there late, with the time of the bounce
    second = read(lists, first.cursor, at(12))

    assert set(keys(second)) - set(keys(first)) == {f"bounces:late@example.net:{stamp(2)}"}
    assert set(keys(first)) <= set(keys(second))


def test_it_is_asked_every_few_minutes_and_not_every_minute(lists: ListsDesk) -> None:
    cursor = begun(lists)
    asked = len(lists.asked)
    soon = read(lists, cursor, NOW + EVERY / 2)

    assert (len(lists.asked), soon.cursor) == (asked, cursor)
    read(lists, cursor, NOW + EVERY)
    assert len(lists.asked) == asked + len(LISTS)


def test_a_clock_put_back_does_not_silence_it(lists: ListsDesk) -> None:
    cursor = begun(lists)
    lists.add("unsubscribes", "ana@example.net", stamp(-30))

    assert len(keys(read(lists, cursor, at(-20)))) == 1


def test_a_list_longer_than_a_page_is_read_to_its_end(lists: ListsDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sendgrid_poll, "PAGE", 3)
    cursor = begun(lists)
    for number in range(7):
        lists.add("bounces", f"{number}@example.net", stamp(1 + number / 10))

    assert len(keys(read(lists, cursor, at(6)))) == 7


def test_a_list_too_long_for_one_poll_is_read_on_by_the_next_without_waiting(
    lists: ListsDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    cursor = begun(lists)
    monkeypatch.setattr(sendgrid_poll, "PAGE", 2)
    monkeypatch.setattr(sendgrid_poll, "MOST_PAGES", 3)
    for number in range(9):
        lists.add("unsubscribes", f"{number}@example.net", stamp(1 + number / 10))
    lists.add("blocks", "last@example.net", stamp(2))

    found: list[str] = []
    for minute in range(6, 10):
        polled = read(lists, cursor, at(minute))
        lists.add("unsubscribes", f"meanwhile-{minute}@example.net", stamp(minute + 0.5))
        found += keys(polled)
        cursor = polled.cursor

    assert len({key for key in found if "meanwhile" not in key}) == 10
    assert cursor["open"] == {}


@pytest.mark.parametrize(
    ("day", "says"),
    [
        (Day(status=401, body=b"{}"), "refuses the key: make a new one and put it into SENDGRID_API_KEY"),
        (Day(status=403, body=b"{}"), "may not read suppressions"),
        (Day(status=429, body=b"{}"), "asks for patience"),
        (Day(status=500, body=b"<html>"), "HTTP 500"),
        (Day(body=b"<html>"), "made no sense"),
        (Day(body=b'{"errors": []}'), "made no sense"),
        (Day(cut=True), "made no sense|cannot be reached"),
        (Day(hang=True), "did not answer in time"),
    ],
)
def test_a_bad_day_is_told_in_words_and_loses_nothing(lists: ListsDesk, day: Day, says: str) -> None:
    cursor = begun(lists)
    lists.add("unsubscribes", "ana@example.net", stamp(1))
    lists.add("blocks", "bo@example.net", stamp(1))
    lists.days = [Day(), Day(), day]
    bad = read(lists, cursor, at(6), timeout=0.3)
    good = read(lists, bad.cursor, at(12))

    assert any(part in bad.problem for part in says.split("|"))
    assert KEY not in bad.problem
    assert [item.key.partition(":")[0] for item in bad.items] == ["unsubscribes"]
    assert f"blocks:bo@example.net:{stamp(1)}" in keys(good)


def test_a_desk_that_is_not_there_is_told() -> None:
    polled = SendGridLists(KEY, host="http://127.0.0.1:9", timeout=1).poll({}, NOW)

    assert "SendGrid cannot be reached" in polled.problem


def test_a_wrong_key_is_told(lists: ListsDesk) -> None:
    assert "refuses the key" in read(lists, {}, NOW, key="SG.wrong").problem


def test_an_entry_that_is_damaged_stops_none_behind_it(lists: ListsDesk) -> None:
    cursor = begun(lists)
    lists.days = [
        Day(body=b'[null, 5, {}, {"email": "no address"}, {"email": 5}, {"email": "ana@example.net", "created": "x"}]')
    ]

    (found,) = read(lists, cursor, at(6)).items

    assert isinstance(found, Receipt)
    assert (found.address, found.at) == ("ana@example.net", at(6))


@pytest.mark.parametrize(
    "cursor", [{"asked": 5}, {"until": 5}, {"open": {"bounces": [1]}}, {"until": {"bounces": "x"}}, {"asked": "soon"}]
)
def test_a_damaged_cursor_begins_anew(lists: ListsDesk, cursor: Mapping[str, Any]) -> None:
    assert keys(read(lists, cursor, NOW)) == []
    assert len(lists.asked) == len(LISTS)


def test_the_key_is_never_written_down(lists: ListsDesk, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        read(lists, {}, NOW)

    assert KEY not in caplog.text


def test_each_question_asks_for_a_time_that_overlaps_the_last(lists: ListsDesk) -> None:
    read(lists, begun(lists), at(6))

    _, asked = lists.asked[-1]
    assert asked["start_time"] == stamp(0) - OVERLAP.total_seconds()
    assert asked["end_time"] == stamp(6)


def test_a_workspace_has_it_asked_under_its_own_name(lists: ListsDesk) -> None:
    machine = {"SENDGRID_API_KEY": KEY, "CADENCE_SENDGRID_URL": lists.url}
    asked = SendGridLists.from_kit(kit("email", {"via": "sendgrid", "from": "hello@example.com"}, machine))

    assert asked.name == "sendgrid"
    assert keys(asked.poll({}, NOW)) == []
    assert all(isinstance(each, Secret) for each in asked.secrets)


def test_a_workspace_without_a_key_says_what_to_do() -> None:
    with pytest.raises(CadenceError, match="SENDGRID_API_KEY is not set"):
        SendGridLists.from_kit(kit("email", {"via": "sendgrid", "from": "hello@example.com"}, {}))
