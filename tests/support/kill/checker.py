"""What is left when all has settled, held against what the provider has: nothing twice, nothing lost.

The words are those of Jepsen's checker for queues: *attempted*, *acknowledged*, *recovered*, *lost*, *unexpected*,
*duplicated*. https://github.com/jepsen-io/jepsen/blob/main/jepsen/src/jepsen/checker.clj (total-queue)
"""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cadence.engine.events import Decided
from cadence.playbook.words import MESSAGE_CHANNELS
from cadence.store import alerts, events, leads, outbox
from support.kill.shop import ACCOUNT, GAP, TOUCHES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cadence.engine.events import Event
    from cadence.store.alerts import AlertRow
    from cadence.store.outbox import OutboxRow
    from cadence.store.session import Session
    from cadence.store.store import Store
    from support.provider import Taken

__all__ = ["Verdict", "check"]

#: The entries of one touch, a letter each.
_LETTERS = {
    Decided.TOUCH_CLAIMED: "C",
    Decided.TOUCH_SENT: "S",
    Decided.TOUCH_DEFERRED: "D",
    Decided.TOUCH_UNKNOWN: "U",
    Decided.TOUCH_FAILED: "F",
    Decided.TOUCH_SKIPPED: "K",
    Decided.TOUCH_STOPPED: "P",
}
#: Any number of attempts that did not go, perhaps found out later, and exactly one outcome.
_LIFE = re.compile("(CU?D)*(CU?[SF]|[FKP])")
_ENDS = {"sent": "S", "failed": "F", "skipped": "K", "stopped": "P"}


@dataclass
class Verdict:
    """What the checker found."""

    attempted: int = 0  #: attempts that were claimed
    taken: int = 0  #: messages that the provider accepted
    acknowledged: int = 0  #: messages that the outbox calls sent
    recovered: int = 0  #: of these, such as nobody knew the outcome of for a while
    told: Counter[str] = field(default_factory=Counter)  #: of all alerts that were due: state
    outcomes: Counter[str] = field(default_factory=Counter)  #: of all touches that were due: state, reason
    lost: list[str] = field(default_factory=list)  #: due and without outcome, or called sent and never accepted
    unexpected: list[str] = field(default_factory=list)  #: accepted, though never attempted, or not called sent
    duplicated: list[str] = field(default_factory=list)  #: accepted more than once
    wrong: list[str] = field(default_factory=list)  #: log and outbox disagree, or a limit was broken; in words

    @property
    def ok(self) -> bool:
        """Whether all is as it must be."""
        return not (self.lost or self.unexpected or self.duplicated or self.wrong)

    def __str__(self) -> str:
        found = [f"attempted {self.attempted}, acknowledged {self.acknowledged}, recovered {self.recovered}"]
        found += [f"{name} {len(keys)}" + "".join(f"\n  {key}" for key in keys[:5]) for name, keys in self._faults()]
        return "\n".join(found)

    def _faults(self) -> list[tuple[str, list[str]]]:
        return [
            ("lost", self.lost),
            ("unexpected", self.unexpected),
            ("duplicated", self.duplicated),
            ("wrong", self.wrong),
        ]


def check(store: Store, taken: Sequence[Taken], arrivals: Mapping[str, datetime], until: datetime) -> Verdict:
    """Judge everything that was due by ``until``; ``arrivals`` tells when each lead came in."""
    with store.read() as session:
        rows = _rows(session, colleagues=False)
        words = _rows(session, colleagues=True)
        told = [alert for lead in arrivals for alert in alerts.listing(session, ACCOUNT, lead)]
        logs = events.of_leads(session, ACCOUNT, arrivals)
        late = list(leads.due(session, ACCOUNT, until, 1_000_000))
    verdict = Verdict(taken=len(taken))
    verdict.wrong += [f"{lead} waits for ever" for lead in late]
    due = {
        f"{lead}/roofer/-/1/1/{touch}"
        for lead, at in arrivals.items()
        for touch, after in TOUCHES.items()
        if at + after <= until
    }
    lives = _lives(logs)
    to_leads = [each for each in taken if each.key not in words]
    _check_provider(verdict, rows, lives, to_leads)
    _check_colleagues(verdict, words, [each for each in taken if each.key in words])
    _check_alerts(verdict, words, [each for each in told if each.due_at <= until])
    _check_outcomes(verdict, rows, lives, due)
    _check_limits(verdict, logs, to_leads)
    return verdict


def _rows(session: Session, *, colleagues: bool) -> dict[str, OutboxRow]:
    wanted = outbox.OutboxFilter(colleagues=colleagues)
    return {row.touch_key: row for row in outbox.listing(session, ACCOUNT, wanted, limit=1_000_000)}


def _lives(logs: Mapping[str, list[Event]]) -> dict[str, str]:
    lives: dict[str, str] = defaultdict(str)
    for log in logs.values():
        for event in log:
            if event.type in _LETTERS:
                key = f"{event.enrolment}/{event.data['visit']}/{event.data['touch']}"
                lives[key] += _LETTERS[event.type]
    return lives


