"""``cadence test``: the stories of the playbooks' tests, and whether everything came of them that should."""

from __future__ import annotations

import os
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cadence.cli.exits import Exit
from cadence.cli.options import json_option, print_json, workspace_root
from cadence.errors import CadenceError, Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cadence.playbook.check import Checked
    from cadence.playbook.source import Page
    from cadence.testing.cases import Case
    from cadence.testing.coverage import Coverage
    from cadence.testing.suite import Result

__all__ = ["command"]


@click.command("test", short_help="run the playbooks' tests")
@click.argument("what", nargs=-1, metavar="[PLAYBOOKS or FILES]...")
@click.option("--run", "pattern", metavar="REGEX", help="Only tests whose name has this in it.")
@click.option("--update", is_flag=True, help="Write what happened into the pages, as what is expected from now on.")
@click.option("--junit", type=click.Path(dir_okay=False), metavar="FILE", help="Write the results as JUnit XML, too.")
@click.option("--coverage", "list_open", is_flag=True, help="List the parts of each playbook that no test uses.")
@click.option(
    "--min-coverage", type=click.IntRange(0, 100), metavar="N", help="Fail when tests use less than N % of a playbook."
)
@click.option("-v", "--timeline", is_flag=True, help="Show the story of every test, not only of those that fail.")
@click.option("--torture", "pack", is_flag=True, help="Put the playbooks through the worst days of the clock, instead.")
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    what: tuple[str, ...],
    pattern: str | None,
    update: bool,
    junit: str | None,
    list_open: bool,
    min_coverage: int | None,
    timeline: bool,
    pack: bool,
    as_json: bool,
) -> None:
    """Run the tests in playbooks/*.test.yaml on a virtual clock; nothing is sent and nothing is written.

    A test tells a story and lists all that must come of it. What goes and is not listed fails it, and so does what is
    listed and does not happen. Ends with 1 when a test fails, or when there is none.

    --torture needs no tests: it holds any playbook to rules that must hold always, in stories of nights when clocks
    change, holidays, outages, late news and answers at every moment.
    """
    if pack:
        for option, given in (
            ("--run", pattern),
            ("--update", update),
            ("--junit", junit),
            ("--coverage", list_open),
            ("--min-coverage", min_coverage is not None),
        ):
            if given:
                raise UsageError(f"--torture and {option} cannot go together", help=f"{option} is about written tests")
        from cadence.cli.torture import run_pack
        from cadence.workspace import load_good_workspace

        kept = run_pack(load_good_workspace(workspace_root(ctx)), what, as_json=as_json)
        ctx.exit(Exit.FINE if kept else Exit.FINDINGS)
    from cadence.testing.coverage import coverage_of
    from cadence.testing.suite import run
    from cadence.workspace import load_good_workspace

    if update and os.environ.get("CI"):
        raise Refused(
            "--update is for a person who looks at what changes, and CI is set here",
            help="run it on your own machine, and look at what it wrote",
        )
    root = workspace_root(ctx)
    checked = load_good_workspace(root, tests=True)
    pages = _wanted_pages(checked, what)
    plans = {plan.playbook.id: plan for plan in checked.plans}
    cases = _wanted_cases(checked, pages, pattern)
    results: list[Result] = []
    seconds: list[float] = []
    for case in cases:
        begun = time.perf_counter()
        result = run(plans[case.playbook], case)
        seconds.append(time.perf_counter() - begun)
        results.append(result)
        if not as_json and not (update and not result.passed):
            _tell(result, timeline=timeline)
    if update:
        results = _updated(root, pages, results, quiet=as_json)
    asked = {page.data["tests_of"] for page in pages} | (set() if what else set(plans))
    coverages = [
        coverage_of(plan, (each.played.footprint for each in results if each.case.playbook == name))
        for name, plan in plans.items()
        if name in asked
    ]
    if junit:
        _write_junit(Path(junit), results, seconds)
    too_little = [each for each in coverages if min_coverage is not None and each.percent < min_coverage]
    if as_json:
        from cadence.reports.case_json import document

        print_json(document(results, coverages))
    else:
        _sum_up(results, coverages, too_little, list_open=list_open)
    for each in too_little:
        click.echo(f"{each.playbook}: tests use {each.percent} % of it, and {min_coverage} % are asked for", err=True)
    failed = too_little or not all(each.passed for each in results)
    ctx.exit(Exit.FINDINGS if failed else Exit.FINE)


