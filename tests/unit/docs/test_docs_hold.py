"""The documentation holds: generated pages are fresh, links resolve, whole pages validate, commands are all there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest
import yaml

from cadence.cli.exits import Exit
from cadence.cli.main import cli
from cadence.files import starter
from cadence.playbook.check import Checked, check_workspace
from cadence.playbook.words import EVENTS
from cadence.runner.journal import KINDS as KINDS_OF_LINES
from cadence.workspace import rulebook

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[3]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])
FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]\[]*\]\((?P<target>[^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(?P<text>.+?) *$", re.MULTILINE)
KINDS = ("playbook", "account", "samples_of", "tests_of")
SMALLEST = b"""
cadence: 1
playbook: example
stages:
  new: {owner: csr, enter_on: [lead.created], next: {lead.won: won}}
  won: {end: won}
"""


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return FENCE.sub("", read(page))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as code forges make them."""
    headings = (re.sub(r"[^\w\- ]", "", found["text"].lower()) for found in HEADING.finditer(prose(page)))
    return {heading.strip().replace(" ", "-") for heading in headings}


def commands() -> Iterator[tuple[str, ...]]:
    """Every command that can be called, as words."""
    context = click.Context(cli)
    for word in cli.list_commands(context):
        command = cli.get_command(context, word)
        if isinstance(command, click.Group):
            yield from ((word, below) for below in command.list_commands(context))
        else:
            yield (word,)


def whole_pages() -> Iterator[tuple[str, str, str]]:
    """Every YAML block that is a whole page: where it stands, its kind, its text."""
    for page in PAGES:
        for block in FENCE.finditer(read(page)):
            data = yaml.safe_load(block["body"]) if block["info"].split(" ")[0] == "yaml" else None
            kind = next((kind for kind in KINDS if isinstance(data, dict) and {"cadence", kind} <= data.keys()), "")
            if kind:
                yield f"{name(page)}:{data[kind]}", kind, block["body"]


def test_the_generated_pages_are_what_the_generator_writes() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "make_reference.py"), "--check"], capture_output=True, text=True
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for found in LINK.finditer(prose(page)):
        target, _, anchor = found["target"].partition("#")
        path = (page.parent / target).resolve() if target else page
        assert path.is_relative_to(ROOT), f"{found['target']} leads out of the repository"
        assert path.exists(), f"{found['target']} leads nowhere"
        if anchor:
            assert anchor in anchors(path), f"{found['target']} names no heading"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_page_names_no_host_and_no_place_on_somebodys_machine(page: Path) -> None:
    text = read(page)
    hosts = {host for host in re.findall(r"https?://(\w[\w.-]*\w)", text) if not host.endswith("example.com")}
    places = re.findall(r"(?<![\w.])/(?:home|root|work|tmp|Users|usr)/\S*", text)

    assert (set(), []) == (hosts, places)


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=name)
def test_a_page_can_be_reached_from_the_overview(page: Path) -> None:
    overview = DOCS / "README.md"
    reached = {(DOCS / found["target"].partition("#")[0]).resolve() for found in LINK.finditer(read(overview))}

    assert page == overview or page in reached


@pytest.mark.parametrize(("kind", "text"), [pytest.param(*page[1:], id=page[0]) for page in whole_pages()])
def test_an_example_that_is_a_whole_page_validates(kind: str, text: str) -> None:
    faults = [fault for fault in checked(kind, text).diagnostics if fault.severity == "error"]

    assert faults == []


def roofer(kind: str) -> dict[str, bytes]:
    """What examples of tests are about."""
    page = starter("playbooks", "roofer.yaml")
    return {"playbooks/roofer.yaml": page.read_bytes()} if kind == "tests_of" else {}


def checked(kind: str, text: str) -> Checked:
    """Check a page in the starter workspace, with the texts that the documentation writes."""
    texts = {path.relative_to(starter("templates")).as_posix(): path for path in starter("templates").rglob("*.j2")}
    templates = {name: path.read_bytes() for name, path in texts.items()}
    for page in PAGES:
        for block in FENCE.finditer(read(page)):
            _, _, file = block["info"].partition("file=templates/")
            if file and not block["info"].startswith("diff") and file not in templates:
                templates[file] = block["body"].encode()
    page = text.encode()
    return check_workspace(
        rulebook(),
        workspace=page if kind == "account" else starter("schemas", "starter.cadence.yaml").read_bytes(),
        playbooks={"playbooks/example.yaml": page if kind == "playbook" else SMALLEST, **roofer(kind)},
        samples={"playbooks/example.samples.yaml": page} if kind == "samples_of" else {},
        tests={"playbooks/roofer.test.yaml": page} if kind == "tests_of" else {},
        templates=templates,
    )


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_every_command_is_documented_with_its_options(words: tuple[str, ...]) -> None:
    text = read(DOCS / "reference" / "commands.md")
    command: click.Command = cli
    for word in words:
        assert isinstance(command, click.Group)
        found = command.get_command(click.Context(command), word)
        assert found is not None
        command = found
    section = text.split(f"# cadence {' '.join(words)}\n")[1].split("\n## ")[0]

    assert command.help
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.opts[-1] in section


def test_every_event_is_documented() -> None:
    text = read(DOCS / "reference" / "events.md")

    assert [kind for kind in EVENTS if f"| `{kind}` | {EVENTS[kind].title} |" not in text] == []


def test_every_exit_code_is_documented() -> None:
    text = read(DOCS / "reference" / "files.md")

    assert [code for code in Exit if f"| {code.value} |" not in text] == []


def test_everything_the_help_says_of_files_and_environment_is_documented() -> None:
    text = read(DOCS / "reference" / "files.md")
    page = cli.get_help(click.Context(cli))
    told = re.findall(r"^  ([A-Z_]{5,}|[\w.*/]+(?:\.yaml|\.log|/))  ", page, re.MULTILINE)

    assert len(told) >= 6
    assert [word for word in told if f"`{word}`" not in text] == []


def test_every_kind_of_log_line_and_of_problem_is_documented() -> None:
    text = read(DOCS / "howto" / "watch-over-ticks.md")
    source = read(ROOT / "cadence" / "reports" / "status_problems.py")
    problems = re.findall(r'^            "([a-z_]+)",$|code="([a-z_]+)"', source, re.MULTILINE)

    assert [kind for kind, said in KINDS_OF_LINES.items() if f"| `{kind}` | {said} |" not in text] == []
    assert len(problems) > 10
    assert [code for pair in problems for code in pair if code and f"`{code}`" not in text] == []
