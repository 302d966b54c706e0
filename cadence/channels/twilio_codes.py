"""Twilio's error codes: what each means in plain words, and what follows for the message, its address and the channel.

The table is data. A code that is not in it gets what is safe by its HTTP status, as Twilio may add codes and move them.
Sources: "Twilio error NNNNN" is the page of that name in Twilio's error dictionary; read 2026-11.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from cadence.channels.channel import Lost, NotNow, Refused

if TYPE_CHECKING:
    from datetime import datetime

    from cadence.channels.channel import Because

__all__ = ["CODES", "Act", "Code", "Fault", "patience", "result_of"]

LONGEST_PATIENCE = timedelta(days=1)  #: a provider that asks for more is asked again all the same
ROLLING = timedelta(hours=3)  #: a limit of the last 24 hours lets some through again long before a day is over
AFTER_MIDNIGHT = timedelta(minutes=5)
PACIFIC = ZoneInfo("America/Los_Angeles")  #: by whose midnight T-Mobile counts days


class Act(Enum):
    """What follows from a code; the value says it to a person."""

    LATER = "tried again a little later"
    TOMORROW = "tried again when the day's limit is over"
    UNKNOWN = "nobody knows whether it went: Twilio is asked before anything else"
    LIMITED = "tried again once, then given up"
    ADDRESS = "given up; nothing more goes to this number"
    OPT_OUT = "given up; the person has opted out"
    HALT = "nothing more goes this way until a person has seen to it"
    TEXT = "given up; the text is at fault"
    REPLAN = "judged anew"
    OTHER = "given up, this message only"


@dataclass(frozen=True, slots=True)
class Code:
    """One error code of Twilio's."""

    says: str  #: what it means, to whoever runs the shop
    act: Act


