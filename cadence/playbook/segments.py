"""SMS segments: how many parts the carrier makes of a text, and charges for.

A text whose every character is in the GSM 7-bit alphabet (3GPP TS 23.038) holds 160 units in one part, 153 in each of
several; any other character turns the whole text into UCS-2, with 70 and 67 UTF-16 units. The extension characters of
GSM-7 take two units and are never split across parts; neither is what a reader sees as one character (a surrogate
pair, an accent on its letter, a joined emoji). Smart encoding, which some providers offer, is not assumed.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Literal

from cadence.timing.value import value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Segments", "count_segments", "not_gsm"]

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")
_GSM = _BASIC | _EXTENSION
_PLAIN = "".join(filter(str.isascii, _BASIC)).encode()  #: what most texts are made of: a byte is a septet

_GSM_SINGLE, _GSM_PART = 160, 153
_UCS_SINGLE, _UCS_PART = 70, 67

_JOINER = "\u200d"
_NON_JOINER = "\u200c"


@value()
class Segments:
    """What a text costs to send."""

    encoding: Literal["GSM-7", "UCS-2"]
    units: int  #: septets in GSM-7, UTF-16 units in UCS-2
    segments: int  #: parts the carrier sends; 1 for an empty text, as Twilio counts it


def count_segments(text: str) -> Segments:
    """Count the SMS parts a text needs; agrees with Twilio's own ``sms-segments-calculator``."""
    if text.isascii() and not text.encode().translate(None, _PLAIN):
        units = len(text)
        return Segments("GSM-7", units, 1 if units <= _GSM_SINGLE else -(-units // _GSM_PART))
    if _GSM.issuperset(text):
        units = len(text) + sum(map(text.count, _EXTENSION))
        sizes = (2 if char in _EXTENSION else 1 for char in text)
        return Segments("GSM-7", units, 1 if units <= _GSM_SINGLE else _parts(sizes, _GSM_PART))
    units = _utf16_units(text)
    return Segments("UCS-2", units, 1 if units <= _UCS_SINGLE else _parts(_unbroken(text), _UCS_PART))


def not_gsm(text: str) -> list[str]:
    """List the characters that force UCS-2, each once, in the order they appear."""
    return list(dict.fromkeys(char for char in text if char not in _GSM))


def _parts(sizes: Iterable[int], room: int) -> int:
    parts, used = 1, 0
    for size in sizes:
        if used + size > room:
            parts, used = parts + 1, 0
        used += size
    return parts


def _unbroken(text: str) -> Iterator[int]:
    """Yield the UTF-16 units of each stretch that stays together."""
    size, previous, flags = 0, "", 0
    for char in text:
        units = 2 if ord(char) > 0xFFFF else 1
        flags = flags + 1 if _is_flag_half(char) else 0
        joined = size and (_extends(char) or _continues(previous, char) or (flags and flags % 2 == 0))
        if joined and size + units <= _UCS_PART:
            size += units
        else:
            if size:
                yield size
            size = units
        previous = char
    yield size


def _extends(char: str) -> bool:
    """Tell whether a character belongs to the one before it: a mark, a joiner, a skin tone, a tag."""
    code = ord(char)
    return (
        char in (_JOINER, _NON_JOINER)
        or 0x1F3FB <= code <= 0x1F3FF
        or 0xE0020 <= code <= 0xE007F
        or (code > 0x2FF and unicodedata.category(char) in ("Mn", "Me", "Mc"))
    )


def _continues(previous: str, char: str) -> bool:
    """Tell whether a joiner binds this character to the emoji before it."""
    return previous == _JOINER and unicodedata.category(char) == "So"


def _is_flag_half(char: str) -> bool:
    return 0x1F1E6 <= ord(char) <= 0x1F1FF


def _utf16_units(text: str) -> int:
    return len(text) + sum(ord(char) > 0xFFFF for char in text)
