"""What goes with a message beside its row: the names its answers come back by, its thread, facts about the lead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cadence.handles import handle_of
from cadence.runner.results import Beside
from cadence.store import deliveries, handles

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cadence.engine.decision import Decision
    from cadence.runner.account import Account
    from cadence.store.outbox import OutboxRow
    from cadence.store.session import Session

__all__ = ["beside_of"]


def beside_of(
    session: Session, account: Account, rows: Sequence[OutboxRow], decisions: Sequence[Decision]
) -> dict[str, Beside]:
    """Work out what goes with claims, by touch key; in log mode nothing does, since nothing leaves."""
    if account.mode == "log":
        return {}
    mails = [row for row in rows if row.channel == "email"]
    threads = deliveries.threads(session, account.name, {row.lead for row in mails}, "email")
    names = {row.enrolment: handle_of(account.secret, "enrolment", row.enrolment) for row in mails if account.secret}
    handles.keep(session, account.name, {names[row.enrolment]: (row.lead, row.enrolment) for row in mails if names})
    records = {each.state.lead: each.state.record for each in decisions}
    invites = {claim.verdict.key: claim.invite for each in decisions for claim in each.claims if claim.invite}
    return {
        row.touch_key: Beside(
            reply_handle=names.get(row.enrolment, "") if row.channel == "email" else "",
            thread=tuple(threads.get(row.enrolment, ())) if row.channel == "email" else (),
            data=_facts(row, records[row.lead], invites.get(row.touch_key)),
        )
        for row in rows
    }


def _facts(row: OutboxRow, record: Mapping[str, Any], invite: Mapping[str, Any] | None) -> dict[str, Any]:
    return {
        **({"invite": dict(invite)} if invite else {}),
        "lead": dict(record),
        "playbook": row.playbook,
        "stage": row.stage,
        "touch": row.touch,
        "enrolment": row.enrolment,
        "owner": row.owner,
    }
