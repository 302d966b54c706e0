"""Mutants: a playbook with one slip in it, of the kinds that people make when they edit a page.

Each is made of the content of a good plan, in memory. It is an edit that changes what somebody gets, or when, or
whether; a page's tests should fail on it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from cadence.playbook.compile import Plan

__all__ = ["KINDS", "Mutant", "mutants_of"]

KINDS = {
    "timing": "when touches go, and when silence moves a lead on",
    "hours": "business hours, holidays and send windows",
    "limits": "how often one person is written to",
    "promise": "SLAs and locks: their times, what meets them, what a miss sets off",
    "stop": "stop_on, and the conditions of touches",
    "edge": "the ways from stage to stage",
    "template": "every sentence, value and subject",
}
Path = tuple[Any, ...]
Data = dict[str, Any]

_UNIT = re.compile(r"(\d+)([wdhm])$")
_BY_CLOCK = ("at", "next_business_day", "if_before")
_TAG = re.compile(r"(\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\})", re.DOTALL)
_SENTENCE = re.compile(r"[^.?!\n]*[.?!]*[ \t]*\n?")
_SUBJECT = re.compile(r"(?m)^subject: (.*)$")
_GONE = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One slip."""

    kind: str  #: one of :data:`KINDS`
    name: str  #: where, and what became of it: ``estimate · second: after 46h -> 47h``
    reach: tuple[str, str]  #: (stage, touch) that shows it; a stage alone; or two empty names
    template: str  #: the file it is in; empty: the page
    change: Callable[[Data], None]  #: made to the meaning of the plan

    def content(self, plan: Plan) -> str:
        """Return the content of the plan with the slip."""
        data = json.loads(plan.content)
        self.change(data["meaning"])
        return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def mutants_of(plan: Plan) -> Iterator[Mutant]:
    """Yield every mutant of a playbook, in the order of the page, its texts last."""
    meaning = json.loads(plan.content)["meaning"]
    page = meaning["playbook"]
    yield from _calendar(page)
    yield from _windows(page)
    yield from _limits(page)
    if "expires_after" in page:
        yield from _durations("timing", ("expires_after",), page["expires_after"])
    for number, kind in enumerate(page.get("stop_on", ())):
        yield _gone("stop", ("stop_on", number), f"stop_on: {kind} removed")
    for name, stage in page["stages"].items():
        yield from _stage(name, stage, page)
    for name, text in meaning["templates"].items():
        yield from _template(name, text)


# the page


def _calendar(page: Mapping[str, Any]) -> Iterator[Mutant]:
    said = page.get("calendar", {})
    yield from _hours(("calendar", "business_hours"), said.get("business_hours"))
    for number, name in enumerate(said.get("holidays", ())):
        yield _gone("hours", ("calendar", "holidays", number), f"holidays: {name} removed")
    for day, hours in said.get("hours_on", {}).items():
        yield _gone("hours", ("calendar", "hours_on", day), f"hours_on: {day} removed")
        yield from _hours(("calendar", "hours_on", day), hours)
    if "touch_time" in said:
        yield from _clock_times("timing", ("calendar", "touch_time"), said["touch_time"])
    for number, time in enumerate(said.get("offer_times", ())):
        yield from _clock_times("timing", ("calendar", "offer_times", number), time)


def _windows(page: Mapping[str, Any]) -> Iterator[Mutant]:
    for channel, hours in page.get("send_windows", {}).items():
        if channel == "holidays":
            yield _set("hours", ("send_windows", "holidays"), "open", "send_windows: holidays: closed -> open")
        else:
            yield from _hours(("send_windows", channel), hours)


def _limits(page: Mapping[str, Any]) -> Iterator[Mutant]:
    for name, value in page.get("limits", {}).items():
        if isinstance(value, str):
            yield from _durations("limits", ("limits", name), value)
        else:
            for other in (value - 1, value + 1):
                yield _set("limits", ("limits", name), other, f"limits: {name} {value} -> {other}")


def _hours(path: Path, said: Any) -> Iterator[Mutant]:
    """An hour earlier, an hour later: each opening, each closing."""
    if isinstance(said, dict):
        for days, hours in said.items():
            yield from _hours((*path, days), hours)
    elif isinstance(said, list):
        for number, hours in enumerate(said):
            yield from _hours((*path, number), hours)
    elif isinstance(said, str) and said != "closed":
        start, end = said.split("-")
        for moved in (f"{_later(start, -60)}-{end}", f"{_later(start, 60)}-{end}"):
            yield _set("hours", path, moved, f"{_said(path)}: {said} -> {moved}")
        for moved in (f"{start}-{_later(end, -60)}", f"{start}-{_later(end, 60)}"):
            yield _set("hours", path, moved, f"{_said(path)}: {said} -> {moved}")


