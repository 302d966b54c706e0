"""Voice messages by Twilio."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from cadence.channels.channel import Absent, Accepted, Found, Lost, NotNow, Refused
from cadence.channels.twilio_voice import TwilioVoice, spoken
from support.twilio_desk import ACCOUNT, OURS, TOKEN, Day
from support.twilio_make import HER, NOW, kit, line, outgoing

if TYPE_CHECKING:
    from support.twilio_desk import TwilioDesk

TEXT = "Hi Maria, Dana & Lee here: <call> us back"


def voice(desk: TwilioDesk, **given: str) -> TwilioVoice:
    return TwilioVoice(line(desk), sender=OURS, **given)


def test_a_call_reads_the_text_to_whoever_picks_up(desk: TwilioDesk) -> None:
    channel = voice(desk, public_url="https://hooks.example.com", language="es-US")
    (result,) = channel.send([outgoing(channel="voice", body=TEXT)])
    asked = desk.requests[-1][2]
    said = ET.fromstring(asked.pop("Twiml")).find("Say")

    assert result == Accepted(desk.calls[0]["sid"])
    assert asked == {
        "From": OURS, "To": HER, "Timeout": "25", "MachineDetection": "DetectMessageEnd",
        "StatusCallback": "https://hooks.example.com/twilio/status",
    }  # fmt: skip
    assert said is not None
    assert (said.text, said.get("language")) == (TEXT, "es-US")


def test_the_longest_text_fits_into_what_twilio_takes() -> None:
    assert len(spoken("a" * TwilioVoice.longest, "en-US")) <= 4000


def test_a_call_has_the_same_errors_as_a_text(desk: TwilioDesk) -> None:
    desk.dead[HER] = 21217
    desk.days += [Day(status=401, code=20003), Day(cut=True)]
    halted, lost, dead = voice(desk).send([outgoing(body=TEXT)] * 3)

    assert isinstance(halted, NotNow)
    assert halted.halt
    assert isinstance(lost, Lost)
    assert isinstance(dead, Refused)
    assert dead.because == "address"


def test_a_call_whose_answer_was_lost_is_found_by_number_and_time(desk: TwilioDesk) -> None:
    desk.days += [Day(cut=True, accepted=True), Day(cut=True)]
    went, lost = outgoing(body=TEXT), outgoing(body=TEXT, to="+18165550143")
    channel = voice(desk)
    channel.send([went, lost])

    assert channel.look_up([went, lost]) == [Found(desk.calls[0]["sid"]), Absent()]


@pytest.mark.parametrize("left", [timedelta(seconds=80), timedelta(hours=-1)])
def test_nobody_is_called_when_the_window_is_about_to_close(desk: TwilioDesk, left: timedelta) -> None:
    (result,) = voice(desk).send([outgoing(body=TEXT, until=NOW + left)])

    assert isinstance(result, NotNow)
    assert desk.requests == []


def test_it_is_made_from_the_workspace_(desk: TwilioDesk) -> None:
    settings = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN, "CADENCE_TWILIO_URL": desk.url}
    own = {"options": {"language": "es-US"}}
    TwilioVoice.from_kit(kit(settings, "voice", own=own)).send([outgoing(body=TEXT)])

    assert "es-US" in desk.calls[0]["_form"]["Twiml"]