_A = Act
CODES: dict[int, Code] = {
    # the account and what it may do
    20003: Code("the account SID, token or API key is not accepted", _A.HALT),
    20005: Code("the Twilio account is not active", _A.HALT),
    20006: Code("this key may not do that", _A.HALT),
    20008: Code("test credentials are in use, which can do only little", _A.HALT),
    20010: Code("the Twilio account may not do that any more", _A.HALT),
    20403: Code("the Twilio account or this key may not do that", _A.HALT),
    20404: Code("the Twilio account of that SID is not there", _A.HALT),
    20429: Code("too many requests at once", _A.LATER),
    20500: Code("Twilio broke off in the middle", _A.UNKNOWN),
    20503: Code("Twilio is out of service", _A.UNKNOWN),
    30002: Code("the Twilio account is suspended", _A.HALT),
    63038: Code("the account has sent all it may send in 24 hours", _A.TOMORROW),
    # the number it goes to
    13224: Code("this number cannot be called, or is none", _A.ADDRESS),
    13225: Code("Twilio does not call this number", _A.ADDRESS),
    21211: Code("the number it goes to is not a phone number", _A.ADDRESS),
    21214: Code("this number cannot be called", _A.ADDRESS),
    21216: Code("Twilio does not call this number", _A.ADDRESS),
    21217: Code("the number it goes to is not a phone number", _A.ADDRESS),
    21612: Code("this number cannot be reached from yours", _A.ADDRESS),
    21614: Code("this number is not a mobile phone", _A.ADDRESS),
    21635: Code("this number is a landline", _A.ADDRESS),
    30003: Code("the phone is switched off or out of reach", _A.LIMITED),
    30004: Code("the phone or its carrier takes no messages from you", _A.ADDRESS),
    30005: Code("the carrier does not know this phone, or it is out of service", _A.LIMITED),
    30006: Code("this number is a landline, or its carrier cannot be reached", _A.ADDRESS),
    30008: Code("the carrier did not say why", _A.LIMITED),
    # the person does not want it
    21610: Code("the person has texted STOP to your number", _A.OPT_OUT),
    30640: Code("the number is on a list of people who must not be texted", _A.OPT_OUT),
    # the number it comes from, and its registration
    21210: Code("your number is not verified as a caller ID", _A.HALT),
    21212: Code("your number under 'from:' cannot be used to send", _A.HALT),
    21601: Code("your number under 'from:' cannot text", _A.HALT),
    21603: Code("there is no number to send from", _A.HALT),
    21606: Code("your number under 'from:' is not a number of this account that can text", _A.HALT),
    21608: Code("a trial account texts verified numbers only", _A.HALT),
    21219: Code("a trial account calls verified numbers only", _A.HALT),
    21701: Code("the messaging service is not there", _A.HALT),
    21702: Code("the messaging service does not send at the moment", _A.HALT),
    21703: Code("the messaging service has no number that could send this", _A.HALT),
    21704: Code("the messaging service has no numbers", _A.HALT),
    21705: Code("the messaging service is not one of this account", _A.HALT),
    30007: Code("the carrier took it for spam", _A.HALT),
    30032: Code("your toll-free number is not verified yet", _A.HALT),
    30033: Code("your 10DLC campaign is suspended", _A.HALT),
    30034: Code("your number is not registered for business texting (10DLC)", _A.HALT),
    30035: Code("your number is still being set up for business texting (10DLC)", _A.HALT),
    # where it goes
    21203: Code("calls to other countries are switched off in the Twilio account", _A.OTHER),
    21215: Code("calls to this country are switched off in the Twilio account", _A.OTHER),
    13227: Code("calls to this country are switched off in the Twilio account", _A.OTHER),
    21408: Code("texts to this country are switched off in the Twilio account", _A.OTHER),
    # what it says
    21602: Code("the text is empty", _A.TEXT),
    21604: Code("there is no number to send to", _A.OTHER),
    21605: Code("the text is too long", _A.TEXT),
    21609: Code("Twilio cannot reach the address it should send receipts to: see public_url", _A.HALT),
    21617: Code("the text has more than 1,600 characters", _A.TEXT),
    21618: Code("the text has characters that cannot be sent", _A.TEXT),
    30019: Code("the carrier does not take messages of this size", _A.TEXT),
    # how busy it is
    21611: Code("too many texts wait to be sent from your number", _A.LATER),
    30001: Code("too many texts waited, and this one waited too long", _A.LATER),
    30017: Code("the carrier is busy", _A.LATER),
    30022: Code("more texts a second than your 10DLC registration allows", _A.LATER),
    30023: Code("the carrier takes no more from you today (10DLC)", _A.TOMORROW),
    30027: Code("T-Mobile takes no more from you today (10DLC)", _A.TOMORROW),
    30410: Code("the carrier did not answer in time", _A.UNKNOWN),
    30450: Code("held back for some minutes because it looks like fraud", _A.LATER),
    # when
    30036: Code("it waited until its window closed, and was not sent", _A.REPLAN),
    30047: Code("it could not be put off to a lawful hour", _A.REPLAN),
    30610: Code("held back because of quiet hours where the person is", _A.REPLAN),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A call of Twilio's API that did not succeed."""

    #: ``connecting``: nothing was said yet. ``answering``: it was asked, and no answer that could be understood came.
    #: ``refused``: it answered with an error.
    where: Literal["connecting", "answering", "refused"]
    word: str = ""  #: what broke, for a person who looks into it; without address or secret
    status: int = 0  #: of HTTP
    code: int = 0  #: Twilio's; 0: it gave none
    after: timedelta | None = None  #: it asks for so much patience

    def __str__(self) -> str:
        if self.where != "refused":
            return f"Twilio {'cannot be reached' if self.where == 'connecting' else 'did not answer'} ({self.word})"
        known = CODES.get(self.code)
        return f"Twilio error {self.code or self.status}: {known.says if known else 'it did not say why'}"


def result_of(fault: Fault, now: datetime, *, attempt: int = 1) -> NotNow | Refused | Lost:
    """Tell what a failed call to send at ``now`` means for its message, at its ``attempt``."""
    if fault.where == "connecting":
        return NotNow("unreachable", fault.word)
    if fault.where == "answering":
        return Lost("no_answer", fault.word)
    name, detail = str(fault.code or fault.status), str(fault)
    if not 400 <= fault.status < 500 or fault.status == 408:
        return Lost(name, detail)
    known = CODES.get(fault.code)
    act = known.act if known else Act.OTHER
    if fault.status == 429:
        act = act if act in (Act.LATER, Act.TOMORROW) else Act.LATER
    elif known is None and fault.status in (401, 403, 404):
        act = Act.HALT
    return _result(act, name, detail, fault, now, attempt)


def patience(header: str, now: datetime) -> timedelta | None:
    """Read a Retry-After header: seconds or a date; None when it is neither."""
    if header.isascii() and header.isdigit():
        asked = timedelta(seconds=min(int(header[:9]), LONGEST_PATIENCE.total_seconds()))
    else:
        try:
            asked = parsedate_to_datetime(header) - now
        except (TypeError, ValueError):
            return None
    return min(asked, LONGEST_PATIENCE) if asked > timedelta(0) else None


_BECAUSE: dict[Act, Because] = {Act.ADDRESS: "address", Act.OPT_OUT: "opt_out", Act.TEXT: "text"}


def _result(act: Act, name: str, detail: str, fault: Fault, now: datetime, attempt: int) -> NotNow | Refused | Lost:
    if act is Act.UNKNOWN:
        return Lost(name, detail)
    if act in (Act.LATER, Act.REPLAN):
        return NotNow(name, detail, after=fault.after)
    if act is Act.TOMORROW:
        return NotNow(name, detail, after=fault.after or _until_tomorrow(fault.code, now))
    if act is Act.HALT:
        return NotNow(name, detail, halt=True)
    if act is Act.LIMITED and attempt == 1:
        return NotNow(name, detail)
    return Refused(name, detail, _BECAUSE.get(act, "other"))


def _until_tomorrow(code: int, now: datetime) -> timedelta:
    """Return how long a limit of the day holds: until midnight where the carrier counts, or for a part of 24 hours."""
    if code == 63038:
        return ROLLING
    local = now.astimezone(PACIFIC)
    midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight.astimezone(UTC) - now.astimezone(UTC) + AFTER_MIDNIGHT
