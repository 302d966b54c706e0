"""Ticks as cron runs them: one line each, one at a time, going on whatever happens to the files."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Shop

IN_THIS_PROCESS = True  # many commands

ADD = ("leads", "add", "trade=roofing", "zip=64110", "service=roof repair")


def _add(shop: Shop, lead: str, phone: str, now: str) -> None:
    shop.run(*ADD, f"id={lead}", f"name={lead.title()} Lopez", f"phone={phone}", "--now", now)


def _ask(shop: Shop, question: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(shop.folder / "cadence.db") as database:
        return database.execute(question).fetchall()


def test_a_tick_says_in_one_line_what_it_did_and_never_goes_back_in_time(make_shop: Callable[..., Shop]) -> None:
    """The clock of a machine may jump; a tick judges no earlier than the last one."""
    shop = make_shop("roofer")
    _add(shop, "maria", "816-555-0142", "2026-11-24T13:10")
    did = shop.run("tick", "--now", "2026-11-24T13:11")
    nothing = shop.run("tick", "--now", "2026-11-24T13:12", "--json")
    back = shop.run("tick", "--now", "2026-11-24T13:00", expect=1)
    far = shop.run("tick", "--now", "9999-12-31T23:59", expect=2)

    assert did.out == "1 lead looked at; would have sent 1 call, 1 sms; ended: 3 condition; would have told: 1 dana\n"
    assert did.err == ""
    assert nothing.data == {
        "outcome": "done", "at": "2026-11-24T19:12:00+00:00", "leads": 0, "sent": {}, "ended": {}, "failed": {},
        "deferred": {}, "lost": {}, "held": {}, "interrupted": 0, "found_gone": 0, "found_absent": 0,
        "left_to_a_person": [], "damaged": [], "set_aside": {},
        "heard": {}, "not_heard": [], "halted": {}, "reviews": [], "review_problem": "",
        "next_steps": 0, "handed_on": 0, "in_hand": 0,
        "released": False, "braked_at": 0, "told": {}, "not_told": {}, "alerts_dropped": {},
    }  # fmt: skip
    assert back.out == ""
    assert "would go back to 2026-11-24 19:00 UTC" in back.err
    assert "too far away" in far.err
    assert shop.texts().count("--- ") == 2, "one to the lead, one to her owner"


def test_faulty_files_do_not_stop_the_ticks(make_shop: Callable[..., Shop]) -> None:
    """The last good versions go on; every tick says where the fault is and ends with 1 until it is mended."""
    shop = make_shop("roofer")
    _add(shop, "maria", "816-555-0142", "2026-11-24T13:10")
    page, settings = shop.folder / "playbooks" / "roofer.yaml", shop.folder / "cadence.yaml"
    good_page, good_settings = page.read_text(), settings.read_text()
    text = shop.folder / "templates" / "roofer" / "new" / "instant.sms.j2"

    page.write_text(good_page.replace("min_gap: 4h", "min_gap: 4 hours"))
    faulty_page = shop.run("tick", "--now", "2026-11-24T13:11", expect=1)
    assert "1 sms" in faulty_page.out
    line = next(number for number, row in enumerate(good_page.splitlines(), 1) if row.startswith("limits:"))
    assert f"playbooks/roofer.yaml:{line}:" in faulty_page.err
    assert "The last good versions go on" in faulty_page.err
    page.write_text(good_page)

    settings.write_text(good_settings.replace("roles: [csr]", "rolls: [csr]"))
    faulty_settings = shop.run("tick", "--now", "2026-11-24T16:10", expect=1)
    assert "1 sms" in faulty_settings.out, "the text after three open hours"
    assert "cadence.yaml:" in faulty_settings.err
    stopped = shop.run("event", "maria", "opt_out", "--now", "2026-11-24T16:11")
    assert "asked us to stop" in stopped.out, "a STOP is taken in whatever the state of the files"
    assert "see `cadence validate`" in stopped.err
    settings.write_text(good_settings)

    text.rename(text.with_suffix(".old"))
    text.mkdir()
    unreadable = shop.run("tick", "--now", "2026-11-24T16:12", expect=1)
    assert f"held: cannot read {text}" in unreadable.err
    text.rmdir()
    text.with_suffix(".old").rename(text)

    mended = shop.run("tick", "--now", "2026-11-24T16:13")
    assert mended.err == ""


def test_an_edit_is_published_and_brings_no_message_that_nobody_planned(make_shop: Callable[..., Shop]) -> None:
    """A touch that a valid edit adds in the past is not sent late; a removed stage with leads in it is held."""
    shop = make_shop("roofer")
    _add(shop, "maria", "816-555-0142", "2026-11-24T09:00")
    shop.tick("2026-11-24T09:01")
    shop.run("event", "maria", "lead.qualified", "--now", "2026-11-24T09:05")
    page = shop.folder / "playbooks" / "roofer.yaml"
    good = page.read_text()
    before = shop.to_leads()

    added = "      - {id: extra, channel: sms, after: 1m, template: roofer/schedule/two-times}\n      - {id: offer,"
    page.write_text(good.replace("      - {id: offer,", added))
    published = shop.run("tick", "--now", "2026-11-24T09:08")
    assert "published roofer" in published.err
    assert "before publication" in published.out
    assert shop.to_leads() == before

    renamed = page.read_text().replace("\n  schedule:\n", "\n  planning:\n").replace(": schedule", ": planning")
    page.write_text(renamed.replace("[new, schedule,", "[new, planning,"))
    held = shop.run("tick", "--now", "2026-11-24T09:10", expect=1)
    assert "held: playbooks/roofer.yaml was not published: it has no stage 'schedule', and 1 lead stands" in held.err
    assert "1 sms" in held.out, "the touch of the stage that stays goes out as the last good version says"


def test_a_playbook_whose_page_is_gone_is_retired_unless_leads_stand_in_it(make_shop: Callable[..., Shop]) -> None:
    """Nobody new comes into it; who is in it is not dropped, and somebody is told."""
    shop = make_shop("roofer", "plumber")
    _add(shop, "maria", "816-555-0142", "2026-11-24T13:10")
    for trade in ("roofer", "plumber"):
        (shop.folder / "playbooks" / f"{trade}.samples.yaml").unlink()
    (shop.folder / "playbooks" / "plumber.yaml").unlink()
    retired = shop.run("tick", "--now", "2026-11-24T13:11")
    assert "retired plumber: its page is gone" in retired.err
    pipe = shop.run("leads", "add", "phone=816-555-0149", "trade=plumbing", "--now", "2026-11-24T13:12")
    assert "no playbook takes this lead" in pipe.err

    page = shop.folder / "playbooks" / "roofer.yaml"
    page.write_text(page.read_text().replace("playbook: roofer", "playbook: roofs"))
    gone = shop.run("tick", "--now", "2026-11-24T16:10", expect=1)
    assert "held: the page of 'roofer' is gone, and 1 lead stands in it" in gone.err
    assert "1 sms" in gone.out


def test_texts_that_cannot_be_written_down_are_not_claimed(make_shop: Callable[..., Shop]) -> None:
    """A folder where messages.log should be: nothing is done, and once mended everything goes that is due."""
    shop = make_shop("roofer")
    _add(shop, "maria", "816-555-0142", "2026-11-24T13:10")
    log = shop.folder / "messages.log"
    log.mkdir()
    refused = shop.run("tick", "--now", "2026-11-24T13:11", expect=1)
    assert f"cannot write {log}; nothing was done" in refused.err
    assert _ask(shop, "SELECT * FROM outbox") == []
    log.rmdir()

    assert "1 sms" in shop.tick("2026-11-24T13:12")


def test_an_idle_tick_does_not_go_back_behind_the_last_one(make_shop: Callable[..., Shop]) -> None:
    """A rehearsal in the future is not undone by a plain tick that finds nothing due."""
    shop = make_shop("roofer")
    shop.tick("2099-01-05T10:00")

    refused = shop.run("tick", expect=1)

    assert "would go back" in refused.err


def test_a_page_may_end_in_yml(make_shop: Callable[..., Shop]) -> None:
    """A playbook called .yml is read like any other, and not passed over."""
    shop = make_shop("roofer")
    (shop.folder / "playbooks" / "roofer.yaml").rename(shop.folder / "playbooks" / "roofer.yml")

    assert "published roofer" in shop.run("tick").err


def test_the_database_may_be_named_in_the_settings_file(make_shop: Callable[..., Shop], tmp_path: Path) -> None:
    """CADENCE_STORE stands in .env; the environment goes before it."""
    shop = make_shop("roofer")
    kept, given = tmp_path / "kept.db", tmp_path / "given.db"
    (shop.folder / ".env").write_text(f"CADENCE_STORE=sqlite:///{kept}\n")

    shop.run("tick")
    assert kept.is_file()

    shop.run("tick", env={"CADENCE_STORE": f"sqlite:///{given}"})
    assert given.is_file()
    assert not (shop.folder / "cadence.db").exists()
