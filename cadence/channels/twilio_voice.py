"""Voice messages by Twilio: a call that reads a text to whoever, or whatever, picks up."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cadence.channels.channel import Channel, NotNow
from cadence.channels.twilio import CALLBACK, LEAST_LEFT, PAGE, listed_for, ours_since, sent, time_left
from cadence.channels.twilio_line import SECRETS, TIMEOUT, TwilioLine
from cadence.channels.twilio_lookup import findings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cadence.channels.channel import Finding, Outgoing, Result
    from cadence.channels.kit import Kit
    from cadence.channels.twilio_lookup import Listed

__all__ = ["LANGUAGE", "TwilioVoice", "spoken"]

LANGUAGE = "en-US"  #: the text is read in this one, unless the workspace's ``options: {language: es-US}`` says another
RINGS_FOR = 25  #: seconds: long enough for most mailboxes to answer


class TwilioVoice(Channel):
    """Makes one call a message. A mailbox is waited for until it records, so that the message is whole there."""

    secrets = SECRETS
    longest = 3000  #: Twilio takes 4,000 characters with what stands around the text
    workers = 2  #: an account starts one call a second; more would only wait there, where no window holds them
    visible_after = timedelta(minutes=2)

    def __init__(self, line: TwilioLine, *, sender: str, language: str = LANGUAGE, public_url: str = "") -> None:
        """``language`` is that of the voice, such as es-US."""
        self.line = line
        self.sender = sender
        self.language = language
        self.callback = public_url + CALLBACK if public_url else ""

    @classmethod
    def from_kit(cls, kit: Kit) -> TwilioVoice:
        """Make it for one workspace; CadenceError, with what to do, when its secrets are not there or wrong."""
        return cls(
            TwilioLine.from_kit(kit),
            sender=kit.settings.sender,
            language=str(kit.settings.options.get("language", LANGUAGE)),
            public_url=kit.workspace.public_url,
        )

    def send(self, messages: Sequence[Outgoing]) -> Sequence[Result]:
        """Make each call, once."""
        return [self._send(message) for message in messages]

    def look_up(self, messages: Sequence[Outgoing]) -> Sequence[Finding]:
        """Look for calls in Twilio's list, number by number: one from our number at that time is the one."""
        listed = listed_for(self.line, messages, self._calls_to)
        return findings(messages, listed, self.begins_within + timedelta(seconds=TIMEOUT))

    def _send(self, message: Outgoing) -> Result:
        left = time_left(message, self.begins_within)
        if left is not None and left < LEAST_LEFT:
            return NotNow("window", "its send window is about to close")
        call: dict[str, Any] = {
            "to": message.to,
            "from_": self.sender,
            "twiml": spoken(message.body, self.language),
            "timeout": RINGS_FOR,
            "machine_detection": "DetectMessageEnd",
        }
        if self.callback:
            call["status_callback"] = self.callback
        return sent(self.line, message, lambda client: client.calls.create(**call))

    def _calls_to(self, client: Any, to: str, since: datetime) -> list[Listed] | None:
        return ours_since(client.calls.page(to=to, from_=self.sender, page_size=PAGE), since, lambda _: None)


def spoken(text: str, language: str) -> str:
    """Return what Twilio is told to say, once the line has been open for a moment."""
    from twilio.twiml.voice_response import VoiceResponse

    answer = VoiceResponse()
    answer.pause(length=1)
    answer.say(text.encode("utf-8", "replace").decode(), language=language)
    return str(answer)
