"""The way out of a mail: a page with one button; opening it changes nothing, pressing it does."""

from __future__ import annotations

import base64
import hashlib
import re
import sqlite3
from contextlib import closing
from datetime import timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from cadence.channels.mail.unsubscribe import make_token
from cadence.inbox.message import Receipt
from cadence.runner.clock import pretended_clock
from cadence.runner.record import state_of
from cadence.runner.tick import tick
from cadence.store import accounts, handles, leads
from cadence.web.desk import StoreDesk
from support.desk import TUESDAY, minutes, open_desk
from support.endpoint import NOW, Endpoint, open_endpoint
from support.hook_calls import SECRET, Call, door
from support.make import Make

if TYPE_CHECKING:
    from pathlib import Path

HANDLE = "abcdefghij234567abcd"
TOKEN = make_token(SECRET, "summit", HANDLE)
ONE_CLICK = Call(f"/u/{TOKEN}", b"List-Unsubscribe=One-Click", {"Content-Type": "application/x-www-form-urlencoded"})


def know(endpoint: Endpoint) -> None:
    """Have the shop write mails to Maria that bear a handle."""
    with endpoint.account.store.write() as session:
        accounts.ensure(session, "summit", NOW)
        leads.add(session, "summit", [Make().lead("maria")])
        handles.keep(session, "summit", {HANDLE: ("maria", "maria/roofer/-/1")})


@pytest.fixture
def shop(endpoint: Endpoint) -> Endpoint:
    """A shop whose mails to Maria bear a handle."""
    know(endpoint)
    return endpoint


