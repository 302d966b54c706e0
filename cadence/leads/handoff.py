"""The hand-off note, drafted from a lead's history: what they want, what was said, what is missing, who acts next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cadence.engine.context import EnrolmentContext
from cadence.engine.events import Decided, instant_text
from cadence.engine.moves import missing
from cadence.engine.standing import standings
from cadence.engine.touches import place_of
from cadence.engine.work import Work
from cadence.errors import RenderError
from cadence.playbook.model import HANDOFF
from cadence.playbook.templates import render
from cadence.playbook.words import MESSAGE_CHANNELS
from cadence.timing.wall import local

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from typing import Any
    from zoneinfo import ZoneInfo

    from cadence.engine.book import Book
    from cadence.engine.events import Event
    from cadence.engine.standing import NextStep, Standing
    from cadence.engine.state import EnrolmentState, LeadState
    from cadence.engine.touches import Place
    from cadence.playbook.compile import Plan
    from cadence.playbook.model import Stage

__all__ = ["PARTS", "Handoff", "draft", "say_step", "written"]

#: What a note consists of, in the order it is read: data field -> how it is headed.
PARTS = {
    "wants": "Wants",
    "said": "Said",
    "missing": "Missing",
    "next": "Next",
    "who": "Who",
    "check_back": "Check back",
}
_LATEST = 3  #: of what was said
_LONGEST = 160  #: characters of one part of a draft
_HEARD = ("reply", "acknowledgement", "snooze", "not_interested", "call.missed", "opt_out")
_TOLD = ("call.logged", "visit.logged", "message.sent.by_person", "note.added", "task.done")
_ON_RECORD = {"zip": "ZIP", "email": "e-mail", "phone": "phone"}
_ONE, _MANY = {"sms": "text", "email": "e-mail", "voice": "voice message"}, {"sms": "texts", "email": "e-mails"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Handoff:
    """What the next person needs to know; every part may be empty."""

    wants: str = ""
    said: str = ""
    missing: str = ""
    next: str = ""
    who: str = ""  #: member id
    check_back: str = ""  #: a date, or an instant as the log writes it
    history: str = ""  #: what went to and fro so far; of a draft only
    track: str = ""  #: what to say in the next call; of a draft only

    def data(self) -> dict[str, str]:
        """Return the parts as the fact ``handoff.noted`` carries them; empty ones are left out."""
        return {name: text for name in PARTS if (text := str(getattr(self, name)))}


def written(fact: Event) -> Handoff:
    """Read a note that somebody wrote."""
    return Handoff(**{name: str(fact.data.get(name) or "") for name in PARTS})


def draft(book: Book, state: LeadState, enrolment: EnrolmentState, log: Sequence[Event], now: datetime) -> Handoff:
    """Draft the note for whoever takes a job over; ``log`` are the entries that count, oldest first.

    Times in it are on the shop's clock. A job that is over, or whose stage is not known, has no next step.
    """
    work = Work(book=book, state=state, now=now)
    place = place_of(work, enrolment) if enrolment.active else None
    its = [each for each in log if not each.enrolment or each.enrolment == enrolment.id]
    if place is None:
        return Handoff(wants=_wants(state.record), said=_cut("; ".join(_said(its, None))), history=_history(its, None))
    zone = place.plan.playbook.calendar.zone
    standing = next((each for each in standings(book, state, now) if each.enrolment == enrolment.id), None)
    following = standing.next if standing else None
    return Handoff(
        wants=_cut(_wants(state.record)),
        said=_cut("; ".join(_said(its, zone))),
        missing=_cut("; ".join(_missing(work, place, standing))),
        next=_cut(say_step(place.plan, place.stage, following)) if following else "",
        who=following.owner if following else "",
        check_back=instant_text(following.due_at) if following and following.due_at else "",
        history=_history(its, zone),
        track=_track(state, place, now),
    )


def say_step(plan: Plan, stage: Stage, following: NextStep) -> str:
    """Say what comes next in a few words."""
    if following.kind == "move":
        target = plan.playbook.stages.get(following.name)
        return f"goes to {target.title if target else following.name!r} by itself if nobody hears from them"
    if following.kind == "touch":
        channel = next((touch.channel for touch in stage.touches if touch.id == following.name), "")
        if channel in MESSAGE_CHANNELS:
            return f"{_ONE[channel]} {following.name!r} goes by itself"
        return f"{channel} {following.name!r} is made by itself".lstrip()
    return following.name


def _wants(record: Mapping[str, Any]) -> str:
    what = str(record.get("service") or record.get("trade") or "")
    urgency = str(record.get("urgency") or "")
    notes = " ".join(str(record.get("notes") or "").split())
    heads = ", ".join(part for part in (what, urgency) if part)
    return ": ".join(part for part in (heads, notes) if part) or "not said yet"


def _said(log: Sequence[Event], zone: ZoneInfo | None) -> Iterator[str]:
    """Yield the latest words of both sides, the latest last."""
    words = [(event, text) for event in log if (text := _words_of(event))]
    for event, text in words[-_LATEST:]:
        who = "they" if event.type in _HEARD else "we"
        day = f"{local(event.at, zone):%d %b} " if zone else ""
        yield f"{day}{who}: {text}"


def _words_of(event: Event) -> str:
    data = event.data
    if event.type in _HEARD:
        return f'"{_cut(str(data["text"]), 60)}"' if data.get("text") else ""
    if event.type in _TOLD:
        parts = [str(data.get(name) or "") for name in ("result", "note", "text")]
        return ", ".join(_cut(part, 60) for part in parts if part)
    return ""


def _history(log: Sequence[Event], zone: ZoneInfo | None) -> str:
    sent = [e.data["channel"] for e in log if e.type == Decided.TOUCH_SENT and e.data["channel"] in MESSAGE_CHANNELS]
    counted = [_count(sent.count(each), _ONE[each], _MANY.get(each, "")) for each in dict.fromkeys(sent)]
    counted += [
        _count(number, one)
        for kind, one in (("call.logged", "call"), ("visit.logged", "visit"))
        if (number := sum(event.type == kind for event in log))
    ]
    heard = [event for event in log if event.type in _HEARD]
    last = f"last heard from them {local(heard[-1].at, zone):%a %d %b %H:%M}" if heard and zone else ""
    return "; ".join(part for part in (", ".join(counted), last or "no word from them yet") if part)


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def _missing(work: Work, place: Place, standing: Standing | None) -> Iterator[str]:
    record = work.state.record
    target = _next_stage(place)
    if target:
        yield from (text for text in missing(work, place, target, leaving=True) if "hand-off note" not in text)
    asked = {each.path for each in (*place.stage.to_leave, *(target.to_enter if target else ()))} - {HANDOFF}
    yield from (
        f"{name} is not known"
        for field, name in _ON_RECORD.items()
        if not record.get(field) and f"lead.{field}" not in asked
    )
    if standing and place.stage.lock and not standing.lock.held:
        yield "no locked next step"


def _next_stage(place: Place) -> Stage | None:
    """Return the stage a lead goes on to: the first behind its own that an event of the page leads to."""
    stages = place.plan.playbook.stages
    ahead = [stages[name] for name in place.stage.next.values() if name in stages]
    return min(
        (each for each in ahead if each.index > place.stage.index and not each.end),
        key=lambda each: each.index,
        default=None,
    )


def _track(state: LeadState, place: Place, now: datetime) -> str:
    """Return the words for the next call of the visit; empty when there is none, or they cannot be made."""
    done = place.enrolment.visit.touches
    calls = [touch for touch in place.stage.touches if touch.channel == "call"]
    open_ones = place.enrolment.open_tasks()
    pending = [touch for touch in calls if place.enrolment.touch_key(touch.id) in open_ones]
    touch = next(iter((*pending, *(each for each in calls if each.id not in done))), None)
    template = place.plan.template_of(touch) if touch and not touch.variants else None
    if template is None:
        return ""
    context = EnrolmentContext(place, state, now)
    try:
        return _cut(render(template, context).body, 240)
    except RenderError:
        return ""


def _cut(text: str, most: int = _LONGEST) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 3].rstrip() + "..."
