"""``cadence rollback``: publish an earlier version again, after showing what it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cadence.cli.acting import USER
from cadence.cli.options import json_option, now_option
from cadence.cli.planning import DAYS, acting_member, ask_or_refuse, moves_option, plan_desk, show_and_publish

if TYPE_CHECKING:
    from cadence.cli.planning import PlanDesk
    from cadence.playbook.compile import Plan
    from cadence.reports.plan import PlanMade

__all__ = ["command"]


@click.command("rollback", short_help="publish an earlier version again")
@click.argument("playbook")
@click.argument("digest", default="")
@moves_option
@click.option("--yes", is_flag=True, help="Publish without asking.")
@click.option("--by", metavar="MEMBER", envvar=USER, default="", help=f"Who publishes; default: {USER}.")
@click.option("--full", is_flag=True, help="Show every lead.")
@now_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    playbook: str,
    digest: str,
    moves: tuple[str, ...],
    yes: bool,
    by: str,
    full: bool,
    pretended_now: str | None,
    as_json: bool,
) -> None:
    """Publish an earlier version of a playbook again: the one before, or the one whose digest begins with DIGEST.

    Shows the plan and asks. Nothing goes twice for it. The files stay as they are, and no tick publishes the same ones
    again; the next edit is published as ever.
    """
    from cadence.runner.history import the_one_before, version_named

    ask_or_refuse(yes=yes)
    with plan_desk(ctx, pretended_now, pages=False) as desk:
        member = acting_member(desk, by)
        with desk.account.store.read() as session:
            plan = (
                version_named(session, desk.account.name, playbook, digest)
                if digest
                else the_one_before(session, desk.account.name, playbook)
            )
        made = show_and_publish(
            desk,
            _Maker(desk, plan, moves),
            by=member,
            how="rollback",
            yes=yes,
            full=full,
            as_json=as_json,
            nothing=f"Nothing to publish: {playbook} {plan.short} is in force.",
        )
    if made is None or as_json:
        return
    click.echo(
        f"{plan.file} and the texts stay as they are, and no tick publishes them again as they stand. To go on from "
        f"what is in force now, take its page from `cadence versions show {playbook} {plan.short} --page`; "
        f"`cadence versions diff {playbook} {plan.short} {_before(made, playbook)}` shows what you had changed.",
        err=True,
    )


class _Maker:
    """Makes the plan, as often as it must be made: everything as it is in force, but for one playbook."""

    def __init__(self, desk: PlanDesk, plan: Plan, moves: tuple[str, ...]) -> None:
        self._desk, self._plan, self._moves = desk, plan, moves

    def __call__(self) -> PlanMade:
        return self._desk.make((self._plan,), days=DAYS, moves=self._moves, only=(self._plan.playbook.id,), files=False)


def _before(made: PlanMade, playbook: str) -> str:
    return next(each.was[:8] for each in made.planned.edited if each.playbook == playbook)
