"""What is masked, and what is left readable."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cadence.masking import Mask, secrets_in


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("to +18165550142 now", "to ***42 now"),
        ("call (816) 555-0142.", "call ***42."),
        ("816.555.0142 or 1-816-555-0143", "***42 or ***43"),
        ("816\u00a0555\u20110142", "***42"),
        ("To=%2B18165550142&Body=hi", "To=%2B***42&Body=hi"),
        ("maria-8165550142/roofer/1/instant", "maria-***42/roofer/1/instant"),
        ("maria.lopez@example.com wrote", "m***@example.com wrote"),
        ("<o'brien@example.com>", "<o***@example.com>"),
        ("'maria@example.com', to=bob%40example.com", "m***@example.com', to=b***@example.com"),
        ("postgresql://cadence:pa:ss@word@db.example.com/shop", "postgresql://***@db.example.com/shop"),
        ("Authorization: Basic QUM6dG9rZW4=", "Authorization: ***"),
        ("sent with Bearer abcdef123456", "sent with Bearer ***"),
        ("auth_token=0123456789abcdef&x=1", "auth_token=***&x=1"),
        ("the key SG.abcdefghijklmnop.qrstuvwxyz012345", "the key ***"),
    ],
)
def test_what_could_be_dialled_written_to_or_logged_in_with_is_masked(text: str, masked: str) -> None:
    assert Mask().text(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24T19:10:00Z",
        "2026-11-24 19:10",
        "SM0123456789abcdef0123456789abcdef",
        "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        "playbooks/roofer.yaml:12:5",
        "maria-lopez/roofer/1/instant",
        "10 sms, 22 email, 3 unknown",
        "",
    ],
)
def test_what_helps_and_tells_nothing_of_a_person_stays(text: str) -> None:
    assert Mask().text(text) == text


def test_a_number_right_behind_an_instant_is_masked_all_the_same() -> None:
    for text in ("2026-11-24T13:10+8165550142", "2026-11-24T13:10:00.8165550142", "2026-11-24 8165550142"):
        assert "816555" not in Mask().text(text)


def test_values_keep_their_shape_and_figures() -> None:
    at = datetime(2026, 11, 24, 19, 10, tzinfo=UTC)
    value = {"at": at, "sent": {"sms": 3}, "ok": True, "share": 0.5, "to": ("+18165550142",), "none": None}

    assert Mask().value(value) == {
        "at": "2026-11-24 19:10:00+00:00",
        "sent": {"sms": 3},
        "ok": True,
        "share": 0.5,
        "to": ["***42"],
        "none": None,
    }
    assert Mask().value([8165550142, 1_000_000, b"816-555-0142", {"auth_token": "anything"}]) == [
        "***42", 1_000_000, "***42", {"auth_token": "***"},
    ]  # fmt: skip


def test_secrets_are_known_by_their_names_and_in_addresses() -> None:
    settings = {
        "TWILIO_AUTH_TOKEN": "0a1b2c3d4e5f",
        "SENDGRID_API_KEY": "SG.something",
        "SMTP_PASSWORD": "correct horse",
        "CADENCE_STORE": "postgresql://cadence:hunter%2F22@db.example.com/shop",
        "OTHER_STORE": "postgresql:///shop?host=db.example.com&password=swordfish&port=5432",
        "CADENCE_PING_URL": "https://ping.example.com/a-name-nobody-guesses",
        "PWD": "/srv/shop-of-summit",
        "MONKEY": "not a secret",
        "API_KEY": "short",
    }

    assert secrets_in(settings) == {
        "0a1b2c3d4e5f",
        "SG.something",
        "correct horse",
        "hunter%2F22",
        "hunter/22",
        "swordfish",
        "https://ping.example.com/a-name-nobody-guesses",
    }
    assert Mask(secrets_in(settings)).text("POST /x?password=correct+horse failed: hunter/22") == (
        "POST /x?password=*** failed: ***"
    )
