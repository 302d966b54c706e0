"""A mail server's report of a mail that it could not deliver."""

from __future__ import annotations

__all__ = ["bounce"]


def bounce(address: str, message_id: str) -> bytes:
    """Write a mail server's report of a mailbox that is not there (RFC 3464)."""
    return f"""From: MAILER-DAEMON@mx.example.net
To: hello@example.com
Message-ID: <bounce-1@mx.example.net>
Content-Type: multipart/report; report-type=delivery-status; boundary=x

--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; {address}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--x
Content-Type: text/rfc822-headers

From: hello@example.com
Message-ID: {message_id}

--x--
""".encode()
