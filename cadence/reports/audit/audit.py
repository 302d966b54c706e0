"""The audit of an export: the number, who is behind it, the leaks, the pace, and what cannot be told."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cadence.reports.audit.measures import Measure, lacks, measures
from cadence.reports.audit.paces import FollowUps, Speed, follow_ups, speed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cadence.reports.audit.lead import Placed
    from cadence.reports.audit.reading import Export

__all__ = ["Audit", "audit_of"]

#: What can lock a next step -> the columns that show it, the meaning of a status word that does, and how it is said.
_LOCKS = {
    "appointment": (("confirmed", "appointment_status"), "confirmed", "an acknowledged appointment"),
    "contract": (("contract_signed", "contract_status", "estimate_status"), "signed", "a signed contract"),
    "deposit": (("deposit_paid",), "deposit", "a paid deposit"),
    "callback": (("callback",), "", "an agreed callback"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What an export says, counted."""

    export: Export
    cannot: str  #: why the number cannot be told; empty: it can
    unlocked: tuple[Placed, ...]  #: leads of the audit's days with no locked next step, the oldest first
    kinds: Mapping[str, int]  #: leads of the audit's days: won, locked, open, closed
    lists: tuple[Measure, ...]
    speed: Speed
    follow_ups: FollowUps
    untold: tuple[str, ...]  #: what the export cannot tell, a sentence each

    @property
    def number(self) -> int | None:
        """The audit number: captured leads without a locked next step. None: it cannot be told."""
        return None if self.cannot else len(self.unlocked)

    @property
    def captured(self) -> int:
        """Leads that came in within the audit's days."""
        return sum(self.kinds.values())

    @property
    def has_findings(self) -> bool:
        """Whether somebody has to do something: there are unlocked leads, or nobody can tell."""
        return self.number != 0


def audit_of(export: Export) -> Audit:
    """Count an export."""
    recent = [placed for placed in export.leads if placed.recent]
    lists = measures(export)
    paces = speed(export), follow_ups(export)
    return Audit(
        export=export,
        cannot=_cannot(export),
        unlocked=tuple(sorted((placed for placed in recent if placed.standing.kind == "open"), key=_age)),
        kinds=Counter(placed.standing.kind for placed in recent),
        lists=lists,
        speed=paces[0],
        follow_ups=paces[1],
        untold=tuple(_untold(export, lists, *paces)),
    )


def _age(placed: Placed) -> tuple[bool, str, int]:
    came_in = placed.lead.came_in
    return came_in is None, came_in.at.isoformat() if came_in else "", placed.lead.row


def _shown(export: Export) -> list[str]:
    """The kinds of locks that the export can show."""
    return [
        kind
        for kind, (fields, word, _) in _LOCKS.items()
        if export.columns.has(*fields) or (word and word in export.seen)
    ]


def _cannot(export: Export) -> str:
    """Why the number cannot be told."""
    if not export.leads:
        return "no row of the file could be counted"
    if _shown(export) or export.seen:
        return ""
    if export.columns.has("status"):
        return "none of the words that say how a lead stands is known"
    return lacks("status", "confirmed", "contract_signed", "deposit_paid", "callback")


def _untold(export: Export, lists: tuple[Measure, ...], pace: Speed, followed: FollowUps) -> Iterator[str]:
    """What the export cannot tell, and what that does to the figures."""
    if not export.columns.has("created"):
        yield f"{lacks('created')}: every lead of the file counts, whatever its age"
    if not export.columns.has("status"):
        yield f"{lacks('status')}: leads that are won or lost count as open"
    shown = _shown(export)
    hidden = [said for kind, (_, _, said) in _LOCKS.items() if kind not in shown]
    if hidden and not _cannot(export):
        yield f"nothing in the export shows {_listed(hidden)}: a lead that has one counts as unlocked all the same"
    untold: dict[str, list[str]] = {}
    for title, why in (
        *((each.title, each.cannot) for each in lists),
        ("Speed to first response", pace.cannot),
        ("Estimates followed up within 48 hours", followed.cannot),
    ):
        untold.setdefault(why, []).append(title)
    yield from (f"{why}, so nothing is said of: {'; '.join(titles)}" for why, titles in untold.items() if why)


def _listed(words: list[str]) -> str:
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))
