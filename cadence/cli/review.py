"""``cadence review``: every open lead that somebody must look at, list by list."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from cadence.cli.acting import USER
from cadence.cli.exits import Exit
from cadence.cli.options import json_option, now_option, opened_account, present, print_json, workspace_root
from cadence.errors import CadenceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cadence.engine.book import Book
    from cadence.runner.review_sheet import Named, Sheet
    from cadence.runner.settings import Settings

__all__ = ["command"]


@click.command("review", short_help="every open lead that somebody must look at")
@click.argument("name", required=False, default="", metavar="[NAME]")
@click.option("--playbook", default="", metavar="NAME", help="Only leads in this playbook.")
@click.option("--owner", default="", metavar="MEMBER", help="Only leads of this colleague.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most so many leads of each list and owner.")
@click.option("--walk", is_flag=True, help="Go through the leads one by one, and act on each on the spot.")
@click.option("--by", metavar="MEMBER", envvar=USER, default="", help=f"Who acts, with --walk; default: {USER}.")
@click.option(
    "--html", "html", type=click.Path(dir_okay=False), metavar="FILE", help="Write a page to print or to send on."
)
@now_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    name: str,
    playbook: str,
    owner: str,
    limit: int | None,
    walk: bool,
    by: str,
    html: str | None,
    pretended_now: str | None,
    as_json: bool,
) -> None:
    """Show every open lead that somebody must look at: what is overdue, due today or this week, what is not locked,
    what nobody owns, what has no next action or no date, what waits for somebody else of us, what has not moved since
    the last review, the open estimates, the undecided.

    With NAME only the leads that this review of a playbook is about (`reviews:` on its page). Each lead stands once,
    under its most urgent list. Ends with 1 when a lead is overdue, not locked in time, or lacks an owner, a next
    action or something else it must have.
    """
    from cadence.cli.facts import member_id
    from cadence.runner.account import load_book, open_account
    from cadence.runner.review_sheet import read_sheet
    from cadence.runner.settings import read_settings

    if walk and (as_json or html or limit):
        raise UsageError("--walk goes with none of --json, --html and --limit", help="leave it out")
    root = workspace_root(ctx)
    settings = read_settings(root)
    now = present(pretended_now, settings.mode, settings.timezone)
    owner = member_id(settings, owner, "--owner") if owner else ""
    with open_account(root, settings.account, settings.mode) as account, account.store.read() as session:
        book = load_book(session, account.name)
        about = _about(book, name, playbook)
        zone = ZoneInfo(settings.timezone)
        with _without_collector():
            sheet = read_sheet(session, book, now, zone, about=about, playbook=playbook, owner=owner)
            if not walk:
                _tell(sheet, settings, html=html, as_json=as_json, limit=limit or 0)
    if walk:
        _walk(ctx, settings, sheet, {"by": by, "pretended_now": pretended_now, "happened": None, "as_json": False})
        return
    ctx.exit(Exit.FINDINGS if sheet.needs_a_person else Exit.FINE)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Leave the collector out while much is read and kept: it would go over it again and again, and find nothing."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _about(book: Book, name: str, playbook: str) -> Sequence[Named]:
    from cadence.runner.review_sheet import reviews_named

    _refuse_unknown("playbook", playbook, book.current)
    if not name:
        return ()
    found = reviews_named(book, name, playbook)
    if not found:
        _refuse_unknown("review", name, [each.review.name for each in reviews_named(book, "", playbook)])
    return found


def _refuse_unknown(what: str, name: str, known: Iterable[str]) -> None:
    from cadence.playbook.diagnostics import did_you_mean

    names = list(dict.fromkeys(known))
    if name and name not in names:
        raise UsageError(
            f"there is no {what} {name!r}",
            help=did_you_mean(name, names) or (f"there are: {', '.join(names)}" if names else "none was published yet"),
        )


def _tell(sheet: Sheet, settings: Settings, *, html: str | None, as_json: bool, limit: int) -> None:
    from cadence.reports.review_page import review_data, review_page

    if html is not None:
        from cadence.reports.page_html import render_page

        _write(Path(html), render_page(review_page(sheet, settings.workspace, limit=limit)))
    if as_json:
        print_json(review_data(sheet, settings.workspace, limit=limit))
    elif html is None:
        from cadence.reports.page_text import page_lines

        page = review_page(sheet, settings.workspace, limit=limit, clipped=True)
        click.echo("\n".join(page_lines(page)))


def _write(path: Path, page: str) -> None:
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise CadenceError(f"cannot write {path}: {error.strerror}") from error
    click.echo(f"wrote {path}", err=True)


def _walk(ctx: click.Context, settings: Settings, sheet: Sheet, who: dict[str, Any]) -> None:
    from cadence.cli.review_walk import walk_through

    walk_through(ctx, sheet, settings.workspace, partial(_first_step, ctx), who)


def _first_step(ctx: click.Context, lead: str, enrolment: str) -> str:
    """Name the open next step that comes first in an enrolment; empty: there is none."""
    from cadence.store import tasks

    with opened_account(ctx) as (_, account), account.store.read() as session:
        rows = tasks.listing(session, account.name, tasks.TaskFilter(lead=lead, open=True), limit=1000)
    return next((row.task for row in rows if row.enrolment == enrolment), "")
