"""Whom a message is from: by the opaque name it answers to, by the message it answers, by its sender's address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cadence.engine.alerts import address_of
from cadence.handles import HANDLE
from cadence.runner.rows import mail_key
from cadence.store import deliveries, handles, leads

if TYPE_CHECKING:
    from cadence.inbox.message import Inbound
    from cadence.playbook.model import Member
    from cadence.runner.hearing.ear import Ear
    from cadence.store.session import Session

__all__ = ["Person", "colleague_at", "colleague_of", "person_of"]

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
    for handle in _answered(item):
        row = deliveries.find(session, account, handle=handle)
        if row and not row.to_colleague:
            return Person(row.lead, row.enrolment, by_name=True)
    return None


def colleague_of(session: Session, ear: Ear, item: Inbound) -> Member | None:
    """Find out which of the team a message is from, that is from no lead: by address, or by the word it answers."""
    if found := colleague_at(ear, item.channel, item.sender):
        return found
    team = {member.id: member for member in ear.workspace.team}
    for handle in _answered(item):
        row = deliveries.find(session, ear.account, handle=handle)
        if row and row.to_colleague:
            return team.get(row.owner)
    return None


def colleague_at(ear: Ear, channel: str, address: str) -> Member | None:
    """Find out whose of the team an address is: a phone (of texts and calls), or an e-mail address."""
    known = mail_key(address)
    its = (member for member in ear.workspace.team if known and known == mail_key(address_of(member, channel)))
    return next(its, None)


def _answered(item: Inbound) -> list[str]:
    """List the opaque names of our messages that one answers to."""
    answered = [found[1] for each in item.answers if (found := _MESSAGE_ID.match(each))]
    return ([item.handle] if item.handle else []) + answered


def _by_address(session: Session, account: str, item: Inbound) -> Person | None:
    if not item.sender:
        return None
    phones, emails = ([item.sender], []) if item.channel == "sms" else ([], [item.sender])
    found = leads.find(session, account, phones=phones, emails=emails)
    return Person(found[0].lead) if found else None
