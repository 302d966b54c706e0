"""What a person must see to: leads without owner, moves that wait, next steps not locked, zones not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.engine.decision import Gap
from cadence.engine.locks import lock_state
from cadence.engine.touches import Place, places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.engine.work import Work

__all__ = ["gaps_of"]


def gaps_of(work: Work) -> Iterator[Gap]:
    """Yield the gaps of one lead at ``work.now``."""
    for place in places(work):
        enrolment, visit = place.enrolment, place.enrolment.visit
        if not enrolment.owner:
            yield _gap(work, place, "no_owner", f"nobody owns {place.stage.title}")
        if enrolment.waiting_move:
            missing = "; ".join(enrolment.waiting_move.missing)
            yield _gap(work, place, "move_waiting", f"cannot go to {enrolment.waiting_move.to}: {missing}")
        if place.clock.zones.gap:
            yield _gap(work, place, "zone_unknown", place.clock.zones.gap)
        lock = place.stage.lock
        if lock and lock.within is not None and work.now > visit.started_at + lock.within:
            state = lock_state(place.plan, place.stage, enrolment, place.clock, work.now)
            if not state.held:
                yield _gap(work, place, "unlocked", f"no locked next step in {place.stage.title}")


def _gap(work: Work, place: Place, code: str, text: str) -> Gap:
    return Gap(
        lead=work.state.lead,
        enrolment=place.enrolment.id,
        code=code,
        text=text,
        since=place.enrolment.visit.started_at,
    )
