"""Time: zones are known, clocks agree, ticks come often enough and are started by something."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cadence.doctor.finding import Finding
from cadence.errors import CadenceError
from cadence.runner.account import open_account
from cadence.runner.places import has_store
from cadence.store import leads, ticks
from cadence.timing.zones import lead_zones

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from typing import Any

    from cadence.doctor.case import Case
    from cadence.store.session import Session
    from cadence.store.ticks import TickRow

__all__ = ["check"]

STEADY = timedelta(minutes=15)  #: between two ticks, at most
LATELY = timedelta(hours=24)
ROWS = 200  #: of the tick log that are looked at
MOST_LEADS = 20_000  #: whose zones are looked at
DIFFER, DIFFER_MUCH = timedelta(seconds=30), timedelta(minutes=5)  #: a lost answer is looked for within the latter
_FEDERAL = ("America/New_York", "America/Los_Angeles")


def check(case: Case) -> Iterator[Finding]:
    """Look at zones, clocks and ticks."""
    yield from _zones(case)
    for who, ahead in case.clocks.items():
        yield _clock(f"{who}'s clock", ahead)
    if not has_store(case.root):
        yield from _never(case)
        return
    workspace = case.workspace
    with open_account(case.root, workspace.account, "log") as account, account.store.read() as session:
        yield from _leads(session, workspace.account, workspace.business.timezone)
        if session.dialect != "sqlite":
            asked = case.clock()
            yield _clock("the database's clock", session.clock() - asked.replace(microsecond=0))
        rows = ticks.recent(session, workspace.account, ROWS)
    yield from _ticks(case, rows) if rows else _never(case)


# Zones


def _zones(case: Case) -> Iterator[Finding]:
    zone = case.workspace.business.timezone
    try:
        for name in (zone, *_FEDERAL):
            ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        yield Finding(
            code="zones",
            verdict="wrong",
            says="this machine has no table of time zones, so no lead's clock is known",
            do="`pip install tzdata` brings one",
        )
    else:
        yield Finding(code="zones", verdict="fine", says=f"the shop is on the clock of {zone}")


def _leads(session: Session, account: str, home: str) -> Iterator[Finding]:
    rows = leads.listing(session, account, limit=MOST_LEADS)
    number = sum(1 for row in rows if _gap(row.attributes, home))
    if number:
        yield Finding(
            code="lead_zones",
            verdict="look",
            says=f"of {number:,} lead{'s' * (number != 1)} nobody knows the time zone; the shop's own is taken",
            do="give each a ZIP code or a timezone: `cadence leads import` adds both to leads that are there",
        )


def _gap(record: Mapping[str, Any], home: str) -> bool:
    zones = [str(each) for each in record.get("zones") or ()]
    return bool(lead_zones(zones, str(record.get("zone_source") or "business"), home, ()).gap)


# Clocks


def _clock(whose: str, ahead: timedelta) -> Finding:
    """Judge how far another clock is ahead of this machine's."""
    off = abs(ahead)
    if off <= DIFFER:
        return Finding(code="clock", verdict="fine", says=f"{whose} agrees with ours")
    much = off > DIFFER_MUCH
    seconds = round(off.total_seconds())
    length = f"{seconds // 60} min {seconds % 60} s" if seconds < 7200 else f"{seconds // 3600} h"
    return Finding(
        code="clock",
        verdict="wrong" if much else "look",
        says=f"this machine's clock is {length} {'behind' if ahead > timedelta() else 'ahead of'} {whose}",
        do="switch on setting the clock by the network (NTP): send windows go by it, and so does finding lost messages",
    )


# Ticks


def _ticks(case: Case, rows: list[TickRow]) -> Iterator[Finding]:
    now = case.clock()
    age = now - rows[0].finished_at
    if age > STEADY:
        yield Finding(
            code="ticks",
            verdict=case.unmoved,
            says=f"the last tick ended {_length(age)} ago, so nothing goes out",
            do=_started_by(case),
        )
        return
    gaps = [gap for gap in _gaps(rows, now - LATELY) if gap > STEADY]
    if gaps:
        yield Finding(
            code="gaps",
            verdict="look",
            says=f"in the last day no tick ran for up to {_length(max(gaps))}",
            do="keep the machine awake: what is due meanwhile goes late, or is passed over",
        )
    else:
        yield Finding(code="ticks", verdict="fine", says=f"ticks come steadily, the last {_length(age)} ago")


def _never(case: Case) -> Iterator[Finding]:
    yield Finding(
        code="ticks", verdict=case.unmoved, says="no tick has run yet, so nothing goes out", do=_started_by(case)
    )


def _gaps(rows: list[TickRow], since: datetime) -> Iterator[timedelta]:
    """Yield the times between ticks, newest first; a row of idle ones stands for many, as far apart as they were."""
    for after, before in pairwise(rows):
        if after.started_at < since:
            return
        yield after.started_at - before.finished_at
    for row in rows:
        if row.idle_runs > 1 and row.finished_at >= since:
            yield (row.finished_at - row.started_at) / (row.idle_runs - 1)


def _started_by(case: Case) -> str:
    """Say what to do so that ticks run, by whether a schedule is set up."""
    from cadence.schedules.install import fitting_kind, setup
    from cadence.schedules.job import job_name, program_words, tick_job, watch_job

    name, program = job_name(case.workspace.account, case.root), program_words(case.program)
    try:
        steps = setup(fitting_kind(), (tick_job(name, program, case.root), watch_job(name, program, case.root))).install
        installed = not any(step.needed() for step in steps)
    except (CadenceError, OSError):
        return "`cadence schedule print` shows what starts one every minute"
    if installed:
        return (
            "the schedule is set up: see that the machine is on and that you are logged in; `cadence status` says more"
        )
    return "`cadence schedule install` has one started every minute"


def _length(span: timedelta) -> str:
    seconds = max(0, int(span.total_seconds()))
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 7200:
        return f"{seconds // 60} min"
    return f"{seconds // 3600} h" if seconds < 172_800 else f"{seconds // 86_400} days"
