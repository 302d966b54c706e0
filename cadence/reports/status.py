"""How the shop's ticks stand: what ran, what waits, what is in doubt, and what needs a person."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from cadence.engine.events import instant_text
from cadence.errors import CadenceError, StoreError
from cadence.files import signature
from cadence.runner.account import open_account
from cadence.runner.edits import edited_in, too_many
from cadence.runner.places import has_store, store_url
from cadence.runner.publish import held_by, stranding
from cadence.runner.record import is_paused
from cadence.store import accounts, alerts, cursors, halts, inbound, leads, reviews, ticks, versions, watch
from cadence.store.address import parse
from cadence.store.schema import HEAD
from cadence.store.states import FAILED
from cadence.workspace import load_workspace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from cadence.runner.settings import Settings
    from cadence.store.alerts import Untold
    from cadence.store.reviews import ReviewRow
    from cadence.store.session import Session
    from cadence.store.ticks import TickRow
    from cadence.store.watch import Doubts, InHand

__all__ = ["Problem", "Status", "read_status", "status_data"]

SET_ASIDE_FOR = timedelta(minutes=65)  #: a lead is tried again after an hour, by the next tick
MOST_DUE = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that needs a person."""

    code: str
    says: str
    do: str  #: what to do about it


@dataclass(slots=True, kw_only=True)
class Status:
    """How things stand at one instant."""

    at: datetime
    since: timedelta  #: how long ago "lately" begins
    account: str
    business: str
    timezone: str
    mode: str
    database: str = ""  #: its name, without any password
    revision: str = ""  #: of its tables; empty: there is none, or it cannot be read
    database_problem: str = ""
    database_help: str = ""
    last: TickRow | None = None
    last_ended: datetime | None = None  #: on the clock that ``at`` is read from
    running: Sequence[InHand] = ()
    doubts: Doubts | None = None
    due: int = 0  #: leads to look at now
    oldest_due: datetime | None = None
    next_look: datetime | None = None  #: when the next lead is looked at, when none is due
    sent: Counter[str] = field(default_factory=Counter)  #: lately, by channel
    failed: Counter[str] = field(default_factory=Counter)  #: lately, by code
    team: Mapping[str, str] = field(default_factory=dict)  #: member -> name
    told: Counter[str] = field(default_factory=Counter)  #: messages to colleagues, lately, by member
    untold: Sequence[Untold] = ()  #: whom alerts did not reach, lately
    deferred: Counter[str] = field(default_factory=Counter)  #: messages to be tried again, by code
    next_try: datetime | None = None  #: when the first of those is
    held: Counter[str] = field(default_factory=Counter)  #: by the last tick, by reason
    set_aside: Mapping[str, str] = field(default_factory=dict)  #: lead -> kind of error
    broke_off: int = 0  #: ticks, lately
    halted: Mapping[str, str] = field(default_factory=dict)  #: channel -> why nothing goes there
    deaf: Mapping[str, tuple[datetime, str]] = field(default_factory=dict)  #: source -> since when, and why
    unclear: int = 0  #: messages, lately, that a person must look at
    unheard: int = 0  #: things that came in and are not understood yet
    paused: bool = False
    paused_playbooks: Sequence[str] = ()
    versions: Mapping[str, tuple[str, datetime]] = field(default_factory=dict)  #: playbook -> digest, published at
    reviews: Sequence[ReviewRow] = ()
    edits_held: Sequence[str] = ()
    edits_waiting: Sequence[str] = ()  #: playbooks that were edited, where pages are published by hand
    faults: Sequence[str] = ()  #: ``file:line: message``
    problems: Sequence[Problem] = ()


def read_status(root: Path, settings: Settings, now: datetime, *, since: timedelta, real: bool = True) -> Status:
    """Look at a workspace and its database at ``now``; failures count ``since`` so long.

    ``real`` tells that ``now`` is no rehearsal: then a tick's age is told by when it ran, else by what it judged by.
    Problems are left to :func:`cadence.reports.status_problems.problems_of`. Writes nothing.
    """
    status = Status(
        at=now,
        since=since,
        account=settings.account,
        business=settings.workspace.business.name,
        timezone=settings.timezone,
        mode=settings.mode,
        team={member.id: member.name for member in settings.workspace.team},
    )
    try:
        status.database = parse(store_url(root)).name
        if not has_store(root):
            return status
        with open_account(root, settings.account, settings.mode) as account, account.store.read() as session:
            _read(session, status, now - since, real=real)
            _look_at_edits(session, status, root, by_hand=settings.workspace.publish == "by_hand")
            status.revision = HEAD
    except StoreError as error:
        status.database_problem, status.database_help = error.message, error.help
    return status


