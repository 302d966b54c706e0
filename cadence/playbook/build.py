"""Checked data becomes the model: a playbook page and a workspace page as frozen dataclasses.

The data must have passed the schema and the value checks; given that, nothing here fails. The same builder serves
a page read from a file and a published version read back from the store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from cadence.playbook.model import (
    ALERTS,
    OWNER,
    Alerts,
    Business,
    ChannelSettings,
    Escalation,
    Hearing,
    Imap,
    Limits,
    Lock,
    Member,
    Playbook,
    Replies,
    Requirement,
    Review,
    Routing,
    RoutingRule,
    Silence,
    Sla,
    Stage,
    Touch,
    Workspace,
)
from cadence.timing.calendar import Calendar
from cadence.timing.durations import parse_duration
from cadence.timing.holidays import HOLIDAY_NAMES, Holidays
from cadence.timing.hours import Hours, Span, parse_hours
from cadence.timing.law import own_rows
from cadence.timing.wall import parse_time
from cadence.timing.when import When
from cadence.timing.zones import find_zone

__all__ = ["LineOf", "build_playbook", "build_workspace"]

LineOf = Callable[[tuple[str | int, ...]], int]
Data = Mapping[str, Any]

DEFAULT_WINDOWS = {"sms": "08:00-20:00", "email": "07:00-21:00", "voice": "08:00-20:00"}
DEFAULT_ALERT_HOURS = "07:00-20:00"
DEFAULT_TOUCH_TIME = "10:00"
DEFAULT_OFFER_TIMES = ("09:00", "14:00")
DEFAULT_EXPIRY = "24h"
MOST_PER_TICK = 500
BURST = 25
DEFAULT_MIN_GAP = "4h"
_OF_EVERY_CHANNEL = frozenset(
    {"via", "from", "per_minute", "per_day", "cost_per_segment", "cost_per_message", "options"}
)


def build_workspace(data: Data) -> Workspace:
    """Make the model of ``cadence.yaml``."""
    return Workspace(
        account=data["account"],
        business=Business(**data["business"]),
        team=tuple(
            Member(**{**member, "roles": tuple(member["roles"]), "alerts": _alerts(member.get("alerts", {}))})
            for member in data["team"]
        ),
        channels=MappingProxyType(
            {name: _channel(name, settings) for name, settings in data.get("channels", {}).items()}
        ),
        mode=data.get("mode", "log"),
        redirect=MappingProxyType(dict(data.get("redirect", {}))),
        public_url=data.get("public_url", ""),
        inbound=_hearing(data.get("inbound", {})),
        replies=Replies(**{key: tuple(words) for key, words in data.get("replies", {}).items()}),
        opt_out=data.get("opt_out", "everywhere"),
        opt_out_confirmation=data.get("opt_out_confirmation", ""),
        consent=MappingProxyType(dict(data.get("consent", {}))),
        law=own_rows(data.get("law", ())),
        answer_any_hour=data.get("answer_any_hour", True),
        max_per_tick=data.get("max_per_tick", MOST_PER_TICK),
        publish=data.get("publish", "on_tick"),
        burst=data.get("burst", BURST),
        lead_fields=MappingProxyType(dict(data.get("lead_fields", {}))),
        events=MappingProxyType(
            {
                kind: (event.get("title", kind), tuple(event.get("moments", ())))
                for kind, event in data.get("events", {}).items()
            }
        ),
    )


def _alerts(data: Data) -> Alerts:
    hours = Hours(week=parse_hours(data.get("hours", DEFAULT_ALERT_HOURS)), dated={}, holidays=None)
    return Alerts(by=data.get("by", ""), hours=hours, about=tuple(data.get("about", ALERTS)))


def _channel(name: str, settings: Data) -> ChannelSettings:
    cost = settings.get("cost_per_segment", settings.get("cost_per_message", 0.0))
    own = {key: value for key, value in settings.items() if key not in _OF_EVERY_CHANNEL}
    return ChannelSettings(
        via=settings.get("via", name),
        sender=settings.get("from", ""),
        options=MappingProxyType({**own, **settings.get("options", {})}),
        per_minute=settings.get("per_minute", 0),
        per_day=settings.get("per_day", 0),
        cost_per_segment=float(cost),
    )


def _hearing(data: Data) -> Hearing:
    imap = Imap(**data["imap"]) if "imap" in data else None
    newcomer = MappingProxyType(dict(data.get("new_lead", {})))
    return Hearing(**{**data, "imap": imap, "new_lead": newcomer})


def build_playbook(data: Data, workspace: Workspace, line_of: LineOf) -> Playbook:
    """Make the model of one playbook page; ``line_of`` maps a path in the page to its line."""
    calendar = _calendar(data.get("calendar", {}), workspace.business.timezone)
    expiry = parse_duration(data.get("expires_after", DEFAULT_EXPIRY))
    stages = {
        stage_id: _stage(stage_id, stage, index, expiry, _below(line_of, "stages", stage_id))
        for index, (stage_id, stage) in enumerate(data["stages"].items())
    }
    return Playbook(
        id=data["playbook"],
        title=data.get("title", data["playbook"]),
        enroll_if=data.get("enroll_if", ""),
        calendar=calendar,
        send_windows=_send_windows(data.get("send_windows", {}), calendar),
        limits=_limits(data.get("limits", {}), line_of(("limits",))),
        stop_on=MappingProxyType({kind: line_of(("stop_on", n)) for n, kind in enumerate(data.get("stop_on", ()))}),
        stop_scope=data.get("stop_scope", "person"),
        catch_up=data.get("catch_up", "latest"),
        score=MappingProxyType(dict(data.get("score", {}))),
        routing=MappingProxyType(
            {
                role: _routing(role, rule, _below(line_of, "routing", role))
                for role, rule in data.get("routing", {}).items()
            }
        ),
        max_reassigns=data.get("max_reassigns", 3),
        results=MappingProxyType({kind: _results(words) for kind, words in data.get("results", {}).items()}),
        stages=MappingProxyType(stages),
        reviews=tuple(
            Review(
                name=name,
                cron=review["cron"],
                of=tuple(review["of"]),
                to=review["to"],
                line=line_of(("reviews", name)),
            )
            for name, review in data.get("reviews", {}).items()
        ),
        lines=MappingProxyType({key: line_of((key,)) for key in data}),
    )


def _results(words: Any) -> Mapping[str, str]:
    return MappingProxyType(dict(words) if isinstance(words, Mapping) else dict.fromkeys(words, ""))


def _below(line_of: LineOf, *prefix: str | int) -> LineOf:
    return lambda path: line_of((*prefix, *path))


def _calendar(data: Data, timezone: str) -> Calendar:
    holidays = _holidays(data.get("holidays", ()))
    dated = {date.fromisoformat(day): _spans(text) for day, text in data.get("hours_on", {}).items()}
    return Calendar(
        hours=Hours(week=parse_hours(data.get("business_hours", "00:00-24:00")), dated=dated, holidays=holidays),
        zone=find_zone(timezone),
        touch_time=parse_time(data.get("touch_time", DEFAULT_TOUCH_TIME)),
        offer_times=tuple(parse_time(text) for text in data.get("offer_times", DEFAULT_OFFER_TIMES)),
    )


def _holidays(names: Any) -> Holidays:
    return Holidays(
        names=tuple(name for name in names if name in HOLIDAY_NAMES),
        dates=frozenset(date.fromisoformat(name) for name in names if name not in HOLIDAY_NAMES),
    )


def _spans(text: Any) -> tuple[Span, ...]:
    return parse_hours({"mon": text})[0]


def _send_windows(data: Data, calendar: Calendar) -> Mapping[str, Hours]:
    holidays = calendar.hours.holidays if data.get("holidays", "open") == "closed" else None
    return MappingProxyType(
        {
            channel: Hours(week=parse_hours(data.get(channel, default)), dated={}, holidays=holidays)
            for channel, default in DEFAULT_WINDOWS.items()
        }
    )


def _limits(data: Data, line: int) -> Limits:
    numbers = {key: data[key] for key in ("messages_per_day", "messages_per_week") if key in data}
    return Limits(**numbers, min_gap=parse_duration(data.get("min_gap", DEFAULT_MIN_GAP)), line=line)


def _routing(role: str, data: Data, line_of: LineOf) -> Routing:
    rules = tuple(
        RoutingRule(
            condition=rule["if"],
            assign=rule["assign"],
            variant=rule.get("variant", ""),
            line=line_of(("rules", n)),
        )
        for n, rule in enumerate(data.get("rules", ()))
    )
    return Routing(
        role=role,
        assign=data.get("assign", "round_robin"),
        rules=rules,
        variants=MappingProxyType(dict(data.get("variants", {}))),
        fallback=data.get("fallback", "fallback"),
        line=line_of(()),
    )


def _stage(stage_id: str, data: Data, index: int, expiry: timedelta, line_of: LineOf) -> Stage:
    moves = dict(data.get("next", {}))
    silence = moves.pop("silence", None)
    require = data.get("require", {})
    return Stage(
        id=stage_id,
        title=data.get("title", stage_id),
        owner=data.get("owner", ""),
        enter_on=tuple(data.get("enter_on", ())),
        next=MappingProxyType(moves),
        silence=silence
        and Silence(after=parse_duration(silence["after"]), to=silence["to"], line=line_of(("next", "silence"))),
        to_enter=_requirements(require.get("to_enter", ()), _below(line_of, "require", "to_enter")),
        to_leave=_requirements(require.get("to_leave", ()), _below(line_of, "require", "to_leave")),
        sla=tuple(_sla(name, sla, line_of(("sla", name))) for name, sla in data.get("sla", {}).items()),
        lock=_lock(data["lock"], line_of(("lock",))) if "lock" in data else None,
        variants=MappingProxyType(dict(data.get("variants", {}))),
        touches=tuple(
            each
            for n, touch in enumerate(data.get("touches", ()))
            for each in _with_fallback(_touch(touch, expiry, line_of(("touches", n))))
        ),
        end=data.get("end", ""),
        renamed_from=_names(data.get("renamed_from", ())),
        index=index,
        line=line_of(()),
    )


def _names(said: Any) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said)


def _requirements(items: Any, line_of: LineOf) -> tuple[Requirement, ...]:
    return tuple(
        Requirement(path=item, line=line_of((n,)))
        if isinstance(item, str)
        else Requirement(condition=item["if"], say=item["say"], line=line_of((n,)))
        for n, item in enumerate(items)
    )


def _sla(name: str, data: Data, line: int) -> Sla:
    return Sla(
        name=name,
        within=_duration(data, "within"),
        business_days=data.get("business_days"),
        clock=data.get("clock", "elapsed"),
        met_by=tuple(data.get("met_by", ())),
        warn=_duration(data, "warn"),
        on_miss=_consequences(data.get("on_miss", ())),
        line=line,
    )


def _lock(data: Data, line: int) -> Lock:
    return Lock(
        by=tuple(data["by"]),
        within=_duration(data, "within"),
        clock=data.get("clock", "elapsed"),
        warn=_duration(data, "warn"),
        on_miss=_consequences(data.get("on_miss", ({"alert": OWNER},))),
        line=line,
    )


def _consequences(steps: Any) -> tuple[Escalation, ...]:
    return tuple(
        Escalation(
            after=_duration(step, "after") or timedelta(0),
            alert=step.get("alert", ""),
            reassign=step.get("reassign", ""),
        )
        for step in steps
    )


def _duration(data: Data, key: str) -> timedelta | None:
    return parse_duration(data[key]) if key in data else None


def _touch(data: Data, expiry: timedelta, line: int) -> Touch:
    return Touch(
        id=data["id"],
        channel=data["channel"],
        when=tuple(_when(row) for row in data.get("schedule", (data,))),
        anchor=data.get("anchor", ""),
        condition=data.get("if", ""),
        template=data.get("template", ""),
        variants=MappingProxyType(dict(data.get("variants", {}))),
        variant=data.get("variant", ""),
        answers=data.get("answers", ""),
        expects=data.get("expects", ""),
        owner=data.get("owner", ""),
        due=data.get("due", ""),
        audience=data.get("list", ""),
        endpoint=data.get("to", ""),
        expires_after=_duration(data, "expires_after") or expiry,
        max_segments=data.get("max_segments", 2),
        fallback=(data["fallback"]["channel"], data["fallback"]["template"]) if "fallback" in data else None,
        renamed_from=_names(data.get("renamed_from", ())),
        line=line,
    )


def _with_fallback(touch: Touch) -> Iterator[Touch]:
    """Yield a touch and, behind it, the one that stands in when nothing can reach its address."""
    yield touch
    if touch.fallback:
        channel, template = touch.fallback
        yield replace(
            touch,
            id=f"{touch.id}.{channel}",
            channel=channel,
            template=template,
            when=(When(send_now=True),),
            anchor="",
            condition="",
            variants=MappingProxyType({}),
            fallback=None,
            instead_of=touch.id,
            renamed_from=tuple(f"{name}.{channel}" for name in touch.renamed_from),
        )


def _when(row: Data) -> When:
    next_day = row.get("next_business_day")
    return When(
        if_before=parse_time(row["if_before"]) if "if_before" in row else None,
        send_now=row.get("send") == "now",
        after=_duration(row, "after"),
        business_clock=row.get("clock") == "business",
        before=_duration(row, "before"),
        day=row.get("day"),
        business_day=row.get("business_day"),
        next_business_day=parse_time(next_day) if next_day else None,
        at=parse_time(row["at"]) if "at" in row else None,
        cron=row.get("cron", ""),
    )
