"""Owners who are away or have left: their leads go to others, and come back to those who come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.engine.events import Decided
from cadence.engine.moves import tell_new_owner
from cadence.engine.owners import is_here, owner_of
from cadence.engine.person import person_is
from cadence.engine.touches import places

if TYPE_CHECKING:
    from cadence.engine.touches import Place
    from cadence.engine.work import Work

__all__ = ["keep_owners"]


def keep_owners(work: Work) -> bool:
    """Give every running enrolment whose owner is not there to somebody who is, as its stage's routing says.

    Who is away (``absent: true``) gets it back afterwards, unless it was given to somebody else meanwhile. Where nobody
    is there at all, it stays where it is. None of this counts as a reassignment for a broken promise. Tells whether the
    owners of all of them are there now.
    """
    complete = True
    for place in places(work):
        enrolment = place.enrolment
        if enrolment.lent_by and is_here(place.plan, enrolment.lent_by):
            _give(work, place, enrolment.lent_by, cause="back", how={"by": "back", "role": place.stage.owner})
        elif not is_here(place.plan, enrolment.owner):
            _find_somebody(work, place)
            complete = complete and is_here(place.plan, enrolment.owner)
    return complete


def _find_somebody(work: Work, place: Place) -> None:
    plan, enrolment = place.plan, place.enrolment
    choice = owner_of(
        plan,
        place.stage.owner,
        work.state.lead,
        lambda condition: person_is(work, plan, condition),
        work.roster,
        enrolment.had,
    )
    if not is_here(plan, choice.owner):
        return
    known = plan.members.get(enrolment.owner)
    cause = "found" if not enrolment.owner else "left" if known is None else "absent"
    _give(work, place, choice.owner, cause=cause, how=choice.told())


def _give(work: Work, place: Place, owner: str, *, cause: str, how: dict[str, object]) -> None:
    enrolment = place.enrolment
    work.record(Decided.OWNER_CHANGED, enrolment=enrolment, owner=owner, before=enrolment.owner, cause=cause, how=how)
    tell_new_owner(work, enrolment, place.stage.title)
