"""Which texts can be the first a lead gets, and what such a text must say."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cadence.playbook.lint import lint_playbook
from cadence.playbook.lint_first_text import says_the_way_out
from cadence.playbook.source import Page, read_page
from cadence.workspace import load_workspace

ROOT = Path(__file__).parents[3]
SHOP = """
cadence: 1
account: summit
business: {name: Summit Roofing, phone: "+18165550100", timezone: America/Chicago}
team: [{id: dana, name: Dana Reyes, roles: [csr, fallback]}]
channels: {sms: {via: twilio, from: "+18165550100"}, email: {via: sendgrid, from: hello@example.com}}
"""
TEXTS = {
    "good.sms.j2": "{{ business.name }}. Reply STOP to opt out.",
    "bad.sms.j2": "Hi!",
    "bad.email.j2": "---\nsubject: Hi\n---\nHi!",
}


def page_of(text: str) -> Page:
    page, faults = read_page("page.yaml", text.encode())
    assert page is not None
    assert not faults
    return page


def blamed(*touches: str, texts: dict[str, str] | None = None) -> list[str]:
    """Name the touches whose text may be the first and is not fit for it."""
    usual = "channel: sms, template: bad, "
    lines = "\n".join(f"      - {{{'' if 'channel' in touch else usual}{touch}}}" for touch in touches)
    page = page_of(
        "cadence: 1\nplaybook: roofer\nstages:\n  new:\n    owner: csr\n    enter_on: [lead.created]\n"
        f"    next: {{lead.won: won, silence: {{after: 7d, to: lost}}}}\n    touches:\n{lines}\n"
        "  won: {end: won}\n  lost: {end: lost}\n"
    )
    known = texts or TEXTS
    found = lint_playbook(page, page_of(SHOP), known, texts=known)
    return [
        touches[fault.line - 9].partition(",")[0].removeprefix("id: ") for fault in found if fault.code == "first-text"
    ]


@pytest.mark.parametrize(
    "later",
    [
        "id: b, after: 2h",
        "id: b, day: 2",
        "id: b, anchor: a, after: 1m",
        "id: b, anchor: estimate.sent, after: 1m",
        'id: b, next_business_day: "09:00"',
    ],
)
def test_what_comes_after_a_text_that_surely_goes_at_once_is_not_the_first(later: str) -> None:
    assert blamed("id: a, send: now", later) == ["a"]


@pytest.mark.parametrize("unsure", ["if: lead.zip", "answers: inquiry"])
def test_what_comes_after_a_text_that_may_be_left_out_may_be_the_first(unsure: str) -> None:
    """A touch that answers is skipped for a lead from a list."""
    assert blamed(f"id: a, send: now, {unsure}", "id: b, after: 2h", "id: c, after: 3h") == ["a", "b"]


def test_two_texts_of_which_nobody_knows_which_comes_first_are_both_looked_at() -> None:
    assert blamed("id: a, day: 2", "id: b, after: 26h") == ["a", "b"]
    assert blamed("id: a, after: 2h, clock: business", "id: b, after: 3h") == ["a", "b"]


def test_days_and_lengths_of_time_tell_which_comes_first() -> None:
    assert blamed("id: b, day: 3", "id: a, day: 2") == ["a"]
    assert blamed("id: b, after: 1d", "id: a, after: 23h") == ["a"]
    assert blamed("id: a, day: 2", "id: b, day: 3", "id: c, anchor: b, after: 1m") == ["a"]


def test_a_text_that_stands_in_for_an_email_is_a_text() -> None:
    mail = "channel: email, send: now, template: bad"
    assert blamed(f"id: a, {mail}") == []
    assert blamed(f"id: a, {mail}, fallback: {{channel: sms, template: bad}}") == ["a"]


def test_the_business_may_be_named_in_so_many_words() -> None:
    assert blamed("id: a, send: now", texts={"bad.sms.j2": "Hi from SUMMIT ROOFING. Text STOP to opt out."}) == []


def test_a_text_nobody_has_written_yet_is_not_judged() -> None:
    assert blamed("id: a, send: now", texts={"other.sms.j2": "Hi!"}) == []


@pytest.mark.parametrize(
    "text",
    [
        "Reply STOP to opt out.",
        "STOP=end",
        "Text stop to end.",
        'Reply "stop" any time.',
        "To opt out, tell us.",
        "Responda STOP para no recibir mensajes.",
        "Write UNSUBSCRIBE and we stop.",
    ],
)
def test_words_that_show_the_way_out(text: str) -> None:
    assert says_the_way_out(text)


@pytest.mark.parametrize(
    "text", ["We can stop by tomorrow.", "Does the leak stop?", "Reply YES.", "Text us, or stop by."]
)
def test_words_that_do_not(text: str) -> None:
    assert not says_the_way_out(text)


def test_the_first_texts_of_the_starter_playbooks_are_fit_for_it(tmp_path: Path) -> None:
    for part in ("playbooks", "templates"):
        shutil.copytree(ROOT / part, tmp_path / part)
    shutil.copy(ROOT / "schemas" / "starter.cadence.yaml", tmp_path / "cadence.yaml")

    checked = load_workspace(tmp_path)

    assert len(checked.plans) == 3
    assert "first-text" not in {each.code for each in checked.diagnostics}
