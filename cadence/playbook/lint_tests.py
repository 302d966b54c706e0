"""Meaning checks of a page of tests: what it names must be there, and what it expects must be able to happen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cadence.playbook.case_times import LONGEST, CaseTimes
from cadence.playbook.cases_reading import CasesReading, people_of
from cadence.playbook.diagnostics import did_you_mean
from cadence.playbook.lint_events import ENGINE_EVENTS
from cadence.playbook.lint_rules import Fault, Rule, rule
from cadence.playbook.model import OWNER
from cadence.playbook.words import LEAD_FIELDS, PERSON_CHANNELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from cadence.playbook.compile import Plan
    from cadence.playbook.diagnostics import Diagnostic
    from cadence.playbook.marks import Path
    from cadence.playbook.model import Touch
    from cadence.playbook.source import Page

__all__ = ["RULES", "lint_tests"]

_TOUCH_KEYS = ("touch", "skip", "stop")
#: What ends a touch besides an event of ``stop_on``.
_OTHER_STOPS = ("stage_left", "opt_out")


def lint_tests(
    page: Page, plan: Plan | None, playbooks: Iterable[str], *, rules: Iterable[Rule[CasesReading]] | None = None
) -> list[Diagnostic]:
    """List every fault of meaning of a page of tests that passed the schema, in page order.

    ``plan`` is the playbook it is about; ``playbooks`` the names of those there are, faulty ones included.
    """
    reading = CasesReading(page, plan, tuple(playbooks))
    found = [fault for each in (RULES if rules is None else rules) for fault in each.find(reading)]
    return sorted(found, key=lambda fault: (fault.line, fault.column, fault.code))


@rule("unknown-playbook")
def unknown_playbook(reading: CasesReading) -> Iterator[Fault]:
    """Tests of a playbook that is not there."""
    name = reading.data["tests_of"]
    if name not in reading.playbooks:
        known = ", ".join(reading.playbooks)
        advice = did_you_mean(name, reading.playbooks) or (f"the playbooks are: {known}" if known else "")
        yield Fault(("tests_of",), f"there is no playbook '{name}'", advice)


@rule("duplicate-test")
def duplicate_test(reading: CasesReading) -> Iterator[Fault]:
    """Two tests of the same name: nobody could say which of them failed."""
    first: dict[str, int] = {}
    for path, test in reading.tests:
        name = test["test"]
        if name in first:
            message = f"a test '{name}' stands here already (line {first[name]})"
            yield Fault((*path, "test"), message, "say what this one shows besides")
        first.setdefault(name, reading.page.key_mark((*path, "test")).line)


@rule("unknown-lead")
def unknown_lead(reading: CasesReading) -> Iterator[Fault]:
    """Somebody who is not among the page's leads, or not in the test."""
    known = tuple(reading.data.get("leads", {}))
    for path, test in reading.tests:
        named = [((*path, "leads", number), name) for number, name in enumerate(test.get("leads", ()))]
        if isinstance(test.get("lead"), str):
            named.append(((*path, "lead"), test["lead"]))
        for place, name in named:
            if name not in known:
                advice = did_you_mean(name, known) or "write them down under 'leads:' at the top of the page"
                yield Fault(place, f"there is no lead '{name}' on this page", advice)
    for path, item, test in reading.items("events", "expect"):
        people = people_of(test)
        if "lead" in item and item["lead"] not in people:
            advice = did_you_mean(item["lead"], people) or f"its leads are: {', '.join(people)}"
            yield Fault((*path, "lead"), f"this test has no lead '{item['lead']}'", advice)


@rule("which-lead")
def which_lead(reading: CasesReading) -> Iterator[Fault]:
    """A test with several leads that does not say whom something is about."""
    for path, item, test in reading.items("events", "expect"):
        people = people_of(test)
        if len(people) > 1 and "lead" not in item:
            yield Fault(path, "this test has several leads, and this does not say which", f"add: lead: {people[0]}")


