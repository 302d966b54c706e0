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
@json_option
@click.pass_context
def show(ctx: click.Context, playbook: str, digest: str, only_page: bool, as_json: bool) -> None:
    """Print the page of a version as it was published, with its publications above."""
    from cadence.runner.history import publications_of, version_named

    with opened_account(ctx) as (settings, account), account.store.read() as session:
        plan = version_named(session, account.name, playbook, digest)
        rows = [row for row in publications_of(session, account.name, playbook) if row.digest == plan.digest]
    if as_json:
        told = [_data(row) for row in rows[::-1]]
        print_json({"playbook": playbook, "version": plan.digest, "publications": told, "files": _texts(plan)})
        return
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
@json_option
@click.pass_context
def diff(ctx: click.Context, playbook: str, one: str, other: str, as_json: bool) -> None:
    """Print what differs from version A to version B; without B, to the one in force.

    Page and texts are compared as they were written; of cadence.yaml and the law table, what they say.
    """
    from cadence.runner.account import load_book
    from cadence.runner.history import version_named

    with opened_account(ctx) as (_, account), account.store.read() as session:
        old = version_named(session, account.name, playbook, one)
        new = version_named(session, account.name, playbook, other) if other else None
        new = new or load_book(session, account.name).current.get(playbook)
    if new is None:
        raise StoreError(f"no version of {playbook} is in force", help="name two versions")
    if as_json:
        files = [{"file": name, "diff": lines} for name, lines in _differences(old, new)]
        print_json({"playbook": playbook, "from": old.digest, "to": new.digest, "files": files})
        return
    for _, lines in _differences(old, new):
        for line in lines:
            click.echo(line)


def _differences(old: Plan, new: Plan) -> Iterator[tuple[str, list[str]]]:
    """Yield the files that differ, each with its lines as a unified diff."""
    was, now = _texts(old), _texts(new)
    for name in sorted(was.keys() | now.keys()):
        before, after = was.get(name), now.get(name)
        if before != after:
            lines = difflib.unified_diff(
                (before or "").splitlines(),
                (after or "").splitlines(),
                f"{name} {old.short}" if before is not None else "/dev/null",
                f"{name} {new.short}" if after is not None else "/dev/null",
                lineterm="",
            )
            yield name, list(lines)


def _texts(plan: Plan) -> dict[str, str]:
    """Return what a version was made of, by file: page and texts as they were written, of the rest what it says."""
    import json

    import yaml

    meaning = json.loads(plan.content)["meaning"]
    said = {"cadence.yaml": meaning["workspace"], "law table": meaning["law"]}
    return {
        plan.file: plan.page,
        **{f"templates/{name}": text for name, text in meaning["templates"].items()},
        **{name: yaml.safe_dump(data, sort_keys=False, allow_unicode=True) for name, data in said.items()},
    }


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
