"""A shop's month, rehearsed: the starter's made-up leads and some more, through real ticks on a real database."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from cadence.engine.events import Event, instant_text
from cadence.leads.arrival import Arrival, with_places
from cadence.leads.record import normalise
from cadence.leads.samples import Sample
from cadence.playbook.words import EVENTS
from cadence.reports.sources import sample_stories
from cadence.runner.rehearsal import rehearse
from cadence.workspace import load_good_workspace
from support.entry import call
from support.plans import instant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

__all__ = ["ALL_TRADES", "ENDS", "STARTS", "play_month"]

STARTS = instant("2026-11-23 06:00")  #: a Monday; Thanksgiving is on the Thursday
ENDS = STARTS + timedelta(days=28)
TRADES = {"roofer": "roofing", "plumber": "plumbing"}
ALL_TRADES = {**TRADES, "hvac": "hvac"}


def play_month(
    folder: Path,
    *,
    more: int = 20,
    trades_of: Mapping[str, str] = TRADES,
    edits: Mapping[datetime, Callable[[Path], None]] = MappingProxyType({}),
    every: timedelta = timedelta(minutes=170),
) -> Path:
    """Play the month in ``folder``; return the database. The same in every run.

    ``trades_of``: playbooks and what their leads call their trade; ``edits`` change the workspace, each before
    the first tick at or after its instant.
    """
    trades = [word for trade in trades_of for word in ("--trade", trade)]
    assert call(folder, "init", str(folder / "shop"), *trades).code == 0
    root, database = folder / "shop", folder / "month.db"
    checked = load_good_workspace(root)
    stories = sample_stories(checked, tuple(trades_of), None, STARTS)
    stories += [_life(number, Random(number), trades_of) for number in range(more)]
    open_edits = dict(sorted(edits.items()))

    def edit(at: datetime) -> None:
        for when in [each for each in open_edits if each <= at]:
            open_edits.pop(when)(root)

    rehearse(
        root,
        database,
        folder / "messages.log",
        stories,
        account="summit",
        start=STARTS,
        end=ENDS,
        every=every,
        meanwhile=edit,
    )
    return database


def _life(number: int, chance: Random, trades: Mapping[str, str]) -> Sample:
    """Make up a lead: without an address, from a list; of whom things are told late, or taken back."""
    lead = f"lead-{number:02}"
    arrives = STARTS + timedelta(minutes=chance.randrange(22 * 24 * 60))
    written = {"id": lead, "name": f"Lead {number}", "zip": "64110", "service": "repair", "urgency": "leak"}
    written |= {"trade": trades[chance.choice(list(trades))], "source": chance.choice(["google", "referral", "door"])}
    written |= {"phone": f"+1816555{1000 + number}"} if chance.random() < 0.8 else {}
    written |= {"email": f"lead{number}@example.com"} if chance.random() < 0.5 else {}
    written |= {"value": str(1000 * number)} if chance.random() < 0.5 else {}
    record = with_places(normalise(written, ()).attributes)
    arrival = Arrival(id=lead, record=record, at=arrives, inquiry=chance.random() < 0.85)
    return Sample(arrival, tuple(sorted(_facts(chance, arrives), key=lambda each: each.recorded_at)))


def _facts(chance: Random, at: datetime) -> Iterator[Event]:
    for kind, likely, minutes in _COURSE:
        at += timedelta(minutes=chance.randrange(1, minutes))
        if chance.random() > likely:
            continue
        late = timedelta(minutes=chance.choice([0, 0, 0, 9, 700]))
        key = f"act-{chance.randrange(16**10):010x}"
        yield _fact(kind, at, at + late, _data(kind, at, chance), key=key)
        if chance.random() < 0.12:
            undone = {"undoes": key, "type": kind, "of": instant_text(at)}
            yield _fact("act.undone", at + late, at + late + timedelta(minutes=3), undone)


#: What happens to a lead: how likely, and how many minutes after what came before it, at most.
_COURSE = (
    ("call.missed", 0.2, 40),
    ("call.logged", 0.7, 600),
    ("message.sent.by_person", 0.3, 300),
    ("reply", 0.3, 600),
    ("lead.qualified", 0.6, 300),
    ("appointment.booked", 0.6, 600),
    ("acknowledgement", 0.5, 300),
    ("visit.logged", 0.5, 2 * 1440),
    ("estimate.sent", 0.6, 1440),
    ("call.logged", 0.3, 4 * 1440),
    ("estimate.sent", 0.2, 3 * 1440),
    ("no_decision", 0.2, 1440),
    ("not_interested", 0.15, 2 * 1440),
    ("lead.lost", 0.25, 3 * 1440),
    ("contract.signed", 0.3, 3 * 1440),
)


def _data(kind: str, at: datetime, chance: Random) -> dict[str, Any]:
    day = (at + timedelta(days=2)).date().isoformat()
    return {
        "appointment.booked": {"starts_at": f"{day}T10:00"},
        "estimate.sent": {"amount": str(100 * chance.randrange(20, 90))},
        "contract.signed": {"amount": "5200"},
        "no_decision": {"follow_up_due": day},
        "lead.lost": {"reason": chance.choice(["Price", "price", "went with another shop", ""])},
        "call.logged": {"result": chance.choice(["spoke", "voicemail"])},
    }.get(kind, {})


def _fact(kind: str, at: datetime, recorded_at: datetime, data: dict[str, Any], key: str = "") -> Event:
    actor = EVENTS[kind].actor.value
    return Event(type=kind, at=at, recorded_at=recorded_at, actor=actor, data=data, key=key)
