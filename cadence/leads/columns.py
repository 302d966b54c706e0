"""Which column of a table holds which field of a lead.

Headings are compared without capitals, punctuation and blanks: ``E-mail``, ``e_mail`` and ``E Mail`` are one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from cadence.playbook.words import LEAD_FIELDS

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

__all__ = ["CONSENT", "PROBLEM", "RECEIVED", "Column", "assign_columns", "headings_of", "recognised"]

RECEIVED = "received"  #: not a field of the record: when the person asked
#: Not fields of the record either: whether the person agreed to get texts, and the proof of it.
CONSENT = (
    "consent", "consent_channel", "consent_source", "consent_text", "consent_at", "consent_url", "consent_ip",
)  # fmt: skip
PROBLEM = "import problem"  #: heading of the reasons in a file of rejected rows; read as nothing

#: Field -> headings that mean it, the best first: where two columns hold a phone, the better one is taken.
_HEADINGS: dict[str, str] = {
    "id": "id|lead id",
    "external_id": "external id|external|crm id|customer id|client id|contact id|record id|job id|opportunity id",
    "name": "name|full name|customer name|client name|contact name|lead name|homeowner|customer|client",
    "first_name": "first name|firstname|first|given name|fname|customer first name",
    "last_name": "last name|lastname|last|surname|family name|lname|customer last name",
    "phone": "cell phone|cell|mobile|mobile phone|mobile number|cell number|cell phone number|mobile phone number|"
    "phone|phone number|primary phone|phone 1|telephone|telephone number|tel|best phone|contact phone|contact number|"
    "customer phone|caller id|caller number|home phone|phone 2|secondary phone|work phone",
    "email": "email|e mail|email address|e mail address|mail|primary email|email 1|contact email|customer email|"
    "email 2",
    "address": "address|street address|street|address 1|address line 1|service address|job address|property address|"
    "mailing address",
    "city": "city|town|service city",
    "state": "state|state province|province|st|service state",
    "zip": "zip|zip code|zipcode|postal|postal code|postcode|zip postal|zip postal code|postal zip|service zip",
    "timezone": "timezone|time zone|tz",
    "trade": "trade",
    "service": "service|service type|type of service|service requested|service needed|job type|project type",
    "source": "source|lead source|lead origin|campaign source|utm source|how did you hear about us",
    "urgency": "urgency|how urgent",
    "value": "value|job value|lead value|deal value|estimated value|opportunity value|amount",
    "notes": "notes|note|comments|comment|message|description|details|project details|lead notes|job description",
    RECEIVED: "received|received at|date received|received date|created|created at|created on|created date|"
    "date created|created time|lead created|lead date|date|date added|added|submitted|submitted at|submitted on|"
    "submission date|inquiry date|timestamp",
    "consent": "consent|sms consent|text consent|texting consent|sms opt in|text opt in|marketing consent|tcpa consent",
    "consent_channel": "consent channel",
    "consent_source": "consent source",
    "consent_text": "consent text|consent wording|consent language|tcpa text|tcpa language|disclosure",
    "consent_at": "consent at|consent date|consent time|consent timestamp|consented at|opt in date|opted in at",
    "consent_url": "consent url|consent page|consent link",
    "consent_ip": "consent ip|consent ip address|ip address|ip",
}
#: heading -> (field, how good it is, 0 the best)
_KNOWN: dict[str, tuple[str, int]] = {
    heading: (field, rank) for field, headings in _HEADINGS.items() for rank, heading in enumerate(headings.split("|"))
}
_NEAR = 0.84  #: how alike a misspelt heading must be


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    heading: str  #: as the file writes it
    index: int  #: from 0
    field: str = ""  #: field of the lead, :data:`RECEIVED`, or one of :data:`CONSENT`; empty: not read
    rank: int = 0  #: among the columns of a field, the lowest that holds something is taken
    how: Literal["known", "own", "near", "unknown", "ignored"] = "known"


def assign_columns(header: Sequence[str], own_fields: Collection[str] = ()) -> tuple[Column, ...]:
    """Find what each column holds. The result does not depend on the order of the columns."""
    columns = [_assigned(heading, index, own_fields) for index, heading in enumerate(header)]
    taken = {column.field for column in columns}
    near = sorted(
        (score, column.heading, column.index, field)
        for column in columns
        if column.how == "unknown"
        for score, field in [_nearest(_plain(column.heading))]
        if field and field not in taken
    )
    for _, heading, index, field in reversed(near):
        if field not in taken:
            taken.add(field)
            columns[index] = Column(heading, index, field, 0, "near")
    return tuple(columns)


def headings_of(field: str) -> tuple[str, ...]:
    """The headings that mean a field, in small words, the best first."""
    return tuple(_HEADINGS[field].split("|"))


def recognised(cells: Sequence[str], own_fields: Collection[str] = ()) -> int:
    """How many different fields a row names, were it the row of headings."""
    found = (_assigned(cell, 0, own_fields) for cell in cells[:500] if cell)
    return len({column.field for column in found if column.field})


def _assigned(heading: str, index: int, own_fields: Collection[str]) -> Column:
    plain = _plain(heading)
    field, rank = _KNOWN.get(plain, ("", 0))
    if field and not (field in CONSENT and any(plain == _plain(own) for own in own_fields)):
        return Column(heading, index, field, rank)
    if plain == PROBLEM:
        return Column(heading, index, how="ignored")
    for field in own_fields:
        if field not in LEAD_FIELDS and plain and plain == _plain(field):
            return Column(heading, index, field, 0, "own")
    return Column(heading, index, how="unknown" if plain else "ignored")


def _plain(heading: str) -> str:
    """The heading in small words: ``FirstName *`` is ``first name``."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading[:80])
    return " ".join(re.sub(r"[^0-9a-z]+", " ", words.casefold()).split())


@lru_cache(maxsize=1024)
def _nearest(plain: str) -> tuple[float, str]:
    """How alike the likest known heading is, and its field. Another first letter or other digits are no slip."""
    digits = re.sub(r"\D", "", plain)
    candidates = [
        known
        for known in sorted(_KNOWN)
        if len(known) > 3 and known[0] == plain[:1] and re.sub(r"\D", "", known) == digits
    ]
    best = max(((SequenceMatcher(None, plain, known).ratio(), known) for known in candidates), default=(0.0, ""))
    return (best[0], _KNOWN[best[1]][0]) if best[0] >= _NEAR and len(plain) > 3 else (0.0, "")
