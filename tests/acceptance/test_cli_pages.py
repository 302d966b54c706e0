"""Reading pages: the procedure, the picture, the layout, the findings explained. None of it writes a page."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Answer, NearShop, Shop

IN_THIS_PROCESS = True
PROGRAM = Path(sys.executable).with_name("cadence")


@pytest.fixture
def shop(near_shop: NearShop) -> NearShop:
    """Return a workspace whose page has a fault, and a layout to be mended."""
    page = near_shop.folder / "playbooks" / "roofer.yaml"
    text = (
        page.read_text(encoding="utf-8")
        .replace("within: 5m,", "within: 5 m,")
        .replace("owner: csr\n", "owner: csr  \n")
    )
    page.write_bytes(text.rstrip().replace("\n", "\r\n").encode())
    return near_shop


def test_sop_prints_markdown_or_data_and_writes_a_page_to_print(near_shop: NearShop) -> None:
    text = near_shop.run("sop", "roofer").out
    data = near_shop.run("sop", "roofer", "--json").data
    page = near_shop.folder / "roofer.html"
    written = near_shop.run("sop", "roofer", "--html", str(page))

    assert text.startswith("# Roofing leads, storm and replacement\n\nSummit Home Services: `roofer`, version ")
    assert "## 1. New lead, first contact: csr (Dana, Jo)\n\n- **Trigger**: new lead or missed call\n" in text
    assert [card["stage"] for card in data["cards"]][:2] == ["new", "schedule"]
    assert data["cards"][0]["promises"][1]["miss"] == ["tell ops_lead", "10m later give to fallback"]
    assert (written.out, written.err) == ("", f"wrote {page}\n")
    assert "size: letter landscape" in page.read_text(encoding="utf-8")
    near_shop.run("sop", "roofer", "--html", str(page), expect=2)


def test_graph_prints_mermaid_or_svg_with_touches_or_without(near_shop: NearShop) -> None:
    out = near_shop.folder / "roofer.svg"
    mermaid = near_shop.run("graph", "roofer").out
    stages = near_shop.run("graph", "roofer", "--stages").out
    picture = near_shop.run("graph", "roofer", "--format", "svg").out
    near_shop.run("graph", "roofer", "--format", "svg", "--out", str(out))

    assert mermaid.startswith("flowchart TD\n")
    assert "text second-try*: 3h open later" in mermaid
    assert "second-try" not in stages
    assert ET.fromstring(picture).tag.endswith("svg")
    assert out.read_text(encoding="utf-8") == picture
    assert {"source": "new", "target": "schedule", "label": "qualified lead", "silent": False} in near_shop.run(
        "graph", "roofer", "--json"
    ).data["ways"]


@pytest.mark.parametrize("command", ["sop", "graph"])
def test_a_playbook_that_is_not_there_is_met_with_the_nearest(near_shop: NearShop, command: str) -> None:
    assert "did you mean 'roofer'?" in near_shop.run(command, "rofer", expect=2).err


def test_lint_is_validate_under_another_name(shop: NearShop) -> None:
    for words in ((), ("--format", "json"), ("playbooks",), ("--explain",)):
        one, other = (shop.run(name, *words, expect=1) for name in ("validate", "lint"))
        assert one == other


def test_each_finding_can_be_followed_by_what_docs_says_of_it(shop: NearShop) -> None:
    told = shop.run("docs", "bad-duration").out.strip()
    explained = shop.run("lint", "--explain", expect=1).out
    bare = "\n".join(line.removeprefix("       |").removeprefix(" ") for line in explained.splitlines())
    data = shop.run("lint", "--explain", "--format", "json", expect=1).data
    file = shop.run("lint", "--explain", str(shop.folder / "playbooks" / "roofer.yaml"), expect=1).out

    assert "error[bad-duration]: '5 m' is not a duration" in explained
    assert told in bare
    assert data["diagnostics"][0]["explanation"] == told
    assert file == explained


def test_one_code_alone_can_be_explained_and_a_misspelt_one_is_met_with_the_nearest(near_shop: NearShop) -> None:
    assert "Why it matters" in near_shop.run("validate", "--explain", "reentered-stage").out
    assert "Why it matters" not in near_shop.run("validate", "--explain", "bad-duration").out
    refused = near_shop.run("lint", "--explain", "bad-duraton", expect=2).err
    assert "did you mean 'bad-duration'?" in refused


def test_fmt_says_where_the_layout_is_not_as_it_should_be(shop: NearShop) -> None:
    text = shop.run("fmt", expect=1).out
    data = shop.run("fmt", "--check", "--format", "json", expect=1).data
    annotated = shop.run("fmt", "--format", "github", "playbooks", expect=1).out

    assert "playbooks/roofer.yaml:37:15: warning[trailing-blanks]: the line ends with blanks" in text
    assert {one["code"] for one in data["diagnostics"]} == {"trailing-blanks", "windows-lines", "last-line-end"}
    assert annotated.startswith("::warning file=playbooks/roofer.yaml,line=1")
    assert "everything is in order" in shop.run("fmt", "cadence.yaml").out
    shop.run("fmt", "--check", "--diff", expect=2)


def test_no_page_is_ever_written(shop: NearShop) -> None:
    before = {path: path.read_bytes() for path in shop.folder.rglob("*") if path.is_file()}
    for words in (("fmt",), ("lint", "--explain")):
        shop.run(*words, expect=1)

    assert {path: path.read_bytes() for path in shop.folder.rglob("*") if path.is_file()} == before


def test_the_difference_is_taken_by_git_and_then_the_layout_is_as_it_should_be(
    make_shop: Callable[..., Shop], program: Callable[..., Answer]
) -> None:
    folder = make_shop("plumber").folder
    page = folder / "playbooks" / "plumber.yaml"
    untouched = page.read_bytes()
    page.write_bytes(untouched.replace(b"owner: csr\n", b"owner: csr   \n").rstrip().replace(b"\n", b"\r\n"))
    (folder / "cadence.yaml").write_text((folder / "cadence.yaml").read_text().partition("\n")[2])
    words = ("-C", str(folder), "fmt")
    done = subprocess.run([PROGRAM, *words, "--diff"], capture_output=True, check=False, timeout=60)
    subprocess.run(["git", "apply"], cwd=folder, input=done.stdout, check=True)

    assert done.returncode == 1
    assert page.read_bytes() == untouched
    assert program(*words).out == "4 pages checked: everything is in order.\n"


def test_a_page_that_cannot_be_read_is_told_of_and_left_out_of_the_difference(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop("roofer")
    (shop.folder / "playbooks" / "broken.yaml").write_text("cadence: [1\n")
    assert "broken.yaml:1:10: error[unclosed-bracket]" in shop.run("fmt", expect=1).out