def _stage(name: str, stage: Mapping[str, Any], page: Mapping[str, Any]) -> Iterator[Mutant]:
    here = ("stages", name)
    for number, kind in enumerate(stage.get("enter_on", ())):
        yield _gone("edge", (*here, "enter_on", number), f"{name}: enter_on {kind} removed", (name, ""))
    if "lock" in stage:
        yield from _promise((*here, "lock"), stage["lock"], f"{name} · lock", name)
    for sla, said in stage.get("sla", {}).items():
        yield from _promise((*here, "sla", sla), said, f"{name} · {sla}", name)
    touches = stage.get("touches", ())
    counted_from = {touch.get("anchor") for touch in touches}
    for number, touch in enumerate(touches):
        if touch["id"] not in counted_from:  # else it would be no page at all
            yield _gone("timing", (*here, "touches", number), f"{name} · {touch['id']} removed", (name, touch["id"]))
        yield from _touch((*here, "touches", number), touch, name)
    yield from _edges(here, name, stage.get("next", {}), page)


def _edges(here: Path, name: str, ways: Mapping[str, Any], page: Mapping[str, Any]) -> Iterator[Mutant]:
    """Each way removed, and each leading elsewhere: to another stage that the page's own ways lead to from here.

    Not the way to the page's lost end of what ends a job anyway: without it, the same happens.
    """
    lost = next((stage for stage, said in page["stages"].items() if said.get("end") == "lost"), "")
    targets = sorted({to for to in ways.values() if isinstance(to, str)} | {name})
    for kind, to in ways.items():
        path = (*here, "next", kind)
        if (kind, to) not in (("lead.lost", lost), ("lead.disqualified", lost)):
            yield _gone("edge", path, f"{name}: next {kind} removed", (name, ""))
        if isinstance(to, str):
            other = targets[(targets.index(to) + 1) % len(targets)]
            yield _set("edge", path, other, f"{name}: next {kind} -> {other} instead of {to}", (name, ""))
            continue
        yield from _durations("timing", (*path, "after"), to["after"], (name, ""))
        other = next(each for each in targets if each not in (to["to"], name))
        yield _set("edge", (*path, "to"), other, f"{name}: silence -> {other} instead of {to['to']}", (name, ""))


def _promise(path: Path, said: Mapping[str, Any], name: str, stage: str) -> Iterator[Mutant]:
    reach = (stage, "")
    for key in ("within", "warn"):
        if key in said:
            yield from _durations("promise", (*path, key), said[key], reach)
    if "business_days" in said:
        for other in (said["business_days"] - 1 or 3, said["business_days"] + 1):
            yield _set("promise", (*path, "business_days"), other, f"{name}: business_days -> {other}", reach)
    for key in ("warn", "clock"):
        if key in said:
            yield _gone("promise", (*path, key), f"{name}: {key} removed", reach)
    for key in ("by", "met_by", "on_miss"):
        for number, each in enumerate(said.get(key, ())):
            yield _gone("promise", (*path, key, number), f"{name}: {key} {_plain(each)} removed", reach)
            if isinstance(each, dict) and "after" in each:
                yield from _durations("promise", (*path, key, number, "after"), each["after"], reach)


def _touch(path: Path, touch: Mapping[str, Any], stage: str) -> Iterator[Mutant]:
    reach, name = (stage, touch["id"]), f"{stage} · {touch['id']}"
    for number, row in enumerate(touch.get("schedule", ())):
        yield from _row((*path, "schedule", number), row, reach)
    yield from _row(path, touch, reach)
    for key in ("due", "answers", "expects"):
        if key in touch:
            yield _gone("timing", (*path, key), f"{name}: {key} {touch[key]} removed", reach)
    if "anchor" in touch and "before" not in touch:
        yield _gone("timing", (*path, "anchor"), f"{name}: anchor {touch['anchor']} removed", reach)
    if "expires_after" in touch:
        yield from _durations("timing", (*path, "expires_after"), touch["expires_after"], reach)
        yield _gone("timing", (*path, "expires_after"), f"{name}: expires_after removed", reach)
    if "if" in touch:
        yield _gone("stop", (*path, "if"), f"{name}: if removed", reach)
        yield _set("stop", (*path, "if"), f"not ({touch['if']})", f"{name}: if negated", reach)