def _wanted_pages(checked: Checked, what: tuple[str, ...]) -> list[Page]:
    """Return the pages asked for by playbook or by file, or all; UsageError for what is neither."""
    if not what:
        return list(checked.tests)
    wanted: list[Page] = []
    playbooks = [plan.playbook.id for plan in checked.plans]
    for name in what:
        if name in playbooks:
            found = [page for page in checked.tests if page.data["tests_of"] == name]
        else:
            found = [page for page in checked.tests if Path(page.file).name == Path(name).name]
            if not found:
                from cadence.playbook.diagnostics import did_you_mean

                known = (*playbooks, *(page.file for page in checked.tests))
                advice = did_you_mean(name, known) or f"there are: {', '.join(known)}"
                raise UsageError(f"there is no playbook and no page of tests {name!r}", help=advice)
        wanted += [page for page in found if page not in wanted]
    return wanted


def _wanted_cases(checked: Checked, pages: Sequence[Page], pattern: str | None) -> list[Case]:
    """Read the tests; an error when there is none to run, for then nothing would be shown to hold."""
    from cadence.testing.cases import cases_of

    try:
        wanted = re.compile(pattern or "")
    except re.error as error:
        raise UsageError(
            f"--run {pattern!r} is not a pattern: {error}", help="write a word of the test's name"
        ) from None
    workspace = checked.plans[0].workspace
    cases = [case for page in pages for case in cases_of(page, workspace)]
    if not cases:
        raise CadenceError(
            "there are no tests", help="write some into playbooks/NAME.test.yaml; the docs say how to test a playbook"
        )
    chosen = [case for case in cases if wanted.search(case.name)]
    if not chosen:
        raise CadenceError(f"none of {len(cases)} tests has {pattern!r} in its name", help="write a word of one's name")
    return chosen


def _tell(result: Result, *, timeline: bool) -> None:
    from cadence.reports.case_text import failure_lines, head_line, timeline_lines

    click.echo(_painted(head_line(result), "green" if result.passed else "red"))
    if not result.passed:
        lines = failure_lines(result)
    elif timeline:
        lines = timeline_lines(result, derive=True)
    else:
        return
    for line in lines:
        click.echo(line)


def _updated(root: Path, pages: Sequence[Page], results: Sequence[Result], *, quiet: bool) -> list[Result]:
    """Write what happened into the pages; return the tests as they come out now."""
    from cadence.reports.case_text import updated_lines
    from cadence.testing.update import updated

    now = list(results)
    for page in pages:
        places = [number for number, each in enumerate(results) if each.case.file == page.file]
        if all(results[number].passed for number in places):
            continue
        path = root / page.file
        done = updated(page, path.read_bytes(), [results[number] for number in places])
        path.write_bytes(done.raw)
        for number, result in zip(places, done.results, strict=True):
            if not quiet and not results[number].passed:
                for line in updated_lines(results[number]):
                    click.echo(line)
            now[number] = result
        click.echo(f"wrote {page.file}; look at what changed before you keep it", err=True)
    return now


def _painted(line: str, colour: str) -> str:
    """Colour the first word on a terminal."""
    if not sys.stdout.isatty() or "NO_COLOR" in os.environ:
        return line
    word, gap, rest = line.partition(" ")
    return f"{click.style(word, fg=colour, bold=True)}{gap}{rest}"


def _sum_up(
    results: Sequence[Result], coverages: Sequence[Coverage], too_little: Sequence[Coverage], *, list_open: bool
) -> None:
    from cadence.reports.case_text import closing, coverage_lines, open_lines

    click.echo()
    for line, coverage in zip(coverage_lines(coverages), coverages, strict=True):
        click.echo(line)
        if list_open or coverage in too_little:
            for part in open_lines(coverage):
                click.echo(part)
    click.echo(closing(results))


def _write_junit(path: Path, results: Sequence[Result], seconds: Sequence[float]) -> None:
    from cadence.reports.junit import render_junit

    try:
        path.write_bytes(render_junit(results, seconds))
    except OSError as error:
        raise CadenceError(f"cannot write {path}: {error.strerror}") from error
    click.echo(f"wrote {path}", err=True)
