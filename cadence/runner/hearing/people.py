"""Whom a message is from: by the opaque name it answers to, by the message it answers, by its sender's address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cadence.handles import HANDLE
from cadence.store import deliveries, handles, leads

if TYPE_CHECKING:
    from cadence.inbox.message import Inbound
    from cadence.runner.hearing.ear import Ear
    from cadence.store.session import Session

__all__ = ["Person", "person_of"]

_MESSAGE_ID = re.compile(rf"<?({HANDLE.pattern})\.\d+@")


@dataclass(frozen=True, slots=True)
class Person:
    """A known lead, and which of its enrolments a message is about."""

    lead: str
    enrolment: str = ""  #: empty: it does not say
    by_name: bool = False  #: known by an opaque name that only who got our message can know


def person_of(session: Session, ear: Ear, item: Inbound) -> Person | None:
    """Find out whom a message is from; None: nobody known.

    In redirect mode the one who gets everything answers for whoever was written to last.
    """
    if item.sender and item.sender == ear.redirect.get(item.channel, "").casefold():
        last = deliveries.latest_to_anybody(session, ear.account, item.channel)
        return Person(last.lead, last.enrolment) if last else None
    return _by_handle(session, ear.account, item) or _by_address(session, ear.account, item)


def _by_handle(session: Session, account: str, item: Inbound) -> Person | None:
    if item.handle and (known := handles.find(session, account, item.handle)):
        return Person(*known, by_name=True)
    answered = [found[1] for each in item.answers if (found := _MESSAGE_ID.match(each))]
    for handle in ([item.handle] if item.handle else []) + answered:
        if row := deliveries.find(session, account, handle=handle):
            return Person(row.lead, row.enrolment, by_name=True)
    return None


def _by_address(session: Session, account: str, item: Inbound) -> Person | None:
    if not item.sender:
        return None
    phones, emails = ([item.sender], []) if item.channel == "sms" else ([], [item.sender])
    found = leads.find(session, account, phones=phones, emails=emails)
    return Person(found[0].lead) if found else None
