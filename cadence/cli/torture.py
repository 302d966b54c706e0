"""``cadence test --torture``: the torture pack on the playbooks of a workspace, told scenario by scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cadence.cli.dry_run import wanted_playbooks
from cadence.cli.options import print_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cadence.playbook.check import Checked
    from cadence.playbook.compile import Plan
    from cadence.testing.torture.torture import Outcome

__all__ = ["run_pack"]


def run_pack(checked: Checked, playbooks: tuple[str, ...], *, as_json: bool) -> bool:
    """Play the pack on the playbooks asked for, or on all, and print what comes of it; tell whether it passed."""
    from cadence.testing.torture.report import outcome_lines, outcome_record, total_line
    from cadence.testing.torture.torture import torture

    wanted = wanted_playbooks(checked, playbooks)
    outcomes: list[Outcome] = []
    for plan in checked.plans:
        if plan.playbook.id not in wanted:
            continue
        like = _somebody(plan, checked)
        if not as_json:
            click.echo(plan.playbook.id)
        for outcome in torture(plan, like):
            outcomes.append(outcome)
            if not as_json:
                for line in outcome_lines(outcome):
                    click.echo(line)
    if as_json:
        print_json([outcome_record(outcome) for outcome in outcomes])
    else:
        click.echo(total_line(outcomes))
    return all(outcome.passed for outcome in outcomes)


def _somebody(plan: Plan, checked: Checked) -> Mapping[str, Any]:
    """Return what a lead of the page is like: read from its conditions, or from a sample lead where that does not do.

    Says which stages no story gets into.
    """
    from cadence.testing.torture.torture import unreached

    samples = checked.samples.get(plan.playbook.id, {}).get("leads", ())
    likes: list[Mapping[str, Any]] = [{}, *(each["lead"] for each in samples)]
    found: tuple[list[str], Mapping[str, Any]] | None = None
    for like in likes:
        open_stages = unreached(plan, like)
        if found is None or len(open_stages) < len(found[0]):
            found = open_stages, like
        if not open_stages:
            break
    missed, like = found or ([], {})
    for stage in missed:
        click.echo(
            f"note: no story of the pack gets into {plan.playbook.id} · {stage}; nothing is said of it", err=True
        )
    return like
