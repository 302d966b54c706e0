"""``cadence tick``: do what is due, say it in one line."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from cadence.cli.exits import Exit
from cadence.cli.options import json_option, now_option, print_json, workspace_root

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from cadence.channels.channel import Channel
    from cadence.inbox.polled import Source
    from cadence.playbook.model import Workspace
    from cadence.runner.review_sheet import Sheet
    from cadence.runner.settings import Settings
    from cadence.runner.tick import TickReport

__all__ = ["command"]


@click.command("tick", short_help="do everything that is due now")
@now_option
@click.option("--release", is_flag=True, help="Take off the brake: let everything go that max_per_tick held back.")
@click.option(
    "--clock-is-right", is_flag=True, help="Go on although the last tick judged by a later time: its clock was wrong."
)
@json_option
@click.pass_context
def command(ctx: click.Context, pretended_now: str | None, release: bool, clock_is_right: bool, as_json: bool) -> None:
    """Do everything that is due now, and say so in one line.

    Run it every minute from cron or a timer. Any number may run at once: they share what is due. Ends with 1 when
    something needs a person: a playbook with faults, a text that could not be made, a message that may or may not
    have gone, too many messages at once.
    """
    from cadence.runner.ping import pinged

    root = workspace_root(ctx)
    code = Exit.FINE
    with pinged(root) as health:
        if not (pretended_now or release or clock_is_right) and _nothing_to_do(root):
            _say("nothing due", as_json, {"outcome": "idle"})
        else:
            report = _tick(root, pretended_now, as_json, release=release, clock_is_right=clock_is_right)
            health.well, health.says = not report.needs_a_person, summary(report)
            code = Exit.FINDINGS if report.needs_a_person else Exit.FINE
    if health.problem:
        click.echo(f"note: {health.problem}", err=True)
    ctx.exit(code)


def _nothing_to_do(root: Path) -> bool:
    """Answer the common case through the bare database driver, in a few milliseconds."""
    from cadence.runner.idle import idle

    return idle(root, datetime.now(UTC).replace(microsecond=0))


def _tick(root: Path, pretended_now: str | None, as_json: bool, *, release: bool, clock_is_right: bool) -> TickReport:
    from cadence.cli.options import present
    from cadence.logs import open_log
    from cadence.runner.account import open_account
    from cadence.runner.clock import pretended_clock, real_clock
    from cadence.runner.journal import told
    from cadence.runner.settings import read_settings
    from cadence.runner.tick import tick

    with open_log(root), told() as telling:
        settings = read_settings(root)
        pretended = present(pretended_now, settings.mode, settings.timezone) if pretended_now is not None else None
        ways, sources, redirect = _ways(settings, root)
        with open_account(root, settings.account, settings.mode, create=True, redirect=redirect) as account:
            if pretended is None:
                with account.store.read() as session:
                    clock = real_clock(session.clock())
            else:
                clock = pretended_clock(pretended)
            telling.begins(account=settings.account, at=clock.start, mode=settings.mode)
            report = tick(
                account,
                clock.start,
                clock=clock,
                channels=ways,
                sources=sources,
                release=release,
                clock_is_right=clock_is_right,
                write_review=_write_review,
            )
            telling.ends(report)
    _say(summary(report), as_json, {"outcome": report.outcome, "at": report.at.isoformat(), **report.counts()})
    _say_what_needs_a_person(report)
    return report


def _write_review(sheet: Sheet, workspace: Workspace) -> tuple[str, str]:
    """Write a review that is due as a mail; what writes it is loaded when one is."""
    from cadence.reports.review_mail import write_review

    return write_review(sheet, workspace)


def _ways(settings: Settings, root: Path) -> tuple[Mapping[str, Channel] | None, Sequence[Source], Mapping[str, str]]:
    """Return the ways out and in, and where everything goes in redirect mode; in log mode the tick has its own."""
    if settings.mode == "log":
        return None, (), {}
    from functools import partial

    from cadence.channels.registry import redirected_to, ways_out
    from cadence.machine import setting
    from cadence.runner.hearing.sources import sources_of

    workspace, mode, of_machine = settings.workspace, settings.mode, partial(setting, root)
    ways = ways_out(workspace, settings.account, root, of_machine, mode=mode)
    sources = sources_of(workspace, mode, settings.account, root, of_machine)
    return ways, sources, redirected_to(workspace) if mode == "redirect" else {}


def summary(report: TickReport) -> str:
    """Say in one line what a tick did."""
    if report.outcome == "paused":
        return "paused: nothing goes until `cadence resume`"
    if report.outcome == "braked":
        return f"stopped by the brake: more than {report.braked_at} messages are due at once; nothing was done"
    parts = [f"{report.leads} lead{'s' * (report.leads != 1)} looked at"]
    done = [f"{number} {channel}" for channel, number in sorted(report.sent.items())]
    went = "would have sent" if report.mode == "log" else "sent"
    parts.append(f"{went} {', '.join(done)}" if done else "nothing to send")
    for word, figures in (
        ("heard", report.heard.taken),
        ("ended", report.ended),
        ("refused", report.failed),
        ("tried again later", report.deferred),
        ("answer lost", report.lost),
        ("wait", report.held),
        ("would have told" if report.mode == "log" else "told", report.told),
        ("could not tell", report.not_told),
        ("alerts dropped", report.alerts_dropped),
    ):
        if figures:
            parts.append(
                f"{word}: " + ", ".join(f"{n} {code.replace('_', ' ')}" for code, n in sorted(figures.items()))
            )
    if report.next_steps:
        parts.append(f"{report.next_steps} next step{'s' * (report.next_steps != 1)} for people")
    if report.reviews:
        parts.append(f"reviews held: {', '.join(f'{each.review} of {each.playbook}' for each in report.reviews)}")
    if report.handed_on:
        parts.append(f"{report.handed_on} lead{'s' * (report.handed_on != 1)} left to the next tick")
    return "; ".join(parts)


def _say(line: str, as_json: bool, data: dict[str, object]) -> None:
    if as_json:
        print_json(data)
    else:
        click.echo(line)


def _say_what_needs_a_person(report: TickReport) -> None:
    for playbook, digest in report.published.new:
        click.echo(f"published {playbook} {digest}", err=True)
    for playbook in report.published.retired:
        click.echo(f"retired {playbook}: its page is gone", err=True)
    if report.published.waiting:
        from cadence.cli.options import edited_and_waiting

        click.echo(edited_and_waiting(report.published.waiting), err=True)
    for sentence in report.published.held:
        click.echo(f"held: {sentence}", err=True)
    if report.published.faults:
        from cadence.playbook.diagnostics import render_text

        click.echo(render_text(report.published.faults, 1), err=True)
        click.echo("The last good versions go on; mend the faults above.", err=True)
    for lead, kind in report.set_aside.items():
        click.echo(
            f"set aside: lead {lead} cannot be decided ({kind}); the others went on, it is tried again in an hour",
            err=True,
        )
    _say_what_reviews_want(report)
    _say_what_was_heard(report)
    _say_what_was_found_out(report)
    if report.outcome == "braked":
        click.echo(
            "  help: look at what is due with `cadence dry-run --days 1`, then let it go with\n"
            "  `cadence tick --release`; max_per_tick in cadence.yaml sets the brake",
            err=True,
        )


def _say_what_reviews_want(report: TickReport) -> None:
    for each in report.reviews:
        if each.problem:
            click.echo(
                f"the review {each.review} of {each.playbook} was held and could not be sent: {each.problem}\n"
                f"  help: `cadence review {each.review} --playbook {each.playbook}` shows it",
                err=True,
            )
    if report.review_problem:
        click.echo(f"reviews could not be held ({report.review_problem}); the next tick tries again", err=True)


def _say_what_was_heard(report: TickReport) -> None:
    if report.mode_before:
        click.echo(
            f"the mode was {report.mode_before} and is {report.mode} now: what went before counts as sent, and does "
            "not go again",
            err=True,
        )
    for sentence in report.heard.problems:
        click.echo(f"could not ask what came in: {sentence}", err=True)
    if report.heard.looks:
        number = report.heard.looks
        click.echo(
            f"{number} message{'s' * (number != 1)} came in of nobody known, or not understood: "
            "see `cadence inbox list --unclear`",
            err=True,
        )
    for channel, why in report.halted.items():
        click.echo(
            f"nothing goes by {channel}: {why}\n  help: put that right, then `cadence channels resume {channel}`",
            err=True,
        )
    for member in report.not_told:
        click.echo(f"{member} could not be told what cannot wait: `cadence status` says why", err=True)


def _say_what_was_found_out(report: TickReport) -> None:
    found = report.reconciled
    if found.interrupted:
        click.echo(f"an earlier tick was interrupted with {_touches(found.interrupted)} in hand", err=True)
    if found.gone or found.again:
        click.echo(
            f"asked about messages that may have gone: {found.gone} went, {found.again} did not and are tried again",
            err=True,
        )
    if found.left:
        click.echo(
            f"{_touches(len(found.left))} may or may not have gone, and nobody can be asked; they will not go again by "
            "themselves: see `cadence outbox list`",
            err=True,
        )
    for key in found.damaged:
        click.echo(
            f"left alone: touch {key}: its row in the database is damaged; `cadence store check` says more",
            err=True,
        )
    if report.in_hand:
        click.echo(
            f"{_touches(report.in_hand)}: the provider had not answered when the time was up; a later tick asks",
            err=True,
        )


def _touches(number: int) -> str:
    return f"{number} touch{'es' * (number != 1)}"
