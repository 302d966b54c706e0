"""Laws of mails: whatever a lead has typed, its words stay words; whatever a text says, it becomes a lawful mail."""

from __future__ import annotations

import re
from collections import Counter
from email import message_from_bytes
from email.policy import default
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from cadence.channels.channel import Refused
from cadence.channels.mail.compose import Foot, compose
from cadence.channels.mail.letter import write_letter
from cadence.channels.mail.mime import mime_of
from cadence.playbook.templates import parse_template, render
from support.mail_make import HEAD, NOW, mail

if TYPE_CHECKING:
    from email.message import EmailMessage

FOOT = Foot("Summit Roofing", "1 Main St, Kansas City")
#: What people type, and what somebody types who wants more than that.
SIGNS = st.sampled_from(list("\\`*_[]()<>#+-=.!|&;:~\"' \t\n\r1a")) | st.characters(exclude_categories=["Cs", "Cc"])
WORDS = st.text(SIGNS, min_size=1, max_size=30) | st.sampled_from(
    [
        *("[x](http://evil.example)", "<script>alert(1)</script>", "![](http://evil.example/x.png)", "&lt;b&gt;"),
        *("# Big", "> quote", "- item", "1. item", "```\ncode", "~~~", "a\n\n# b", "a\n===", "***", "---", "    code"),
        *(
            "<http://evil.example>",
            "[a]: http://evil.example",
            "**bold**",
            "_em_",
            "\\*x\\*",
            "O'Brien & Co.",
            "john_doe",
        ),
    ]
)
PLACES = st.sampled_from(
    [
        "Hi {v},\n\nbye", "{v}", "before\n{v}\nafter", "- {v}\n- b", "**{v}**", "> {v}", "# {v}", "1. {v}",
        "{v} {v}", "[{v}](https://good.example)",
    ]
)  # fmt: skip


class Seen(HTMLParser):
    """The tags of a page, and its words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, str | None]] = []
        self.words = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs).get("href")))

    def handle_data(self, data: str) -> None:
        self.words += data


def made(template: str, value: str) -> Seen:
    text = f"---\nsubject: Hi\n---\n{template.replace('{v}', '{{ lead.name }}')}"
    body = render(parse_template("a.email.j2", "email", text), {"lead": {"name": value}}).body
    return Seen(compose(body, FOOT).html)


def plain(words: str) -> str:
    return re.sub(r"\s+", "", words)


@given(PLACES, WORDS)
def test_what_a_lead_typed_is_read_as_typed_and_makes_no_markup(place: str, value: str) -> None:
    ours = made(place, "qqzqq")
    theirs = made(place, value)
    if value.strip():  # a line of spaces ends a paragraph
        assert Counter(theirs.tags) <= Counter(ours.tags)
    if value.strip() and "**" not in place:  # stars set nothing in bold that begins or ends with a space
        assert theirs.tags == ours.tags
        assert plain(theirs.words) == plain(ours.words.replace("qqzqq", value))


@given(WORDS)
def test_in_html_too(value: str) -> None:
    place = '<p title="{v}">Hi {v}</p>'
    ours, theirs = made(place, "qqzqq"), made(place, value)
    assert theirs.tags == ours.tags
    assert plain(theirs.words) == plain(ours.words.replace("qqzqq", value))


@given(st.text(st.characters(), max_size=200))
def test_any_body_becomes_a_mail_with_a_text_and_the_address_at_its_foot(body: str) -> None:
    parts = compose(body, FOOT, body)
    assert "1 Main St, Kansas City" in parts.text
    assert "unsubscribe" in parts.text
    assert "1 Main St, Kansas City" in parts.html


def arrived(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw.replace(b"\r\n", b"\n"), policy=default)  # type: ignore[return-value]


@given(st.text(st.characters(), max_size=80), st.text(st.characters(), max_size=40), st.text(max_size=80))
def test_no_words_make_a_header(subject: str, to: str, body: str) -> None:
    letter = write_letter(mail(to or "maria@example.com", subject=subject, body=body), HEAD)
    if isinstance(letter, Refused):
        assert letter.because in ("address", "text")
        return
    try:
        raw = mime_of(letter, NOW, utf8=not letter.to.isascii())
    except ValueError:
        return
    names = [name for name, _ in arrived(raw).items()]
    assert names == [
        "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "MIME-Version", "Content-Type",
    ]  # fmt: skip


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=80))
def test_a_subject_arrives_as_it_was(subject: str) -> None:
    letter = write_letter(mail(subject=subject), HEAD)
    assert not isinstance(letter, Refused)
    assert " ".join(str(arrived(mime_of(letter, NOW))["Subject"]).split()) == " ".join(subject.split())


@given(st.text(st.characters(), max_size=300))
def test_a_text_arrives_as_it_was(body: str) -> None:
    letter = write_letter(mail(body=body), HEAD)
    assert not isinstance(letter, Refused)
    got = arrived(mime_of(letter, NOW)).get_body(("plain",))
    assert got is not None
    assert got.get_content().splitlines() == letter.text.splitlines()
