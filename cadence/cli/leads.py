"""``cadence leads``: import, add, list and show, and what colleagues do with a lead."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from cadence.cli.act_handoff import handoff
from cadence.cli.act_log import log
from cadence.cli.acts import COMMANDS
from cadence.cli.at_work import at_work, when_it_happened
from cadence.cli.exits import Exit
from cadence.cli.options import (
    INSTANT,
    job_key,
    json_option,
    now_option,
    opened_account,
    present,
    print_json,
)
from cadence.errors import CadenceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.runner.account import Account
    from cadence.runner.importing import ImportReport
    from cadence.runner.settings import Settings
    from cadence.store.session import Session

__all__ = ["command"]

MOST_NOTES = 20


@click.group("leads", short_help="import, add, list and show leads, and act on them")
def command() -> None:
    """Import, add, list and show leads; say what was done and what comes next."""


for act in (*COMMANDS, handoff, log):
    command.add_command(act)


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--rejects", type=click.Path(dir_okay=False), metavar="FILE", help="Where rows that cannot be used go.")
@now_option
@json_option
@click.pass_context
def import_(ctx: click.Context, file: str, rejects: str | None, pretended_now: str | None, as_json: bool) -> None:
    """Import a list of leads from FILE, a CSV as any program exports it.

    Headings, separators and encodings are recognised. People already known by phone, e-mail or external id are
    merged; the same file twice changes nothing. Rows that cannot be used are written to a file of their own with the
    reason, to be corrected and imported again; nothing else is lost. Ends with 1 when there are such rows.
    """
    from cadence.leads.importing import write_rejects
    from cadence.leads.table import read_table
    from cadence.runner.importing import import_leads

    aside = Path(rejects) if rejects else Path(file).with_suffix(".rejected.csv")
    if aside.resolve() == Path(file).resolve():
        raise UsageError("--rejects names the list itself", help="name another file, or leave it out")
    with at_work(ctx, pretended_now, create=True) as work:
        settings = work.settings
        table = read_table(Path(file).read_bytes(), tuple(settings.workspace.lead_fields))
        report = import_leads(work.session, work.account, work.book, table, work.now, ZoneInfo(settings.timezone))
        if report.rejected:
            _write(aside, write_rejects(report.rejected, table.header))
    if as_json:
        print_json({"rows": dict(report.kinds), "enrolled": dict(report.enrolled), "due_now": report.due_now})
    else:
        _tell(report, table.notes, aside)
    ctx.exit(Exit.FINDINGS if report.rejected else Exit.FINE)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8-sig", newline="")
    except OSError as error:
        raise CadenceError(f"cannot write {path}: {error.strerror}; nothing was imported") from error


def _tell(report: ImportReport, table_notes: tuple[str, ...], aside: Path) -> None:
    kinds = report.kinds
    click.echo(
        f"{kinds['new']} new, {kinds['merge']} merged, {kinds['same']} already known, {kinds['rejected']} rejected"
    )
    for playbook, number in sorted(report.enrolled.items()):
        click.echo(f"{number} enrolled in {playbook}")
    if report.unenrolled:
        click.echo(f"{report.unenrolled} that no playbook takes: check what enroll_if asks for")
    if report.consents:
        click.echo(f"{report.consents} consent{'s' * (report.consents != 1)} recorded")
    if report.due_now:
        click.echo(f"{report.due_now} have something due now; `cadence dry-run` shows what")
    notes = [*table_notes, *report.notes]
    for note in notes[:MOST_NOTES]:
        click.echo(f"note: {note}", err=True)
    if len(notes) > MOST_NOTES:
        click.echo(f"note: and {len(notes) - MOST_NOTES} more", err=True)
    for row in report.rejected[:MOST_NOTES]:
        click.echo(f"rejected: row {row.number}: {row.reason}", err=True)
    if report.rejected:
        click.echo(f"the rejected rows are in {aside}; correct them and import that file", err=True)


@command.command("add")
@click.argument("fields", nargs=-1, metavar="FIELD=VALUE...", required=True)
@click.option("--at", "came_in", metavar=INSTANT, help="When the lead came in; default: now.")
@click.option("--list", "listed", is_flag=True, help="From a list: not the person's own inquiry.")
@click.option("--job", default="", help="Job key, when one person may have several jobs.")
@now_option
@json_option
@click.pass_context
def add(
    ctx: click.Context,
    fields: tuple[str, ...],
    came_in: str | None,
    listed: bool,
    job: str,
    pretended_now: str | None,
    as_json: bool,
) -> None:
    """Add one lead, such as: cadence leads add name="Maria Lopez" phone=816-555-0142 zip=64110 trade=roofing."""
    from cadence.cli.words import consequences
    from cadence.leads.arrival import Arrival, with_places
    from cadence.leads.ids import new_lead_id
    from cadence.leads.record import normalise
    from cadence.runner.record import add_leads
    from cadence.store import leads

    job = job_key(job)
    with at_work(ctx, pretended_now, create=True) as work:
        session, account, book = work.session, work.account, work.book
        record = normalise(_pairs(fields), tuple(work.settings.workspace.lead_fields))
        at = when_it_happened(came_in, work)
        attributes = dict(record.attributes)
        lead = new_lead_id(attributes, lambda id_: leads.get(session, account, id_) is not None)
        arrival = Arrival(id=lead, record=with_places({**attributes, "id": lead}), at=at, inquiry=not listed, job=job)
        decision = add_leads(session, account, book, [arrival], work.now)[lead]
    if as_json:
        print_json({"lead": lead, "consequences": list(consequences(decision, book))})
        return
    click.echo(f"added {lead}")
    for note in record.notes:
        click.echo(f"note: {note}", err=True)
    if not decision.state.enrolments:
        click.echo("no playbook takes this lead: check what enroll_if asks for", err=True)
    for line in consequences(decision, book):
        click.echo(line)


def _pairs(fields: tuple[str, ...]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for field in fields:
        key, equals, value = field.partition("=")
        if not equals:
            raise UsageError(f"{field!r} is not FIELD=VALUE", help="write it like zip=64110")
        pairs[key] = value
    return pairs


@command.command("list")
@click.option("--stage", default="", help="Only leads in this stage.")
@click.option("--owner", default="", help="Only leads of this colleague (id).")
@click.option("--playbook", default="", help="Only leads of this playbook.")
@click.option("--search", default="", metavar="TEXT", help="Part of the name, phone, e-mail or id.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True)
@json_option
@click.pass_context
def list_(ctx: click.Context, stage: str, owner: str, playbook: str, search: str, limit: int, as_json: bool) -> None:
    """List leads: who, where they stand, who owns them, when they are looked at next."""
    from cadence.cli.leads_view import listing, print_listing
    from cadence.store.leads import LeadFilter

    with _reading(ctx) as (settings, account, session):
        rows = listing(
            session, account.name, LeadFilter(stage=stage, owner=owner, playbook=playbook, text=search), limit
        )
    if as_json:
        print_json(rows)
    else:
        print_listing(rows, settings.timezone)


@command.command("show")
@click.argument("lead", metavar="LEAD")
@now_option
@json_option
@click.pass_context
def show(ctx: click.Context, lead: str, pretended_now: str | None, as_json: bool) -> None:
    """Show one lead at a glance: owner, next action, status, hand-off note, locks; and everything that happened."""
    from cadence.reports.card import lead_card
    from cadence.reports.card_text import card_lines
    from cadence.runner.account import load_book

    with _reading(ctx) as (settings, account, session):
        now = present(pretended_now, settings.mode, settings.timezone)
        data = lead_card(session, account.name, load_book(session, account.name), lead, now)
    if as_json:
        print_json(data)
        return
    for line in card_lines(data, settings.timezone):
        click.echo(line)


@contextmanager
def _reading(ctx: click.Context) -> Iterator[tuple[Settings, Account, Session]]:
    with opened_account(ctx) as (settings, account), account.store.read() as session:
        yield settings, account, session
