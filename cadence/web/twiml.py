"""Answers to Twilio, in its own markup (TwiML)."""

from __future__ import annotations

__all__ = ["busy", "hang_up", "nothing", "ring"]


def nothing() -> str:
    """Say nothing: a message is answered later, by a touch."""
    from twilio.twiml.messaging_response import MessagingResponse

    return str(MessagingResponse())


def ring(number: str, seconds: int, then: str) -> str:
    """Have a phone ring for so long; what became of the call is told to the address ``then``."""
    from twilio.twiml.voice_response import VoiceResponse

    response = VoiceResponse()
    response.dial(timeout=seconds, action=then, method="POST", answer_on_bridge=True).number(number)
    return str(response)


def busy() -> str:
    """Let a caller hear that nobody can answer, before anything is charged."""
    from twilio.twiml.voice_response import VoiceResponse

    response = VoiceResponse()
    response.reject(reason="busy")
    return str(response)


def hang_up() -> str:
    """End a call."""
    from twilio.twiml.voice_response import VoiceResponse

    response = VoiceResponse()
    response.hangup()
    return str(response)
