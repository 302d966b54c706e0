"""A person as a row of a customer list: worked into one form and hashed, as Meta and Google document it.

Meta: "Customer Information Parameters" (developers.facebook.com/documentation/ads-commerce/conversions-api/parameters,
updated 2026-01-09) and "How to format a customer list" (facebook.com/business/help/2082575038703844), read 2026-11. All
columns are hashed.

Google: "Format your customer data file" (support.google.com/google-ads/answer/7659867) and "Format user data"
(developers.google.com/data-manager/api/devguides/concepts/formatting, updated 2026-10), read 2026-11. Country and ZIP
are not hashed.

Hashes are SHA-256 in hexadecimal; what is not known is an empty cell, and not the hash of nothing.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["GOOGLE", "META", "google_row", "meta_row"]

META = ("email", "phone", "fn", "ln", "ct", "st", "zip", "country")  #: head of a customer list for Meta
GOOGLE = ("Email", "Phone", "First Name", "Last Name", "Country", "Zip")  #: head of one for Google

_GOOGLE_MAIL = ("gmail.com", "googlemail.com")
_PREFIX = re.compile(r"^(?:mr|mrs|ms|miss|dr)\.? ")
_SUFFIX = re.compile(r",? (?:jr|sr|ii|iii|iv)\.?$")


def meta_row(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a lead's row for Meta; empty when there is nothing to know the person by."""
    texts = _texts(record)
    cells = {
        "email": texts["email"].lower(),
        "phone": re.sub("[^0-9]", "", texts["phone"]).lstrip("0"),
        "fn": _without_signs(texts["first_name"]),
        "ln": _without_signs(texts["last_name"]),
        "ct": "".join(filter(_is_letter, texts["city"].lower())),
        "st": texts["state"].lower(),
        "zip": re.sub(r"[\s-].*", "", texts["zip"].lower()),
        "country": texts["country"].lower(),
    }
    return tuple(_hashed(cells[name]) for name in META) if _is_somebody(texts) else ()


def google_row(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a lead's row for Google; empty when there is nothing to know the person by."""
    texts = _texts(record)
    cells = {
        "Email": _hashed(_google_mail(texts["email"])),
        "Phone": _hashed(texts["phone"]),
        "First Name": _hashed(_PREFIX.sub("", texts["first_name"].lower())),
        "Last Name": _hashed(_SUFFIX.sub("", texts["last_name"].lower())),
        "Country": texts["country"],
        "Zip": texts["zip"],
    }
    return tuple(cells[name] for name in GOOGLE) if _is_somebody(texts) else ()


def _texts(record: Mapping[str, Any]) -> dict[str, str]:
    names = ("email", "phone", "first_name", "last_name", "city", "state", "zip", "country")
    texts = {name: " ".join(unicodedata.normalize("NFC", str(record.get(name) or "")).split()) for name in names}
    if texts["zip"] or texts["state"]:  # a record has those of the United States only
        texts["country"] = "US"
    elif not re.fullmatch("[A-Za-z]{2}", texts["country"]):
        texts["country"] = ""
    return {**texts, "email": texts["email"].replace(" ", ""), "country": texts["country"].upper()}


def _is_somebody(texts: Mapping[str, str]) -> bool:
    """Whether either firm could find the person: by e-mail, by phone, or by name and place."""
    return bool(texts["email"] or texts["phone"]) or all(texts[name] for name in ("first_name", "last_name", "zip"))


def _google_mail(address: str) -> str:
    local, at, domain = address.lower().rpartition("@")
    if domain in _GOOGLE_MAIL:
        local = local.partition("+")[0].replace(".", "")
    return f"{local}{at}{domain}"


def _without_signs(name: str) -> str:
    return "".join(char for char in name.lower() if unicodedata.category(char)[0] not in "PS").strip()


def _is_letter(char: str) -> bool:
    return unicodedata.category(char)[0] in "LM"


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest() if text else ""
