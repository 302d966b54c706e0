"""Whatever a page looks like: the corrections change neither its data nor its comments, and git takes them."""

from __future__ import annotations

import subprocess
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cadence.playbook.source import read_page
from cadence.playbook.style import MODELINE
from cadence.playbook.tidy import comments_of, corrected, diff_of

SCHEMA = "../schemas/playbook.schema.json"
ROOT = Path(__file__).parents[2]
BLANKS = st.sampled_from(["", "", " ", "   "])
#: Pieces of pages, with places that take blanks (~).
PIECES = (
    "# yaml-language-server: $schema=../schemas/samples.schema.json~",
    "# a word~",
    "~",
    "title: Roofs~",
    "description: one two~\n  three # no comment: a text goes on~",
    'note: "one~\n  two \\~\n  three"~  # here~',
    "quote: 'a # b~\n\n  c'~",
    "block: |~  # behind~\n  hello~\n  # text~\n\n  there~",
    "folded: >-~\n  hello~\n\n  there~",
    "kept: |+~\n  hello~\n\n~",
    "list: [a,~\n  b] # c~",
    "deep:~\n    deeper:~\n        - x~",
    "muñoz: 'ß 😀'~ #ü~",
)


@st.composite
def pages(draw):
    """A page of some pieces, with blanks at line ends, of one kind of line end or of both, whole or cut at its end."""
    pieces = draw(st.permutations(PIECES))[: draw(st.integers(1, len(PIECES)))]
    text = "\n".join(("cadence: 1~", *pieces))
    text = "".join(draw(BLANKS) if sign == "~" else sign for sign in text)
    ends = draw(st.sampled_from([["\n"], ["\r\n"], ["\n", "\r\n"]]))
    lines = text.split("\n")
    mixed = "".join(line + draw(st.sampled_from(ends)) for line in lines[:-1]) + lines[-1]
    return draw(st.sampled_from(["", "\ufeff"])) + mixed + draw(st.sampled_from(["", "\n", "\r\n", "\n\n", "\n  \n"]))


def data_of(text):
    page, _ = read_page("", text.encode())
    return None if page is None else repr(page.data)


@settings(max_examples=200, deadline=None)
@given(pages())
def test_corrections_change_neither_data_nor_comments_and_are_made_once(text):
    better = corrected(text, SCHEMA)

    assert data_of(better) == data_of(text)
    if data_of(text) is not None:
        assert comments_of(better) == comments_of(text)
    assert corrected(better, SCHEMA) == better


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=pages())
def test_git_applies_the_difference_and_what_results_is_the_corrected_page(text, tmp_path):
    better = corrected(text, SCHEMA)
    page = tmp_path / "playbooks" / "my page.yaml"
    page.parent.mkdir(exist_ok=True)
    page.write_bytes(text.encode())
    difference = diff_of("playbooks/my page.yaml", text, better)

    if difference:
        words = ["git", "apply", "--whitespace=nowarn", "-"]
        done = subprocess.run(words, cwd=tmp_path, input=difference.encode(), capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
    assert page.read_bytes() == better.encode()


def test_the_pieces_can_be_read_and_the_starters_need_no_correction():
    assert data_of("\n".join(("cadence: 1", *PIECES)).replace("~", "")) is not None
    for page in sorted((ROOT / "playbooks").glob("*.yaml")):
        text = page.read_text(encoding="utf-8")
        schema = MODELINE.fullmatch(text.partition("\n")[0])["schema"]
        assert corrected(text, schema) == text
        assert (page.parent / schema).is_file()
