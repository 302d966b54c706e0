"""One line of a preview, whatever it is printed as."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cadence.timing.value import value

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["PreviewHead", "PreviewRow"]


@value(kw_only=True)
class PreviewRow:
    """A touch or an event of the previewed time, in time order per lead."""

    account: str
    lead: str  #: lead id
    lead_name: str
    zone: str  #: IANA zone the lead's local times are shown in
    playbook: str
    stage: str  #: stage id
    stage_title: str
    touch: str  #: touch id; for an event its type
    channel: str  #: one of the language; for an event ``event``
    due_at: datetime | None  #: UTC
    at: datetime  #: UTC: when it would go, is skipped, or is looked at again
    outcome: str  #: sent, waits, skipped, stopped, failed; for an event ``event``
    reason: str  #: code of :class:`cadence.engine.decision.Reason`; for an event what it led to
    reason_text: str  #: the sentence a person reads
    detail: str = ""
    line: int = 0
    file: str = ""  #: page that decided it, such as playbooks/roofer.yaml
    to: str = ""
    subject: str = ""
    body: str = ""
    segments: int = 0
    cost: float = 0.0  #: US dollars, estimated
    owner: str = ""  #: member id
    owner_name: str = ""
    stops: tuple[str, ...] = ()  #: what would stop it: event types
    derivation: tuple[str, ...] = ()  #: how the due instant came about; only when asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewHead:
    """What the preview was made from."""

    business: str
    zone: str  #: the business's zone
    start: datetime  #: UTC
    end: datetime  #: UTC
    tick_minutes: int
    versions: tuple[tuple[str, str], ...]  #: (playbook, short digest)
    source: str  #: where the leads come from: sample leads, a file, the store
