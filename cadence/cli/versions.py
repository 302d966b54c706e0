"""``cadence versions``: what was published when, by whom, and what it said."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from cadence.cli.options import json_option, opened_account, print_json
from cadence.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.playbook.compile import Plan
    from cadence.runner.history import Publication
    from cadence.runner.settings import Settings

__all__ = ["command"]


class _ListUnlessTold(click.Group):
    """A group that lists when no subcommand is named: ``cadence versions roofer``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not (args and args[0] in self.commands) and not {"--help", "-h"} & set(args[:1]):
            args.insert(0, "list")
        return super().parse_args(ctx, args)


@click.group("versions", cls=_ListUnlessTold, short_help="what was published when, by whom, and what it said")
def command() -> None:
    """What was published when, by whom and how, and what it said.

    `cadence versions [PLAYBOOK]` lists every publication, the latest first.
    """


@command.command("list")
@click.argument("playbook", default="")
@json_option
@click.pass_context
def list_them(ctx: click.Context, playbook: str, as_json: bool) -> None:
    """List every publication (of PLAYBOOK), the latest first; `list` may be left out."""
    from cadence.runner.history import publications_of

    with opened_account(ctx) as (settings, account), account.store.read() as session:
        rows = publications_of(session, account.name, playbook)[::-1]
    if as_json:
        print_json([_data(row) for row in rows])
        return
    for line in _lines(rows, settings):
        click.echo(line)


@command.command("show")
@click.argument("playbook")
@click.argument("digest")
@click.option("--page", "only_page", is_flag=True, help="Print nothing but the page, as it was published.")
@click.pass_context
def show(ctx: click.Context, playbook: str, digest: str, only_page: bool) -> None:
    """Print the page of a version as it was published, with its publications above."""
    from cadence.runner.history import publications_of, version_named

    with opened_account(ctx) as (settings, account), account.store.read() as session:
        plan = version_named(session, account.name, playbook, digest)
        rows = [row for row in publications_of(session, account.name, playbook) if row.digest == plan.digest]
    if not plan.page:
        raise StoreError(
            f"the page of {playbook} {plan.short} was not kept: an earlier version of cadence published it"
        )
    if not only_page:
        for line in _lines(rows[::-1], settings):
            click.echo(line, err=True)
    click.echo(plan.page, nl=not plan.page.endswith("\n"))


@command.command("diff")
@click.argument("playbook")
@click.argument("one", metavar="A")
@click.argument("other", metavar="[B]", default="")
@click.pass_context
def diff(ctx: click.Context, playbook: str, one: str, other: str) -> None:
    """Print what differs from version A to version B, page and texts; without B, to the one in force."""
    from cadence.runner.account import load_book
    from cadence.runner.history import version_named

    with opened_account(ctx) as (_, account), account.store.read() as session:
        old = version_named(session, account.name, playbook, one)
        new = version_named(session, account.name, playbook, other) if other else None
        new = new or load_book(session, account.name).current.get(playbook)
    if new is None:
        raise StoreError(f"no version of {playbook} is in force", help="name two versions")
    for line in _differences(old, new):
        click.echo(line)


def _differences(old: Plan, new: Plan) -> Iterator[str]:
    for name in sorted(_texts(old).keys() | _texts(new).keys()):
        before, after = _texts(old).get(name), _texts(new).get(name)
        if before != after:
            yield from difflib.unified_diff(
                (before or "").splitlines(),
                (after or "").splitlines(),
                f"{name} {old.short}" if before is not None else "/dev/null",
                f"{name} {new.short}" if after is not None else "/dev/null",
                lineterm="",
            )


def _texts(plan: Plan) -> dict[str, str]:
    """Return page and texts of a version by file."""
    import json

    templates: dict[str, str] = json.loads(plan.content)["meaning"]["templates"]
    return {plan.file: plan.page, **{f"templates/{name}": text for name, text in templates.items()}}


def _lines(rows: list[Publication], settings: Settings) -> Iterator[str]:
    from cadence.reports.preview_words import moment, number_of

    zone = ZoneInfo(settings.timezone)
    names = {member.id: member.name for member in settings.workspace.team}
    for row in rows:
        local = row.at.astimezone(zone)
        what = row.digest[:8] if row.digest else "retired"
        by = f" by {names.get(row.by, row.by)}" if row.by else ""
        parts = [f"{moment(local)} {local.year}", row.playbook, what, f"{row.how}{by}"]
        if row.in_force:
            parts.append("in force")
        if row.leads:
            parts.append(number_of(row.leads, "lead"))
        parts += [f"leads of {old!r} went to {new!r}" for old, new in row.answers.items()]
        yield " · ".join(parts)


def _data(row: Publication) -> dict[str, Any]:
    from cadence.engine.events import instant_text

    return {
        "playbook": row.playbook,
        "at": instant_text(row.at),
        "version": row.digest or None,
        "by": row.by or None,
        "how": row.how,
        "answers": dict(row.answers),
        "in_force": row.in_force,
        "leads": row.leads,
    }
