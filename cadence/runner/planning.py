"""What publishing would change, and publishing it: nothing else may have happened in between.

with store.read() as session:
planned = plan_edit(session, account, plans, now, ...)
publish_planned(store, planned, by="dana", how="apply")
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from cadence.engine.answers import leads_backwards
from cadence.engine.futures import Span, first_tick
from cadence.engine.names import stage_in
from cadence.errors import Refused, UsageError
from cadence.runner.account import load_book
from cadence.runner.burst import MINUTE
from cadence.runner.edits import edited_in
from cadence.runner.publish import Published, publish_plans
from cadence.runner.sharing import read_roster
from cadence.store import accounts, enrolments, events, versions
from cadence.store.leads import count_in_flight

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from cadence.engine.book import Book
    from cadence.engine.roster import Roster
    from cadence.playbook.compile import Plan
    from cadence.runner.publish import Answers
    from cadence.store.session import Session
    from cadence.store.store import Store

__all__ = ["Edited", "Moved", "Planned", "Stranded", "plan_edit", "publish_planned"]


class Moved(Exception):  # noqa: N818 - says what happened
    """Something happened since a plan was made; it must be made anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """A playbook that differs from what is in force."""

    playbook: str
    file: str
    was: str  #: digest in force; empty: none is
    now: str  #: digest of the page; empty: it is gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranded:
    """Leads in a stage that an edited page lacks, and that nobody said where to go."""

    playbook: str
    stage: str  #: empty: the whole page is gone
    leads: int
    ways: tuple[str, ...] = ()  #: stages they may go to


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """An edit, and all that a plan of it is made of, apart from the leads."""

    account: str
    before: Book
    after: Book
    plans: tuple[Plan, ...]
    answers: Answers
    edited: tuple[Edited, ...]
    stranded: tuple[Stranded, ...]
    span: Span
    leads: int  #: in flight in the edited playbooks
    roster: Roster = field(repr=False)
    marks: tuple[int, int]  #: of the logs of those leads
    mark: str  #: signature of the files; empty: they hold edits that are not of this plan

    @property
    def playbooks(self) -> tuple[str, ...]:
        """The edited playbooks."""
        return tuple(each.playbook for each in self.edited)

    @property
    def in_force(self) -> dict[str, str]:
        """Playbook -> digest of the version in force."""
        return {name: plan.digest for name, plan in self.before.current.items()}


def plan_edit(
    session: Session,
    account: str,
    plans: Sequence[Plan],
    now: datetime,
    *,
    mark: str,
    until: datetime | None = None,
    days: int = 30,
    moves: Sequence[str] = (),
    only: Sequence[str] = (),
    roster: Roster | None = None,
) -> Planned:
    """Find out what publishing ``plans`` at ``now`` is about.

    ``until`` or ``days`` tell how far to look; ``moves``: answers as ``PLAYBOOK.OLD=NEW``; ``only`` these playbooks are
    published, the others stay as they are; ``mark`` as it is kept. UsageError for an answer that cannot be; Refused for
    one that leads backwards.
    """
    before = load_book(session, account)
    wanted = _only(before, plans, only)
    answers = _answers(before, wanted, moves)
    in_force = versions.current(session, account)
    names = edited_in(wanted, in_force)
    files = {plan.playbook.id: plan for plan in wanted}
    start = first_tick(now, MINUTE)
    return Planned(
        account=account,
        before=before,
        after=before.with_plans(wanted, now, answers),
        plans=tuple(wanted),
        answers=answers,
        edited=tuple(_edited(name, before.current.get(name), files.get(name)) for name in names),
        stranded=tuple(_stranded(session, account, before, files, names, answers)),
        span=Span(at=now, start=start, end=until or first_tick(now + timedelta(days=days), MINUTE), tick=MINUTE),
        leads=count_in_flight(session, account, playbooks=names) if names else 0,
        roster=roster or read_roster(session, account),
        marks=events.marks(session, account, names),
        mark=mark if set(edited_in(plans, in_force)) <= set(names) else "",
    )


