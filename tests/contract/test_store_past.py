"""The past as the store tells it: logs in the order they were recorded, the ledger as it was, ticks, touches since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.engine.events import Event
from cadence.store import events, leads, outbox, suppressions, ticks
from cadence.store.suppressions import RETURNED, SuppressionRow
from cadence.store.ticks import TickRow

if TYPE_CHECKING:
    from cadence.store.store import Store
    from support.make import Make

ANN = "+18165550001"


def _entry(make: Make, kind: str, minute: int) -> Event:
    return Event(kind, make.at(minute), make.at(minute), actor="colleague", data={"scope": "all"})


def test_logs_of_several_leads_come_in_the_order_they_were_recorded(store: Store, make: Make) -> None:
    with store.write() as session:
        leads.add(session, "summit", [make.lead("maria"), make.lead("bob")])
        for lead, kind, minute in (
            ("maria", "reply", 1),
            ("", "paused", 2),
            ("bob", "reply", 0),
            ("maria", "snooze", 3),
        ):
            events.append(session, "summit", {lead: [_entry(make, kind, minute)]})
        everything = [(lead, event.type) for lead, event in events.in_order(session, "summit")]
        hers = [(lead, event.type) for lead, event in events.in_order(session, "summit", ["maria"])]
        others = list(events.in_order(session, "valley"))

    assert everything == [("maria", "reply"), ("", "paused"), ("bob", "reply"), ("maria", "snooze")]
    assert hers == [("maria", "reply"), ("", "paused"), ("maria", "snooze")]
    assert others == []


def test_the_ledger_tells_what_held_at_any_instant(store: Store, make: Make) -> None:
    def row(minute: int, **how: str) -> SuppressionRow:
        given = {"address": ANN, "reason": "opt_out", "source": "text", **how}
        return SuppressionRow(**given, at=make.at(minute), recorded_at=make.at(minute))  # type: ignore[arg-type]

    with store.write() as session:
        suppressions.add(session, "summit", [row(10, channel="sms"), row(20), row(30, standing=RETURNED)])
        told = suppressions.history(session, "summit", ANN)
        latest = suppressions.standing(session, "summit", [ANN])

    held = [{key[0] for key in suppressions.held_at(told, make.at(minute))} for minute in (9, 10, 25, 30)]
    assert held == [set(), {"sms"}, {"sms", "all"}, set()]
    assert latest == {}


def test_ticks_since_an_instant_come_oldest_first(store: Store, make: Make) -> None:
    with store.write() as session:
        for minute in (1, 2, 3):
            row = TickRow(
                started_at=make.at(minute), finished_at=make.at(minute), at=make.at(minute), holder="h", outcome="done"
            )
            ticks.record(session, "summit", row)
        found = [row.at for row in ticks.since(session, "summit", make.at(2))]

    assert found == [make.at(2), make.at(3)]


def test_touches_decided_since_an_instant_are_told_of_the_leads_asked_for(store: Store, make: Make) -> None:
    with store.write() as session:
        leads.add(session, "summit", [make.lead("maria"), make.lead("bob")])
        rows = [make.touch(lead=lead, touch=name, decided_at=make.at(minute)) for lead, name, minute in (
            ("maria", "b", 5), ("maria", "a", 6), ("maria", "old", 1), ("bob", "c", 7))]  # fmt: skip
        outbox.claim(session, "summit", rows)
        found = outbox.of_leads(session, "summit", ["maria"], make.at(5))

    assert [row.touch for row in found] == ["a", "b"]
