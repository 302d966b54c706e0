"""What a manager pins on the wall."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from cadence.reports.condense import condensed
from cadence.reports.preview_html import render_html


class Page(HTMLParser):
    """Elements, texts and headings of a page."""

    VOID = frozenset({"meta", "link", "img", "br", "hr", "input"})

    def __init__(self, source):
        super().__init__()
        self.tags, self.attributes, self.headings, self.words = Counter(), [], [], []
        self.open = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1
        self.attributes += [(tag, name, value) for name, value in attrs]
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert tag == self.open.pop()

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())

    def values(self, wanted):
        return [value for _, name, value in self.attributes if name == wanted]


@pytest.fixture
def page(head, story):
    return Page(render_html(head, story))


def test_every_touch_is_in_the_calendar_and_in_the_list(page, story):
    in_the_list = page.text[page.text.index("Day by day") :]

    assert page.tags["article"] == len([row for row in condensed(story) if row.outcome != "event"])
    assert "13:11 SMS Maria Lopez new · instant Hi Maria" in page.text
    assert "13:11 SMS Maria Lopez new · instant would send Hi Maria" in in_the_list
    assert "Is water coming in right now? 1 segment $0.01 would stop: a reply, a booking to +18165550142" in in_the_list
    assert (
        "20:05 MST SMS Ben Klein new · check-in not yet would wait until Thu 26 Nov 08:00 (quiet hours)" in in_the_list
    )
    assert "13:18 Maria Lopez: the lead is a real job for us -> Qualified, ready to schedule" in in_the_list
    assert "Still waiting when the preview ends on Tue 1 Dec 13:10 SMS Ben Klein nurture · day-30" in in_the_list


def test_a_week_is_seven_boxes_from_monday_on(page):
    assert page.text.count("Mon 23 Nov") >= 1
    assert "Mon 23 Nov to Sun 29 Nov 2026 Mon 23 Nov Tue 24 Nov 13:11" in page.text
    assert [value for value in page.values("class") if value.split()[0] == "box"] == [
        "box out empty",
        *["box"] * 3,
        "box empty",
        "box empty",
        "box empty",
        "box empty",
        "box",
        *["box out empty"] * 5,
    ]


def test_totals_and_the_closing_words_are_those_of_the_text(page):
    assert "3 messages to 2 leads 1 step for colleagues 1 lead put on a list 2 waiting 1 skipped 1 stopped" in page.text
    assert "In all 3 2 1 1 3 $0.02 2 1 1" in page.text
    assert page.text.endswith("Nothing was sent or written.")


def test_the_page_needs_nothing_from_elsewhere(head, story):
    source = render_html(head, story)
    page = Page(source)

    assert not {"script", "link", "img", "iframe", "object", "form", "base"} & set(page.tags)
    assert not [
        value for _, name, value in page.attributes if name in {"src", "style", "action"} or name.startswith("on")
    ]
    assert all(value.startswith("#") for value in page.values("href"))
    assert not re.search(r"url\(|@import|https?:", source)
    assert "default-src 'none'; style-src 'unsafe-inline'" in page.values("content")


def test_every_link_leads_somewhere_and_every_id_is_one_of_a_kind(page):
    ids = page.values("id")

    assert len(ids) == len(set(ids))
    assert {value[1:] for value in page.values("href")} <= set(ids)
    assert set(page.values("aria-labelledby")) <= set(ids)


def test_a_screen_reader_finds_its_way(page):
    assert ("html", "lang", "en") in page.attributes
    assert {"header", "main", "footer", "title", "table"} <= set(page.tags)
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(deeper - before <= 1 for before, deeper in zip(page.headings, page.headings[1:], strict=False))
    assert {"col", "row", "rowgroup"} == set(page.values("scope"))


def test_hostile_words_stay_words(head, row):
    evil = '<script>alert(1)</script><img src=x onerror="x">"\'&amp;</style>'
    fields = (
        "lead",
        "lead_name",
        "stage",
        "touch",
        "reason_text",
        "detail",
        "subject",
        "body",
        "to",
        "file",
        "owner_name",
    )
    rows = [
        row(**dict.fromkeys(fields, evil), outcome=outcome, channel=channel, reason=evil, owner="x", stops=(evil,))
        for outcome in ("sent", "waits", "skipped", "failed")
        for channel in ("sms", "call", "audience", "webhook")
    ]
    rows.append(row(outcome="event", channel="event", touch=evil, reason=evil, reason_text=evil, lead_name=evil))
    page = Page(render_html(replace(head, business=evil, source=evil, versions=((evil, evil),)), rows))
    tame = Page(render_html(head, [replace(touch, **dict.fromkeys(fields, "x")) for touch in rows]))

    assert set(page.tags) == set(tame.tags)
    assert page.text.count("<script>alert(1)</script>") > 30
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]


def test_marks_that_turn_the_reading_direction_are_taken_out(head, row):
    assert "\u202e" not in render_html(head, [row(lead_name="\u202eeve", body="\u202eeve\x00")])


def test_a_full_day_names_eleven_touches_and_says_how_many_more(head, row):
    page = Page(render_html(head, [row(lead=f"lead-{number}") for number in range(30)]))

    assert page.values("class").count("card go sms") == 11
    assert "and 19 more" in page.text
    assert page.tags["article"] == 30


def test_weeks_in_which_nothing_would_go_are_one_line(head, row):
    rows = [row(), row("2026-12-29T19:00")]
    page = Page(render_html(replace(head, end=head.start + timedelta(days=50)), rows))

    assert page.values("class").count("week") == 2
    assert "Nothing would go out from Monday 30 November 2026 to Sunday 27 December 2026." in page.text
    assert "Nothing would go out from Monday 4 January 2027 to Wednesday 13 January 2027." in page.text


def test_an_empty_preview_is_a_page_that_says_so(head):
    page = Page(render_html(head, []))

    assert "No messages Nothing was sent or written" in page.text
    assert "Nothing would go out from Tuesday 24 November 2026 to Tuesday 1 December 2026." in page.text
    assert "table" not in page.tags


def contrast(ink, paper):
    """The contrast ratio of WCAG 2.2 between two colours, as hex."""

    def luminance(colour):
        channels = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    lighter, darker = sorted((luminance(ink), luminance(paper)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_every_pair_of_colours_can_be_read(head):
    """WCAG 2.2 AA asks for 4.5 to 1."""
    colours = dict(re.findall(r"--([a-z-]+): #([0-9a-f]{6})", render_html(head, [])))
    own = [(name, name.replace("-ink", "-paper")) for name in colours if name.endswith("-ink")]
    grounds = [(ink, ground) for ink in ("ink", "soft", "link", "call-ink") for ground in ("paper", "wash")]
    muted = [("soft", "waits-paper"), ("soft", "fails-paper"), ("waits-ink", "paper"), ("fails-ink", "paper")]

    assert len(own) == 8
    for ink, ground in (*own, *grounds, *muted):
        assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)


def test_a_channel_is_told_in_words_and_not_by_colour_alone(page):
    badges = Counter(re.findall(r"\b(SMS|Email|Call|List)\b", page.text[: page.text.index("Totals")]))

    assert badges == {"SMS": 4, "Email": 1, "Call": 1, "List": 1}
