"""A whole shop looked at: pages, opt-outs, the checklist, and how it is told."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from cadence.doctor import checklist, examine, opt_outs, pages
from cadence.doctor.examine import Examined, Group
from cadence.doctor.finding import Finding, worst
from cadence.doctor.view import lines
from cadence.files import starter
from support.doctor_make import SECRETS, TEXTS, case, found

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cadence.doctor.case import Case

BOTH = {**TEXTS, "email": {"via": "sendgrid", "from": "hello@example.com"}}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A starter workspace of one trade."""
    for part in ("playbooks/roofer.yaml", "playbooks/roofer.samples.yaml"):
        (tmp_path / part).parent.mkdir(exist_ok=True)
        shutil.copyfile(starter(part), tmp_path / part)
    shutil.copytree(starter("templates", "roofer"), tmp_path / "templates" / "roofer")
    shutil.copyfile(starter("schemas", "starter.cadence.yaml"), tmp_path / "cadence.yaml")
    return tmp_path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


# Pages


def test_valid_pages_are_fine(root: Path) -> None:
    assert found(pages.check, case(root=root, channels=BOTH)) == [("mode", "fine"), ("pages", "fine")]


def test_pages_with_a_fault_are_wrong(root: Path) -> None:
    edit(root / "playbooks" / "roofer.yaml", "messages_per_day", "messages_a_day")

    assert ("pages", "wrong") in found(pages.check, case(root=root))


def test_a_rehearsal_needs_an_address_for_each_channel(root: Path) -> None:
    both = {"root": root, "channels": BOTH, "mode": "redirect"}

    assert ("redirect", "wrong") in found(pages.check, case(**both, redirect={"sms": "+18165550199"}))
    assert ("redirect", "wrong") not in found(
        pages.check, case(**both, redirect={"sms": "+18165550199", "email": "me@example.com"})
    )


def test_an_extension_that_cannot_be_loaded_is_wrong_where_it_is_used(
    root: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path_factory.mktemp("site")
    (site / "gone-1.dist-info").mkdir()
    (site / "gone-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: gone\nVersion: 1\n")
    (site / "gone-1.dist-info" / "entry_points.txt").write_text("[cadence.channels]\nsms.gone = gone_module:Way\n")
    monkeypatch.syspath_prepend(str(site))

    assert ("extension", "look") in found(pages.check, case(root=root))
    used = case(root=root, channels={"sms": {"via": "gone", "from": "+18165550100"}})
    assert ("extension", "wrong") in found(pages.check, used)


# Opt-outs


def test_what_a_stop_ends_and_who_confirms_it(root: Path) -> None:
    assert {verdict for _, verdict in found(opt_outs.check, case(root=root, channels=BOTH))} == {"fine"}


def test_two_confirmations_are_one_too_many(root: Path) -> None:
    both = case(root=root, opt_out_confirmation="You are off our list.")

    assert ("confirmation", "look") in found(opt_outs.check, both)


def test_a_first_text_without_the_way_out_is_told(root: Path) -> None:
    for text in (root / "templates" / "roofer").rglob("*.sms.j2"):
        text.write_text("Hi {{ lead.first_name }}, we got your inquiry.\n", encoding="utf-8")

    assert ("first_text", "look") in found(opt_outs.check, case(root=root))


# What only a person can see


def codes(of: Case) -> list[str]:
    return [each.code for each in checklist.check(of)]


def test_the_checklist_holds_what_concerns_the_shop() -> None:
    assert codes(case(channels={})) == ["consent"]
    assert codes(case()) == ["registration", "privacy", "stop_help", "consent"]
    assert codes(case(channels=BOTH, public_url="https://hooks.example.com")) == [
        *("registration", "privacy", "stop_help", "dns", "foot", "plus", "outside", "events", "consent"),
    ]


def test_the_registration_is_that_of_the_number() -> None:
    local, free = (
        next(checklist.check(case(channels={"sms": {"via": "twilio", "from": number}})))
        for number in ("+18165550100", "+18335550100")
    )

    assert "10DLC" in local.says
    assert "toll-free" in free.says


# The whole


def test_the_worst_verdict_counts_and_a_person_s_does_not() -> None:
    def one(verdict: str) -> Finding:
        return Finding(code="x", verdict=verdict, says="x")  # type: ignore[arg-type]

    assert worst([one("fine"), one("wrong"), one("look")]) == "wrong"
    assert worst([one("fine"), one("unasked"), one("person")]) == "fine"
    assert worst([one("person")]) == "unasked"


def test_a_look_that_breaks_ends_no_other(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Case) -> Iterator[Finding]:
        yield Finding(code="before", verdict="fine", says="seen before")
        raise RuntimeError(SECRETS["TWILIO_AUTH_TOKEN"])

    monkeypatch.setitem(examine._GROUPS, "texts", broken)

    whole = examine.examine(case(root=root, online=False))
    groups = dict(whole.groups)

    assert [each.code for each in groups["texts"]] == ["before", "broken"]
    assert "time" in groups
    assert SECRETS["TWILIO_AUTH_TOKEN"] not in str(whole)


def test_a_secret_that_a_finding_brings_along_is_hidden(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", "correct horse battery")

    def careless(_: Case) -> Iterator[Finding]:
        yield Finding(code="x", verdict="wrong", says="said: correct horse battery", do="try correct horse battery")

    monkeypatch.setitem(examine._GROUPS, "texts", careless)

    assert "correct horse" not in str(examine.examine(case(root=root, online=False)))


def test_settings_that_cannot_be_read_are_a_finding(root: Path) -> None:
    (root / ".env").write_bytes(b"A=\xff")
    from cadence.machine import setting

    whole = examine.examine(replace(case(root=root, online=False), setting=lambda name: setting(root, name)))

    assert whole.verdict == "wrong"
    assert any("cannot read" in each.says for group in whole.groups for each in group.findings)


def test_the_data_can_be_written_as_json(root: Path) -> None:
    shop = case(root=root, online=False)
    data = json.loads(json.dumps(examine.examine(shop).data(shop)))

    assert data["verdict"] == "look"
    assert [each["name"] for each in data["groups"]] == [
        *("workspace", "secrets", "texts", "callbacks", "opt-outs", "time"),
    ]
    assert set(data["groups"][0]["findings"][0]) == {"code", "verdict", "says", "do"}
    assert data["checklist"][0]["code"] == "registration"


def test_what_is_fine_takes_a_line_and_what_is_not_says_what_to_do() -> None:
    whole = Examined(
        (
            Group(
                "texts", (Finding(code="a", verdict="fine", says="good"), Finding(code="b", verdict="fine", says="too"))
            ),
            Group(
                "time",
                (
                    Finding(code="c", verdict="look", says="a little late", do="be early"),
                    Finding(code="d", verdict="wrong", says="no clock", do="buy one " * 12, paste="CLOCK=1"),
                ),
            ),
        ),
        (Finding(code="e", verdict="person", says="think"),),
    )

    assert list(lines(whole, case(mode="live"))) == [
        "Summit Roofing: 1 thing is wrong, 1 thing to look at.",
        "",
        "ok    texts       good; too",
        "WRONG time",
        "        ! no clock",
        "          -> buy one buy one buy one buy one buy one buy one buy one buy one buy one buy one buy one",
        "             buy one",
        "             CLOCK=1",
        "        * a little late -> be early",
        "",
        "Only a person can see to these. Tick them off:",
        "  [ ] think",
    ]
