"""What a calendar invitation says: the appointment of an event, in words and instants that can be kept as JSON."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from cadence.engine.due import moment_of
from cadence.engine.events import instant_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cadence.engine.context import EnrolmentContext

__all__ = ["invite_data", "invite_of", "uid_of"]

LASTS = timedelta(hours=1)  #: an appointment whose end nobody said
_COUNTED_FROM = datetime(2020, 1, 1, tzinfo=UTC)


def invite_of(context: EnrolmentContext, kind: str) -> dict[str, Any] | None:
    """Return the invitation to the latest appointment of an enrolment, for ``Outgoing.data["invite"]``.

    ``kind`` is the event that ``invite:`` of the template names. None when there has been none yet, or it says a day
    and no hour.
    """
    event = context.enrolment.latest.get(kind)
    starts = moment_of(context.plan, event, "starts_at", context.clock) if event else None
    if event is None or starts is None or starts[1]:
        return None
    ends = moment_of(context.plan, event, "ends_at", context.clock)
    return invite_data(
        identity=(context.plan.workspace.account, context.enrolment.id, kind),
        business=context.plan.workspace.business.name,
        record=context.state.record,
        starts_at=starts[0],
        ends_at=ends[0] if ends and not ends[1] else None,
        recorded_at=event.recorded_at,
    )


def invite_data(
    *,
    identity: tuple[str, ...],
    business: str,
    record: Mapping[str, Any],
    starts_at: datetime,
    ends_at: datetime | None,
    recorded_at: datetime,
) -> dict[str, Any]:
    """Write an invitation as JSON-able data: starts_at, ends_at, title, location, uid and sequence.

    ``identity`` names the appointment, whenever it is: the same gives the same ``uid``, so that a calendar moves its
    entry. ``sequence`` grows with ``recorded_at``, the instant at which the appointment became known.
    """
    what = str(record.get("service") or "").strip() or "visit"
    area = " ".join(filter(None, (str(record.get(name) or "").strip() for name in ("state", "zip"))))
    where = (str(record.get("address") or "").strip(), str(record.get("city") or "").strip(), area)
    until = ends_at if ends_at and ends_at > starts_at else starts_at + LASTS
    return {
        "starts_at": instant_text(starts_at),
        "ends_at": instant_text(until),
        "title": " ".join(f"{business}: {what}".split()),
        "location": " ".join(", ".join(filter(None, where)).split()) if where[0] else "",
        "uid": uid_of(identity),
        "sequence": max(0, int((recorded_at - _COUNTED_FROM).total_seconds())),
    }


def uid_of(identity: Iterable[str]) -> str:
    """Return the UID of a calendar's entry: the same for the same identity, and telling nobody what that is."""
    digest = sha256("\0".join(identity).encode("utf-8", "replace")).hexdigest()
    return f"{digest[:32]}@cadence"
