"""Readable lead ids that the same person always gets."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["new_lead_id"]

_SHORTEST = 5  #: characters of the hash
_PHONE_DIGITS = 10  #: so many digits in a name may be a phone number, which no id may hold


def new_lead_id(attributes: Mapping[str, Any], taken: Callable[[str], bool]) -> str:
    """Return the id given with a lead, else one such as ``maria-lopez-3f2a1``.

    The hash is of the phone, else the e-mail, else the id in another program; it grows while ``taken`` says so.
    """
    if "id" in attributes:
        return str(attributes["id"])
    plain = unicodedata.normalize("NFKD", str(attributes.get("name", ""))).encode("ascii", "ignore").decode().lower()
    slug = "-".join(re.findall(r"[a-z0-9]+", plain))[:40].strip("-")
    if not slug[:1].isalpha() or sum(letter.isdigit() for letter in slug) >= _PHONE_DIGITS:
        slug = "lead"
    known = next((name for name in ("phone", "email", "external_id") if name in attributes), "name")
    digest = hashlib.sha256(f"{known}:{str(attributes[known]).casefold()}".encode()).hexdigest()
    length = _SHORTEST
    while taken(f"{slug}-{digest[:length]}"):
        length += 1
    return f"{slug}-{digest[:length]}"
