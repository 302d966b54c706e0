"""One tick at a time, and what is left behind when one breaks off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from cadence.engine.events import Decided, Event
from cadence.errors import CadenceError, Refused
from cadence.runner.idle import idle
from cadence.runner.record import is_paused, pause, resume
from cadence.runner.steps import Step
from cadence.runner.tick import DONE, FAILED, PAUSED, tick
from cadence.store import events, outbox, ticks
from cadence.store.tables import outbox as outbox_table
from support.desk import TUESDAY, minutes

if TYPE_CHECKING:
    from support.desk import Desk


def test_a_tick_that_breaks_off_is_recorded_as_failed(desk: Desk) -> None:
    """Nothing was claimed, so nothing is lost: the next tick does it all."""
    desk.add("maria", "+18165550142")
    desk.account.log_file.mkdir()
    with pytest.raises(CadenceError, match="nothing was done"):
        tick(desk.account, minutes(1), plans=desk.plans)
    desk.account.log_file.rmdir()
    with desk.account.store.read() as session:
        last = ticks.last(session, "summit")
        assert last is not None
        assert last.outcome == FAILED
        assert outbox.listing(session, "summit") == []

    assert tick(desk.account, minutes(2), plans=desk.plans).sent["sms"] == 1


def test_a_text_whose_writing_broke_off_is_looked_for_and_goes_once(desk: Desk) -> None:
    """A full disk: the answer is lost; the next tick reads the file, finds nothing there, and writes it."""
    desk.add("maria", "+18165550142")
    desk.account.log_file.symlink_to("/dev/full")
    first = tick(desk.account, minutes(1), plans=desk.plans)
    desk.account.log_file.unlink()
    after = tick(desk.account, minutes(2), plans=desk.plans)

    assert (first.sent["sms"], dict(first.lost)) == (0, {"log_file": 1})
    assert (after.reconciled.again, after.sent["sms"], after.needs_a_person) == (1, 1, False)
    assert desk.texts().count("not sent: log mode") == 1


def test_a_text_that_was_written_before_its_tick_died_is_found_and_not_written_again(desk: Desk) -> None:
    """The claim is there, the outcome is not; the file has the text."""
    desk.add("maria", "+18165550142")

    def die(step: Step) -> None:
        if step is Step.BEFORE_COMMIT:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tick(desk.account, minutes(1), plans=desk.plans, watch=die)
    _forget_the_holder(desk)
    after = tick(desk.account, minutes(2), plans=desk.plans)

    assert (after.reconciled.interrupted, after.reconciled.gone, after.sent["sms"]) == (1, 1, 0)
    assert desk.texts().count("not sent: log mode") == 1


def _forget_the_holder(desk: Desk) -> None:
    """Let the lease of everything claimed run out."""
    with desk.account.store.write() as session:
        session.change(update(outbox_table).where(outbox_table.c.state == "claimed").values(check_at=TUESDAY))


def test_a_claim_of_a_tick_that_still_runs_is_left_alone(desk: Desk) -> None:
    """Its lease stands and its process is there: nobody asks, nobody sends."""
    desk.add("maria", "+18165550142")

    def die(step: Step) -> None:
        if step is Step.AFTER_CLAIM:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tick(desk.account, minutes(1), plans=desk.plans, watch=die)
    after = tick(desk.account, minutes(2), plans=desk.plans)

    assert (after.reconciled.interrupted, after.sent["sms"], desk.texts()) == (0, 0, "")


def test_a_tick_never_judges_by_an_earlier_time_than_the_last_one(desk: Desk) -> None:
    """The same instant is no going back, nor are clocks that differ a little; hours are, unless a person says so."""
    desk.add("maria", "+18165550142")
    tick(desk.account, minutes(60), plans=desk.plans)

    assert tick(desk.account, minutes(60), plans=desk.plans).outcome == DONE
    assert tick(desk.account, minutes(58), plans=desk.plans).at == minutes(60)
    with pytest.raises(Refused, match="go back") as refusal:
        tick(desk.account, minutes(4), plans=desk.plans)
    assert "--clock-is-right" in refusal.value.help
    assert tick(desk.account, minutes(4), plans=desk.plans, clock_is_right=True).outcome == DONE
    assert tick(desk.account, minutes(5), plans=desk.plans).at == minutes(5)


def test_pauses_hold_by_their_own_name_only(desk: Desk) -> None:
    """Pausing twice is pausing once; another pause is not ended by this resume."""
    desk.add("maria", "+18165550142")
    with desk.account.store.write() as session:
        book = desk.book(session)
        assert not resume(session, "summit", book, TUESDAY)
        assert pause(session, "summit", book, TUESDAY, playbook="roofer")
        assert pause(session, "summit", book, TUESDAY)
        assert not pause(session, "summit", book, TUESDAY)
        assert resume(session, "summit", book, TUESDAY, playbook="roofer")
        assert not is_paused(session, "summit", playbook="roofer")
        assert is_paused(session, "summit")
    paused = tick(desk.account, minutes(1), plans=desk.plans)
    with desk.account.store.write() as session:
        assert resume(session, "summit", book, minutes(2))

    assert (paused.outcome, paused.leads) == (PAUSED, 0)
    assert tick(desk.account, minutes(2), plans=desk.plans).sent["sms"] == 1


def test_an_idle_look_answers_only_when_it_is_plain_that_nothing_is_due(desk: Desk) -> None:
    """Somebody due, a pause, an edited page, a tick at work: then the real tick is asked."""
    desk.publish()
    assert idle(desk.root, minutes(-1))
    assert not idle(desk.root, minutes(-2)), "the clock went back"
    desk.add("maria", "+18165550142")
    assert not idle(desk.root, TUESDAY)
    tick(desk.account, minutes(1), plans=desk.plans)
    assert idle(desk.root, minutes(2))
    with desk.account.store.write() as session:
        pause(session, "summit", desk.book(session), minutes(2))
    assert not idle(desk.root, minutes(2))
    with desk.account.store.write() as session:
        resume(session, "summit", desk.book(session), minutes(2))
    assert not idle(desk.root, minutes(2)), "everybody is looked at after a pause"
    tick(desk.account, minutes(2), plans=desk.plans)
    assert idle(desk.root, minutes(3))
    desk.edit("min_gap: 4h", "min_gap: 5h")
    assert not idle(desk.root, minutes(3))


def test_a_lead_whose_log_makes_no_sense_stops_nobody_else(desk: Desk) -> None:
    """It is set aside for an hour, and said; the others get their texts."""
    desk.publish()
    desk.add("maria", "+18165550142")
    desk.add("bob", "+18165550143")
    nonsense = Event(type=Decided.STAGE_ENTERED, at=TUESDAY, recorded_at=TUESDAY, enrolment="nobody", data={"visit": 1})
    with desk.account.store.write() as session:
        events.append(session, "summit", {"maria": [nonsense]})

    report = tick(desk.account, minutes(1), plans=desk.plans)

    assert list(report.set_aside) == ["maria"]
    assert report.needs_a_person
    assert report.sent["sms"] == 1
    assert tick(desk.account, minutes(2), plans=desk.plans).set_aside == {}
    assert list(tick(desk.account, minutes(61), plans=desk.plans).set_aside) == ["maria"]