@rule("unknown-field")
def unknown_field(reading: CasesReading) -> Iterator[Fault]:
    """A field that no lead has."""
    if reading.plan is None:
        return
    own = tuple(reading.plan.workspace.lead_fields)
    people: list[tuple[Path, Mapping[str, Any]]] = [
        (("leads", name), fields) for name, fields in reading.data.get("leads", {}).items()
    ]
    people += [((*path, "lead"), test["lead"]) for path, test in reading.tests if isinstance(test.get("lead"), dict)]
    for path, fields in people:
        for name in fields:
            if name not in LEAD_FIELDS and name not in own:
                advice = did_you_mean(name, (*LEAD_FIELDS, *own))
                advice = advice or f"declare it in cadence.yaml: lead_fields: {{{name}: what it is}}"
                yield Fault((*path, name), f"a lead has no field '{name}'", advice, key=True)


@rule("unknown-touch")
def unknown_touch(reading: CasesReading) -> Iterator[Fault]:
    """A touch that the playbook does not have."""
    if reading.plan is None:
        return
    for path, item, _ in reading.items("expect"):
        for key in _TOUCH_KEYS:
            if key in item and item[key] not in reading.touches:
                message = f"the playbook '{reading.data['tests_of']}' has no touch '{item[key]}'"
                known = ", ".join(reading.touches)
                yield Fault(
                    (*path, key), message, did_you_mean(item[key], reading.touches) or f"its touches are: {known}"
                )


@rule("unknown-stage")
def unknown_stage(reading: CasesReading) -> Iterator[Fault]:
    """A stage that the playbook does not have."""
    if reading.plan is None:
        return
    stages = reading.plan.playbook.stages
    for path, item, _ in reading.items("expect"):
        if "stage" in item and item["stage"] not in stages:
            advice = did_you_mean(item["stage"], stages) or f"its stages are: {', '.join(stages)}"
            yield Fault((*path, "stage"), f"there is no stage '{item['stage']}'", advice)


@rule("unknown-promise")
def unknown_promise(reading: CasesReading) -> Iterator[Fault]:
    """A promise that the playbook does not make."""
    for path, item, _ in reading.items("expect") if reading.plan else ():
        if "sla" in item and item["sla"] not in reading.promises:
            known = ", ".join(reading.promises)
            advice = did_you_mean(item["sla"], reading.promises)
            advice = advice or (f"its promises are: {known}" if known else "it makes none")
            yield Fault((*path, "sla"), f"no stage makes a promise '{item['sla']}' that can be missed", advice)


@rule("unknown-event")
def unknown_event(reading: CasesReading) -> Iterator[Fault]:
    """An event that is neither in the language nor in the workspace."""
    if reading.plan is None:
        return
    named = [((*path, "event"), item["event"]) for path, item, _ in reading.items("events")]
    named += [
        ((*path, "by"), item["by"])
        for path, item, _ in reading.items("expect")
        if item.get("by", _OTHER_STOPS[0]) not in _OTHER_STOPS
    ]
    for path, event in named:
        if event in ENGINE_EVENTS:
            advice = "a story tells what people do; what the program notes follows from it"
            yield Fault(path, f"'{event}' is the program's own note, not an event", advice)
        elif event not in reading.events:
            advice = did_you_mean(event, reading.events) or "`cadence docs events` lists them"
            yield Fault(path, f"there is no event '{event}'", advice)


@rule("unknown-result")
def unknown_result(reading: CasesReading) -> Iterator[Fault]:
    """A result of a call or a visit that is none of the page's words."""
    results = reading.plan.playbook.results if reading.plan else {}
    for path, item, _ in reading.items("events"):
        kind = item["event"].removesuffix(".logged")
        word = item.get("data", {}).get("result")
        if kind in results and item["event"].endswith(".logged") and word is not None and word not in results[kind]:
            known = tuple(results[kind])
            advice = did_you_mean(str(word), known) or f"the results of a {kind} are: {', '.join(known)}"
            yield Fault((*path, "data", "result"), f"'{word}' is no result of a {kind}", advice)


@rule("unknown-member")
def unknown_member(reading: CasesReading) -> Iterator[Fault]:
    """An owner who is not in the team."""
    if reading.plan is None:
        return
    for path, item, _ in reading.items("expect"):
        if "owner" in item and item["owner"] not in reading.plan.members:
            known = tuple(reading.plan.members)
            advice = did_you_mean(item["owner"], known) or f"the people are: {', '.join(known)}"
            yield Fault((*path, "owner"), f"nobody in the team has the id '{item['owner']}'", advice)