def _check_provider(
    verdict: Verdict, rows: Mapping[str, OutboxRow], lives: Mapping[str, str], taken: Sequence[Taken]
) -> None:
    """Hold the outbox against what the provider accepted."""
    messages = {key: row for key, row in rows.items() if row.channel in MESSAGE_CHANNELS}
    sent = {key for key, row in messages.items() if row.state == "sent"}
    verdict.attempted = sum(lives[key].count("C") for key in messages)
    verdict.acknowledged = len(sent)
    verdict.recovered = sum(lives[key].endswith("US") for key in sent)
    _compare(verdict, messages, taken)


def _check_colleagues(verdict: Verdict, rows: Mapping[str, OutboxRow], taken: Sequence[Taken]) -> None:
    """Hold the messages to colleagues against what the provider accepted; they have no log."""
    verdict.attempted += sum(row.attempts for row in rows.values())
    verdict.acknowledged += sum(row.state == "sent" for row in rows.values())
    _compare(verdict, rows, taken)
    verdict.wrong += [f"{key} is {row.state} in the end" for key, row in rows.items() if row.state not in _ENDS]


def _check_alerts(verdict: Verdict, rows: Mapping[str, OutboxRow], due: Sequence[AlertRow]) -> None:
    """Every alert that was due was told, by a message that went."""
    for alert in due:
        verdict.told[alert.state] += 1
        state = rows[alert.message].state if alert.message in rows else "not there"
        if (alert.state, state) != ("sent", "sent"):
            verdict.lost.append(f"alert {alert.alert} is {alert.state}, its message is {state}")


def _compare(verdict: Verdict, rows: Mapping[str, OutboxRow], taken: Sequence[Taken]) -> None:
    times = Counter(each.key for each in taken)
    sent = {key for key, row in rows.items() if row.state == "sent"}
    verdict.lost += sorted(f"{key} is called sent" for key in sent - set(times))
    verdict.duplicated += sorted(f"{key} {number} times" for key, number in times.items() if number > 1)
    verdict.unexpected += sorted(
        f"{key} is {rows[key].state if key in rows else 'not there'}" for key in set(times) - sent
    )
    for each in taken:
        row = rows.get(each.key)
        if row and (each.attempt != row.attempts or (each.to, each.body) != (row.address, row.body)):
            verdict.wrong.append(f"{each.key}: attempt {each.attempt} was accepted, {row.attempts} is recorded")


def _check_outcomes(verdict: Verdict, rows: Mapping[str, OutboxRow], lives: Mapping[str, str], due: set[str]) -> None:
    """Every touch that was due has exactly one outcome, and log and outbox tell the same life."""
    for key in sorted(due):
        state = rows[key].state if key in rows else "not there"
        verdict.outcomes[f"{state} {rows[key].reason}" if key in rows else state] += 1
        if state not in _ENDS:
            verdict.lost.append(f"{key} is {state}")
    for key, row in rows.items():
        life = lives[key]
        if row.state in _ENDS and not (
            _LIFE.fullmatch(life) and life.endswith(_ENDS[row.state]) and life.count("C") == row.attempts
        ):
            verdict.wrong.append(f"{key}: the log says {life}, the outbox {row.state} after {row.attempts}")
        if row.state in _ENDS and row.check_at is not None:
            verdict.wrong.append(f"{key} has ended, and somebody is to look at it")
    verdict.wrong += [f"{key}: only the log knows of it" for key in set(lives) - set(rows)]


def _check_limits(verdict: Verdict, logs: Mapping[str, list[Event]], taken: Sequence[Taken]) -> None:
    """No person got two messages within the gap, by the instants they were judged at; none two in one judgement."""
    by_lead: dict[str, list[datetime]] = defaultdict(list)
    for key, found in {each.key: each for each in taken}.items():
        by_lead[key.partition("/")[0]].append(datetime.fromisoformat(found.at))
    for lead, instants in by_lead.items():
        instants.sort()
        if any(later - earlier < GAP for earlier, later in itertools.pairwise(instants)):
            verdict.wrong.append(f"{lead} got two messages within {GAP // timedelta(minutes=1)} minutes")
    for lead, log in logs.items():
        messages = [event for event in log if event.data.get("channel") in MESSAGE_CHANNELS]
        taken_back = {_attempt(event) for event in messages if event.type == Decided.TOUCH_DEFERRED}
        claimed = Counter(
            event.at for event in messages if event.type == Decided.TOUCH_CLAIMED and _attempt(event) not in taken_back
        )
        if any(number > 1 for number in claimed.values()):
            verdict.wrong.append(f"{lead} was to get two messages at once")


def _attempt(event: Event) -> tuple[str, int, str, int]:
    return event.enrolment, event.data["visit"], event.data["touch"], event.data["attempt"]
