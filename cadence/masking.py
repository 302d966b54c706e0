"""Secrets, phone numbers and addresses are taken out of a text before it is written anywhere but the database.

Rather too much is masked than too little: any seven digits that could be dialled are a phone number here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus, unquote

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Mask", "mask_of", "secrets_in"]

STARS = "***"
SHORTEST_SECRET = 6  #: what is shorter stands in too many harmless words

_SECRET_NAME = re.compile(
    r"(?:^|_)(?:API_?KEY|KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASS|PASSPHRASE|CREDENTIALS?|AUTH|DSN|PING_URL|WEBHOOK_URL)"
    r"(?:_|\d|$)",
    re.IGNORECASE,
)
_LOGIN = re.compile(r"(://)[^\s/?#]*@")
_PASSWORDS_OF_URL = (re.compile(r"://[^\s/?#:@]*:(.+)@"), re.compile(r"://.*[?&]password=([^&\s]+)"))
_HEADER = re.compile(r"(?i)\b(authorization)(['\"]?\s*[:=]\s*)[^\r\n]+")
_SCHEME = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}")
_ASSIGNED = re.compile(
    r"(?i)((?:api[_-]?key|auth[_-]?token|token|secret|passw(?:or)?d|passphrase|signature)['\"]?\s*[:=]\s*['\"]?)"
    r"[^\s'\"&,;]+"
)
_TOKEN = re.compile(r"\bSG\.[\w-]{10,}\.[\w-]{10,}|\bSK[0-9a-f]{32}\b|\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*")
_OF_MAIL = r"""[^\s@<>"(),;:=\[\]{}|/]"""
_MAIL = re.compile(rf"(?<!{_OF_MAIL}){_OF_MAIL}+(?:@|%40)(?=[\w-])")
#: What looks like digits to dial and is not: an instant, a provider's message id, a UUID.
_KEPT = (
    r"(?<!\d)(?:19|20)\d\d-[01]\d-[0-3]\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)?)?(?!\d)"
    r"|(?<![0-9A-Za-z])(?:SM|MM)[0-9a-f]{32}(?![0-9A-Za-z])"
    r"|(?<![0-9A-Za-z])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![0-9A-Za-z])"
)
_DIALLED = (
    r"\+?\(?\d(?:[\s().\-/%\u00ad\u00b7\u2010-\u2015\u2212\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff+]{0,4}\d){6,}"
)
_NUMBER = re.compile(rf"({_KEPT})|({_DIALLED})")
_COULD_BE_DIALLED = 10**9  #: a number this large; no figure of a tick is


class Mask:
    """Takes known secrets, and what looks like one, out of texts and values."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        written = {form for secret in secrets for form in _forms(secret)}
        longest_first = sorted(written, key=lambda each: (-len(each), each))
        self._known = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def text(self, text: str) -> str:
        """Return ``text`` without secrets; of a phone number the last two digits stay, of an address its domain."""
        if self._known:
            text = self._known.sub(STARS, text)
        text = _LOGIN.sub(rf"\1{STARS}@", text)
        text = _HEADER.sub(rf"\1\2{STARS}", text)
        text = _SCHEME.sub(rf"\1 {STARS}", text)
        text = _ASSIGNED.sub(rf"\1{STARS}", text)
        text = _TOKEN.sub(STARS, text)
        text = _MAIL.sub(_first_letter, text)
        return _NUMBER.sub(_last_two, text)

    def value(self, value: object) -> object:
        """Return ``value`` as plain JSON, every text in it masked, names included."""
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int):
            return value if -_COULD_BE_DIALLED < value < _COULD_BE_DIALLED else self.text(str(value))
        if isinstance(value, float):
            short = round(value, 3)
            return short if -_COULD_BE_DIALLED < short < _COULD_BE_DIALLED else self.text(str(value))
        if isinstance(value, Mapping):
            return {self.text(str(name)): self._named(str(name), each) for name, each in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.value(each) for each in value]
        if isinstance(value, bytes):
            return self.text(value.decode("utf-8", "replace"))
        return self.text(str(value))

    def _named(self, name: str, value: object) -> object:
        """Return a value that has a name: one called a password is none of anybody's business."""
        secret = isinstance(value, str | bytes) and value and _NAMED_SECRET.search(name)
        return STARS if secret else self.value(value)


_NAMED_SECRET = re.compile(r"(?i)(?:^|_)(?:api_?key|token|secret|password|passwd|authorization)$")


def mask_of(root: Path | None = None) -> Mask:
    """Return the mask that knows the secrets of the environment and of the workspace's ``.env``."""
    from cadence.errors import CadenceError
    from cadence.machine import kept_settings

    try:
        kept = kept_settings(root) if root else {}
    except CadenceError:  # whoever needs the settings says so
        kept = {}
    return Mask([*secrets_in(os.environ), *secrets_in(kept)])


def secrets_in(settings: Mapping[str, str]) -> set[str]:
    """Return the values that look like secrets by their names, and the passwords in addresses."""
    found = {value for name, value in settings.items() if _SECRET_NAME.search(name)}
    passwords = {
        url[1] for value in settings.values() for form in _PASSWORDS_OF_URL if (url := form.search(value)) is not None
    }
    found |= passwords | {unquote(each) for each in passwords}
    return {each for each in found if len(each) >= SHORTEST_SECRET}


def _forms(secret: str) -> set[str]:
    """Return how a secret may stand in a text: as it is, line by line, and as an address or a program writes it."""
    lines = {line.strip() for line in secret.splitlines() if len(line.strip()) >= SHORTEST_SECRET}
    plain = {secret, *lines}
    written = {form for each in plain for form in (quote(each, safe=""), quote_plus(each), repr(each)[1:-1])}
    return {each for each in plain | written if len(each) >= SHORTEST_SECRET}


def _first_letter(found: re.Match[str]) -> str:
    return next(filter(str.isalnum, found[0]), "") + STARS + "@"


def _last_two(found: re.Match[str]) -> str:
    if found[1]:
        return found[1]
    digits = [each for each in found[0] if each.isdecimal()]
    return STARS + "".join(digits[-2:])
