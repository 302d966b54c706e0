"""The two parts of a mail, and what stands at its foot."""

from __future__ import annotations

import pytest

from cadence.channels.mail.compose import Foot, compose
from cadence.channels.mail.text import text_of

FOOT = Foot("Summit & Sons", "1 Main St, Kansas City, MO 64105", "+18165550100")
LINK = "https://hooks.example.com/u/rrrrrrrrrrrrrrrrrr45.0123456789abcdef0123456789abcdef"
WAY_OUT = "Rather not hear from us? Reply with the word unsubscribe."


class TestMarkdown:
    def test_both_parts_say_the_same(self) -> None:
        parts = compose("Hi **Maria**,\n\n- one\n- [two](https://x.example/a?b=1&c=2)\n", FOOT)
        assert parts.text.startswith(
            "Hi Maria,\n\n- one\n- two (https://x.example/a?b=1&c=2)\n\nSummit & Sons, 1 Main St"
        )
        assert "<strong>Maria</strong>" in parts.html
        assert 'href="https://x.example/a?b=1&amp;c=2"' in parts.html

    def test_its_look_stands_on_the_elements_themselves(self) -> None:
        page = compose("Hi", FOOT, "Your <roof>").html
        assert '<p style="margin: 0 0 16px;">Hi</p>' in page
        assert "<style" not in page
        assert "<title>Your &lt;roof&gt;</title>" in page

    def test_html_in_it_is_not_understood(self) -> None:
        parts = compose("Hi <script>alert(1)</script><b>you</b>", FOOT)
        assert "<script" not in parts.html
        assert "<b>" not in parts.html
        assert parts.text.startswith("Hi <script>alert(1)</script><b>you</b>")

    def test_a_link_that_runs_a_script_is_none(self) -> None:
        assert "href" not in compose("[x](javascript:alert(1))", FOOT).html


class TestHtml:
    def test_a_part_of_a_page_gets_the_look_of_all_mails(self) -> None:
        parts = compose("  <p>Hi <b>Maria</b></p>", FOOT)
        assert parts.html.count("<html") == 1
        assert '<p style="margin: 0 0 16px;">Hi <b>Maria</b></p>' in parts.html
        assert parts.text.startswith("Hi Maria\n\nSummit & Sons")

    def test_a_whole_page_keeps_its_own_look_and_gets_the_foot(self) -> None:
        own = "<!DOCTYPE html><html><head><style>p {color: red}</style></head><body><p>Hi</p></body></html>"
        page = compose(own, FOOT).html
        assert '<p style="color: red;">Hi</p>' in page
        assert page.index("Hi") < page.index("Summit &amp; Sons") < page.index("</body>")

    def test_nothing_is_fetched_for_it(self) -> None:
        """A look that lies elsewhere is left out: a mail may not make this machine call others."""
        own = '<html><head><link rel="stylesheet" href="http://127.0.0.1:1/x.css"></head><body><p>Hi</p></body></html>'
        assert compose(own, FOOT).text.startswith("Hi")


class TestFoot:
    def test_it_says_who_writes_from_where_and_how_to_be_left_alone(self) -> None:
        text = compose("Hi", FOOT).text
        assert text == f"Hi\n\nSummit & Sons, 1 Main St, Kansas City, MO 64105, (816) 555-0100\n\n{WAY_OUT}"

    def test_where_there_is_a_page_to_unsubscribe_it_links_to_it(self) -> None:
        parts = compose("Hi", Foot("Summit", "1 Main St", unsubscribe=LINK))
        assert f'<a href="{LINK}">Unsubscribe</a>' in parts.html
        assert f"Unsubscribe ({LINK}), or reply with the word unsubscribe." in parts.text

    @pytest.mark.parametrize(
        "own",
        [
            "Summit & Sons, 1 Main St, Kansas City, MO 64105. Reply with the word unsubscribe to be left alone.",
            "Summit\n1 Main St  \nKansas City MO 64105\n\nTo leave, answer with the word 'unsubscribe'.",
        ],
    )
    def test_what_the_text_itself_says_is_not_said_twice(self, own: str) -> None:
        assert "Rather not" not in compose(f"Hi\n\n{own}", FOOT).text
        assert compose(f"Hi\n\n{own}", FOOT).text.count("64105") == 1

    def test_the_link_is_there_whatever_the_text_says(self) -> None:
        text = compose("Reply with the word unsubscribe.", Foot("Summit", "1 Main St", unsubscribe=LINK)).text
        assert LINK in text

    def test_a_mere_mention_of_the_word_is_no_way_out(self) -> None:
        assert WAY_OUT in compose("How we unsubscribe your roof from leaking.", FOOT).text


#: HTML, and how it reads as text.
READINGS = [
    ("<p>a</p><p>b</p>", "a\n\nb"),
    ("<p>a<br>b<br/>c</p>", "a\nb\nc"),
    ("a\n   b\t c", "a b c"),
    ("<p>a <b>b</b>c <i> d</i></p>", "a bc d"),
    ("<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul><p>d</p>", "- a\n- b\n  - c\n\nd"),
    ("<ol><li>a<li>b</ol>", "1. a\n2. b"),
    ("<ul><li><p>a</p><p>more</p></li></ul>", "- a\n  more"),
    ('<a href="https://x.example/">our site</a>', "our site (https://x.example/)"),
    ('<a href="https://x.example">x.example</a>', "x.example"),
    ('<a href="mailto:a@b.example">write</a>', "write (mailto:a@b.example)"),
    ('<a href="mailto:a@b.example">a@b.example</a>', "a@b.example"),
    ('<a href="tel:+18165550100">(816) 555-0100</a>', "(816) 555-0100"),
    ('<a href="#top">up</a>, <a href="javascript:x()">run</a>, <a>none</a>', "up, run, none"),
    ('<a href="https://x.example"><img src="y" alt="a roof"></a>', "a roof (https://x.example)"),
    ('<a href="https://x.example"><img src="y"></a>', "https://x.example"),
    ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
    ("<pre>a  b\n  c</pre>d", "a  b\n  c\n\nd"),
    ("<style>p {}</style><script>x</script><title>t</title>a", "a"),
    ("a<hr>b", "a\n\n---\n\nb"),
    ("a &amp; b &lt;c&gt; &#8217;", "a & b <c> ’"),
    ("</p></ul></a></li>a</pre>", "a"),
    ("", ""),
]


@pytest.mark.parametrize(("html", "text"), READINGS)
def test_html_reads_as_text(html: str, text: str) -> None:
    assert text_of(html) == text
