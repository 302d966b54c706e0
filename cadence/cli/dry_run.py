"""``cadence dry-run``: what the coming days will bring; nothing is sent or written."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cadence.cli.options import INSTANT, at_instant, workspace_root
from cadence.cli.progress import LONG, with_progress
from cadence.errors import CadenceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager

    from cadence.engine.simulate import Step
    from cadence.engine.state import LeadState
    from cadence.playbook.check import Checked
    from cadence.reports.helper import Helper
    from cadence.reports.preview_job import Job
    from cadence.reports.rows import PreviewHead, PreviewRow
    from cadence.reports.sources import Source

__all__ = ["command", "tick_length", "wanted_playbooks"]

MOST_NOTES = 20
AT_ONCE = 50_000  #: characters of JSON that are printed together, about


@click.command("dry-run", short_help="preview the coming touches")
@click.argument("playbooks", nargs=-1)
@click.option("--lead", "lead", metavar="ID", help="Only this lead of the database.")
@click.option(
    "--leads", "file", type=click.Path(), metavar="FILE", help="Preview these leads: a CSV list, or a samples page."
)
@click.option("--days", type=click.IntRange(1, 366), default=7, show_default=True, help="How many days to look ahead.")
@click.option("--start", metavar=INSTANT, help="Begin there instead of now (business time, or with an offset).")
@click.option("--tick", "every", default="1m", show_default=True, metavar="DURATION", help="How often ticks will run.")
@click.option("--full", is_flag=True, help="Show whole texts.")
@click.option("--json", "as_json", is_flag=True, help="Print the touches as JSON.")
@click.option("--jsonl", "as_lines", is_flag=True, help="Print one touch per line as JSON, for big stores.")
@click.option("--html", "html", type=click.Path(dir_okay=False), metavar="FILE", help="Write a calendar to print.")
@click.option("--ics", "ics", type=click.Path(dir_okay=False), metavar="FILE", help="Write a calendar file.")
@click.option("--csv", "csv", type=click.Path(dir_okay=False), metavar="FILE", help="Write a spreadsheet.")
@click.pass_context
def command(
    ctx: click.Context,
    playbooks: tuple[str, ...],
    lead: str | None,
    file: str | None,
    days: int,
    start: str | None,
    every: str,
    full: bool,
    as_json: bool,
    as_lines: bool,
    html: str | None,
    ics: str | None,
    csv: str | None,
) -> None:
    """Preview every touch of the coming days, text and all, and say what will wait, be skipped or be stopped.

    Nothing is sent and nothing is written. With a database, everyone in flight is previewed, as if nobody answered;
    without one, the sample leads of each playbook. PLAYBOOKS are playbook names, such as roofer.
    """
    given = {"--lead": lead, "--leads": file, "--start": start, "--html": html, "--ics": ics, "--csv": csv}
    for option, value in given.items():
        if value == "":
            raise UsageError(f"{option} names nothing", help="write something behind it, or leave it out")
    if as_json and as_lines:
        raise UsageError("--json and --jsonl cannot go together", help="--jsonl prints one touch per line")
    if lead and file:
        raise UsageError("--lead and --leads cannot go together", help="give one lead of the database, or a file")
    from cadence.workspace import load_good_workspace

    root = workspace_root(ctx)
    checked = load_good_workspace(root)
    names = wanted_playbooks(checked, playbooks)
    tick = tick_length(every)
    outputs = {"html": html, "ics": ics, "csv": csv}
    length = timedelta(days=days)
    if (as_json or as_lines) and not any(outputs.values()):
        with _helper(root, checked, alone=bool(lead or file)) as helper:
            source = _source(root, checked, names, lead, file, start)
            _say_notes(source)
            _print_json(_objects(source, _job(source, length, tick), helper), by_line=as_lines)
        return
    source = _source(root, checked, names, lead, file, start)
    _say_notes(source)
    job = _job(source, length, tick)
    head = _head(source, job.end, tick)
    rows = list(_rows(source, job, derive=full))
    for kind, path in outputs.items():
        if path:
            _write(Path(path), kind, head, rows)
    if as_json or as_lines:
        from cadence.reports.preview_json import row_objects

        _print_json(row_objects(rows), by_line=as_lines)
    elif not any(outputs.values()):
        _print_text(head, rows, full=full)


def wanted_playbooks(checked: Checked, playbooks: tuple[str, ...]) -> tuple[str, ...]:
    """Return the playbooks asked for, or all; UsageError for one that is not there."""
    from cadence.playbook.diagnostics import did_you_mean

    known = [plan.playbook.id for plan in checked.plans]
    for name in playbooks:
        if name not in known:
            near = did_you_mean(name, known)
            raise UsageError(
                f"there is no playbook {name!r}",
                help=near or f"there are: {', '.join(known)}",
            )
    return playbooks or tuple(known)


def tick_length(every: str) -> timedelta:
    """Read how often ticks run; UsageError when it is no duration."""
    from cadence.timing.durations import parse_duration

    try:
        return parse_duration(every)
    except ValueError as error:
        raise UsageError(f"--tick: {error}") from None


def _source(
    root: Path, checked: Checked, playbooks: tuple[str, ...], lead: str | None, file: str | None, start: str | None
) -> Source:
    from cadence.reports.sources import from_file, from_samples, from_store
    from cadence.runner.places import has_store

    timezone = checked.plans[0].workspace.business.timezone
    begin = at_instant(start, timezone, option="--start") if start else None
    now = datetime.now(UTC).replace(microsecond=0)
    if file:
        return from_file(checked, playbooks, Path(file), begin, now)
    if lead or has_store(root):
        return from_store(root, checked, playbooks, lead, begin, now)
    return from_samples(checked, playbooks, begin, now)


def _say_notes(source: Source) -> None:
    for note in source.notes[:MOST_NOTES]:
        click.echo(f"note: {note}", err=True)
    if len(source.notes) > MOST_NOTES:
        click.echo(f"note: and {len(source.notes) - MOST_NOTES} more", err=True)


def _head(source: Source, end: datetime, tick: timedelta) -> PreviewHead:
    from cadence.reports.rows import PreviewHead

    business = next(iter(source.book.current.values())).workspace.business
    return PreviewHead(
        business=business.name,
        zone=business.timezone,
        start=source.start,
        end=end,
        tick_minutes=int(tick.total_seconds() // 60),
        versions=tuple((name, plan.short) for name, plan in source.book.current.items()),
        source=source.said,
    )


def _helper(root: Path, checked: Checked, *, alone: bool) -> AbstractContextManager[Helper | None]:
    """Start a second process, when there may be many leads; before the database's libraries make this one big."""
    from cadence.runner.places import has_store

    if alone or not has_store(root):
        return nullcontext()
    from cadence.reports.helper import helper_for

    return helper_for(checked.plans)


