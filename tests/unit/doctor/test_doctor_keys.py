"""Secrets: what is needed by what stands on the pages, and who may read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cadence.doctor.keys import check, unset
from support.doctor_make import SECRETS, TEXTS, case, found
from support.hook_calls import PUBLIC_KEY

if TYPE_CHECKING:
    from pathlib import Path

MAIL = {"email": {"via": "sendgrid", "from": "hello@example.com"}}
BY_SMTP = {"email": {"via": "smtp", "from": "hello@example.com", "host": "mail.example.com", "user": "hello"}}
URL = "https://hooks.example.com"
SID, TOKEN, KEY, OWN = SECRETS


def test_all_that_are_needed_are_set(tmp_path: Path) -> None:
    assert found(check, case(root=tmp_path)) == [("set", "fine")]


def test_what_leaves_by_nobody_needs_no_secret(tmp_path: Path) -> None:
    assert found(check, case({}, root=tmp_path, channels={})) == [("set", "fine")]


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ({"channels": TEXTS}, {SID, TOKEN}),
        ({"channels": MAIL}, {KEY, OWN}),
        ({"channels": BY_SMTP}, {"SMTP_PASSWORD", OWN}),
        ({"channels": MAIL, "public_url": URL}, {KEY, OWN, "SENDGRID_WEBHOOK_KEY"}),
        ({"channels": {}, "inbound": {"imap": {"host": "i.example.com", "user": "x"}}}, {"IMAP_PASSWORD"}),
        ({"channels": {}, "inbound": {"imap": {"host": "i.example.com", "user": "x"}, "poll": False}}, set()),
        ({"channels": {"sms": {"via": "modem", "from": "+18165550100"}}}, set()),
    ],
    ids=["twilio", "sendgrid", "smtp", "hooks", "mailbox", "not polled", "an extension that is not there"],
)
def test_the_pages_say_which_secrets_are_needed(page: dict[str, Any], names: set[str]) -> None:
    assert unset(case({}, **page)) == names


def test_an_api_key_stands_in_for_the_token_but_not_where_webhooks_come_in() -> None:
    by_key = {SID: SECRETS[SID], "TWILIO_API_KEY": f"SK{1:032x}", "TWILIO_API_SECRET": "secret"}

    assert unset(case(by_key)) == frozenset()
    assert unset(case(by_key, public_url=URL)) == {TOKEN}


def test_an_unset_secret_is_named_with_where_it_comes_from(tmp_path: Path) -> None:
    [first, second] = check(case({}, root=tmp_path))

    assert (first.verdict, first.says) == ("wrong", "TWILIO_ACCOUNT_SID is not set")
    assert "Twilio console" in first.do
    assert second.says == "TWILIO_AUTH_TOKEN is not set"


def test_before_anything_leaves_an_unset_secret_is_only_to_be_looked_at(tmp_path: Path) -> None:
    rehearsing = {"mode": "redirect", "redirect": {"sms": "+18165550199"}}

    assert found(check, case({}, root=tmp_path, online=False)) == [("unset", "look")] * 2
    assert found(check, case({}, root=tmp_path, online=False, **rehearsing)) == [("unset", "wrong")] * 2


def test_a_secret_of_our_own_is_made_up_for_its_owner_each_time_another(tmp_path: Path) -> None:
    shop = case({KEY: SECRETS[KEY]}, root=tmp_path, channels=MAIL)
    lines = [each.paste for _ in range(2) for each in check(shop) if each.code == "unset"]

    assert all(line.startswith("CADENCE_SECRET=") and len(line.partition("=")[2]) == 64 for line in lines)
    assert lines[0] != lines[1]


@pytest.mark.parametrize("secret", ["too short for it", "a" * 40], ids=["short", "one letter"])
def test_a_secret_that_can_be_guessed_is_wrong_and_told_once(tmp_path: Path, secret: str) -> None:
    shop = case(
        SECRETS | {OWN: secret, "SENDGRID_WEBHOOK_KEY": PUBLIC_KEY}, root=tmp_path, channels=MAIL, public_url=URL
    )

    findings = list(check(shop))

    assert [each.code for each in findings if each.verdict == "wrong"] == ["short"]
    assert secret not in str(findings)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        (SID, "not-a-sid-at-all", "sms: TWILIO_ACCOUNT_SID is not an account SID"),
        (TOKEN, "with a blank in it", "sms: TWILIO_AUTH_TOKEN has spaces in it"),
    ],
)
def test_a_secret_of_another_form_is_told_without_its_value(tmp_path: Path, name: str, value: str, says: str) -> None:
    findings = list(check(case(SECRETS | {name: value}, root=tmp_path)))

    assert findings[0].says.startswith(says)
    assert value not in str(findings)


def test_a_key_that_is_no_key_is_told_where_webhooks_come_in(tmp_path: Path) -> None:
    shop = case(SECRETS | {"SENDGRID_WEBHOOK_KEY": "nonsense"}, root=tmp_path, channels=MAIL, public_url=URL)

    assert ("door", "wrong") in found(check, shop)


def test_a_stand_in_elsewhere_is_told(tmp_path: Path) -> None:
    findings = list(check(case(SECRETS | {"CADENCE_TWILIO_URL": "https://twilio.example.com"}, root=tmp_path)))

    assert "CADENCE_TWILIO_URL names another machine" in findings[0].says


@pytest.mark.parametrize(("mode", "verdicts"), [(0o600, []), (0o640, ["wrong"]), (0o644, ["wrong"])])
def test_settings_that_others_can_read_are_told(tmp_path: Path, mode: int, verdicts: list[str]) -> None:
    (tmp_path / ".env").write_text("A=b\n")
    (tmp_path / ".env").chmod(mode)

    assert [each.verdict for each in check(case(root=tmp_path)) if each.code == "readable"] == verdicts
