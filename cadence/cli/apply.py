"""``cadence apply``: publish what was edited, after showing what it changes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cadence.cli.acting import USER
from cadence.cli.options import json_option, now_option
from cadence.cli.planning import DAYS, acting_member, ask_or_refuse, moves_option, plan_desk, show_and_publish
from cadence.errors import Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cadence.cli.planning import PlanDesk
    from cadence.playbook.compile import Plan
    from cadence.reports.plan import PlanMade
    from cadence.reports.plan_file import KeptPlan

__all__ = ["command"]


@click.command("apply", short_help="publish what was edited, after showing what it changes")
@click.argument("file", required=False, type=click.Path(), metavar="[PLAN_FILE]")
@moves_option
@click.option("--yes", is_flag=True, help="Publish without asking.")
@click.option("--by", metavar="MEMBER", envvar=USER, default="", help=f"Who publishes; default: {USER}.")
@click.option("--full", is_flag=True, help="Show every lead.")
@now_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    file: str | None,
    moves: tuple[str, ...],
    yes: bool,
    by: str,
    full: bool,
    pretended_now: str | None,
    as_json: bool,
) -> None:
    """Publish the edited pages: leads in flight follow them from then on.

    Shows the plan, asks, and publishes when nothing has happened meanwhile that makes it another. PLAN_FILE is a plan
    that `cadence plan --out` kept: it is published only while it is still what publishing would do.
    """
    if file and moves:
        raise UsageError("--move belongs to the plan", help="give it to `cadence plan --out` and make the file anew")
    ask_or_refuse(yes=yes)
    with plan_desk(ctx, pretended_now, create=True) as desk:
        member = acting_member(desk, by)
        maker = _Maker(desk, Path(file) if file else None, moves)
        show_and_publish(
            desk,
            maker,
            by=member,
            how="apply",
            yes=yes,
            full=full,
            as_json=as_json,
            nothing="Nothing to publish: the pages are what is in force.",
        )


class _Maker:
    """Makes the plan, as often as it must be made; of a kept one, only while it holds."""

    def __init__(self, desk: PlanDesk, path: Path | None, moves: tuple[str, ...]) -> None:
        from cadence.reports.plan_file import read_plan

        self._desk = desk
        self._moves = moves
        self._kept = read_plan(path) if path else None

    def __call__(self) -> PlanMade:
        plans = self._desk.checked.plans if self._desk.checked else ()
        if self._kept is None:
            return self._desk.make(plans, days=DAYS, moves=self._moves)
        return self._still(self._kept, plans)

    def _still(self, kept: KeptPlan, plans: Sequence[Plan]) -> PlanMade:
        from cadence.reports.plan_file import staleness

        desk = self._desk
        if kept.account != desk.account.name:
            raise Refused(
                f"the plan is of the account {kept.account!r}", help="make one here with `cadence plan --out`"
            )
        if kept.until <= desk.now():
            raise _stale("the days that it looked at are over")
        digests = {plan.playbook.id: plan.digest for plan in plans}
        for name, digest in kept.pages.items():
            if digests.get(name, "") != digest:
                raise _stale(f"the page of {name} was edited since")
        try:
            made = desk.make(plans, until=kept.until, moves=kept.moves, only=tuple(kept.pages), roster=kept.roster)
        except UsageError as error:  # an answer that was one then
            raise _stale(error.message) from None
        if how := staleness(kept, made):
            raise _stale(how)
        return made


def _stale(how: str) -> Refused:
    return Refused(f"the plan is stale: {how}", help="make it anew with `cadence plan --out`, and look at it again")
