"""The text of an HTML page, as its reader sees it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cadence.inbox.page_text import page_text


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("Yes", "Yes"),
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<div>One</div><div>Two</div>", "One\nTwo"),
        ("<div>One</div><div><br></div><div>Two</div>", "One\n\nTwo"),
        ("One<br/>Two<BR>Three", "One\nTwo\nThree"),
        ("a&nbsp;&amp;&#160;b &lt;c&gt; caf&eacute;", "a & b <c> café"),
        ("one\n   two\t three", "one two three"),
        ("<head><title>x</title></head><body>y</body>", "y"),
        ("<head><body>y", "y"),
        ("a<style>p{}</style>b<script>if (a<b) {}</script>c", "abc"),
        ("a<!-- <p>no</p> -->b<!--[if mso]>no<![endif]-->c", "abc"),
        ("a<!-- never closed", "a"),
        ("<ul><li>one<li>two</ul>", "- one\n- two"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<pre>a  b\n  c</pre>", "a  b\n  c"),
        ("Yes<hr>From: Shop", f"Yes\n{'_' * 32}\nFrom: Shop"),
        ("Yes<blockquote><p>Hi</p><blockquote>Older</blockquote></blockquote>", "Yes\n\n> Hi\n>\n> > Older"),
        ("3 < 4 and a <- b", "3 < 4 and a <- b"),
        ("a < b <b>c</b", "a < b c</b"),
        ("</p></div></blockquote>x", "x"),
        ("<o:p></o:p>Thanks<o:p>&nbsp;</o:p>", "Thanks"),
    ],
)
def test_a_page_reads_as_its_reader_sees_it(page: str, text: str) -> None:
    assert page_text(page).strip("\n>") == text.strip("\n>")


@given(st.text(alphabet=st.sampled_from("<>/!-&;'\" \nabp="), max_size=200))
def test_whatever_the_page_is_it_has_a_text(page: str) -> None:
    assert isinstance(page_text(page), str)


@pytest.mark.parametrize(
    "piece", ["<!--", "<![", "<a ", "<a b='", "</", "<", "<head>", "<style>", "<blockquote>", "&amp", "<p>", "<pre>\n"]
)
def test_no_page_keeps_its_reader_busy(piece: str) -> None:
    begun = time.process_time()

    page_text(piece * (200_000 // len(piece)))

    assert time.process_time() - begun < 2
