"""A shop that hears: a source tells whatever a test puts into it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cadence.inbox.message import Inbound, Receipt
from cadence.inbox.polled import Polled
from cadence.runner.ledger import load
from cadence.store import events, suppressions
from support.desk import minutes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from cadence.engine.state import LeadState
    from cadence.inbox.message import Item
    from cadence.runner.report import TickReport
    from support.lab import Lab

__all__ = ["MAIL_PAGE", "MARIA", "PHONE", "Shop", "Told"]

MAIL_PAGE = """\
cadence: 1
playbook: roofer
send_windows: {sms: "00:00-24:00", email: "00:00-24:00"}
limits: {messages_per_day: 20, messages_per_week: 50, min_gap: 1m}
stop_on: [reply]
stages:
  new:
    title: New
    owner: csr
    enter_on: [lead.created, call.missed]
    touches:
      - {id: text, channel: sms, send: now, template: roofer/new/second-try,
         fallback: {channel: email, template: roofer/new/instant}}
      - {id: mail, channel: email, after: 10m, template: roofer/new/instant}
    next: {lead.won: won, lead.lost: lost}
  won: {end: won}
  lost: {end: lost}
"""


@dataclass
class Told:
    """A source that tells what a test puts into it, each thing as often as it is asked within a while."""

    name: str = "twilio"
    items: list[Item] = field(default_factory=list)
    fails: str = ""
    ahead: bool = False  #: it tells what its clock says is yet to come

    def poll(self, cursor: Mapping[str, Any], now: datetime) -> Polled:
        if self.fails:
            return Polled(items=(), cursor=cursor, problem=self.fails)
        return Polled(
            items=[each for each in self.items if self.ahead or each.at <= now], cursor={"asked": now.isoformat()}
        )


@dataclass
class Shop:
    """A lab with something to hear."""

    lab: Lab
    source: Told = field(default_factory=Told)
    number: itertools.count[int] = field(default_factory=itertools.count)

    def tick(self, at: float, **options: Any) -> TickReport:
        return self.lab.tick(minutes(at), sources=[self.source], **options)

    def text(self, at: float, words: str, lead: int = 0, **fields: Any) -> Inbound:
        item = Inbound(
            source="twilio",
            key=f"SM{next(self.number)}",
            at=minutes(at),
            channel="sms",
            sender=fields.pop("sender", f"+1816555{lead:04}"),
            to="+18165550100",
            text=words,
            **fields,
        )
        self.source.items.append(item)
        return item

    def mail(self, at: float, words: str, **fields: Any) -> None:
        given = {"sender": "maria@example.com", "to": "hello@example.com", "subject": "Re: your roof", **fields}
        self.source.items.append(
            Inbound(source="imap", key=f"<{next(self.number)}@x>", at=minutes(at), channel="email", text=words, **given)
        )

    def receipt(self, at: float, status: Any, **fields: Any) -> Receipt:
        given: dict[str, Any] = {"channel": "sms", "provider_id": "SM-sent", **fields}
        given.setdefault("source", "twilio")
        item = Receipt(key=f"{status}-{next(self.number)}", at=minutes(at), status=status, **given)
        self.source.items.append(item)
        return item

    def state(self, lead: str = "maria") -> LeadState:
        with self.lab.desk.account.store.read() as session:
            return load(session, "summit", [lead])[lead]

    def touches(self) -> dict[str, tuple[str, str]]:
        return {row.touch: (row.state, row.reason) for row in self.lab.rows().values()}

    def facts(self, kind: str, lead: str = "maria") -> list[Any]:
        with self.lab.desk.account.store.read() as session:
            return [each for each in events.of_leads(session, "summit", [lead])[lead] if each.type == kind]

    def suppressed(self, *addresses: str) -> dict[tuple[str, str], str]:
        with self.lab.desk.account.store.read() as session:
            return {key: row.reason for key, row in suppressions.standing(session, "summit", addresses).items()}


PHONE, MARIA = "+18165550000", "maria@example.com"
