"""What the endpoint needs to know: it does not begin without, and says what to do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from cadence.errors import CadenceError
from cadence.files import schema_text, starter
from cadence.playbook.check import check_workspace_page
from cadence.playbook.model import ChannelSettings, Hearing
from cadence.web.door import SECRETS, open_door
from cadence.web.places import places
from cadence.web.signatures import key_of
from support.hook_calls import PUBLIC_KEY, SECRET, TOKEN, URL

if TYPE_CHECKING:
    from cadence.playbook.model import Workspace

SETTINGS = {"TWILIO_AUTH_TOKEN": TOKEN, "SENDGRID_WEBHOOK_KEY": PUBLIC_KEY, "CADENCE_SECRET": SECRET}


def workspace(**changes: object) -> Workspace:
    page = starter("schemas", "starter.cadence.yaml").read_bytes()
    model = check_workspace_page("cadence.yaml", page, schema_text("workspace")).model
    assert model is not None
    return replace(model, **{"public_url": URL, **changes})  # type: ignore[arg-type]


def by_smtp() -> dict[str, ChannelSettings]:
    return {"email": ChannelSettings(via="smtp", sender="hello@example.com")}


def test_it_knows_the_shop_and_its_secrets_and_never_shows_them() -> None:
    door = open_door(workspace(inbound=Hearing(ring="+18165550101", ring_for=20)), lambda name: SETTINGS.get(name, ""))

    assert (door.account, door.business, door.public_url) == ("summit", "Summit Home Services", URL)
    assert (door.twilio_tokens, door.sendgrid_keys) == ((TOKEN,), (key_of(PUBLIC_KEY),))
    assert (door.ring, door.ring_for) == ("+18165550101", 20)
    assert TOKEN not in repr(door)
    assert SECRET not in repr(door)


def test_further_tokens_and_keys_stand_with_commas_between_them() -> None:
    more = {"TWILIO_WEBHOOK_TOKEN": " aa , bb,", "SENDGRID_WEBHOOK_KEY": f"{PUBLIC_KEY}, {PUBLIC_KEY}"}
    door = open_door(workspace(), lambda name: {**SETTINGS, **more}.get(name, ""))

    assert door.twilio_tokens == (TOKEN, "aa", "bb")
    assert len(door.sendgrid_keys) == 2


@pytest.mark.parametrize(
    ("changes", "settings", "said"),
    [
        ({"public_url": ""}, {}, "cadence.yaml says no public_url"),
        ({}, {"TWILIO_AUTH_TOKEN": ""}, "TWILIO_AUTH_TOKEN is not set"),
        ({}, {"SENDGRID_WEBHOOK_KEY": " "}, "SENDGRID_WEBHOOK_KEY is not set"),
        ({}, {"SENDGRID_WEBHOOK_KEY": "hushhush"}, "SENDGRID_WEBHOOK_KEY is not a verification key"),
        ({}, {"CADENCE_SECRET": ""}, "CADENCE_SECRET is not set"),
        ({}, {"CADENCE_SECRET": "hushhush"}, "CADENCE_SECRET is too short"),
    ],
)
def test_what_is_missing_is_named_with_where_to_get_it(
    changes: dict[str, object], settings: dict[str, str], said: str
) -> None:
    with pytest.raises(CadenceError, match=said) as refused:
        open_door(workspace(**changes), lambda name: {**SETTINGS, **settings}.get(name, ""))

    assert refused.value.help
    assert "hushhush" not in refused.value.message + refused.value.help


def test_of_a_service_that_is_not_used_nothing_is_needed() -> None:
    door = open_door(workspace(channels=by_smtp()), lambda name: SECRET if name == "CADENCE_SECRET" else "")

    assert (door.twilio_tokens, door.sendgrid_keys) == ((), ())


def test_each_secret_is_described() -> None:
    assert [secret.name for secret in SECRETS] == [
        "TWILIO_AUTH_TOKEN", "TWILIO_WEBHOOK_TOKEN", "SENDGRID_WEBHOOK_KEY", "CADENCE_SECRET",
    ]  # fmt: skip


def test_only_the_services_that_are_used_have_something_to_enter() -> None:
    services = ChannelSettings(via="twilio", sender="+18165550100", options={"service": f"MG{'0' * 32}"})
    through_service = [place.where for place in places(workspace(channels={"sms": services}))]

    assert [place.service for place in places(workspace(channels=by_smtp()))] == ["mail", "this machine"]
    assert through_service[0] == "Messaging, Services, the service, Integration, Send a webhook"
    assert [place.service for place in places(workspace(channels={}))] == ["this machine"]