def _job(source: Source, length: timedelta, tick: timedelta) -> Job:
    from cadence.reports.preview_job import Job
    from cadence.reports.sources import InFlight

    return Job(
        book=source.book,
        start=source.start,
        end=source.start + length,
        tick=tick,
        asked=source.asked,
        roster=source.roster,
        by_page=isinstance(source.runs, InFlight),
    )


def _rows(source: Source, job: Job, *, derive: bool) -> Iterator[PreviewRow]:
    from cadence.reports.preview import preview_rows, review_rows

    yield from review_rows(job.book, start=job.start, end=job.end, tick=job.tick)
    for steps in _stories(source, job):
        for row in preview_rows(job.book, steps, job.end, derive=derive):
            if not job.asked or not row.playbook or row.playbook in job.asked:
                yield row


def _objects(source: Source, job: Job, helper: Helper | None) -> Iterator[str]:
    """Yield the touches as JSON objects: lead by lead, or page by page when they come out of a database."""
    from cadence.reports.sources import InFlight

    if isinstance(source.runs, InFlight):
        from cadence.reports.helper import page_texts

        pages = with_progress(source.runs.pages(), source.total, label="previewing", steps=len)
        yield from page_texts(job, pages, helper if source.total >= LONG else None)
    else:
        for steps in _stories(source, job):
            yield from job.objects(steps)


def _stories(source: Source, job: Job) -> Iterator[Iterable[Step]]:
    """Yield what happens to each lead; at last say how many nobody took."""
    nobodys = 0
    for run in with_progress(source.runs, source.total, label="previewing", steps=lambda _: 1):
        followed = _Followed(job.steps(run), run.state)
        yield followed
        nobodys += followed.came_in and not followed.state.enrolments
    if nobodys:
        said = f"{nobodys} lead{'s' * (nobodys != 1)} that no playbook takes: check what enroll_if asks for"
        click.echo(f"note: {said}", err=True)


class _Followed:
    """Steps on their way to somebody else, and the state that the last of them left."""

    def __init__(self, steps: Iterable[Step], state: LeadState) -> None:
        self._steps = steps
        self.state = state
        self.came_in = False

    def __iter__(self) -> Iterator[Step]:
        for step in self._steps:
            self.state = step.decision.state
            self.came_in = True
            yield step


def _print_json(objects: Iterable[str], *, by_line: bool) -> None:
    """Print as it comes, so much at a time: a long preview needs no more memory than a short one."""
    from cadence.reports.preview_json import as_array, as_lines

    gc.freeze()  # what is there stays: the collector has nothing to find in it, however often it looks
    kept: list[str] = []
    for piece in as_lines(objects) if by_line else as_array(objects):
        kept.append(piece)
        if len(piece) > AT_ONCE or len(kept) > AT_ONCE // 500:
            click.echo("".join(kept), nl=False)
            kept.clear()
    click.echo("".join(kept), nl=not by_line)


def _print_text(head: PreviewHead, rows: list[PreviewRow], *, full: bool) -> None:
    from cadence.reports.preview_text import text_lines

    terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size((120, 24)).columns
    for line in text_lines(head, rows, full=full, width=width, colour=terminal and "NO_COLOR" not in os.environ):
        click.echo(line)


def _write(path: Path, kind: str, head: PreviewHead, rows: list[PreviewRow]) -> None:
    try:
        path.write_bytes(_rendered(kind, head, rows))
    except OSError as error:
        raise CadenceError(f"cannot write {path}: {error.strerror}") from error
    click.echo(f"wrote {path}", err=True)


def _rendered(kind: str, head: PreviewHead, rows: list[PreviewRow]) -> bytes:
    if kind == "html":
        from cadence.reports.preview_html import render_html

        return render_html(head, rows).encode()
    if kind == "ics":
        from cadence.reports.preview_ics import render_ics

        return render_ics(head, rows)
    from cadence.reports.preview_csv import render_csv

    return b"".join(render_csv(rows))
