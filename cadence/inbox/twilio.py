"""What Twilio tells in its webhooks, as items. Whatever the parameters are, nothing is raised: None is no item.

A poll (:mod:`cadence.inbox.twilio_poll`) puts what it reads into the same form, so that both make the same keys:
a message's and a call's own SID, and ``SID:status`` for a receipt.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

from cadence.channels.twilio_codes import CODES, Act
from cadence.inbox.message import Call, Inbound, Receipt

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from cadence.inbox.message import Status

__all__ = ["MISSED", "SOURCE", "TERMINAL", "call", "message", "receipt"]

SOURCE = "twilio"
#: Statuses of a message after which no other comes.
TERMINAL = ("delivered", "read", "undelivered", "failed", "canceled", "partially_delivered")
MISSED = ("no-answer", "busy", "failed", "canceled")  #: ends of a call, or of one leg of it, that nobody answered
ANSWERED = ("completed", "answered")

_SID = re.compile(r"[A-Z]{2}[0-9a-fA-F]{32}")
_PHONE = re.compile(r"\+?[0-9]{3,15}")
#: What stands in place of a number that is withheld: words, or the words as one dials them.
#: Source: Twilio, "How to identify anonymous or restricted incoming calls".
_WITHHELD = ("+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253")
_ARRIVED: dict[str, Status] = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "partially_delivered": "delivered",
}
_CALL_ENDS: dict[str, Status] = {"completed": "delivered", **dict.fromkeys(MISSED, "undelivered")}
#: What a receipt says of a message that did not arrive, by what its code stands for.
_BY_ACT: dict[Act, Status] = {
    Act.LATER: "blocked",
    Act.TOMORROW: "blocked",
    Act.ADDRESS: "bounced",
    Act.OPT_OUT: "opted_out",
    Act.HALT: "filtered",
    Act.REPLAN: "expired",
}
_BLOCKED = 30004  #: the carrier refuses, though the number is good
_TOLD: tuple[Literal["STOP"], Literal["START"], Literal["HELP"]] = ("STOP", "START", "HELP")


def message(params: Mapping[str, Any], now: datetime) -> Inbound | None:
    """Read the webhook of a text that came in at ``now``."""
    sid, sender, to = _sid(params, "MessageSid", "SmsSid"), _phone(params, "From"), _phone(params, "To")
    if not (sid and sender and to) or "Body" not in params or _text(params, "MessageStatus"):
        return None
    told = _text(params, "OptOutType").upper()
    return Inbound(
        source=SOURCE,
        key=sid,
        at=now,
        channel="sms",
        sender=sender,
        to=to,
        text=params["Body"] if isinstance(params["Body"], str) else "",
        told=next((each for each in _TOLD if each == told), ""),
    )


def receipt(params: Mapping[str, Any], now: datetime) -> Receipt | None:
    """Read the status callback of a text or a voice message of ours; None for a status that says nothing yet."""
    if _text(params, "CallStatus"):
        return _receipt_of_call(params, now)
    sid, said = _sid(params, "MessageSid", "SmsSid"), _text(params, "MessageStatus") or _text(params, "SmsStatus")
    code = int(_text(params, "ErrorCode")) if re.fullmatch(r"[0-9]{1,9}", _text(params, "ErrorCode")) else 0
    status = _ARRIVED.get(said) or (_failure(code) if said in TERMINAL else None)
    if not sid or status is None:
        return None
    known = CODES.get(code)
    return Receipt(
        source=SOURCE,
        key=f"{sid}:{said}",
        at=now,
        channel="sms",
        status=status,
        provider_id=sid,
        address=_phone(params, "To"),
        code=str(code or ""),
        detail=f"Twilio error {code}: {known.says if known else 'its meaning is not known here'}" if code else "",
    )


def call(params: Mapping[str, Any], now: datetime) -> Call | None:
    """Read the webhook of a call to our number: the end of its ringing, or of the call itself.

    None while it goes on, and for a call that ended without ringing anybody: a menu or a mailbox may have taken it.
    """
    sid, to = _sid(params, "CallSid"), _phone(params, "To")
    if not sid or not to or _text(params, "Direction").startswith("outbound"):
        return None
    rung, said = _text(params, "DialCallStatus"), _text(params, "CallStatus")
    if rung not in (*MISSED, *ANSWERED) and (rung or said not in MISSED):
        return None
    return Call(source=SOURCE, key=sid, at=now, caller=_caller(params), to=to, answered=rung in ANSWERED)


def _receipt_of_call(params: Mapping[str, Any], now: datetime) -> Receipt | None:
    sid, said = _sid(params, "CallSid"), _text(params, "CallStatus")
    if not sid or said not in _CALL_ENDS or _text(params, "Direction") != "outbound-api":
        return None
    return Receipt(
        source=SOURCE,
        key=f"{sid}:{said}",
        at=now,
        channel="voice",
        status=_CALL_ENDS[said],
        provider_id=sid,
        address=_phone(params, "To"),
        code="" if said == "completed" else said,
    )


def _failure(code: int) -> Status:
    known = CODES.get(code)
    if known is None:
        return "undelivered"
    return "blocked" if code == _BLOCKED else _BY_ACT.get(known.act, "undelivered")


def _text(params: Mapping[str, Any], name: str) -> str:
    value = params.get(name)
    return value.strip() if isinstance(value, str) else ""


def _sid(params: Mapping[str, Any], *names: str) -> str:
    return next((sid for name in names if _SID.fullmatch(sid := _text(params, name))), "")


def _phone(params: Mapping[str, Any], name: str) -> str:
    """Return a phone number; what begins with the name of another channel (whatsapp:, rcs:, sip:) is none."""
    value = _text(params, name)
    return value if _PHONE.fullmatch(value) else ""


def _caller(params: Mapping[str, Any]) -> str:
    number = _phone(params, "From")
    return "" if number in _WITHHELD else number
