"""Playbooks, people and their stories in a few lines, for tests of the engine and of what stands on it.

    plan = plan_of('''
        stages:
          new:
            owner: csr
            enter_on: [lead.created]
            touches: [{id: hello, channel: sms, send: now, template: hello}]
            next: {lead.won: won}
          won: {end: won}
    ''')
    rows = run(book_of(plan), [lead_fact("2026-11-24 13:10")], "2026-11-24 13:00", "2026-11-25 13:00")
    assert rows == [("2026-11-24 13:10", "hello", "sent", "sent", "hello")]

Instants are written as local text (``2026-11-24 13:10``) on the clock of :data:`ZONE`, the shop's; where a test needs
another clock it gives an aware UTC datetime, which :func:`instant` makes of a text and a zone.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from cadence.engine.book import Book
from cadence.engine.decide import carried_out
from cadence.engine.decision import AlertDraft, Claim, Decision, Outcome, TaskDraft, Verdict
from cadence.engine.events import Event
from cadence.engine.simulate import simulate
from cadence.engine.standing import Gap, standings
from cadence.engine.state import EnrolmentState, LeadState
from cadence.files import schema_text
from cadence.playbook.build import build_playbook, build_workspace
from cadence.playbook.check import check_page
from cadence.playbook.compile import Plan, compile_plan, content_of, template_names
from cadence.playbook.words import EVENTS
from cadence.timing.durations import parse_duration
from cadence.workspace import rulebook

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "ANY_HOUR",
    "LAW",
    "LEAD",
    "WORKSPACE",
    "ZONE",
    "Happened",
    "Played",
    "book_of",
    "fact",
    "instant",
    "lead_fact",
    "local_text",
    "one_stage",
    "plan_from",
    "plan_of",
    "play",
    "run",
]

ZONE = "America/Chicago"  #: the shop's clock, on which local texts are read
LEAD = "maria"  #: the person of a story, unless it names another

#: ``cadence.yaml`` as data: three colleagues who each do one thing, one who does what is left.
WORKSPACE: Mapping[str, Any] = {
    "cadence": 1,
    "account": "summit",
    "business": {"name": "Summit Roofing", "phone": "+18165550100", "timezone": ZONE},
    "team": [
        {"id": "dana", "name": "Dana Reyes", "roles": ["csr"]},
        {"id": "lee", "name": "Lee Ortiz", "roles": ["sales"]},
        {"id": "ola", "name": "Ola Berg", "roles": ["dispatcher"]},
        {"id": "pat", "name": "Pat Kim", "roles": ["ops_lead", "fallback"]},
    ],
    "channels": {
        "sms": {"via": "twilio", "from": "+18165550100"},
        "email": {"via": "sendgrid", "from": "hello@example.com"},
    },
    "events": {"permit.approved": {"title": "the permit came", "moments": ["work_starts"]}},
}

#: A law table that forbids nothing.
ANY_HOUR: Mapping[str, Any] = {
    "rows": [{"state": "US", "hours": "00:00-24:00", "basis": "own", "source": "test", "as_of": "2026-11-22"}]
}
LAW: Mapping[str, Any] = rulebook().law  #: the law table that comes with the program


def plan_of(
    page: str,
    *,
    workspace: Mapping[str, Any] = WORKSPACE,
    templates: Mapping[str, str] | None = None,
    law: Mapping[str, Any] = ANY_HOUR,
) -> Plan:
    """Make a plan of a playbook page; ``cadence: 1`` and ``playbook: roofer`` may be left out.

    ``templates`` by file name (``new/hello.sms.j2``); what is not given is a text that says its template's name.
    AssertionError with the faults when the page is not in the language.
    """
    text = textwrap.dedent(page)
    heads = "".join(f"{head}\n" for head in ("cadence: 1", "playbook: roofer") if f"{head.split(':')[0]}:" not in text)
    read, faults = check_page("roofer.yaml", (heads + text).encode(), "playbook", schema_text("playbook"))
    assert read is not None, faults
    assert not faults, [(fault.line, fault.message, fault.source) for fault in faults]
    marks = {**read.values, **read.keys}
    lines = {".".join(map(str, path)): mark.line for path, mark in marks.items()}
    return plan_from(read.data, workspace=workspace, templates=templates, law=law, lines=lines)


def one_stage(touches: str = "", *, top: str = "", stage: str = "") -> str:
    """Return a page of one stage, ``new``, with these touches (as YAML list items), and the ends ``won`` and ``lost``.

    ``top`` are further lines of the page, ``stage`` of the stage. Windows are open at all hours unless ``top`` sets
    some; ``lead.created`` and ``call.missed`` bring a lead in.
    """
    windows = "" if "send_windows:" in top else 'send_windows: {sms: "00:00-24:00", email: "00:00-24:00"}\n'
    leaves = "" if "next:" in stage else "next: {lead.won: won}\n"
    sequence = f"touches:\n{_below(touches)}" if touches.strip() else ""
    inside = f"owner: csr\nenter_on: [lead.created, call.missed]\n{leaves}{textwrap.dedent(stage).strip()}\n{sequence}"
    new = textwrap.indent(f"new:\n{_below(inside)}\nwon: {{end: won}}\nlost: {{end: lost}}", "  ")
    return f"{windows}{textwrap.dedent(top).strip()}\nstages:\n{new}\n"


def _below(text: str) -> str:
    return textwrap.indent(textwrap.dedent(text).strip(), "  ")


def plan_from(
    data: Mapping[str, Any],
    *,
    workspace: Mapping[str, Any] = WORKSPACE,
    templates: Mapping[str, str] | None = None,
    law: Mapping[str, Any] = ANY_HOUR,
    lines: Mapping[str, int] | None = None,
) -> Plan:
    """Make a plan of a page's data, unchecked: for generated pages, where time counts."""
    texts = templates or {}
    used = template_names(build_playbook(data, build_workspace(workspace), lambda _: 0))
    return compile_plan(
        content_of(
            file=f"playbooks/{data['playbook']}.yaml",
            playbook=data,
            lines=lines or {},
            workspace=workspace,
            templates={name: texts.get(name, _trivial(name)) for name in used},
            law=law,
        )
    )


