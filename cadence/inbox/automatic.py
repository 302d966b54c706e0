"""Mails that no person wrote, by what their headers say.

Sources: RFC 3834 (Auto-Submitted), RFC 3464 (delivery reports), RFC 3798 (receipts); Precedence, X-Autoreply and the
like are custom.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Machine", "machine_of"]

_REPORTS = ("report-type=delivery-status", "report-type=disposition-notification", "multipart/report")
_DAEMONS = ("mailer-daemon", "postmaster@", "mail delivery subsystem", "mail delivery system")
_PRECEDENCE = ("bulk", "junk", "list", "auto_reply", "auto-reply")
_AUTOREPLY = ("x-autoreply", "x-autorespond", "x-autoreply-from", "x-autorespond-to", "x-auto-reply")
_LISTS = ("list-id", "list-unsubscribe")
_FAILED = ("x-failed-recipients",)


class Machine(NamedTuple):
    """Why a mail is a machine's."""

    report: bool  #: a report on a delivery
    because: str  #: the header, as ``name: value``


def machine_of(headers: Mapping[str, str]) -> Machine | None:
    """Say by the headers of a mail (names in small letters) that a machine wrote it; None when none says so."""
    for name in ("content-type", "from"):
        value = _value(headers, name)
        if any(mark in value for mark in (_REPORTS if name == "content-type" else _DAEMONS)):
            return Machine(True, _shown(headers, name))
    for name in _FAILED:
        if name in headers:
            return Machine(True, name)
    submitted = _value(headers, "auto-submitted").split(";")[0].split("(")[0].strip()
    if submitted and submitted != "no":
        return Machine(False, _shown(headers, "auto-submitted"))
    if _value(headers, "precedence") in _PRECEDENCE:
        return Machine(False, _shown(headers, "precedence"))
    for name in _AUTOREPLY:
        if _value(headers, name) not in ("", "no", "false"):
            return Machine(False, _shown(headers, name))
    for name in _LISTS:
        if name in headers:
            return Machine(False, name)
    if "return-path" in headers and _value(headers, "return-path") in ("", "<>"):
        return Machine(False, "return-path: <>")
    return None


def _value(headers: Mapping[str, str], name: str) -> str:
    return " ".join(str(headers.get(name, "")).casefold().split())


def _shown(headers: Mapping[str, str], name: str) -> str:
    """Write a header without what stands behind its first part: addresses and boundaries are nobody's business."""
    value = _value(headers, name)
    if name == "from":
        return f"from: {next(mark for mark in _DAEMONS if mark in value).rstrip('@')}"
    first = value.split(";")[0][:60]
    return name if "@" in first else f"{name}: {first}"
