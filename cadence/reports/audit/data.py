"""An audit as plain data, for other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cadence.reports.audit.sentences import how_read, missing, to_do, verdict

if TYPE_CHECKING:
    from datetime import datetime

    from cadence.reports.audit.audit import Audit
    from cadence.reports.audit.lead import Placed
    from cadence.reports.audit.measures import Measure
    from cadence.reports.audit.moments import Moment

__all__ = ["audit_data"]


def audit_data(audit: Audit) -> dict[str, Any]:
    """The audit as JSON values. Moments are as they stand on the wall of the shop: ``2026-11-24T16:40`` or a day."""
    export, pace, followed = audit.export, audit.speed, audit.follow_ups
    return {
        "number": audit.number,
        "says": verdict(audit),
        "as_of": _wall(export.as_of),
        "since": _wall(export.since) if export.columns.has("created") else None,
        "captured": audit.captured,
        "won": audit.kinds.get("won", 0),
        "locked": audit.kinds.get("locked", 0),
        "unlocked": audit.kinds.get("open", 0),
        "closed": audit.kinds.get("closed", 0),
        "leads": [_lead(placed, export.as_of) for placed in audit.unlocked],
        "leaks": {each.code: _list(each) for each in audit.lists if each.is_leak},
        "gaps": {each.code: _list(each) for each in audit.lists if not each.is_leak},
        "first_response": {"cannot_tell": pace.cannot} if pace.cannot else {
            "median_seconds": int(pace.median.total_seconds()) if pace.median is not None else None,
            "within_5_minutes": pace.quick,
            "of": pace.counted,
            "unanswered": pace.unanswered,
            "left_out": pace.left_out,
        },
        "estimate_follow_up": {"cannot_tell": followed.cannot} if followed.cannot else {
            "within_48_hours": followed.followed,
            "not": followed.not_followed,
            "unclear": followed.unclear,
            "of": followed.counted,
        },
        "to_do": list(to_do(audit)),
        "cannot_tell": list(audit.untold),
        "file": {
            "rows": export.rows,
            "doubles": export.doubles,
            "later": export.later,
            "set_aside": [{"row": each.row, "reason": each.reason} for each in export.set_aside],
            "columns": {field: list(headings) for field, headings in export.columns.read.items()},
            "not_read": list(export.columns.unread),
            "unknown_words": dict(export.unknown),
            "unread_cells": [each._asdict() for each in export.unread],
            "notes": [*export.notes, *how_read(audit)],
        },
    }  # fmt: skip


def _lead(placed: Placed, now: datetime) -> dict[str, Any]:
    lead = placed.lead
    return {
        "row": lead.row,
        "id": lead.id,
        "name": lead.name,
        "owner": lead.owner,
        "status": lead.status,
        "came_in": _moment(lead.came_in),
        "missing": placed.standing.missing,
        "says": missing(placed, now),
        "next_action": lead.next_action,
        "next_due": _moment(lead.next_due),
    }


def _list(measure: Measure) -> dict[str, Any]:
    if measure.cannot:
        return {"cannot_tell": measure.cannot}
    rows = [placed.lead.row for placed in measure.leads]
    return {"recent": measure.recent, "all": len(rows), "rows": rows}


def _moment(moment: Moment | None) -> str | None:
    if moment is None:
        return None
    return _wall(moment.at) if moment.timed else moment.at.date().isoformat()


def _wall(at: datetime) -> str:
    return at.isoformat(timespec="seconds" if at.second else "minutes")
