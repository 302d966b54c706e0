"""A mail as the bytes that travel: RFC 5322 and MIME."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import TYPE_CHECKING

from cadence.channels.mail.invitation import FILE_NAME

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from cadence.channels.mail.letter import Letter

__all__ = ["mime_of"]

#: Headers of links and names, which no folding may cut in two or write in another code.
_WHOLE = ("in-reply-to", "list-unsubscribe", "list-unsubscribe-post", "message-id", "references")


class _Policy(EmailPolicy):
    def fold_binary(self, name: str, value: Any) -> bytes:
        """Write a header."""
        if name.lower() in _WHOLE:
            return f"{name}: {value}\r\n".encode("ascii")
        return super().fold_binary(name, value)


def mime_of(letter: Letter, sent_at: datetime, *, utf8: bool = False) -> bytes:
    """Write a mail; ``utf8`` when its address holds more than ASCII letters (RFC 6532). ValueError: it cannot be."""
    mail = EmailMessage(_Policy(linesep="\r\n", cte_type="7bit", utf8=utf8))
    mail["From"] = Address(letter.sender_name, addr_spec=letter.sender)
    mail["To"] = letter.to
    mail["Reply-To"] = letter.reply_to
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(sent_at)
    for name, said in letter.headers.items():
        mail[name] = said
    mail.set_content(letter.text)
    mail.add_alternative(letter.html, subtype="html")
    if letter.invitation:
        mail.add_attachment(
            letter.invitation.decode(),
            subtype="calendar",
            filename=FILE_NAME,
            params={"method": "PUBLISH"},
        )
    return mail.as_bytes()