def _trivial(name: str) -> str:
    words, channel, _ = name.rsplit(".", 2)
    return f"---\nsubject: {words}\n---\n{words}" if channel == "email" else words


def book_of(*plans: Plan, published: Mapping[str, datetime | str] | None = None, older: Iterable[Plan] = ()) -> Book:
    """Put plans in force; ``published`` maps a digest to its instant, ``older`` are plans some leads still carry."""
    return Book(
        account="summit",
        current={plan.playbook.id: plan for plan in plans},
        published_at={digest: instant(at) for digest, at in (published or {}).items()},
        older={plan.digest: plan for plan in older},
    )


def instant(at: datetime | str, zone: str = ZONE) -> datetime:
    """Return the UTC instant of a local text (of two in the repeated hour, the first); an instant stays what it is."""
    if isinstance(at, datetime):
        return at
    return datetime.fromisoformat(at).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def local_text(at: datetime, zone: str = ZONE) -> str:
    """Write an instant as ``2026-11-24 13:10``; seconds only when there are some."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}".removesuffix(":00")


def fact(
    kind: str,
    at: datetime | str,
    /,
    *,
    learned: datetime | str | None = None,
    job: str = "",
    enrolment: str = "",
    **data: Any,
) -> Event:
    """Return a fact, learned when it happened unless said otherwise; ``data`` are its fields."""
    known = EVENTS.get(kind)
    return Event(
        type=kind,
        at=instant(at),
        recorded_at=instant(at if learned is None else learned),
        job=job,
        enrolment=enrolment,
        actor=known.actor.value if known else "system",
        data=data,
    )


def lead_fact(
    at: datetime | str, *, inquiry: bool = True, job: str = "", learned: datetime | str | None = None, **record: Any
) -> Event:
    """Return the fact that a person came in: Maria Lopez of Kansas City, unless ``record`` says otherwise.

    ``zones``, ``zone_source`` and ``states`` are given, not worked out: no library of places is loaded.
    """
    person = {
        "id": LEAD,
        "name": "Maria Lopez",
        "phone": "+18165550142",
        "email": "maria@example.com",
        "zones": [ZONE],
        "zone_source": "zip",
        "states": ["MO"],
        **record,
    }
    return fact("lead.created", at, learned=learned, job=job, lead=person, inquiry=inquiry)


class Happened(NamedTuple):
    """What became of one touch."""

    at: str  #: local text
    touch: str
    outcome: str
    reason: str
    body: str  #: empty for what was not carried out


@dataclass(slots=True)
class Played:
    """A whole story, played to its end."""

    state: LeadState
    rows: list[Happened] = field(default_factory=list)  #: every touch that ended, in order
    verdicts: list[Verdict] = field(default_factory=list)  #: of the same touches
    claims: list[Claim] = field(default_factory=list)
    tasks: list[TaskDraft] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)  #: the log, in the order it was recorded
    alerts: list[AlertDraft] = field(default_factory=list)
    gaps: tuple[Gap, ...] = ()  #: as they stood at the last look
    waits: dict[str, Verdict] = field(default_factory=dict)  #: touch id -> how it waited at the last tick

    @property
    def enrolment(self) -> EnrolmentState:
        """The only enrolment, or the latest."""
        return list(self.state.enrolments.values())[-1]

    @property
    def stage(self) -> str:
        """The stage the lead stands in."""
        return self.enrolment.visit.stage

    def sent(self, *touches: str) -> list[str]:
        """When touches were carried out: of these ids, or all of them."""
        return [row.at for row in self.rows if row.outcome == "sent" and (not touches or row.touch in touches)]

    def of(self, touch: str) -> list[tuple[str, str, str]]:
        """Return when a touch ended, its outcome and the reason, once for each time it did."""
        return [(row.at, row.outcome, row.reason) for row in self.rows if row.touch == touch]

    def entries(self, kind: str) -> list[Event]:
        """The entries of one type in the log."""
        return [event for event in self.events if event.type == kind]

    def task_list(self) -> list[tuple[str, str, str]]:
        """The next steps made, without the touches that are tasks: title, owner, due as local text."""
        return [(task.title, task.owner, local_text(task.due_at) if task.due_at else "") for task in self.tasks]


def play(
    book: Book,
    facts: Iterable[Event],
    start: datetime | str,
    end: datetime | str,
    tick: str | timedelta = "1m",
    *,
    state: LeadState | None = None,
) -> Played:
    """Play a story on the virtual clock, from ``start`` to before ``end``; ``state`` is what went before."""
    played = Played(state=state or LeadState(lead=LEAD))
    begin, every = instant(start), parse_duration(tick) if isinstance(tick, str) else tick
    wake = begin if state else None
    used = played.state.copy()
    for step in simulate(book, used, list(facts), start=begin, end=instant(end), tick=every, wake_at=wake):
        _add(book, played, step.at, step.decision, ticked=step.fact is None)
    return played


def gaps_at(book: Book, played: Played, at: str) -> list[str]:
    """Return the codes of what is missing at a local instant, as things stood at the end of a story."""
    return [gap.code for each in standings(book, played.state, instant(at)) for gap in each.gaps]


def run(
    book: Book, facts: Iterable[Event], start: datetime | str, end: datetime | str, tick: str | timedelta = "1m"
) -> list[Happened]:
    """Play a story and return what became of its touches."""
    return play(book, facts, start, end, tick).rows


def _add(book: Book, played: Played, at: datetime, decision: Decision, *, ticked: bool) -> None:
    bodies = {claim.verdict.key: claim.body for claim in decision.claims}
    for verdict in decision.verdicts:
        if verdict.outcome is not Outcome.WAITS:
            played.verdicts.append(verdict)
            row = (local_text(verdict.at), verdict.touch, verdict.outcome.value, verdict.reason.code)
            played.rows.append(Happened(*row, bodies.get(verdict.key, "")))
    if ticked:
        waiting = [verdict for verdict in decision.verdicts if verdict.outcome is Outcome.WAITS]
        played.waits = {verdict.touch: verdict for verdict in waiting}
    played.state = decision.state
    played.claims += decision.claims
    played.tasks += decision.tasks
    played.events += [*decision.events, *(carried_out(claim, at=at) for claim in decision.claims)]
    played.gaps = tuple(gap for each in standings(book, decision.state, at) for gap in each.gaps)
    played.alerts += decision.alerts
