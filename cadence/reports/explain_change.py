"""What would have to change for a touch to go, or would have kept it from going: a sentence or two for each reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

from cadence.engine.decision import Reason
from cadence.engine.due import anchor_event
from cadence.engine.holds import current_hold
from cadence.playbook.condition_parts import failing, values_in
from cadence.playbook.event_nouns import event_noun
from cadence.playbook.words import ADDRESS_FIELDS
from cadence.runner.closed import local_text
from cadence.timing.durations import format_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from cadence.engine.decision import Verdict
    from cadence.playbook.model import Touch
    from cadence.reports.explain_case import Case

__all__ = ["changes"]

_Sentence: TypeAlias = "Callable[[Case, Touch, Verdict], Iterator[str]]"
_ADDRESSES = {"phone": "a phone number", "email": "an e-mail address"}


def changes(case: Case) -> list[str]:
    """Say what would have to change; empty when there is nothing to say."""
    verdict, touch = case.verdict, case.touch
    if verdict is None or touch is None:
        return []
    if case.standing in ("sent", "on_its_way", "unknown"):
        return list(_of_what_went(case, touch))
    if case.standing == "failed" and case.marks:
        told = str(case.marks[-1].event.data.get("reason") or "")
        verdict = replace(verdict, reason=next((each for each in Reason if each.code == told), verdict.reason))
    say = _SENTENCES.get(verdict.reason)
    return list(say(case, touch, verdict)) if say else []


def _of_what_went(case: Case, touch: Touch) -> Iterator[str]:
    stops = [event_noun(stop, case.plan.workspace.events) for stop in case.plan.playbook.stop_on]
    if case.standing == "unknown":
        yield f"look at the provider's own list, and say what became of it: `cadence outbox resolve {case.key}`"
        return
    if stops:
        yield f"it would not have gone if one of these had come before: {', '.join(stops)}"
    if touch.condition:
        yield f"nor if `{touch.condition}` had not held"


def _at(case: Case, instant: datetime | None) -> str:
    return local_text(case.story.book, instant) if instant else "an instant nobody knows"


def _not_due(case: Case, _touch: Touch, verdict: Verdict) -> Iterator[str]:
    told = case.story.foreseen.get(case.key)
    if told is None:
        yield f"nothing: it is looked at {_at(case, verdict.due_at)}"
    elif told.claim:
        yield f"nothing: it goes by itself {_at(case, told.at)}, if nobody speaks and nothing changes"
    else:
        ends = told.verdict
        yield f"as things stand it will be {ends.outcome.value} {_at(case, told.at)}: {ends.reason.text}"
        yield from _if_failing(case, "it goes if")


def _if_failing(case: Case, head: str) -> Iterator[str]:
    """Say which clauses of the condition do not hold, with the values they name."""
    touch, context = case.touch, case.context
    if touch is None or not touch.condition or context is None:
        return
    for clause in failing(touch.condition, context):
        values = values_in(clause, context)
        was = "is" if case.standing == "waits" else "was"
        if len(values) == 1:
            value = next(iter(values.values()))
            told = f" ({value})" if value.startswith("it ") else f" (it {was} {value})"
        else:
            told = f" ({', '.join(f'{name}: {value}' for name, value in values.items())})" if values else ""
        yield f"{head} `{clause}`{told}"


def _no_anchor(case: Case, touch: Touch, _verdict: Verdict) -> Iterator[str]:
    kind, field = anchor_event(case.plan, touch.anchor)
    how = f"`cadence event {case.story.lead} {kind}`"
    if not kind:
        what = touch.instead_of or touch.anchor
        yield (
            f"it stands in for {what}, and goes when that one is found to reach nobody"
            if touch.instead_of
            else f"once {what} has a time"
        )
    elif field:
        yield f"it goes when the shop hears that {case.happens(kind)}, with its date `{field}`: {how}"
    else:
        yield f"it goes when the shop hears that {case.happens(kind)}: {how}"


def _quiet_hours(case: Case, touch: Touch, verdict: Verdict) -> Iterator[str]:
    if verdict.until is None:
        yield f"the send window of {touch.channel} never opens for this lead: see `send_windows`, and the lead's zone"
        return
    yield f"nothing: it goes when the window opens, {_at(case, verdict.until)}"


def _limited(what: Callable[[Case], str]) -> _Sentence:
    def say(case: Case, _touch: Touch, verdict: Verdict) -> Iterator[str]:
        yield f"nothing: it goes {_at(case, verdict.until)}{what(case)}"

    return say


def _min_gap(case: Case) -> str:
    gap = format_duration(case.plan.playbook.limits.min_gap)
    return f"; a shorter `min_gap` than {gap} would let it go sooner"


def _per_day(case: Case) -> str:
    return f"; more than {case.plan.playbook.limits.messages_per_day} `messages_per_day` would let it go sooner"


def _halted(case: Case, touch: Touch, _verdict: Verdict) -> Iterator[str]:
    halt = case.story.halted.get(touch.channel)
    why = f" ({halt.code}: {halt.detail})" if halt else ""
    yield f"put right what halted {touch.channel}{why}, then `cadence channels resume {touch.channel}`"


def _held(case: Case, _touch: Touch, verdict: Verdict) -> Iterator[str]:
    if verdict.reason is Reason.SNOOZED:
        yield f"it goes after {_at(case, verdict.until)}, or as soon as the lead writes or calls"
        return
    hold = current_hold(case.known, case.enrolment.playbook, case.decided_at)
    scope = f" --lead {case.story.lead}" if hold and not hold.shop else ""
    scope = f" --playbook {hold.playbook}" if hold and hold.shop and hold.playbook else scope
    yield f"once somebody says `cadence resume{scope}`"


def _late(case: Case, touch: Touch, verdict: Verdict) -> Iterator[str]:
    if verdict.due_at is None:
        return
    limit = touch.expires_after
    if case.plan.playbook.catch_up == "skip":
        limit = min(limit, timedelta(hours=1))
    yield (
        f"it would have gone if it could have by {_at(case, verdict.due_at + limit)}:"
        f" it expires {format_duration(limit)} after it is due"
    )


def _condition(case: Case, _touch: Touch, _verdict: Verdict) -> Iterator[str]:
    yield from _if_failing(case, "it goes if" if case.standing == "waits" else "it would have gone if")


def _capped(case: Case, _touch: Touch, _verdict: Verdict) -> Iterator[str]:
    most = case.plan.playbook.limits.messages_per_week
    sent = sum(1 for each in case.known.messages if each > case.decided_at - timedelta(days=7))
    yield f"it would have gone with fewer than {most} messages in the seven days before (there were {sent})"
    yield f"or with more than {most} `messages_per_week`"


def _before_publication(case: Case, _touch: Touch, verdict: Verdict) -> Iterator[str]:
    at = case.story.books.published_at(verdict.digest, verdict.at)
    yield (
        f"it would have gone if the version had been published before it was due, {_at(case, verdict.due_at)}"
        f" (it was {_at(case, at)})"
    )


def _no_address(case: Case, touch: Touch, verdict: Verdict) -> Iterator[str]:
    field = ADDRESS_FIELDS[touch.channel]
    other = "another " + _ADDRESSES[field].split(maxsplit=1)[1] if verdict.reason is Reason.DEAD_ADDRESS else ""
    yield f"it would have gone if the shop had known {other or _ADDRESSES[field]} of the lead by then"
    if touch.fallback is None:
        yield f"for the future: `cadence event {case.story.lead} lead.updated --data {field}=...`"


def _stopped(case: Case, _touch: Touch, verdict: Verdict) -> Iterator[str]:
    due = f" {_at(case, verdict.due_at)}" if verdict.due_at and verdict.due_at > verdict.at else ""
    line = case.plan.playbook.stop_on.get(verdict.detail)
    where = f": `stop_on` names it ({case.plan.file}:{line})" if line else ""
    yield f"it would have been looked at{due} if nothing had stopped the sequence{where}"


def _stage_left(case: Case, _touch: Touch, verdict: Verdict) -> Iterator[str]:
    due = f" {_at(case, verdict.due_at)}" if verdict.due_at else " when it was due"
    yield f"it would have been looked at if the lead had still been in {case.stage.title!r}{due}"


def _said(text: str) -> _Sentence:
    def say(case: Case, touch: Touch, verdict: Verdict) -> Iterator[str]:
        until = _at(case, verdict.until) if verdict.until else ""
        yield text.format(
            lead=case.story.lead, channel=touch.channel, until=until, detail=verdict.detail, stage=case.stage.title
        )

    return say


_SENTENCES: Mapping[Reason, _Sentence] = {
    Reason.SENT: _not_due,
    Reason.NOT_DUE: _not_due,
    Reason.NO_ANCHOR: _no_anchor,
    Reason.QUIET_HOURS: _quiet_hours,
    Reason.MIN_GAP: _limited(_min_gap),
    Reason.DAY_LIMIT: _limited(_per_day),
    Reason.LAW_LIMIT: _limited(lambda _: "; the law, not the page, says so"),
    Reason.ONE_PER_TICK: _said(
        "nothing: another message to the same person goes first, and this one with a later tick"
    ),
    Reason.RATE: _said("nothing: it goes when its sender's turn comes"),
    Reason.HALTED: _halted,
    Reason.RETRY: _said("nothing: it is tried again {until}"),
    Reason.SNOOZED: _held,
    Reason.PAUSED: _held,
    Reason.LATE: _late,
    Reason.SUPERSEDED: _said("it would have gone if `{detail}` had not been ready at the same moment, and newer"),
    Reason.CONDITION: _condition,
    Reason.NO_INQUIRY: _said("it would have gone if the person had asked for something: by a form, a call, a text"),
    Reason.CAPPED: _capped,
    Reason.BEFORE_PUBLICATION: _before_publication,
    Reason.NO_ADDRESS: _no_address,
    Reason.DEAD_ADDRESS: _no_address,
    Reason.NO_CONSENT: _said("it would have gone with a consent on record: `cadence consent add {lead} ...`"),
    Reason.OPTED_OUT: _said("nothing goes until the person returns: `cadence event {lead} opt_in`"),
    Reason.SUPPRESSED: _said("it would have gone if the address were not on the list: `cadence suppress show ADDRESS`"),
    Reason.STOPPED: _stopped,
    Reason.STAGE_LEFT: _stage_left,
    Reason.DROPPED: _said("it would have been tried again if the edit had left it on the page"),
    Reason.TEMPLATE: _said("it would have gone if its text could have been made: {detail}"),
    Reason.REFUSED: _said("the provider must take it: see the answer above"),
}
