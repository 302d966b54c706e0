"""An explanation as lines of text, for whoever runs the office."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from cadence.engine.events import parse_instant
from cadence.reports.preview_words import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["lead_lines", "touch_lines"]

_WORDS = {"on_its_way": "on its way", "never": "never"}
_PERSONS = ("call", "task")


def lead_lines(data: Mapping[str, Any], zone: str) -> Iterator[str]:
    """Yield a whole lead: where it stands, whose it is, every touch."""
    yield from _head(data, zone)
    if not data["jobs"]:
        yield ""
        yield "no playbook has taken this lead: nothing goes by itself"
    for job in data["jobs"]:
        yield ""
        yield from _job(job, zone)


def touch_lines(data: Mapping[str, Any], zone: str) -> Iterator[str]:
    """Yield one touch: the whole chain, in every visit it was in."""
    yield from _head(data, zone)
    for touch in data["touches"]:
        yield ""
        yield from _touch(touch, zone)
    for each in data["never"]:
        yield ""
        yield from _never(each, zone)


def _head(data: Mapping[str, Any], zone: str) -> Iterator[str]:
    past = data["at"] < data["now"]
    asked = "as things stood" if past else "as things stand"
    if data["at"] > data["now"]:
        asked = "as things will stand if nobody speaks,"
    yield f"{visible(data['name'], line=True)} ({data['lead']}), {asked} {_time(data['at'], zone)}"
    if data["opted_out_at"]:
        yield f"asked us to stop {_time(data['opted_out_at'], zone)}: no messages go"


def _job(job: Mapping[str, Any], zone: str) -> Iterator[str]:
    name = f"{job['playbook']}, {job['job']}" if job["job"] else job["playbook"]
    if job["end"]:
        yield f"{name}: {job['title']}, ended as {job['end']} {_time(job['ended_at'], zone)} ({job['by_says']})"
    else:
        yield f"{name}: {job['title']}, since {_time(job['since'], zone)} ({job['by_says']})"
    yield f"  {_place(job)}"
    owner = f"{job['owner_name'] or 'nobody'}" + (
        f", since {_time(job['owner_since'], zone)}: {job['owner_why']}" if job["owner_why"] else ""
    )
    yield f"  owner  {owner}"
    if job["next"]:
        due = f", {_time(job['next']['due_at'], zone)}" if job["next"]["due_at"] else ""
        yield f"  next   {job['next']['says']} - {job['next']['owner_name'] or 'nobody'}{due}"
    yield from (f"  see to {gap}" for gap in job["gaps"])
    for visit in job["visits"]:
        if visit["touches"]:
            yield ""
            yield from _visit(visit, zone)
    for move in job["moves"]:
        yield ""
        yield f"  if nobody speaks: {move['title']} from {_time(move['at'], zone)}"


def _visit(visit: Mapping[str, Any], zone: str) -> Iterator[str]:
    began = f"{_time(visit['since'], zone)} ({visit['by_says']})"
    gone = ", which was taken back" if visit["taken_back"] else ""
    yield f"  {'in' if visit['running'] else 'was in'} {visit['title']}, from {began}{gone}"
    for touch in visit["touches"]:
        yield from _short(touch, zone, full=visit["running"])


def _short(touch: Mapping[str, Any], zone: str, *, full: bool) -> Iterator[str]:
    """Yield a touch in a few lines; of a former visit, in two."""
    word = _word(touch)
    when = _when(touch, zone)
    yield f"    {word:<10} {when:<21} {touch['channel']} {touch['touch']}"
    because = _because(touch, zone)
    if because:
        yield f"      {because}"
    if not full:
        return
    yield f"      {_place(touch)}"
    if touch["due_at"] and touch["derivation"]:
        yield f"      due {_time(touch['due_at'], zone)}: {'; '.join(touch['derivation'])}"
        yield from (f"      {each}" for each in touch["why_then"])
    if touch["standing"] == "waits" and (touch["foreseen"] or {}).get("standing") != "sent":
        yield from (f"      {each}" for each in touch["changes"])
    yield from _disagreement(touch, "      ")


def _when(touch: Mapping[str, Any], zone: str) -> str:
    if touch["at"]:
        return _time(touch["at"], zone)
    if touch["foreseen"] and touch["foreseen"]["standing"] == "sent":
        return _time(touch["foreseen"]["at"], zone)
    return _time(touch["due_at"], zone) if touch["due_at"] and touch["standing"] == "waits" else ""


def _word(touch: Mapping[str, Any]) -> str:
    if touch["standing"] == "sent" and touch["channel"] in _PERSONS:
        return "made"
    if touch["standing"] == "waits" and touch["foreseen"] and touch["foreseen"]["standing"] == "sent":
        return "will go"
    return _WORDS.get(touch["standing"], str(touch["standing"]))


def _because(touch: Mapping[str, Any], zone: str) -> str:
    stop = touch["stopped_by"]
    says = f"stopped by {stop['says']}, {_time(stop['at'], zone)}" if stop else touch["says"]
    if touch["standing"] == "sent":
        says = ""
    if touch["reason"] == "condition" and touch["changes"]:
        says = f"{says}: {touch['changes'][0].partition(' if ')[2]}"
    if touch["later"]:
        says = f"{says}; then: {touch['later']['says']} {_time(touch['later']['at'], zone)}".lstrip("; ")
    return visible(says, line=True)


def _touch(touch: Mapping[str, Any], zone: str) -> Iterator[str]:
    yield f"{touch['stage']} · {touch['touch']}, {touch['channel']} (visit {touch['visit']})"
    if len(touch["lines"]) > 1:
        yield f"  {touch['file']}:{touch['line']}"
        yield from (f"    {visible(line)}" for line in touch["lines"])
    else:
        yield f"  {_place(touch)}"
    if touch["decided_by"] and touch["decided_by"]["text"]:
        yield f"  {touch['file']}:{touch['decided_by']['line']}  {touch['decided_by']['text']}"
    published = f", published {_time(touch['published_at'], zone)}" if touch["published_at"] else ""
    yield f"  version {touch['version']}{published}"
    yield ""
    yield f"  {_word(touch)} {_when(touch, zone)}".rstrip() + (f": {touch['says']}" if touch["says"] else "")
    if touch["later"]:
        yield f"  then {_time(touch['later']['at'], zone)}: {touch['later']['says']}"
    yield ""
    for link in touch["chain"]:
        yield f"    {link['what']:<12} {visible(link['says'], line=True)}"
        yield from (f"    {'':<12}   {visible(more, line=True)}" for more in link["more"])
    yield f"    {'owner':<12} {touch['owner_name'] or 'nobody'}"
    if touch["owner_why"]:
        yield f"    {'':<12}   {visible(touch['owner_why'], line=True)}"
    for entry in touch["log"]:
        detail = f" ({visible(entry['detail'], line=True)})" if entry["detail"] and not entry["reason"] else ""
        yield f"    {'log':<12} {_time(entry['at'], zone)}  {visible(entry['says'], line=True)}{detail}"
    if touch["compared"] == "agrees":
        yield f"    {'':<12} decided anew today, it comes out the same"
    elif touch["compared"] == "open":
        yield f"    {'':<12} decided anew, it comes out the same with what the log cannot know taken from the record"
    yield from _disagreement(touch, f"    {'':<12} ")
    if touch["text"]:
        yield ""
        if touch["variant"]:
            yield f"    the text {touch['variant']!r} of those that are tried:"
        head = f"{visible(touch['subject'], line=True)}\n" if touch["subject"] else ""
        yield from textwrap.indent(head + visible(touch["text"]).strip(), "    | ").splitlines()
    if touch["changes"]:
        yield ""
        yield "  what would have to change"
        yield from (f"    - {each}" for each in touch["changes"])


def _disagreement(touch: Mapping[str, Any], indent: str) -> Iterator[str]:
    for each in touch["differs"]:
        now = f"{each['now']['says']} {each['now']['detail']}".strip() if each["now"] else "nothing about it"
        yield f"{indent}decided anew, it does NOT come out as it was recorded"
        yield f"{indent}  recorded: {each['recorded']['says']} {each['recorded']['detail']}".rstrip()
        yield f"{indent}  today:    {now}"


def _never(each: Mapping[str, Any], zone: str) -> Iterator[str]:
    yield f"{each['stage']} · {each['touch']}, {each['channel']}"
    yield f"  {_place(each)}"
    yield f"  there was no such message: {each['says']}"
    told = each["foreseen"]
    if told:
        why = f" ({told['says']})" if told["standing"] != "sent" else ""
        then = f"; it would then be {told['standing']} {_time(told['at'], zone)}{why}" if told["at"] else ""
        yield f"  if nobody speaks, the lead comes there {_time(told['enters_at'], zone)}{then}"
    if each["changes"]:
        yield ""
        yield "  what would have to change"
        yield from (f"    - {line}" for line in each["changes"])


def _place(data: Mapping[str, Any]) -> str:
    text = data["line_text"]
    return f"{data['file']}:{data['line']}" + (f"  {visible(text, line=True)}" if text else "")


def _time(text: str | None, zone: str) -> str:
    return f"{parse_instant(text).astimezone(ZoneInfo(zone)):%a %d %b %Y %H:%M}" if text else "-"
