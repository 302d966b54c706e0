"""Addresses by themselves: reading one as somebody wrote it, and a list of those not to be written to.

A list may be of our own making, or as a provider exports its opt-outs: a CSV with a column of phones or e-mails, and
perhaps the channel, the reason and the time. A file that holds nothing but addresses, one a line, is a list too.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cadence.leads.fields import email_address, is_blank, line_of_text, phone_number, unwrapped
from cadence.leads.moments import received_at
from cadence.leads.sheet import DELIMITERS, TableError, decoded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from zoneinfo import ZoneInfo

__all__ = ["ALL", "AddressList", "BadRow", "ListedAddress", "address_of", "channels_of", "read_addresses"]

ALL = "all"  #: every channel
_WORDS = {
    "address": "address phone phonenumber number mobile cell email mail emailaddress recipient contact",
    "channel": "channel",
    "reason": "reason why status",
    "at": "at date time when created createdat datecreated timestamp optedoutat unsubscribedat suppressedat",
    "source": "source",
    "detail": "detail details note notes text",
}
_FIELDS = {word: name for name, words in _WORDS.items() for word in words.split()}
_CHANNELS = {
    "sms": "sms", "text": "sms", "texts": "sms", "email": "email", "mail": "email",
    "voice": "voice", "call": "voice", "calls": "voice", "all": ALL, "everything": ALL,
}  # fmt: skip
_SECONDS = re.compile(r"1\d{9}(?:\.0)?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedAddress:
    """One address of a list."""

    number: int  #: line of the file, from 1
    address: str  #: phone in E.164 form, or e-mail address in small letters
    channel: str = ALL  #: sms, email, voice or all
    reason: str = ""  #: as the list has it
    source: str = ""
    detail: str = ""
    at: datetime | None = None  #: since when; None: the list does not say


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be used."""

    number: int  #: line of the file, from 1
    why: str  #: in plain words, and without the address


@dataclass(slots=True)
class AddressList:
    """What a file says."""

    listed: list[ListedAddress] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)


def address_of(text: str) -> str:
    """Bring a phone or an e-mail address into the form the ledger keeps.

    Raises ValueError with a sentence that does not repeat it.
    """
    plain, _ = line_of_text(unwrapped(text))
    noun, clean = ("e-mail", email_address) if "@" in plain else ("phone", phone_number)
    try:
        return str(clean(plain)[0]).casefold()
    except ValueError as error:
        if noun == "phone" and not any(each.isdigit() for each in plain):
            raise ValueError("this is neither a phone number nor an e-mail address") from None
        raise ValueError(f"the {noun} {error}") from None


def channels_of(address: str) -> tuple[str, ...]:
    """Tell which channels an address can be for, ``all`` among them."""
    return ("email", ALL) if "@" in address else ("sms", "voice", ALL)


def read_addresses(data: bytes, zone: ZoneInfo, now: datetime) -> AddressList:
    """Read a list of addresses; ``zone`` is the business's, for times without an offset.

    Raises :class:`~cadence.leads.table.TableError` when the file is no such list.
    """
    text, _ = decoded(data)
    rows = list(_rows(text.replace("\x00", "")))
    if not rows:
        raise TableError("the file is empty", help="save the list as CSV with headings in the first row")
    columns = [_FIELDS.get(_plain(cell), "") for cell in rows[0][1]]
    if "address" not in columns:
        if not _is_address(rows[0][1][0]):
            raise TableError(
                "no column of the file is called Address, Phone or Email", help="name the columns in the first row"
            )
        columns = ["address"]
    else:
        rows = rows[1:]
    found = AddressList()
    for number, cells in rows:
        _take(found, number, columns, cells, zone, now)
    return found


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold something, each with the line it begins on."""
    lines = text.splitlines(keepends=True)
    first = lines[0] if lines else ""
    delimiter = max(DELIMITERS, key=lambda each: (first.count(each), each == ","))
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error:
        raise _unclosed(begins) from None


def _unclosed(line: int) -> TableError:
    return TableError(
        f'a quotation mark (") in line {line} is not closed, so the rows behind it cannot be told apart',
        help="close it or take it out; nothing was read",
    )


def _take(
    found: AddressList, number: int, columns: Sequence[str], cells: Sequence[str], zone: ZoneInfo, now: datetime
) -> None:
    """Take one row in: an entry for each address it holds, or every reason why it cannot be used."""
    values: dict[str, str] = {}
    addresses, problems = [], []
    for name, cell in zip(columns, cells, strict=False):
        written = unwrapped(cell)
        if not name or is_blank(written):
            continue
        if name == "address" and "\n" in cell.strip():
            raise _unclosed(number)
        if name != "address":
            values.setdefault(name, line_of_text(written)[0])
            continue
        try:
            addresses.append(address_of(written))
        except ValueError as error:
            problems.append(str(error))
    if not addresses and not problems:
        problems.append("there is no phone and no e-mail in it")
    at = None
    try:
        at = _moment(values["at"], zone, now) if "at" in values else None
    except ValueError as error:
        problems.append(f"the time {error}")
    channel = _CHANNELS.get(values.get("channel", ALL).casefold(), "")
    if not channel:
        problems.append(f"'{values['channel'][:20]}' is no channel: write sms, email, voice or all")
    elif wrong := [address for address in addresses if channel not in channels_of(address)]:
        problems.append(f"{'an e-mail' if '@' in wrong[0] else 'a phone'} is not for the channel {channel}")
    if problems:
        found.bad.append(BadRow(number, "; ".join(problems)))
        return
    told = {name: values.get(name, "") for name in ("reason", "source", "detail")}
    found.listed += [
        ListedAddress(number=number, address=address, channel=channel, at=at, **told) for address in addresses
    ]


def _moment(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """Read a time as a list or a provider writes it; the latter may count seconds from 1970."""
    if not _SECONDS.fullmatch(text):
        return received_at(text, zone, now)
    instant = datetime.fromtimestamp(float(text), UTC).replace(microsecond=0)
    if instant > now:
        raise ValueError("lies in the future")
    return instant


def _is_address(cell: str) -> bool:
    try:
        return bool(address_of(cell))
    except ValueError:
        return False


def _plain(heading: str) -> str:
    return re.sub(r"[^a-z]", "", heading.casefold())
