"""Opaque names for messages and enrolments, fit to leave the house: they tell nobody anything.

The same thing has the same name as long as the secret stays the same; what a name means is kept in the store.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

__all__ = ["HANDLE", "handle_of"]

_LONG = 20  #: characters of five bits: nobody hits one by chance
HANDLE = re.compile(rf"[a-z2-7]{{{_LONG}}}")  #: what a handle looks like


def handle_of(secret: str, kind: str, name: str) -> str:
    """Return the opaque name of a thing: ``kind`` is message or enrolment, ``name`` its identity in the account."""
    digest = hmac.digest(secret.encode(), f"{kind}:{name}".encode(), hashlib.sha256)
    return base64.b32encode(digest).decode().lower()[:_LONG]
