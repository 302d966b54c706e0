"""Meaning checks of event names, and of what a touch counts from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.playbook.diagnostics import did_you_mean
from cadence.playbook.lint_rules import Fault, Place, Reading, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.playbook.marks import Path

__all__ = ["ENGINE_EVENTS", "RULES", "named_events", "result_events", "split_moment"]

#: The program's own log entries: nobody can act on them in a page. Name -> what to write instead.
ENGINE_EVENTS: dict[str, str] = {
    "enrolment.started": "write lead.created, or give the first stage 'enter_on:'",
    "stage.entered": "a touch without 'anchor:' already counts from the moment the lead entered the stage",
    "move.waiting": "write the event that moves the lead under 'next:'",
    "enrolment.ended": "write lead.won or lead.lost",
    "version.adopted": "leave it out",
    "sequence.stopped": "write the event that stops, such as reply",
    "touch.claimed": "write message.sent, or name the touch by its id",
    "touch.sent": "write message.sent, or name the touch by its id",
    "touch.deferred": "ask for the touch in a condition: touches['its-id'].outcome",
    "touch.skipped": "ask for the touch in a condition: touches['its-id'].outcome",
    "touch.stopped": "write the event that stops, such as reply",
    "touch.failed": "ask for the touch in a condition: touches['its-id'].outcome",
    "touch.unknown": "ask for the touch in a condition: touches['its-id'].outcome",
    "visit.restored": "leave it out",
    "task.made": "write task.done",
    "task.moved": "write task.postponed",
    "task.closed": "write task.done",
    "lead.held": "write snooze or automatic",
    "hold.ended": "leave it out; a pause ends by itself and makes a task",
    "owner.changed": "leave it out",
    "lead.scored": "ask for the bucket in a condition: score == 'hot'",
    "lock.lost": "write what undoes it, such as appointment.cancelled",
    "sla.warned": "say under 'sla:' what follows, with 'warn:' and 'on_miss:'",
    "sla.missed": "say under 'sla:' what follows, with 'on_miss:'",
    "sla.escalated": "say under 'sla:' what follows, with 'on_miss:'",
    "paused": "leave it out; a pause moves everything by its length",
    "resumed": "leave it out; a pause moves everything by its length",
}


def named_events(reading: Reading) -> Iterator[tuple[Path, str, bool]]:
    """Yield every event the page names: where, which, and whether it is a key."""
    for number, event in enumerate(reading.data.get("stop_on", ())):
        yield ("stop_on", number), event, False
    for stage, said in reading.stages.items():
        path: Path = ("stages", stage)
        for number, event in enumerate(said.get("enter_on", ())):
            yield (*path, "enter_on", number), event, False
        for event in said.get("next", {}):
            if event != "silence":
                yield (*path, "next", event), event, True
        for number, event in enumerate(said.get("lock", {}).get("by", ())):
            yield (*path, "lock", "by", number), event, False
        for name, sla in said.get("sla", {}).items():
            for number, event in enumerate(sla.get("met_by", ())):
                yield (*path, "sla", name, "met_by", number), event, False


def result_events(reading: Reading) -> Iterator[tuple[Path, str, str]]:
    """Yield every word of ``results:`` that stands for an event: where, what it comes of, and the event."""
    for kind, words in reading.data.get("results", {}).items():
        if isinstance(words, dict):
            for word, event in words.items():
                yield ("results", kind, word), kind, event


def _anchored(reading: Reading) -> Iterator[tuple[Place, str]]:
    for touch in reading.touches:
        if "anchor" in touch.data:
            yield touch, touch.data["anchor"]


def split_moment(reading: Reading, name: str) -> tuple[str, str]:
    """Split ``appointment.booked.starts_at`` into the event and the rest; two empty texts when it names no event."""
    words = name.split(".")
    for count in range(len(words), 0, -1):
        event = ".".join(words[:count])
        if event in reading.events:
            return event, ".".join(words[count:])
    return "", ""


def _is_touch(reading: Reading, touch: Place, name: str) -> bool:
    return any(other.id == name for other in reading.touches_of(touch.stage))


@rule("unknown-event")
def unknown_event(reading: Reading) -> Iterator[Fault]:
    """An event that is neither in the language nor in the workspace."""
    named = list(named_events(reading))
    named += [(path, event, False) for path, _, event in result_events(reading)]
    named += [
        ((*touch.path, "anchor"), anchor, False)
        for touch, anchor in _anchored(reading)
        if ("." in anchor or anchor in ENGINE_EVENTS) and not split_moment(reading, anchor)[0]
    ]
    for path, event, key in named:
        if event in ENGINE_EVENTS:
            yield Fault(path, f"'{event}' is the program's own note, not an event", ENGINE_EVENTS[event], key=key)
        elif event not in reading.events and reading.workspace is not None:
            yield Fault(
                path,
                f"there is no event '{event}'",
                did_you_mean(event, reading.events)
                or f"an event of your own is declared in cadence.yaml: events: {{{event}: {{title: what happened}}}}",
                key=key,
            )


@rule("unknown-moment")
def unknown_moment(reading: Reading) -> Iterator[Fault]:
    """A date that the event does not carry."""
    for touch, anchor in _anchored(reading):
        event, moment = split_moment(reading, anchor)
        moments = reading.events.get(event, ())
        if event and moment and moment not in moments:
            dates = " or ".join(f"{event}.{name}" for name in moments)
            yield Fault(
                (*touch.path, "anchor"),
                f"'{event}' carries no date '{moment}'",
                did_you_mean(moment, moments)
                or (f"write {dates}" if dates else f"'{event}' carries no date at all; write: anchor: {event}"),
                offset=len(event) + 1,
                length=len(moment),
            )


@rule("unknown-anchor")
def unknown_anchor(reading: Reading) -> Iterator[Fault]:
    """A touch to count from that the stage does not have."""
    for touch, anchor in _anchored(reading):
        if "." in anchor or anchor in reading.events or anchor in ENGINE_EVENTS:
            continue
        if _is_touch(reading, touch, anchor):
            continue
        elsewhere = [other.stage for other in reading.touches if other.id == anchor]
        known = [other.id for other in reading.touches_of(touch.stage) if other.id != touch.id]
        yield Fault(
            (*touch.path, "anchor"),
            f"'{anchor}' is a touch of the stage '{elsewhere[0]}'; a touch counts from one of its own stage"
            if elsewhere
            else f"'{anchor}' is neither a touch of the stage '{touch.stage}' nor an event",
            did_you_mean(anchor, [*known, *reading.events])
            or (
                f"the other touches here are: {', '.join(known)}" if known else "write an event, such as estimate.sent"
            ),
        )


@rule("ambiguous-anchor")
def ambiguous_anchor(reading: Reading) -> Iterator[Fault]:
    """A name that is an event and a touch at once."""
    for touch, anchor in _anchored(reading):
        if anchor in reading.events and _is_touch(reading, touch, anchor):
            yield Fault(
                (*touch.path, "anchor"),
                f"'{anchor}' is an event and also a touch of the stage '{touch.stage}'",
                "give the touch another id",
            )


@rule("anchor-circle")
def anchor_circle(reading: Reading) -> Iterator[Fault]:
    """A touch that counts from itself, straight or by way of others."""
    for stage in reading.stages:
        touches = reading.touches_of(stage)
        anchors = {touch.id: str(touch.data["anchor"]) for touch in touches if "anchor" in touch.data}
        reported: set[str] = set()
        for touch in touches:
            chain = _chain(anchors, touch.id)
            if chain[1:] and chain[-1] == touch.id and touch.id not in reported:
                reported |= set(chain)
                yield Fault(
                    (*touch.path, "anchor"),
                    f"'{touch.id}' counts from itself"
                    if len(chain) == 2
                    else f"these touches count from each other in a circle: {' -> '.join(chain)}",
                    "remove 'anchor:' to count from the moment the lead entered the stage, or name an event",
                )


def _chain(anchors: dict[str, str], start: str) -> list[str]:
    chain = [start]
    seen = set()
    while chain[-1] in anchors and chain[-1] not in seen:
        seen.add(chain[-1])
        chain.append(anchors[chain[-1]])
    return chain


@rule("anchor-not-dated")
def anchor_not_dated(reading: Reading) -> Iterator[Fault]:
    """Counting back from something whose date nobody knows beforehand."""
    for touch in reading.touches:
        anchor = touch.data.get("anchor", "")
        event, moment = split_moment(reading, anchor)
        if moment or (anchor and not event and not _is_touch(reading, touch, anchor)):
            continue
        moments = reading.events.get(event, ())
        for path, row in touch.rows():
            if "before" in row:
                yield Fault(
                    (*path, "before"),
                    "'before:' counts back from a date, and "
                    + (f"'{anchor}' is not one" if anchor else "this touch names none"),
                    f"write: anchor: {event}.{moments[0]}"
                    if moments
                    else "name a date that an event carries, for instance: anchor: appointment.booked.starts_at",
                    key=True,
                )


RULES = (
    unknown_event,
    unknown_moment,
    unknown_anchor,
    ambiguous_anchor,
    anchor_circle,
    anchor_not_dated,
)
