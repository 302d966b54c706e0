"""What the answers of a mail server mean: reply codes (RFC 5321) and, finer, enhanced status codes (RFC 3463)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cadence.channels.channel import NotNow, Refused
from cadence.masking import Mask

if TYPE_CHECKING:
    from cadence.channels.channel import Because

__all__ = ["recipient_refused", "sender_refused", "text_refused", "words_of"]

#: Nobody lives there: no such mailbox, no such host, no such form of an address, moved, takes no mail, shut.
_DEAD = {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"}
_STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
_NOBODY = re.compile(
    r"unknown|no such|not found|(?:does not|doesn't) exist|no mailbox|not a valid|invalid|unrouteable", re.IGNORECASE
)
_OURS = re.compile(r"\brelay|authenticat|\bDMARC\b|\bSPF\b|\bDKIM\b", re.IGNORECASE)  #: our settings are at fault
_MOST_SAID = 200


def words_of(said: bytes) -> str:
    """Return what a server said, without addresses and secrets."""
    return Mask().text(" ".join(said.decode("utf-8", "replace").split())[:_MOST_SAID])


def sender_refused(code: int, said: bytes) -> NotNow | Refused:
    """Say what it means that a server does not take our address, or not so large a mail from it."""
    if code == 552:
        return Refused(_code(code, said), words_of(said), because="text")
    if code < 500:
        return NotNow(_code(code, said), words_of(said))
    return _halted(code, said)


def recipient_refused(code: int, said: bytes) -> NotNow | Refused:
    """Say what it means that a server does not take a mail for this recipient."""
    if code < 500:
        return NotNow(_code(code, said), words_of(said))
    if code == 530 or _OURS.search(said.decode("utf-8", "replace")):
        return _halted(code, said)
    return Refused(_code(code, said), words_of(said), because="address" if _is_dead(code, said) else "other")


def text_refused(code: int, said: bytes) -> NotNow | Refused:
    """Say what it means that a server does not take the mail itself."""
    if code < 500:
        return NotNow(_code(code, said), words_of(said))
    if _OURS.search(said.decode("utf-8", "replace")):
        return _halted(code, said)
    because: Because = "address" if _status(said) in _DEAD else "text" if code == 552 else "other"
    return Refused(_code(code, said), words_of(said), because=because)


def _halted(code: int, said: bytes) -> NotNow:
    return NotNow(_code(code, said), f"the mail server does not let us send: {words_of(said)}", halt=True)


def _is_dead(code: int, said: bytes) -> bool:
    status = _status(said)
    return (
        status in _DEAD if status else code in (550, 551, 553) and bool(_NOBODY.search(said.decode("utf-8", "replace")))
    )


def _status(said: bytes) -> str:
    found = _STATUS.search(said.decode("utf-8", "replace"))
    return found[0] if found else ""


def _code(code: int, said: bytes) -> str:
    return f"{code} {_status(said)}".strip() if code > 0 else "bad_answer"
