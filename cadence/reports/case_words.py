"""The words of tests: how an expectation, what happened and what differs are said, on screen and in files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cadence.engine.decision import Reason
from cadence.playbook.words import EVENTS
from cadence.reports.preview_words import clock, moment, visible, zone_name
from cadence.reports.text_diff import text_diff
from cadence.testing.cases import minute
from cadence.testing.happened import FACT, NOTE, WAITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from cadence.testing.cases import Expectation
    from cadence.testing.compare import Different
    from cadence.testing.happened import Happened
    from cadence.testing.suite import Result

__all__ = ["became", "different_lines", "expected_words", "happened_words", "reason_words", "said_at", "wrong_lines"]

_TEXTS = ("text", "subject", "says")
_TITLES = {
    "touch": "",
    "skip": "skipped",
    "stop": "stopped",
    "stage": "stage",
    "sla": "promise",
    "alert": "told",
    "step": "next step",
    FACT: "event",
    WAITS: "waits",
    NOTE: "",
}


def said_at(instant: datetime, result: Result, lead: str) -> str:
    """``Tue 24 Nov 13:10``, on the shop's clock; where the lead's clock shows another hour, with that."""
    zone = result.case.times.zone
    local = instant.astimezone(zone)
    return moment(local) + _elsewhere(local, result.played.zones.get(lead, ""))


def _elsewhere(local: datetime, zone: str) -> str:
    if not zone or zone == str(local.tzinfo):
        return ""
    there = local.astimezone(_zone(zone))
    return f" ({clock(there)} {zone_name(there)} there)" if there.utcoffset() != local.utcoffset() else ""


def _zone(name: str) -> ZoneInfo:
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


def happened_words(each: Happened, zone: ZoneInfo) -> str:
    """Say what happened, without when and why."""
    if each.kind == FACT:
        title = EVENTS[each.name].title if each.name in EVENTS else each.name
        said = visible(each.because, line=True)
        return f"event      {title}" + (f" ({said})" if said else "")
    if each.kind == NOTE:
        return f"           {visible(each.name, line=True)}"
    title = each.channel if each.kind == "touch" else _TITLES[each.kind]
    return f"{title:<10} {visible(each.name, line=True)}{_details(each.details, zone)}"


def expected_words(each: Expectation, zone: ZoneInfo) -> str:
    """Say what was expected, without when."""
    title = each.kind if each.kind == "touch" else _TITLES[each.kind]
    return f"{title} {visible(each.name, line=True)}{_details(each.details, zone)}"


def _details(details: Mapping[str, Any], zone: ZoneInfo) -> str:
    """Say what else is known of it, but for its text."""
    parts = []
    for key, value in details.items():
        if key in _TEXTS or not value:
            continue
        if key == "owner":
            parts.append(f"for {value}")
        elif key in ("due", "until"):
            parts.append(f"{'by' if key == 'due' else 'until'} {moment(value.astimezone(zone))}")
        else:
            parts.append(str(value).replace("_", " ") if key in ("reason", "is", "about") else f"{key} {value}")
    return f" ({', '.join(parts)})" if parts else ""


def reason_words(each: Happened, file: str) -> str:
    """Say why, and by which line of the page: ``the send window is closed [playbooks/roofer.yaml:31]``."""
    because = visible(each.because, line=True) if each.kind != FACT else ""
    place = f"[{file}:{each.line}]" if each.line else ""
    return " ".join(part for part in (because, place) if part)


def wrong_lines(result: Result) -> Iterator[str]:
    """Yield what is wrong with a failed test, a paragraph for each fault."""
    zone = result.case.times.zone
    for missing in result.comparison.missing:
        when = said_at(missing.at, result, missing.lead)
        words = f"{expected_words(missing, zone)}{_whose(result, missing.lead)}"
        yield f"missing     {when}  {words}  [line {missing.line}]"
        if said := became(result, missing):
            yield f"            {said}"
    for different in result.comparison.different:
        yield from different_lines(result, different)
    for each in result.comparison.unexpected:
        when = said_at(each.at, result, each.lead)
        words = " ".join(happened_words(each, zone).split())
        yield f"unexpected  {when}  {words}{_whose(result, each.lead)}  {reason_words(each, result.plan.file)}".rstrip()
        yield from (f"            | {visible(line)}" for line in str(each.details.get("text", "")).splitlines())


def different_lines(result: Result, different: Different) -> Iterator[str]:
    """Yield in what something came otherwise than expected."""
    zone, wanted, came = result.case.times.zone, different.expected, different.happened
    when = said_at(wanted.at, result, wanted.lead)
    title = wanted.kind if wanted.kind == "touch" else _TITLES[wanted.kind]
    yield f"different   {when}  {title} {wanted.name}{_whose(result, wanted.lead)}  [line {wanted.line}]"
    for key in different.fields:
        if key == "at":
            yield f"            when: expected {when}, came {said_at(came.at, result, came.lead)}"
        elif key == "says":
            text = str(came.details.get("text", ""))
            folded = " ".join(text.split())
            for part in wanted.details["says"]:
                if " ".join(part.split()) not in folded:
                    yield f'            says: "{visible(part, line=True)}" is not in its text:'
            yield from (f"            | {visible(line)}" for line in text.splitlines())
        elif key in ("text", "subject"):
            yield f"            {key}:"
            diff = text_diff(str(wanted.details[key]), str(came.details.get(key, "")))
            yield from (f"            {visible(line)}" for line in diff)
        else:
            yield f"            {key}: expected {_value(wanted.details[key], zone)}, came " + (
                _value(came.details.get(key), zone)
            )


def _value(value: Any, zone: ZoneInfo) -> str:
    if value is None or value == "":
        return "none"
    return moment(value.astimezone(zone)) if hasattr(value, "astimezone") else str(value)


def _whose(result: Result, lead: str) -> str:
    return f" of {lead}" if len(result.case.people) > 1 else ""


def became(result: Result, missing: Expectation) -> str:
    """Say what became of a touch, a stage or a promise that did not come as expected; empty when nothing is known."""
    names = [each for each in result.played.timeline if each.name == missing.name and each.lead == missing.lead]
    if missing.kind in ("touch", "skip", "stop"):
        found = [each for each in names if each.kind in ("touch", "skip", "stop", WAITS)]
        others = [each for each in found if each.kind != missing.kind]
        if others:
            nearest = min(others, key=lambda each: abs(minute(each.at) - missing.at))
            verb = {"touch": "went", "skip": "was skipped", "stop": "was stopped", WAITS: "waited"}[nearest.kind]
            reason = reason_words(nearest, result.plan.file)
            return f"it {verb} {said_at(nearest.at, result, missing.lead)}: {reason}"
        return _not_yet(result, missing, went=bool(found))
    if missing.kind == "stage":
        entered = [each.name for each in result.played.timeline if each.kind == "stage" and each.lead == missing.lead]
        return f"the lead came to: {', '.join(entered) or 'no stage; check what enroll_if asks for'}"
    return ""


def _not_yet(result: Result, missing: Expectation, *, went: bool) -> str:
    wait = result.played.waiting.get((missing.lead, missing.name))
    if wait is not None:
        verdict = wait.verdict
        if verdict.reason is Reason.NO_ANCHOR:
            return f"{verdict.reason.text}: {verdict.detail}"
        if verdict.due_at is not None:
            return f"when the test ends it waits; it is due {said_at(verdict.due_at, result, missing.lead)}"
    if went:
        return ""
    stages = [stage.id for stage in result.plan.playbook.stages.values() for t in stage.touches if t.id == missing.name]
    entered = {each.name for each in result.played.timeline if each.kind == "stage" and each.lead == missing.lead}
    if not entered & set(stages):
        return f"the lead never came to the stage {' or '.join(stages)}"
    return ""