@rule("unknown-owner")
def unknown_owner(reading: CasesReading) -> Iterator[Fault]:
    """Somebody to be told who is not in the team, or a role nobody has."""
    if reading.plan is None:
        return
    members = reading.plan.members
    known = tuple(dict.fromkeys((*members, *(role for each in members.values() for role in each.roles))))
    for path, item, _ in reading.items("expect"):
        if "alert" in item and item["alert"] not in known:
            advice = f"name the colleague: {', '.join(members)}" if item["alert"] == OWNER else ""
            advice = advice or did_you_mean(item["alert"], known) or f"those one may name are: {', '.join(known)}"
            yield Fault((*path, "alert"), f"nobody in the team is '{item['alert']}' or has that role", advice)


@rule("never-happens")
def never_happens(reading: CasesReading) -> Iterator[Fault]:
    """An expectation that no story can fulfil."""
    for path, item, _ in reading.items("expect") if reading.plan else ():
        if item.get("touch") in reading.touches:
            yield from _beyond_a_touch(path, item, reading.touches[item["touch"]])
        if "by" in item and not _can_stop(reading, item["by"]):
            advice = f"the page stops on {', '.join(_stops(reading))}; else write stage_left or opt_out"
            yield Fault((*path, "by"), f"'{item['by']}' stops nothing on this page", advice)
        if item.get("is") == "warned" and not reading.promises.get(item["sla"], True):
            message = f"the promise '{item['sla']}' has no 'warn:', so nobody is warned of it"
            yield Fault((*path, "is"), message, "write missed, or give the promise a 'warn:'")


def _stops(reading: CasesReading) -> tuple[str, ...]:
    return tuple(reading.plan.playbook.stop_on) if reading.plan else ()


def _can_stop(reading: CasesReading, by: str) -> bool:
    """Tell whether something can stop a sequence; what confirms nothing is a reply."""
    meant = "reply" if by == "acknowledgement" else by
    return bool({by, meant} & {*_OTHER_STOPS, *_stops(reading)}) or by not in reading.events


def _beyond_a_touch(path: Path, item: Mapping[str, Any], touches: tuple[Touch, ...]) -> Iterator[Fault]:
    """Yield what an expectation says of a touch that no touch of that id can have."""
    channels = {touch.channel for touch in touches}
    for key in ("text", "says"):
        if key in item and not any(touch.template for touch in touches):
            yield Fault((*path, key), f"the touch '{item['touch']}' has no text", f"remove '{key}:'", key=True)
    if "subject" in item and "email" not in channels:
        yield Fault((*path, "subject"), f"the touch '{item['touch']}' is no e-mail", "remove 'subject:'", key=True)
    if "due" in item and not channels & set(PERSON_CHANNELS):
        message = f"the touch '{item['touch']}' is nothing that a colleague has to do"
        yield Fault((*path, "due"), message, "remove 'due:'", key=True)


@rule("outside-test")
def outside_test(reading: CasesReading) -> Iterator[Fault]:
    """Something before a test begins or after it ends."""
    for path, test in reading.tests:
        times = reading.times(test)
        if times is None:
            continue
        if times.end - times.start > LONGEST:
            place = (*path, "until") if "until" in test else path
            yield Fault(place, f"a test runs for no more than {LONGEST.days} days", "begin it later, or end it sooner")
        if times.down and times.down[0] >= times.down[1]:
            yield Fault((*path, "down", "to"), "ticks run again before they cease", "write a later time")
        for key, said in (("events", "happens"), ("expect", "would have to happen")):
            for number, item in enumerate(test.get(key, ())):
                yield from _outside((*path, key, number), item, times, said)


def _outside(path: Path, item: Mapping[str, Any], times: CaseTimes, said: str) -> Iterator[Fault]:
    place = (*path, "after" if "after" in item else "at")
    at = times.of(item)
    if at < times.start:
        yield Fault(place, f"this {said} before the test begins", "write a later time, or begin the test sooner")
    elif at > times.end:
        end = times.end.astimezone(times.zone)
        message = f"this {said} after the test ends ({end:%Y-%m-%dT%H:%M})"
        yield Fault(place, message, "write an earlier time, or let the test run longer with 'until:'")


RULES: tuple[Rule[CasesReading], ...] = (
    unknown_playbook,
    duplicate_test,
    unknown_lead,
    which_lead,
    unknown_field,
    unknown_touch,
    unknown_stage,
    unknown_promise,
    unknown_event,
    unknown_result,
    unknown_member,
    unknown_owner,
    never_happens,
    outside_test,
)
