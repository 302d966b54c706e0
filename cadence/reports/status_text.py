"""A status and the tick log as a person reads them: what needs somebody first, then how things stand."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cadence.reports.cells import pad, width_of
from cadence.reports.status_problems import counted, length
from cadence.store.reviews import NEVER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from cadence.reports.status import Status
    from cadence.store.ticks import TickRow

__all__ = ["problem_lines", "status_lines", "tick_lines"]

_WIDTH = 100
_LABEL = 15
_COMMAND = re.compile(r"`[^`]*`")
_GLUE = "\x00"  #: stands for a blank at which no line ends


def problem_lines(status: Status) -> Iterator[str]:
    """Yield what needs a person, and what to do about it; nothing when all is well."""
    if not status.problems:
        return
    number = len(status.problems)
    yield f"{status.business}: {counted(number, 'thing')} need{'s' * (number == 1)} you."
    for number, problem in enumerate(status.problems, 1):
        mark = f"{number}. "
        yield ""
        yield from _wrapped(mark, problem.says)
        yield from _wrapped("   -> ", problem.do)


def status_lines(status: Status) -> Iterator[str]:
    """Yield the whole page."""
    if status.problems:
        yield from problem_lines(status)
    else:
        yield f"{status.business}: all is well, nothing needs you."
    yield ""
    for label, text in _rows(status):
        yield from _wrapped(label.ljust(_LABEL), text)


def _wrapped(mark: str, text: str) -> Iterator[str]:
    """Yield a text in lines behind its mark; a command stays whole, so that it can be copied."""
    whole = _COMMAND.sub(lambda found: found[0].replace(" ", _GLUE), text)
    for line in textwrap.wrap(
        whole, _WIDTH, initial_indent=mark, subsequent_indent=" " * len(mark), break_long_words=False,
        break_on_hyphens=False,
    ):  # fmt: skip
        yield line.replace(_GLUE, " ")


def _rows(status: Status) -> Iterator[tuple[str, str]]:
    if status.revision:
        yield "Last tick", _last_tick(status)
        yield "Running now", _running(status)
        yield "Due now", _due(status)
        yield "In doubt", _in_doubt(status)
        yield "Lately", _lately(status)
        if status.deferred or status.held:
            yield "Waiting", _waiting(status)
        if status.unheard:
            yield "Came in", f"{counted(status.unheard, 'thing')} not handled yet; the next tick looks at what it can"
        if status.paused or status.paused_playbooks:
            yield (
                "Paused",
                "everything: nothing goes until `cadence resume`"
                if status.paused
                else (f"{', '.join(status.paused_playbooks)}: `cadence resume --playbook NAME` goes on"),
            )
        yield "Playbooks", _versions(status)
        if status.edits_waiting:
            yield "Edited", f"{', '.join(status.edits_waiting)}: `cadence plan` shows it, `cadence apply` publishes it"
        if status.reviews:
            yield "Reviews", _reviews(status)
    yield "Mode", _MODES.get(status.mode, status.mode)
    yield "Database", _database(status)


_MODES = {
    "log": "log: messages are written to messages.log, and nothing leaves",
    "redirect": "redirect: every message goes to one test address",
    "live": "live: messages go to customers",
}


def _last_tick(status: Status) -> str:
    row = status.last
    if row is None:
        return "none has run yet"
    ended = status.last_ended or row.finished_at
    ago = length(status.at - ended)
    took = (row.finished_at - row.started_at).total_seconds() if row.idle_runs <= 1 else 0
    how = f", took {took:.0f} s" if took >= 1 else ""
    runs = f", like the {counted(row.idle_runs - 1, 'tick')} before it" if row.idle_runs > 1 else ""
    return f"{_moment(ended, status)}, {ago} ago{how}: {_did(row, status.mode)}{runs}"


def _did(row: TickRow, mode: str) -> str:
    if row.outcome == "idle":
        return "nothing was due"
    if row.outcome in _OUTCOMES:
        return _OUTCOMES[row.outcome]
    counts = row.counts
    parts = [f"{counted(counts.get('leads', 0), 'lead')} looked at"]
    parts += [f"{_sent(mode)} {_figures(counts['sent'])}"] if counts.get("sent") else []
    parts += [f"{word}: {_by_code(counts[name])}" for name, word in _WORDS.items() if counts.get(name)]
    if handed_on := counts.get("handed_on"):
        parts.append(f"{counted(handed_on, 'lead')} left to the next tick")
    return "; ".join(parts)


_OUTCOMES = {
    "paused": "paused, nothing was done",
    "braked": "stopped by the brake, nothing was done",
    "failed": "broke off",
}
_WORDS = {
    "heard": "heard",
    "failed": "could not go",
    "deferred": "put off",
    "lost": "answer lost",
    "ended": "ended",
    "told": "colleagues told",
}


def _running(status: Status) -> str:
    if not status.running:
        return "no tick has messages in hand"
    number = sum(each.touches for each in status.running)
    return f"{counted(len(status.running), 'tick')} with {counted(number, 'message')} in hand"


def _due(status: Status) -> str:
    if status.oldest_due is not None:
        return f"{counted(status.due, 'lead')}, the first for {length(status.at - status.oldest_due)}"
    if status.next_look is not None:
        return f"nobody; the next lead is looked at {_moment(status.next_look, status)}"
    return "nobody, and nothing is planned"


def _in_doubt(status: Status) -> str:
    doubts = status.doubts
    parts = []
    if doubts and doubts.interrupted:
        parts.append(f"{counted(doubts.interrupted, 'message')} of a tick that died: the next one takes them up")
    if doubts and doubts.to_be_asked and doubts.next_question:
        parts.append(
            f"{counted(doubts.to_be_asked, 'message')} whose answer was lost: the provider is asked "
            f"{_moment(doubts.next_question, status)}"
        )
    if doubts and doubts.left:
        parts.append(f"{counted(doubts.left, 'message')} left to you")
    return "; ".join(parts) or "no message"


def _lately(status: Status) -> str:
    parts = [f"{_sent(status.mode)} {_figures(status.sent)}" if status.sent else "nothing was sent"]
    parts += [f"could not go: {_by_code(status.failed)}"] if status.failed else []
    parts += [f"colleagues told: {_figures(status.told)}"] if status.told else []
    return f"in {length(status.since)}: {'; '.join(parts)}"


def _waiting(status: Status) -> str:
    parts = []
    if status.deferred:
        when = f", next {_moment(status.next_try, status)}" if status.next_try else ""
        parts.append(f"tried again by themselves{when}: {_by_code(status.deferred)}")
    if status.held:
        parts.append(f"due, and held back for now: {_by_code(status.held)}")
    return "; ".join(parts)


def _sent(mode: str) -> str:
    return "would have sent" if mode == "log" else "sent"


def _versions(status: Status) -> str:
    known = (f"{name} {digest[:8]}, {_moment(at, status)}" for name, (digest, at) in status.versions.items())
    return "; ".join(known) or "none published yet; the first tick, import or event does it"


def _reviews(status: Status) -> str:
    several = len({each.playbook for each in status.reviews}) > 1
    parts = []
    for each in sorted(status.reviews, key=lambda each: each.due_at):
        name = f"{each.review} of {each.playbook}" if several else each.review
        due = "never" if each.due_at == NEVER else _moment(each.due_at, status)
        due = "due now" if each.due_at <= status.at else f"next {due}"
        last = f"last held {_moment(each.held_at, status)}" if each.held_at else "not held yet"
        parts.append(f"{name}: {due}, {last}")
    return "; ".join(parts)


def _database(status: Status) -> str:
    if status.revision:
        return f"{status.database}, revision {status.revision}"
    if status.database_problem:
        return status.database
    return "none yet; `cadence leads add` or `cadence leads import` makes it"


def tick_lines(rows: Sequence[TickRow], timezone: str, mode: str) -> Iterator[str]:
    """Yield the tick log, newest first, as an aligned table."""
    if not rows:
        yield "no tick has run yet"
        return
    zone = ZoneInfo(timezone)
    table = [("BEGAN", "TICKS", "TOOK", "WHAT IT DID")]
    for row in rows:
        took = (row.finished_at - row.started_at).total_seconds()
        began = f"{row.started_at.astimezone(zone):%a %d %b %H:%M:%S}"
        runs = max(row.idle_runs, 1)
        until = f"to {row.finished_at.astimezone(zone):%H:%M:%S}"
        table.append((began, f"{runs:,}", until if runs > 1 else f"{took:.0f} s", _did(row, mode)))
    widths = [max(width_of(line[column]) for line in table) for column in range(4)]
    for line in table:
        yield "  ".join(pad(cell, width) for cell, width in zip(line, widths, strict=True)).rstrip()


def _figures(figures: Mapping[str, int]) -> str:
    return ", ".join(f"{number:,} {word}" for word, number in _most_first(figures))


def _by_code(figures: Mapping[str, int]) -> str:
    return ", ".join(f"{code.replace('_', ' ')} ({number:,})" for code, number in _most_first(figures))


def _most_first(figures: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(figures.items(), key=lambda each: (-each[1], each[0]))


def _moment(instant: datetime, status: Status) -> str:
    """Write an instant on the shop's clock; of today the time alone."""
    zone = ZoneInfo(status.timezone)
    local, today = instant.astimezone(zone), status.at.astimezone(zone)
    return f"{local:%H:%M}" if local.date() == today.date() else f"{local:%a %d %b %Y %H:%M}"
