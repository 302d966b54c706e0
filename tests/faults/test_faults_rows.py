"""Bad data in one row, whichever it is, never stops the others: they go, it is named, and the exit code says so."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from cadence.engine.events import Decided, Event
from cadence.runner.record import pause
from cadence.store import events, outbox
from support.desk import TUESDAY, minutes
from support.entry import call
from support.lab import texts_page

if TYPE_CHECKING:
    from pathlib import Path

    from support.desk import Desk
    from support.entry import Called
    from support.lab import Lab

NOON = ("--now", "2026-11-24T13:11")
OTHERS = ["ann", "bob", "cleo"]
PAGE = texts_page("id: hello, send: now", "id: again, after: 1h")


def damage(folder: Path, statement: str, *values: Any) -> None:
    """Change rows behind the program's back."""
    with closing(sqlite3.connect(folder / "cadence.db")) as raw, raw:
        assert raw.execute(statement, values).rowcount > 0


def ticked(desk: Desk, *words: str) -> Called:
    return call(desk.root, "tick", *(words or NOON))


def texts_to(desk: Desk) -> list[str]:
    """Who was written to, by the log of messages."""
    return sorted(line.split("(")[1].split("/")[0] for line in desk.texts().splitlines() if line.startswith("--- "))


@pytest.fixture
def shop(lab: Lab) -> Desk:
    """A shop where Maria and three others are to get a text."""
    lab.write_page(PAGE)
    lab.add(["maria", *OTHERS])
    return lab.desk


# -- a lead's log

LOGS = {
    "no JSON": ("UPDATE events SET data = '{\"lead\":' WHERE lead = 'maria' AND type = 'lead.created'",),
    "JSON of another shape": ("UPDATE events SET data = '[1, 2]' WHERE lead = 'maria' AND type = 'stage.entered'",),
    "null": ("UPDATE events SET data = 'null' WHERE lead = 'maria' AND type = 'lead.created'",),
    "no instant": ("UPDATE events SET at = 'yesterday' WHERE lead = 'maria'",),
    "an instant without a zone": ("UPDATE events SET recorded_at = '2026-11-24T19:10:00' WHERE lead = 'maria'",),
    "an empty instant": ("UPDATE events SET at = '' WHERE lead = 'maria'",),
    "half of it gone": ("DELETE FROM events WHERE lead = 'maria' AND type = 'enrolment.started'",),
    "bytes": ("UPDATE events SET data = x'ff00fe' WHERE lead = 'maria' AND type = 'lead.created'",),
    "a number": ("UPDATE events SET data = 7 WHERE lead = 'maria' AND type = 'lead.created'",),
}


@pytest.mark.parametrize("how", LOGS)
def test_a_damaged_entry_of_one_lead_stops_nobody_else(shop: Desk, how: str) -> None:
    for statement in LOGS[how]:
        damage(shop.root, statement)
    done = ticked(shop)

    assert texts_to(shop) == OTHERS
    assert done.code == 1
    assert "set aside: lead maria cannot be decided" in done.err
    assert "Traceback" not in done.err


def test_a_lead_that_is_set_aside_is_tried_again_and_goes_once_it_is_mended(shop: Desk) -> None:
    damage(
        shop.root, "UPDATE events SET type = type || '?', data = '{' WHERE lead = 'maria' AND type = 'stage.entered'"
    )
    assert ticked(shop).code == 1
    damage(
        shop.root,
        "UPDATE events SET type = 'stage.entered', data = "
        "(SELECT data FROM events WHERE lead = 'ann' AND type = 'stage.entered') WHERE type = 'stage.entered?'",
    )
    done = ticked(shop, "--now", "2026-11-24T14:12")

    assert (done.code, texts_to(shop).count("maria")) == (0, 1)


# -- a lead's data


def test_a_text_that_cannot_be_made_for_one_lead_fails_for_that_lead_alone(shop: Desk) -> None:
    template = shop.root / "templates" / "roofer" / "new" / "second-try.sms.j2"
    template.write_text("Hi{% for a in lead.name %}{% for b in lead.name %}{% endfor %}{% endfor %}", encoding="utf-8")
    change = "UPDATE events SET data = json_set(data, '$.lead.name', ?) WHERE lead = 'maria' AND type = 'lead.created'"
    damage(shop.root, change, "M" * 5000)
    done = ticked(shop)

    assert texts_to(shop) == OTHERS
    assert done.code == 1
    assert "1 template" in done.out


ODD = [None, 7, ["+18165550142"], {"a": 1}, "\ud800", "x" * 100_000, "\0", "{{ 1/0 }}"]


@pytest.mark.parametrize("value", ODD, ids=lambda value: repr(value)[:12])
def test_odd_data_of_one_lead_stops_nobody_else(lab: Lab, value: Any) -> None:
    """Whatever becomes of their texts, the others get theirs."""
    lab.write_page(PAGE)
    odd = ["name", "phone", "zones", "states", "zip"]
    lab.add([*odd, *OTHERS])
    said = {
        name: [Event(type="lead.updated", at=TUESDAY, recorded_at=TUESDAY, data={"lead": {name: value}})]
        for name in odd
    }
    with lab.desk.account.store.write() as session:
        events.append(session, "summit", said)
    lab.tick(minutes(1))

    assert {message.lead for message in lab.provider.order} >= set(OTHERS)
    assert lab.provider.twice == []


