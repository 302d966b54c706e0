"""Whether a person may be written to: what the ledger and the person's consent say of an address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.engine.decision import Outcome, Reason

if TYPE_CHECKING:
    from cadence.engine.cases import Case
    from cadence.engine.work import Work

__all__ = ["forbids"]

#: How a message ends whose address is in the ledger: why it is there -> outcome and reason.
_BARRED = {
    "opt_out": (Outcome.STOPPED, Reason.OPTED_OUT),
    "dead": (Outcome.SKIPPED, Reason.DEAD_ADDRESS),
}
_LISTED = (Outcome.STOPPED, Reason.SUPPRESSED)


def forbids(work: Work, case: Case, address: str) -> tuple[Outcome, Reason] | None:
    """Return how a message ends that may not go to an address; None when it may."""
    barred = work.state.barred(case.touch.channel, address)
    if barred:
        return _BARRED.get(barred, _LISTED)
    return None if _agreed(work, case) else (Outcome.SKIPPED, Reason.NO_CONSENT)


def _agreed(work: Work, case: Case) -> bool:
    """Tell whether the person has agreed to hear from us on a channel, as far as the shop asks for it."""
    asked = case.place.plan.workspace.consent.get(case.touch.channel, "none")
    if asked == "none" or case.inquiry:
        return True
    given = work.state.consents.get(case.touch.channel, "")
    return given == "written" or (asked == "inquiry" and bool(given or work.state.inquiry))