class Page(HTMLParser):
    """What a page holds: its tags, and its words by language."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_opening_the_link_asks_and_changes_nothing(shop: Endpoint) -> None:
    answer = shop.get(f"/u/{TOKEN}")
    page = Page(answer.text)

    assert answer.status_code == 200
    assert page.all("form") == [{"method": "post"}]
    assert len(page.all("button")) == 1
    assert shop.get(f"/u/{TOKEN}", query_string="yes=1").status_code == 200
    assert shop.kept() == []


def test_a_mail_program_s_one_click_ends_the_mails_without_a_cookie_or_another_page(shop: Endpoint) -> None:
    answer = shop.send(ONE_CLICK)

    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    (told,) = shop.kept()
    assert isinstance(told, Receipt)
    assert (told.channel, told.status, told.handle, told.at) == ("email", "opted_out", HANDLE, NOW)


def test_the_page_s_button_does_the_same_and_says_so(shop: Endpoint) -> None:
    answer = shop.send(Call(f"/u/{TOKEN}", b"", {"Content-Type": "application/x-www-form-urlencoded"}))

    assert (answer.status_code, Page(answer.text).all("form")) == (200, [])
    assert "You will get no more emails" in answer.text
    assert len(shop.kept()) == 1


def test_the_next_tick_ends_what_would_have_gone(tmp_path: Path) -> None:
    with open_desk(tmp_path) as desk:
        desk.add("maria", "+18165550142")
        with desk.account.store.write() as session:
            handles.keep(session, "summit", {HANDLE: ("maria", "maria/roofer/-/1")})
        endpoint = Endpoint(desk.account, door(), StoreDesk(desk.account, lambda: TUESDAY))
        assert endpoint.send(ONE_CLICK).status_code == 200
        report = tick(desk.account, minutes(1), clock=pretended_clock(minutes(1)))
        with desk.account.store.read() as session:
            state = state_of(session, "summit", "maria")

    assert report.sent == {}
    assert state.opted_out("email")


def test_pressing_twice_counts_once_and_leaving_again_another_day_counts_again(shop: Endpoint) -> None:
    shop.send(ONE_CLICK)
    shop.send(ONE_CLICK)
    StoreDesk(shop.account, lambda: NOW + timedelta(days=3)).way_out(HANDLE)

    assert len(shop.kept()) == 2


@pytest.mark.parametrize(
    "token",
    ["x", HANDLE, f"{HANDLE}.", TOKEN[:-1], f"{TOKEN}0", TOKEN.upper(), make_token("other" * 10, "summit", HANDLE),
     make_token(SECRET, "another", HANDLE), make_token(SECRET, "summit", "b" * 20), "ä", "%00", "x" * 3000],
)  # fmt: skip
def test_a_wrong_link_gets_a_kind_page_and_does_nothing(shop: Endpoint, token: str) -> None:
    pressed = shop.send(Call(f"/u/{token}", ONE_CLICK.body))
    opened = shop.get(f"/u/{token}")

    assert pressed.status_code == 404
    assert "This link does not work" in pressed.text
    assert "Este enlace no funciona" in pressed.text
    assert opened.status_code == (200 if token == make_token(SECRET, "summit", "b" * 20) else 404)
    assert shop.kept() == []


def test_without_a_secret_no_link_is_ours(tmp_path: Path) -> None:
    with open_endpoint(tmp_path, secret="") as endpoint:
        assert endpoint.get(f"/u/{make_token('', 'summit', HANDLE)}").status_code == 404
        assert endpoint.send(Call(f"/u/{make_token('', 'summit', HANDLE)}", b"")).status_code == 404


def test_while_the_database_is_busy_the_page_says_when_to_press_again(tmp_path: Path) -> None:
    with open_endpoint(tmp_path, wait=0.05) as endpoint:
        know(endpoint)
        with closing(sqlite3.connect(tmp_path / "cadence.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            answer = endpoint.send(ONE_CLICK)

        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
        assert "Please try again in a few minutes" in answer.text
        assert len(Page(answer.text).all("button")) == 1
        assert endpoint.send(ONE_CLICK).status_code == 200


@pytest.mark.parametrize("path", [f"/u/{TOKEN}", "/u/wrong"])
def test_the_page_needs_nothing_from_elsewhere_and_forbids_it(shop: Endpoint, path: str) -> None:
    answer = shop.get(path)
    page = Page(answer.text)
    policy = answer.headers["Content-Security-Policy"]
    style = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    assert style is not None

    assert policy.split("; ")[0] == "default-src 'none'"
    assert f"'sha256-{base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()}'" in policy
    assert {"form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"} <= set(policy.split("; "))
    assert "unsafe" not in policy
    assert {tag for tag, _ in page.tags} & {"script", "img", "link", "iframe", "a"} == set()
    assert not [name for _, attributes in page.tags for name in attributes if name in ("style", "src", "href")]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"


def test_the_page_is_read_on_a_phone_in_the_dark_in_two_languages_by_everybody(shop: Endpoint) -> None:
    text = shop.get(f"/u/{TOKEN}").text
    page = Page(text)

    assert page.all("html") == [{"lang": "en"}]
    assert [each["lang"] for each in page.all("section")] == ["es"]
    assert len(page.all("main")) == len(page.all("h1")) == len(page.all("title")) == 1
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.all("meta")
    assert "prefers-color-scheme: dark" in text
    assert ":focus-visible" in text
    assert "Stop these emails?" in text
    assert "¿Dejar de recibir estos correos?" in text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_stands_out_from_the_page(shop: Endpoint, scheme: str) -> None:
    style = shop.get(f"/u/{TOKEN}").text
    palettes = [dict(re.findall(r"--([\w-]+): (#\w{6})", part)) for part in style.split("@media")]
    colours = palettes[0] if scheme == "light" else palettes[1]

    for ink, paper in (("ink", "paper"), ("soft", "paper"), ("on-button", "button")):
        assert contrast(colours[ink], colours[paper]) >= 7
    assert contrast(colours["button"], colours["paper"]) >= 3


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio."""

    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_a_business_s_name_is_text_and_nothing_else(tmp_path: Path) -> None:
    with open_endpoint(tmp_path, business="<b>Bob & Söhne</b>") as endpoint:
        assert "&lt;b&gt;Bob &amp; Söhne&lt;/b&gt;" in endpoint.get("/u/x").text