def test_a_lead_whose_outbox_knows_more_than_its_log_stops_nobody_else(lab: Lab) -> None:
    """Its text is claimed already, and yet its log says nothing of it: it never goes again."""
    lab.write_page(PAGE)
    lab.add(["maria", *OTHERS])
    lab.tick(minutes(1))
    damage(lab.desk.root, "DELETE FROM events WHERE lead = 'maria' AND type LIKE 'touch.%'")
    damage(lab.desk.root, "UPDATE leads SET wake_at = '2026-11-24T19:12:00Z' WHERE lead = 'maria'")
    lab.add(["dan"], minutes(1))
    second = lab.tick(minutes(2))

    assert list(second.set_aside) == ["maria"]
    assert second.needs_a_person
    assert second.sent["sms"] == 1, "Dan's"
    assert lab.provider.twice == []


# -- the outbox, the leads, the ticks


@pytest.mark.parametrize("column", ["check_at", "called_at", "decided_at", "due_at"])
@pytest.mark.parametrize("value", ["never", "", "2026-11-24"], ids=repr)
def test_a_damaged_instant_in_the_outbox_stops_nobody_else(lab: Lab, column: str, value: str) -> None:
    """A claim that a dead tick left cannot be read: it is named, and stays for a person."""
    lab.write_page(PAGE)
    lab.add(["maria"])
    with lab.desk.account.store.write() as session:
        (row,) = _claimed(lab)
        outbox.claim(session, "summit", [row])
    damage(lab.desk.root, f"UPDATE outbox SET {column} = ?", value)
    damage(lab.desk.root, "UPDATE leads SET wake_at = NULL")
    lab.add(OTHERS)
    done = ticked(lab.desk)

    assert texts_to(lab.desk) == OTHERS
    assert "Traceback" not in done.err
    assert done.code == 1


def _claimed(lab: Lab) -> list[outbox.OutboxRow]:
    return [
        outbox.OutboxRow(
            touch_key="maria/roofer/-/1/1/hello", lead="maria", enrolment="maria/roofer/-/1", visit=1,
            playbook="roofer", digest="d", stage="new", touch="hello", channel="sms", decided_at=TUESDAY,
            attempts=1, holder="gone", called_at=TUESDAY, check_at=TUESDAY,
        )
    ]  # fmt: skip


@pytest.mark.parametrize("value", ["0 o'clock", "", "2026-11-24T19:10:00Zzz"], ids=repr)
def test_a_lead_woken_at_no_instant_stops_nobody_else(shop: Desk, value: str) -> None:
    """With and without ``--now``: the quick look at what is due must not fall over either."""
    damage(shop.root, "UPDATE leads SET wake_at = ? WHERE lead = 'maria'", value)
    done = ticked(shop)

    assert set(texts_to(shop)) >= set(OTHERS)
    assert "Traceback" not in done.err


# -- the whole shop


@pytest.mark.parametrize("data", ["{", "null", "[]", "{}", "7"], ids=repr)
def test_a_damaged_pause_of_the_whole_shop_lets_nothing_go_and_says_so(lab: Lab, data: str) -> None:
    """Whether the shop is paused cannot be known: then it is."""
    lab.write_page(PAGE)
    lab.add(OTHERS)
    with lab.desk.account.store.write() as session:
        pause(session, "summit", lab.desk.book(session), minutes(0))
    damage(lab.desk.root, "UPDATE events SET data = ? WHERE lead = ''", data)
    done = ticked(lab.desk)

    assert (done.code, texts_to(lab.desk)) == (1, [])
    assert "a pause of the whole shop cannot be read" in done.err
    assert len(done.err.splitlines()) == 2


def test_a_log_without_sense_is_set_aside_by_itself(lab: Lab) -> None:
    """An entry that no fold can take in."""
    lab.write_page(PAGE)
    lab.add(["maria", *OTHERS])
    odd = Event(type=Decided.TOUCH_SENT, at=TUESDAY, recorded_at=TUESDAY, enrolment="nobody", data={"visit": 1})
    with lab.desk.account.store.write() as session:
        events.append(session, "summit", {"maria": [odd]})
    report = lab.tick(minutes(1))

    assert list(report.set_aside) == ["maria"]
    assert report.sent["sms"] == len(OTHERS)


@pytest.mark.parametrize("value", ["0 o'clock", "9999 o'clock", "2026-11-24T19:30"], ids=repr)
@pytest.mark.parametrize("words", [(), NOON], ids=["now", "a rehearsal"])
def test_a_lead_whose_instant_stands_first_and_cannot_be_read_is_looked_at_at_once(
    desk: Desk, value: str, words: tuple[str, ...]
) -> None:
    """When to look at a lead is worked out from its log each time: nothing is lost by looking early."""
    desk.add("maria", "+18165550142")
    damage(desk.root, "UPDATE leads SET wake_at = ?", value)
    done = call(desk.root, "tick", *words)

    assert "Traceback" not in done.err
    assert "1 lead looked at" in done.out
