"""``cadence review --walk``: lead by lead, and what is to be done is done on the spot."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from cadence.cli.acts import assign, done, next_, snooze
from cadence.cli.facts import UNNAMED
from cadence.errors import CadenceError
from cadence.reports.review_page import groups_of, names_of
from cadence.reports.review_words import TITLES, due_words, lead_words, marks, next_words, stage_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from cadence.playbook.model import Workspace
    from cadence.runner.review_sheet import Listed, Sheet

    #: Finds the open next step that comes first in an enrolment of a lead: (lead, enrolment) -> its id, or nothing.
    StepOf = Callable[[str, str], str]

__all__ = ["walk_through"]

PROMPT = "[enter] next  (a)ssign to  (n)ext step  (s)nooze  (d)one  (q)uit: "
HELP = "press enter to go on, or a, n, s, d or q"


def walk_through(
    ctx: click.Context, sheet: Sheet, workspace: Workspace, step_of: StepOf, who: Mapping[str, Any]
) -> None:
    """Go through the leads of a review, owner by owner, until they or the answers are at an end.

    ``step_of`` names the open next step that comes first in an enrolment of a lead (empty: none). ``who`` is what
    every act is told: who acts, when.
    """
    leads = [each for group in groups_of(sheet, workspace) for _, its, _ in group.lists for each in its]
    if not leads:
        click.echo("nothing to look at")
        return
    for number, each in enumerate(leads, 1):
        click.echo(f"{number} of {len(leads)}  " + "\n  ".join(_card(sheet, each, names_of(workspace))))
        if not _dwell(ctx, each, step_of, who):
            return
        click.echo()
    click.echo("that was the last one")


def _card(sheet: Sheet, each: Listed, names: dict[str, str]) -> Iterator[str]:
    row = each.row
    owner = names.get(row.owner, row.owner) or "nobody"
    yield f"{lead_words(each)}  {stage_words(sheet, each)}, owned by {owner}"
    said = f"{next_words(sheet, each, names)}, {due_words(each, sheet.at, sheet.zone)}" if row.next_kind else ""
    yield f"{TITLES[each.lists[0]]}" + (f": {said}" if said else "")
    if also := marks(sheet, each, each.lists[0]):
        yield also


def _dwell(ctx: click.Context, each: Listed, step_of: StepOf, who: Mapping[str, Any]) -> bool:
    """Act on one lead until it is enough; False: no more leads."""
    while True:
        answer = _ask(PROMPT)
        if answer is None or answer[:1] == "q":
            return False
        if not answer:
            return True
        act = _ACTS.get(answer[:1])
        if act is None:
            click.echo(HELP, err=True)
            continue
        try:
            act(ctx, each, step_of, who)
        except CadenceError as error:  # said, and asked again: the lead is still before us
            click.echo(f"{error.message}" + (f"\n  help: {error.help}" if error.help else ""), err=True)


def _ask(question: str) -> str | None:
    """Ask on standard error, so that a pipe holds the answers alone; None when there are no more."""
    click.echo(question, nl=False, err=True)
    line = sys.stdin.readline()
    return line.strip() if line else None


def _assign(ctx: click.Context, each: Listed, _: StepOf, who: Mapping[str, Any]) -> None:
    if to := _ask("to whom: "):
        ctx.invoke(assign, leads=(each.row.lead,), to=to, reason="review", job=_job(each), **who)


def _next(ctx: click.Context, each: Listed, _: StepOf, who: Mapping[str, Any]) -> None:
    if what := _ask("what comes next: "):
        due = _ask("by when (tomorrow, friday 9:00, 2026-12-01T09:00): ") or ""
        ctx.invoke(next_, lead=each.row.lead, what=what, due=due, whose="", job=_job(each), **who)


def _snooze(ctx: click.Context, each: Listed, step_of: StepOf, who: Mapping[str, Any]) -> None:
    task = step_of(each.row.lead, each.row.enrolment)
    if until := _ask("put the step off until: " if task else "leave the lead alone until: "):
        lead = "" if task else each.row.lead
        ctx.invoke(snooze, lead=lead, until=until, task=task, text="", job="" if task else _job(each), **who)


def _done(ctx: click.Context, each: Listed, step_of: StepOf, who: Mapping[str, Any]) -> None:
    what = step_of(each.row.lead, each.row.enrolment) or each.row.lead
    following = _ask("what comes next (enter: nothing): ") or ""
    due = (_ask("by when (tomorrow, friday 9:00, 2026-12-01T09:00): ") or "") if following else ""
    given = {"what": what, "result": "", "text": "", "following": following, "due": due}
    ctx.invoke(done, **given, job=_job(each), **who)


def _job(each: Listed) -> str:
    return each.row.job or UNNAMED


_ACTS: Mapping[str, Callable[[click.Context, Listed, StepOf, Mapping[str, Any]], None]] = {
    "a": _assign,
    "n": _next,
    "s": _snooze,
    "d": _done,
}
