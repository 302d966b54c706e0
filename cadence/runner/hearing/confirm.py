"""The one text that confirms a STOP, where the shop sends its own.

47 CFR 64.1200(a)(12): one text, within five minutes, and nothing in it but that. It goes although the person is opted
out; where the provider answers a STOP itself, a shop sends none.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from cadence.engine.decision import Reason
from cadence.inbox.message import Inbound, from_data
from cadence.playbook.segments import count_segments
from cadence.store import enrolments, halts, inbound, outbox, suppressions
from cadence.store.outbox import OutboxRow
from cadence.store.suppressions import SUPPRESSED

if TYPE_CHECKING:
    from cadence.runner.hearing.ear import Ear
    from cadence.runner.rows import Lease
    from cadence.store.inbound import Kept
    from cadence.store.session import Session

__all__ = ["WITHIN", "claim_confirmations"]

WITHIN = timedelta(minutes=5)
_MOST = 100  #: looked at in one tick


def claim_confirmations(session: Session, ear: Ear, lease: Lease) -> list[OutboxRow]:
    """Claim the confirmations that are still in time, each once for ever."""
    if not ear.workspace.opt_out_confirmation:
        return []
    if "sms" in halts.read(session, ear.account):
        return []
    found = inbound.listing(session, ear.account, kind="message", limit=_MOST)
    rows = [row for kept in found if (row := _row(session, ear, kept, lease)) is not None]
    fresh = [row for row in rows if outbox.get(session, ear.account, row.touch_key) is None]
    outbox.claim(session, ear.account, fresh)
    return fresh


def _row(session: Session, ear: Ear, kept: Kept, lease: Lease) -> OutboxRow | None:
    if kept.row.taken_as != "opt_out" or not kept.row.lead:
        return None
    item = from_data(kept.row.kind, kept.row.data)
    if not isinstance(item, Inbound) or item.channel != "sms" or item.told:
        return None
    at = min(item.at.replace(microsecond=0), kept.row.received_at)  # a clock that is ahead gives no more time
    if ear.now - at > WITHIN or _asked_before(session, ear.account, item):
        return None
    known = enrolments.of_leads(session, ear.account, [kept.row.lead])[kept.row.lead]
    if not known:
        return None
    touch = f"opt-out-{kept.id}"
    text = ear.workspace.opt_out_confirmation
    return OutboxRow(
        touch_key=f"{known[-1].enrolment}/0/{touch}",
        lead=kept.row.lead,
        enrolment=known[-1].enrolment,
        visit=0,  # of no stage
        playbook=known[-1].playbook,
        digest=known[-1].digest,
        stage=known[-1].stage,
        touch=touch,
        channel="sms",
        reason=Reason.SENT.code,
        due_at=at,
        decided_at=ear.now,
        address=item.sender,
        body=text,
        segments=count_segments(text).segments,
        owner=known[-1].owner,
        attempts=1,
        holder=lease.holder,
        called_at=lease.since,
        check_at=lease.until,
        good_until=at + WITHIN,
    )


def _asked_before(session: Session, account: str, item: Inbound) -> bool:
    """Tell whether nothing went to the number already when this STOP came: the first one was confirmed."""
    before, key = False, f"{item.source}/{item.key}"
    for row in suppressions.history(session, account, item.sender):
        if f"{row.key}/".startswith(f"{key}/"):
            return before
        before = row.standing == SUPPRESSED
    return before
