"""What ``plan``, ``apply`` and ``rollback`` share: the account open beside a second process, a plan made and shown."""

from __future__ import annotations

import sys
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from cadence.cli.options import present, print_json, workspace_root
from cadence.cli.progress import with_progress
from cadence.errors import Refused, UsageError
from cadence.files import signature

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    from cadence.playbook.check import Checked
    from cadence.playbook.compile import Plan
    from cadence.reports.helper import Helper
    from cadence.reports.plan import PlanMade
    from cadence.runner.account import Account
    from cadence.runner.settings import Settings

__all__ = ["DAYS", "PlanDesk", "moves_option", "plan_desk", "say_plan", "show_and_publish"]

DAYS = 30  #: how far a plan looks ahead
MOST_LEADS = 12  #: shown one by one on a terminal
TRIES = 5  #: to publish while leads are being worked on

moves_option = click.option(
    "--move",
    "moves",
    multiple=True,
    metavar="PLAYBOOK.OLD=NEW",
    help="Where the leads of a stage go that the edited page lacks. May be given several times.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDesk:
    """The account, open to make plans of it."""

    root: Path
    settings: Settings
    account: Account
    checked: Checked | None  #: the pages; None where they do not matter
    helper: Helper | None
    pretended: datetime | None

    def now(self) -> datetime:
        """Return the instant it is."""
        return self.pretended or present(None, self.settings.mode, self.settings.timezone)

    def make(self, plans: Sequence[Plan], *, lead: str = "", files: bool = True, **how: Any) -> PlanMade:
        """Make a plan of publishing ``plans``; ``lead``: of this lead alone; ``files``: they are those of the files.

        ``how`` is as :func:`cadence.runner.planning.plan_edit` takes it.
        """
        from cadence.reports.plan import make_plan
        from cadence.runner.inflight import in_flight, page_of_one
        from cadence.runner.planning import plan_edit

        mark = signature(self.root) if files else ""
        with self.account.store.read() as session:
            planned = plan_edit(session, self.account.name, plans, self.now(), mark=mark, **how)
            if not planned.edited:
                pages: Any = ()
            elif lead:
                pages = [page_of_one(session, self.account.name, lead, playbooks=planned.playbooks)]
                planned = replace(planned, leads=len(pages[0]))
            else:
                pages = in_flight(session, self.account.name, playbooks=planned.playbooks)
            watched = with_progress(pages, planned.leads, label="looking ahead", steps=len)
            helper = self.helper if not lead else None
            return make_plan(planned, watched, burst=self.settings.workspace.burst, helper=helper)


@contextmanager
def plan_desk(
    ctx: click.Context, pretended_now: str | None, *, pages: bool = True, create: bool = False
) -> Iterator[PlanDesk]:
    """Open the account; ``pages``: with the pages, InvalidWorkspace when they have faults.

    ``create`` makes its database when there is none: pages may be published before anybody comes in.
    """
    from cadence.runner.settings import read_settings
    from cadence.workspace import load_good_workspace

    root = workspace_root(ctx)
    checked = load_good_workspace(root) if pages else None
    settings = read_settings(root)
    pretended = present(pretended_now, settings.mode, settings.timezone) if pretended_now is not None else None
    with _helper(root, checked) as helper:
        from cadence.runner.account import open_account
        from cadence.store import accounts

        with open_account(root, settings.account, settings.mode, create=create) as account:
            desk = PlanDesk(
                root=root, settings=settings, account=account, checked=checked, helper=helper, pretended=pretended
            )
            if create:
                with account.store.write() as session:
                    accounts.ensure(session, account.name, desk.now(), mode=settings.mode)
            yield desk


def _helper(root: Path, checked: Checked | None) -> AbstractContextManager[Helper | None]:
    """Start a second process before the database's libraries make this one big."""
    from cadence.runner.places import has_store

    if not has_store(root):
        return nullcontext()
    from cadence.reports.helper import helper_for

    return helper_for(checked.plans if checked else ())


def say_plan(made: PlanMade, *, full: bool, markdown: bool = False, err: bool = False) -> None:
    """Print a plan."""
    from cadence.reports.plan_text import plan_lines, plan_markdown

    lines = plan_markdown if markdown else plan_lines
    for line in lines(made.head, made.tally, made.leads(None if full else MOST_LEADS)):
        click.echo(line, err=err)


def show_and_publish(
    desk: PlanDesk,
    make: Callable[[], PlanMade],
    *,
    by: str,
    how: str,
    yes: bool,
    full: bool,
    as_json: bool,
    nothing: str,
) -> PlanMade | None:
    """Make a plan, show it, publish it when somebody says so, and say what was published.

    Returns the plan that was published; None where there was nothing to publish, which ``nothing`` says.
    """
    made = make()
    new: tuple[tuple[str, str], ...] = ()
    retired: tuple[str, ...] = ()
    if made.planned.edited:
        if not as_json:
            say_plan(made, full=full)
        made, new, retired = _publish(desk, made, again=make, by=by, how=how, yes=yes)
    else:
        click.echo(nothing, err=as_json)
    if as_json:
        published = [{"playbook": name, "version": digest} for name, digest in new]
        print_json({"published": published, "retired": list(retired)})
    elif made.planned.edited:
        click.echo("")
        _say_published(new, retired)
    return made if made.planned.edited else None


def _publish(
    desk: PlanDesk, made: PlanMade, *, again: Callable[[], PlanMade], by: str, how: str, yes: bool
) -> tuple[PlanMade, tuple[tuple[str, str], ...], tuple[str, ...]]:
    """Publish what a plan that was shown foretells, as soon as somebody says so.

    Returns the plan, what was published, and what was retired. ``again`` makes the plan anew. Refused when leads would
    be stranded, nobody says yes, or what it foretold has changed meanwhile.
    """
    from cadence.reports.plan_file import kept_plan, staleness
    from cadence.runner.planning import Moved, publish_planned

    if made.planned.stranded:
        raise Refused(
            "nothing was published: leads would be left in a stage that is no more",
            help="`cadence plan` says which, and where they may go",
        )
    if not yes:
        if not click.confirm("Publish this?", err=True):
            raise Refused("nothing was published")
        shown, made = made, again()
        _refuse_changed(staleness(kept_plan(shown), made))
    for _ in range(TRIES):
        try:
            published = publish_planned(desk.account.store, made.planned, by=by, how=how)
        except Moved:
            shown, made = made, again()
            _refuse_changed(staleness(kept_plan(shown), made))
            continue
        return made, published.new, published.retired
    raise Refused("nothing was published: leads are being worked on all the time", help="try again when it is quieter")


def _refuse_changed(how: str) -> None:
    if how:
        raise Refused(f"nothing was published, for something happened meanwhile: {how}", help="look at it again")


def ask_or_refuse(*, yes: bool) -> None:
    """Refuse where nobody can be asked."""
    if not yes and not sys.stdin.isatty():
        raise Refused("nobody is there to say yes", help="--yes publishes without asking")


def acting_member(desk: PlanDesk, by: str) -> str:
    """Return the member who publishes; empty: nobody in particular. UsageError for an unknown one."""
    from cadence.cli.acting import USER
    from cadence.cli.facts import member_id

    return member_id(desk.settings, by, f"--by (or {USER})") if by else ""


def _say_published(new: Sequence[tuple[str, str]], retired: Sequence[str]) -> None:
    """Say what was published."""
    for playbook, digest in new:
        click.echo(f"published {playbook} {digest}")
    for playbook in retired:
        click.echo(f"retired {playbook}: its page is gone")


def no_lead(desk: PlanDesk, lead: str) -> None:
    """UsageError where a lead that was asked for is not known."""
    from cadence.runner.record import state_of

    with desk.account.store.read() as session:
        state_of(session, desk.account.name, lead)


def both(options: dict[str, Any]) -> None:
    """UsageError where two options are given that cannot go together."""
    given = [name for name, value in options.items() if value]
    if len(given) > 1:
        raise UsageError(f"{given[0]} and {given[1]} cannot go together")