def _read(session: Session, status: Status, since: datetime, *, real: bool) -> None:
    account, now = status.account, status.at
    lately = watch.ticks_since(session, account, since if real else datetime.min.replace(tzinfo=now.tzinfo))
    lately = [row for row in lately if real or row.at >= since]
    status.last = ticks.last(session, account)
    if status.last:
        status.last_ended = status.last.finished_at if real else status.last.at
        status.held.update(_figures(status.last, "held"))
    clock = session.clock()
    status.running = watch.in_hand(session, account, clock)
    status.doubts = watch.doubts(session, account, clock)
    stopped = halts.read(session, account).values()
    status.halted = {row.channel: f"{row.code}: {row.detail}" for row in stopped}
    status.deaf = {
        row.source: (row.failing_since, row.problem)
        for row in cursors.read(session, account).values()
        if row.failing_since
    }
    status.unclear = len(inbound.troubled(session, account, since))
    status.unheard = inbound.count_open(session, account)
    status.due = leads.count_due(session, account, now, MOST_DUE)
    wake = leads.next_wake(session, account)
    if wake is not None and wake <= now:
        status.oldest_due = wake
    else:
        status.next_look = wake
    for row in lately:
        status.sent.update(_figures(row, "sent"))
        status.told.update(_figures(row, "told"))
        status.broke_off += row.outcome == "failed"
    for each in watch.troubles(session, account, since):
        (status.failed if each.state == FAILED else status.deferred)[each.code] += each.touches
        if each.state != FAILED and each.next_try:
            status.next_try = min(each.next_try, status.next_try or each.next_try)
    status.untold = alerts.untold(session, account, since)
    status.set_aside = {
        lead: kind
        for row in reversed(lately)
        if (row.finished_at if real else row.at) >= now - SET_ASIDE_FOR
        for lead, kind in row.counts.get("set_aside", {}).items()
    }
    status.reviews = reviews.listing(session, account)
    status.paused = is_paused(session, account)
    status.versions = versions.current(session, account)
    status.paused_playbooks = [each for each in status.versions if is_paused(session, account, playbook=each)]


def _figures(row: TickRow, name: str) -> dict[str, int]:
    return dict(row.counts.get(name) or {})


def _look_at_edits(session: Session, status: Status, root: Path, *, by_hand: bool) -> None:
    """Find out why an edit that was saved is not in force, when one is not."""
    known = accounts.get(session, status.account)
    mark = signature(root)
    if known is None or known.source_signature == "" or (known.source_signature == mark and not by_hand):
        return
    if playbooks := held_by(known.source_signature, mark):
        status.edits_held = (too_many(playbooks),)
        return
    try:
        checked = load_workspace(root)
    except CadenceError as error:
        status.faults = (error.message,)
        return
    if checked.has_errors:
        errors = [each for each in checked.diagnostics if each.severity == "error"]
        status.faults = tuple(f"{each.file}:{each.line}: {each.message}" for each in errors)
        return
    if by_hand:
        status.edits_waiting = edited_in(checked.plans, status.versions)
        return
    held = stranding(session, status.account, checked.plans)
    status.edits_held = tuple(sentence for sentences in held.values() for sentence in sentences)


def status_data(status: Status) -> dict[str, Any]:
    """Return a status as plain data; the keys stay as they are from version to version."""
    last, doubts = status.last, status.doubts
    return {
        "at": instant_text(status.at),
        "account": status.account,
        "mode": status.mode,
        "needs_a_person": bool(status.problems),
        "problems": [asdict(each) for each in status.problems],
        "database": {
            "name": status.database,
            "revision": status.revision or None,
            "problem": status.database_problem or None,
        },
        "last_tick": tick_data(last) if last else None,
        "running": [
            {"holder": each.holder, "touches": each.touches, "until": instant_text(each.until)}
            for each in status.running
        ],
        "backlog": {
            "leads": status.due,
            "oldest_due": _text(status.oldest_due),
            "waits_seconds": _seconds(status.oldest_due, status.at),
        },
        "next_look": _text(status.next_look),
        "in_doubt": {
            "interrupted": doubts.interrupted if doubts else 0,
            "to_be_asked": doubts.to_be_asked if doubts else 0,
            "next_question": _text(doubts.next_question) if doubts else None,
            "left_to_a_person": doubts.left if doubts else 0,
        },
        "lately": {
            "seconds": int(status.since.total_seconds()),
            "sent": dict(status.sent),
            "failed": dict(status.failed),
            "ticks_broken_off": status.broke_off,
        },
        "colleagues": {
            "told": dict(status.told),
            "not_told": [asdict(each) for each in status.untold],
        },
        "tried_again": {"by_code": dict(status.deferred), "next_try": _text(status.next_try)},
        "held": dict(status.held),
        "set_aside": dict(status.set_aside),
        "halted": dict(status.halted),
        "came_in": {
            "not_handled": status.unheard,
            "unclear": status.unclear,
            "deaf": {
                source: {"since": instant_text(since), "why": why} for source, (since, why) in status.deaf.items()
            },
        },
        "paused": status.paused,
        "paused_playbooks": list(status.paused_playbooks),
        "versions": {
            playbook: {"digest": digest, "published_at": instant_text(at)}
            for playbook, (digest, at) in status.versions.items()
        },
        "reviews": [
            {
                "playbook": each.playbook,
                "review": each.review,
                "next": None if each.due_at == reviews.NEVER else instant_text(each.due_at),
                "last": _text(each.held_at),
            }
            for each in status.reviews
        ],
        "edits_held": list(status.edits_held),
        "edits_waiting": list(status.edits_waiting),
        "faults": list(status.faults),
    }


def tick_data(row: TickRow) -> dict[str, Any]:
    """Return one row of the tick log as plain data."""
    return {
        "at": instant_text(row.at),
        "started_at": instant_text(row.started_at),
        "finished_at": instant_text(row.finished_at),
        "outcome": row.outcome,
        "runs": max(row.idle_runs, 1),
        "holder": row.holder,
        "counts": dict(row.counts),
    }


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else instant_text(instant)


def _seconds(since: datetime | None, now: datetime) -> int:
    return 0 if since is None else int((now - since).total_seconds())