def publish_planned(store: Store, planned: Planned, *, by: str, how: str) -> Published:
    """Publish what was planned, as of the instant it was planned for; Moved when anything it stands on has changed."""
    if planned.stranded:
        raise Refused("leads would be stranded", help="say where they go with --move PLAYBOOK.OLD=NEW")
    with store.write() as session:
        accounts.lock(session, planned.account)
        if {name: digest for name, (digest, _) in versions.current(session, planned.account).items()} != (
            planned.in_force
        ):
            raise Moved
        published = publish_plans(
            session, planned.account, planned.plans, planned.span.at, answers=planned.answers, by=by, how=how
        )
        if published.held or events.marks(session, planned.account, planned.playbooks) != planned.marks:
            raise Moved
        if planned.mark:
            accounts.set_source(session, planned.account, planned.mark)
    return published


def _only(before: Book, plans: Sequence[Plan], only: Sequence[str]) -> list[Plan]:
    """Take the pages that are to be published, and what is in force of the others."""
    if not only:
        return list(plans)
    known = {plan.playbook.id: plan for plan in plans}
    for name in only:
        if name not in known and name not in before.current:
            there = ", ".join({**before.current, **known})
            raise UsageError(f"there is no playbook {name!r}", help=f"there are: {there}")
    names = [*known, *(name for name in before.current if name not in known)]
    chosen = [known.get(name) if name in only else before.current.get(name) for name in names]
    return [plan for plan in chosen if plan]


def _edited(name: str, was: Plan | None, now: Plan | None) -> Edited:
    known = now or was
    return Edited(
        playbook=name,
        file=known.file if known else "",
        was=was.digest if was else "",
        now=now.digest if now else "",
    )


def _answers(before: Book, plans: Sequence[Plan], moves: Sequence[str]) -> Answers:
    found: dict[str, dict[str, str]] = {}
    known = {plan.playbook.id: plan for plan in plans}
    for said in moves:
        where, _, to = said.partition("=")
        playbook, _, stage = where.partition(".")
        plan = known.get(playbook)
        if not (plan and stage and to):
            raise UsageError(
                f"--move {said!r} names no playbook and stages", help="write it like roofer.old-stage=new-stage"
            )
        if to not in plan.playbook.stages:
            raise UsageError(f"--move {said}: {plan.file} has no stage {to!r}")
        olds = [each for each in (before.current.get(playbook), *before.older.values()) if each]
        olds = [each for each in olds if each.playbook.id == playbook]
        if stage_in(plan, stage, olds[0] if olds else None):
            raise UsageError(f"--move {said}: {plan.file} has the stage {stage!r} still", help="leave it out")
        old = next((each for each in olds if stage in each.playbook.stages), None)
        if old is None:
            raise UsageError(f"--move {said}: no version of {playbook} that leads follow has a stage {stage!r}")
        if behind := leads_backwards(old, plan, stage, to):
            raise Refused(
                f"--move {said} leads backwards: on the page, {to!r} stands "
                + ("at" if behind == to else "before")
                + f" {behind!r}, which leads in {stage!r} have behind them",
                help=_ways_said(_ways(old, plan, stage)),
            )
        found.setdefault(playbook, {})[stage] = to
    return found


def _stranded(
    session: Session,
    account: str,
    before: Book,
    files: Mapping[str, Plan],
    edited: Sequence[str],
    answers: Answers,
) -> list[Stranded]:
    inside: dict[tuple[str, str], int] = {}
    for (playbook, stage, _), number in enrolments.active_counts(session, account).items():
        if playbook in edited:
            inside[playbook, stage] = inside.get((playbook, stage), 0) + number
    found: list[Stranded] = []
    for (playbook, stage), number in sorted(inside.items()):
        plan, old = files.get(playbook), before.current.get(playbook)
        if plan is None:
            found.append(Stranded(playbook=playbook, stage="", leads=number))
        elif not (stage_in(plan, stage, old) or stage in answers.get(playbook, {})):
            ways = _ways(old, plan, stage) if old else ()
            found.append(Stranded(playbook=playbook, stage=stage, leads=number, ways=ways))
    return found


def _ways(old: Plan, plan: Plan, stage: str) -> tuple[str, ...]:
    """List the stages that leads of a removed one may go to."""
    return tuple(each for each in plan.playbook.stages if not leads_backwards(old, plan, stage, each))


def _ways_said(ways: Sequence[str]) -> str:
    return f"they may go to: {', '.join(ways)}" if ways else ""
