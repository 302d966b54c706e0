"""Consent: what is recorded of it, what of it holds, and what a list says of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cadence.engine.events import Event
from cadence.engine.fold import fold
from cadence.leads.consents import Consent, consent_fact, consent_of_row, entries_of, fault_of, standing, withdrawal

NOW = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
WORDS = "I agree to get texts."


def written(channel: str = "sms", at: datetime | None = NOW) -> Consent:
    return Consent(channel=channel, kind="written", source="web form", text=WORDS, at=at)


def asked(channel: str = "sms") -> Consent:
    return Consent(channel=channel, kind="inquiry", source="phone call", at=NOW)


def log(*steps: Consent | str) -> list[Event]:
    """Make a log of consents given, and of channels taken back (empty: all)."""
    created = Event(
        type="lead.created", at=NOW, recorded_at=NOW, data={"lead": {"phone": "+18165550142"}, "inquiry": False}
    )
    told = [withdrawal(each, "", "", NOW, NOW) if isinstance(each, str) else consent_fact(each, NOW) for each in steps]
    return [created, *told]


@pytest.mark.parametrize(
    ("steps", "holds"),
    [
        ([written()], {"sms": "written"}),
        ([asked()], {"sms": "inquiry"}),
        ([asked(), written()], {"sms": "written"}),
        ([written(), asked()], {"sms": "written"}),
        ([written(), asked("email")], {"sms": "written", "email": "inquiry"}),
        ([written(), "sms"], {}),
        ([written(), written("voice"), "voice"], {"sms": "written"}),
        ([written(), written("voice"), ""], {}),
        ([written(), "", asked()], {"sms": "inquiry"}),
    ],
)
def test_what_is_shown_as_holding_is_what_the_engine_goes_by(steps: list[Consent | str], holds: dict[str, str]) -> None:
    told = log(*steps)

    assert {channel: each.kind for channel, each in standing(entries_of("maria", told)).items()} == holds
    assert fold("maria", told).consents == holds


def test_the_same_consent_told_twice_has_one_key_and_another_has_its_own() -> None:
    later = NOW + timedelta(days=1)
    assert consent_fact(written(), NOW).key == consent_fact(written(), later).key
    assert consent_fact(written(at=None), NOW).key == consent_fact(written(at=None), later).key
    keys = {consent_fact(each, NOW).key for each in (written(), written("voice"), written(at=later), asked())}
    assert len(keys) == 4
    assert not any("816" in key or WORDS in key for key in keys)


def test_the_proof_names_the_number_that_was_on_record_then() -> None:
    told = log(written())
    told.append(Event(type="lead.updated", at=NOW, recorded_at=NOW, data={"lead": {"phone": "+18165550143"}}))
    told.append(withdrawal("", "", "", NOW, NOW))

    assert [each.address for each in entries_of("maria", told)] == ["+18165550142", "+18165550143"]


@pytest.mark.parametrize(
    ("consent", "fault"),
    [
        (Consent(channel="sms", kind="written"), "needs the words"),
        (Consent(channel="sms", kind="inquiry", url="www.example.com"), "no address on the web"),
        (Consent(channel="sms", kind="inquiry", ip="999.1.1.1"), "IP address"),
    ],
)
def test_what_a_consent_lacks_is_said(consent: Consent, fault: str) -> None:
    assert fault in fault_of(consent)


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({"consent": "Yes", "consent_text": WORDS}, "written"),
        ({"consent": "yes"}, "inquiry"),
        ({"consent": "written", "consent_text": WORDS}, "written"),
        ({"consent": "inquiry", "consent_text": WORDS}, "inquiry"),
        ({"consent": "no", "consent_text": WORDS}, ""),
        ({"consent_text": WORDS}, ""),
        ({}, ""),
    ],
)
def test_what_a_row_of_a_list_means(told: dict[str, str], kind: str) -> None:
    found = consent_of_row(told, lambda _: NOW)

    assert found.problems == ()
    assert (found.consent.kind if found.consent else "") == kind
    assert bool(found.notes) == (told == {"consent": "yes"})


def test_every_mistake_of_a_row_is_named() -> None:
    def unreadable(_: str) -> datetime:
        raise ValueError("is not a date")

    told = {"consent": "perhaps", "consent_channel": "fax", "consent_at": "soon"}
    assert [name for name, _ in consent_of_row(told, unreadable).problems] == [
        "consent",
        "consent_channel",
        "consent_at",
    ]
