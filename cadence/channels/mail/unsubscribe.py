"""The way out of e-mails: a link that nobody can make but we, and the headers for the button of the mail program.

RFC 8058: the button sends a POST to the https link of ``List-Unsubscribe``, without cookies and without asking again;
what the link names is opaque. RFC 2369: a mail to the ``mailto:`` address does the same.
"""

from __future__ import annotations

import hashlib
import hmac

__all__ = ["link_of", "list_headers", "make_token", "read_token"]

_SIGNS = 32  #: hexadecimal digits of the signature


def make_token(secret: str, account: str, reply_handle: str) -> str:
    """Return the token that stands for an enrolment in the link: ``HANDLE.SIGNATURE``.

    ``secret`` is CADENCE_SECRET, ``reply_handle`` the enrolment's opaque name.
    """
    said = f"unsubscribe:{account}:{reply_handle}".encode()
    return f"{reply_handle}.{hmac.new(secret.encode(), said, hashlib.sha256).hexdigest()[:_SIGNS]}"


def read_token(secret: str, account: str, token: str) -> str:
    """Return the handle of the enrolment that a token stands for; empty when it is not one of ours.

    The comparison takes the same time wherever the tokens differ.
    """
    handle = token.partition(".")[0]
    if not secret or not handle or not token.isascii():
        return ""
    ours = make_token(secret, account, handle)
    return handle if hmac.compare_digest(ours.encode(), token.encode()) else ""


def link_of(public_url: str, token: str) -> str:
    """Return the address of the page on which a person unsubscribes."""
    return f"{public_url}/u/{token}"


def list_headers(reply_to: str, link: str = "") -> dict[str, str]:
    """Return the headers by which a mail program offers its own button.

    ``reply_to`` is the address an answer would go to; ``link`` may be empty. One click needs https.
    """
    by_mail = f"<mailto:{reply_to}?subject=unsubscribe>"
    if not link.startswith("https://"):
        return {"List-Unsubscribe": by_mail}
    return {"List-Unsubscribe": f"<{link}>, {by_mail}", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
