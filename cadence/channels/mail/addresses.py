"""Addresses and names of mails that carry a handle: where an answer goes, and what it says it answers."""

from __future__ import annotations

import re

__all__ = ["ascii_address", "domain_of", "handle_in", "message_id", "named_by", "reply_address"]

_ADDRESS = re.compile(r"[^\s\x00-\x1f\x7f-\x9f@<>()\[\],;:\\\"]{1,64}@[^\s\x00-\x1f\x7f-\x9f@<>()\[\],;:\\\"]{1,253}")
_IN_ADDRESS = re.compile(r"\+([a-z2-7]{20})@", re.IGNORECASE)
_IN_MESSAGE_ID = re.compile(r"<([a-z2-7]{20})\.\d{1,9}@", re.IGNORECASE)


def ascii_address(address: str) -> str:
    """Return an address as mail programs carry it, its domain in ASCII letters; ValueError when it is none.

    The part before the ``@`` stays as it is: it may hold other letters, which only some servers take.
    """
    if not _ADDRESS.fullmatch(address) or not address.isprintable():
        raise ValueError("this is no e-mail address")
    local, _, domain = address.partition("@")
    try:
        return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        raise ValueError("the domain of this e-mail address cannot be") from None


def domain_of(address: str) -> str:
    """Return what stands behind the ``@``."""
    return address.rpartition("@")[2]


def reply_address(base: str, handle: str) -> str:
    """Return the address that answers go to: ``hello+HANDLE@example.com``; ``base`` itself without a handle."""
    local, _, domain = base.rpartition("@")
    return f"{local}+{handle}@{domain}" if handle else base


def handle_in(address: str) -> str:
    """Read the handle out of an address, or out of a header that holds some; empty: there is none."""
    found = _IN_ADDRESS.findall(address)
    return str(found[-1]).lower() if found else ""


def message_id(name: str, domain: str) -> str:
    """Return a Message-ID; ``name`` is the message's handle and its attempt (``HANDLE.2``), or the handle alone."""
    return f"<{name if '.' in name else f'{name}.1'}@{domain}>"


def named_by(message_ids: str) -> tuple[str, ...]:
    """Read the handles out of a header that holds Message-IDs of ours, in their order; other ids are passed over."""
    return tuple(str(each).lower() for each in _IN_MESSAGE_ID.findall(message_ids))
