"""A shadow as lines of text: what happened, what would have, and where the two differ."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cadence.engine.decision import Reason
from cadence.engine.diff import Kind
from cadence.engine.events import parse_instant
from cadence.playbook.words import EVENTS, MESSAGE_CHANNELS, PERSON_CHANNELS
from cadence.reports.numbers_words import lasted
from cadence.reports.page import Table
from cadence.reports.page_text import table_lines
from cadence.reports.preview_words import channel_title, moment, number_of, visible
from cadence.reports.shadow import OF_TOUCHES, ShadowTally

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from typing import Any

    from cadence.runner.shadowing import Shadowing

__all__ = ["shadow_lines"]

_WIDTH = 110
_TEXT = 200  #: characters of a text that are shown
_MOST_TOUCHES = 30
#: Kind of change -> its sign, and what the sign says.
_SIGNS: Mapping[str, tuple[str, str]] = {
    Kind.ADDED.value: ("+", "would have gone, and did not"),
    Kind.DROPPED.value: ("-", "went, and would not have"),
    Kind.PASSED.value: ("x", "would have been due before the start: would not have gone"),
    Kind.MOVED.value: (">", "would have gone at another time"),
    Kind.REWORDED.value: ("~", "would have said something else"),
    Kind.STAGE.value: ("=", "would have come to a stage, or not, or at another time"),
    Kind.OWNER.value: ("@", "would have been somebody else's"),
}
_WHY: Mapping[str, str] = {
    "not_on_page": "the candidate does not have it",
    "elsewhere": "the lead would not have come to that stage",
    **{reason.code: reason.text for reason in Reason},
}
_NOTES = (
    "People might have answered otherwise to other messages: replies, bookings and opt-outs are those that really "
    "came, when they came. Sending counts as done, and whose turn it was is taken from the record.",
    "Nothing was sent or written.",
)


def shadow_lines(shadowing: Shadowing, tally: ShadowTally, folder: str, zone: str) -> Iterator[str]:
    """Yield a shadow; ``folder`` is where the candidate stands."""
    span = shadowing.span
    yield f"{folder} beside what happened from {_time(span.start, zone)} to {_time(span.end, zone)}"
    yield from (f"  {each}" for each in _versions(shadowing))
    yield ""
    yield from _wrapped(_consequence(tally), "")
    for (playbook, stage), number in sorted(tally.stranded.items()):
        leads = number_of(number, "lead stood", "leads stood")
        yield f"{leads} in {playbook} {stage}, which the candidate lacks: by the page they had, they would have gone on"
    yield ""
    yield from table_lines(_channels(tally))
    yield from _answers(tally)
    yield from _opt_outs(tally)
    if tally.kinds:
        yield ""
        for kind, (sign, says) in _SIGNS.items():
            if tally.kinds[kind]:
                yield f"  {sign} {tally.kinds[kind]:>6,}  {says}"
    touches = _touches(tally)
    if touches.rows:
        yield ""
        yield from table_lines(touches)
    for lead in tally.shown:
        yield ""
        yield from _lead(lead, zone)
    if (rest := tally.changed - len(tally.shown)) > 0:
        yield ""
        yield f"... and {number_of(rest, 'more lead')}; --json tells all"
    yield ""
    for note in _NOTES:
        yield from _wrapped(note, "")


def _versions(shadowing: Shadowing) -> Iterator[str]:
    for name, plan in shadowing.candidate.current.items():
        live = shadowing.live.current.get(name)
        if live is None:
            yield f"{name}: {plan.short}, which is not live"
        elif live.digest == plan.digest:
            yield f"{name}: {plan.short}, the same as live"
        else:
            yield f"{name}: {plan.short} beside {live.short}"
    for name in shadowing.live.current:
        if name not in shadowing.candidate.current:
            yield f"{name}: the candidate does not have it"


def _consequence(tally: ShadowTally) -> str:
    if not tally.changed:
        return f"Nothing would have been different for {number_of(tally.leads, 'lead')}."
    went, would = tally.messages
    return (
        f"{number_of(would, 'message')} would have gone where {went:,} went; something would have been different for "
        f"{tally.changed:,} of {number_of(tally.leads, 'lead')}."
    )


def _channels(tally: ShadowTally) -> Table:
    names = sorted({*tally.live, *tally.candidate}, key=lambda each: (each not in MESSAGE_CHANNELS, each))
    rows = [(channel_title(each), f"{tally.live[each]:,}", f"{tally.candidate[each]:,}") for each in names]
    return Table(head=("", "happened", "would have"), rows=tuple(rows))


def _answers(tally: ShadowTally) -> Iterator[str]:
    if not tally.came:
        return
    live, would = tally.answered()
    yield ""
    if live is None and would is None:
        yield f"Of {number_of(tally.came, 'lead')} that came in, none was answered, and none would have been."
        return
    counts = f"{len(tally.waits[0]):,} and {len(tally.waits[1]):,} of {tally.came:,}"
    yield f"First answer to those who came in: half within {lasted(live)}, would have been {lasted(would)} ({counts})"


def _opt_outs(tally: ShadowTally) -> Iterator[str]:
    if not tally.opt_outs:
        return
    yield ""
    yield f"{number_of(len(tally.opt_outs), 'opt-out')}; the last message before it was, and would have been"
    for each in tally.opt_outs[:10]:
        was, would = _named(each.after), _named(each.would_be_after)
        yield f"  {was}" + ("" if was == would else f"; would have been {would}")


def _named(place: tuple[str, str, str]) -> str:
    return " · ".join(filter(None, place)) if place[2] else "none"


def _touches(tally: ShadowTally) -> Table:
    """Return the touches that anything differs of, those with most first."""
    kinds = [kind.value for kind in OF_TOUCHES]
    differing = [(sum(counts[kind] for kind in kinds), place) for place, counts in tally.touches.items()]
    chosen = sorted((each for each in differing if each[0]), key=lambda each: (-each[0], each[1]))[:_MOST_TOUCHES]
    rows = [
        (
            f"{playbook} {stage} · {touch}",
            channel,
            *(
                str(tally.touches[playbook, stage, touch, channel][each] or "")
                for each in ("live", "candidate", *kinds)
            ),
        )
        for _, (playbook, stage, touch, channel) in chosen
    ]
    signs = tuple(_SIGNS[kind][0] for kind in kinds)
    return Table(head=("", "", "happened", "would have", *signs), rows=tuple(rows), words=(0, 1))


def _lead(lead: Mapping[str, Any], zone: str) -> Iterator[str]:
    yield visible(f"{lead['name']} ({lead['lead']})", line=True)
    for change in lead["changes"]:
        sign, _ = _SIGNS.get(change["kind"], ("?", ""))
        when = change["would_be"] or change["was"]
        told = _time(parse_instant(when), zone) if when else ""
        place = " · ".join(filter(None, (change["stage"], change["touch"])))
        line = f"  {sign} {told:<16}  {change['channel']:<8}  {place}"
        yield f"{line}  {'; '.join(_rest(change, zone))}".rstrip()
        new = change["reworded"] or change["kind"] == Kind.ADDED.value
        if new and change["text"] and change["channel"] not in PERSON_CHANNELS:
            yield from _wrapped(f"| {textwrap.shorten(visible(change['text'], line=True), _TEXT)}", "      ")


def _rest(change: Mapping[str, Any], zone: str) -> Iterator[str]:
    kind = change["kind"]
    if kind == Kind.MOVED.value and change["was"]:
        yield f"it went {_time(parse_instant(change['was']), zone)}"
    elif kind == Kind.DROPPED.value:
        yield _WHY.get(change["detail"], change["detail"])
    elif kind == Kind.STAGE.value:
        by = EVENTS[change["detail"]].title if change["detail"] in EVENTS else change["detail"]
        if not change["would_be"]:
            yield f"it came there ({by}), and would not have"
        elif change["was"]:
            yield f"it came there {_time(parse_instant(change['was']), zone)} ({by})"
        else:
            yield f"would have come there ({by})"
    elif kind == Kind.OWNER.value:
        yield f"{change['owner'] or 'nobody'}, not {change['detail'] or 'nobody'}"
    if change["after_end"]:
        yield "not by the end of the time looked at"
    if change["reworded"] and kind != Kind.REWORDED.value:
        yield "in other words"


def _time(instant: datetime, zone: str) -> str:
    return moment(instant.astimezone(ZoneInfo(zone)))


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