def _row(path: Path, row: Mapping[str, Any], reach: tuple[str, str]) -> Iterator[Mutant]:
    for key in ("after", "before"):
        if key in row:
            yield from _durations("timing", (*path, key), row[key], reach)
    for key in _BY_CLOCK:
        if key in row:
            yield from _clock_times("timing", (*path, key), row[key], reach)
    for key in ("day", "business_day"):
        if key in row:
            for other in sorted({row[key] - 1, row[key] + 1} - {0}):
                yield _set(
                    "timing", (*path, key), other, f"{_place((*path, key), reach)}: {row[key]} -> {other}", reach
                )
    if row.get("send") == "now":
        yield _set("timing", (*path, "send"), _GONE, f"{' · '.join(reach)}: send now -> after 7m", reach, after="7m")
    if row.get("clock") == "business":
        yield _gone("timing", (*path, "clock"), f"{' · '.join(reach)}: clock business removed", reach)


def _durations(kind: str, path: Path, said: str, reach: tuple[str, str] = ("", "")) -> Iterator[Mutant]:
    """One of its smallest unit more, and one less; an hour less is half an hour; of one minute, three."""
    found = _UNIT.search(said)
    if not found:
        return
    number, unit, head = int(found[1]), found[2], said[: found.start()]
    less = f"{head}{number - 1}{unit}" if number > 1 else {"w": "6d", "d": "23h", "h": "30m", "m": "3m"}[unit]
    for other in (f"{head}{number + 1}{unit}", less):
        yield _set(kind, path, other, f"{_place(path, reach)}: {said} -> {other}", reach)


def _clock_times(kind: str, path: Path, said: str, reach: tuple[str, str] = ("", "")) -> Iterator[Mutant]:
    for other in (_later(said, 30), _later(said, -30)):
        yield _set(kind, path, other, f"{_place(path, reach)}: {said} -> {other}", reach)


def _later(clock: str, minutes: int) -> str:
    total = int(clock[:2]) * 60 + int(clock[3:]) + minutes
    return f"{total // 60:02}:{total % 60:02}"


# texts


def _template(name: str, text: str) -> Iterator[Mutant]:
    """Each sentence left out, each value wrong, each condition turned round, the subject another."""

    def with_piece(start: int, end: int, piece: str) -> Callable[[Data], None]:
        def change(meaning: Data) -> None:
            meaning["templates"][name] = text[:start] + piece + text[end:]

        return change

    subject = _SUBJECT.search(text)
    if subject:
        change = with_piece(subject.start(1), subject.end(1), "Something else")
        yield Mutant(kind="template", name=f"{name}: subject", reach=("", ""), template=name, change=change)
    begins = text.index("---", 4) + 4 if text.startswith("---") else 0
    place = begins
    for piece in _TAG.split(text[begins:]):
        for said, start, end, instead in _slips(piece, place):
            line = text.count("\n", 0, start) + 1
            yield Mutant(
                kind="template",
                name=f"{name}:{line}: {said}",
                reach=("", ""),
                template=name,
                change=with_piece(start, end, instead),
            )
        place += len(piece)


def _slips(piece: str, place: int) -> Iterator[tuple[str, int, int, str]]:
    """Yield what is wrong, from where to where, and what stands there instead."""
    end = place + len(piece)
    if piece.startswith("{{"):
        yield f"{piece} is wrong", place, end, "(something)"
    elif found := re.fullmatch(r"\{%(-?) *(if|elif) (.*?) *(-?)%\}", piece, re.DOTALL):
        yield f"{piece} turned round", place, end, f"{{%{found[1]} {found[2]} not ({found[3]}) {found[4]}%}}"
    elif not piece.startswith("{%"):
        for sentence in _SENTENCE.finditer(piece):
            if re.search(r"\w", sentence[0]):
                start = place + sentence.start()
                yield f"{_short(sentence[0])!r} left out", start, start + len(sentence[0].rstrip("\n")), ""


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) < 40 else f"{words[:37]}..."


# how changes are made


def _gone(kind: str, path: Path, name: str, reach: tuple[str, str] = ("", "")) -> Mutant:
    return _set(kind, path, _GONE, name, reach)


def _set(kind: str, path: Path, value: Any, name: str, reach: tuple[str, str] = ("", ""), **more: Any) -> Mutant:
    def change(meaning: Data) -> None:
        place = meaning["playbook"]
        for step in path[:-1]:
            place = place[step]
        if value is _GONE:
            del place[path[-1]]
        else:
            place[path[-1]] = value
        if more:
            place.update(more)

    return Mutant(kind=kind, name=name, reach=reach, template="", change=change)


def _said(path: Path) -> str:
    return " · ".join(str(step) for step in path if step not in ("stages", "touches", "calendar"))


def _place(path: Path, reach: tuple[str, str]) -> str:
    """Name a line of the page: a touch by its stage and its own name, anything else by the keys that lead there."""
    return f"{' · '.join(reach)}: {path[-1]}" if reach[1] else _said(path)


def _plain(each: Any) -> str:
    return each if isinstance(each, str) else ", ".join(f"{key} {value}" for key, value in each.items())
