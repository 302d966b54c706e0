"""Two ticks that hear at once, on a server: what one is understanding, no other overtakes."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from cadence.channels.channel import Accepted
from cadence.runner.account import load_book
from cadence.runner.hearing.ear import Heard
from cadence.runner.hearing.hear import handle_open, keep
from cadence.runner.hearing.listen import ear_of
from support.clocks import take_over
from support.desk import TUESDAY, minutes, open_desk
from support.hearing import MAIL_PAGE, MARIA, Shop
from support.lab import Lab

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres_url: Callable[[], str]) -> Iterator[Shop]:
    """A shop at a server."""
    monkeypatch.setenv("CADENCE_STORE", postgres_url())
    with open_desk(tmp_path / "shop") as desk:
        lab = Lab(desk, take_over(desk.account.store, TUESDAY, monkeypatch))
        lab.write_page(MAIL_PAGE)
        lab.add(["maria"], email=MARIA)
        lab.provider.answer = lambda _: Accepted("x")
        yield Shop(lab)


def test_no_tick_decides_while_another_is_understanding_a_stop(shop: Shop) -> None:
    """The first has the STOP in hand and not yet recorded it; the second finds the mail due."""
    shop.tick(0)
    account, lab = shop.lab.desk.account, shop.lab
    stop = shop.text(10, "STOP")
    shop.source.items.clear()
    ended: list[str] = []
    with account.store.write() as session:
        keep(session, "summit", [stop], minutes(10))
    lab.clock.set(minutes(10))
    with account.store.write() as session:
        ear = ear_of(account, load_book(session, "summit"), minutes(10))
        assert ear is not None
        handle_open(session, replace(ear, now=minutes(10)), Heard())
        other = threading.Thread(target=lambda: ended.append(_tick(lab)))
        other.start()
        other.join(0.7)
        still_waits = other.is_alive()
    other.join(20)

    assert (still_waits, ended) == (True, ["done"])
    assert [message.channel for message in lab.provider.order] == ["sms"]
    assert shop.touches()["mail"] == ("stopped", "opted_out")


def test_ticks_that_ask_at_once_hear_everything_once(shop: Shop) -> None:
    lab = shop.lab
    lab.add(["ana", "bob", "cho"])
    shop.tick(0)
    for lead, words in enumerate(("Call me", "STOP", "Not before March 3", "Yes please")):
        for _ in range(3):
            shop.text(1, words, lead=lead)
    lab.clock.set(minutes(1))
    threads = [threading.Thread(target=_tick, args=(lab, shop)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    shop.tick(2)

    for lead, kind in (("maria", "reply"), ("ana", "opt_out"), ("cho", "reply")):
        assert len(shop.facts(kind, lead)) == 3
    assert shop.state("ana").opted_out("email")
    assert lab.provider.twice == []


def _tick(lab: Lab, shop: Shop | None = None) -> str:
    from cadence.runner.clock import pretended_clock
    from cadence.runner.tick import tick

    at = minutes(10) if shop is None else minutes(1)
    ways = dict.fromkeys(("sms", "email", "audience"), lab.provider)
    sources = [shop.source] if shop else []
    return tick(lab.desk.account, at, clock=pretended_clock(at), channels=ways, sources=sources).outcome
