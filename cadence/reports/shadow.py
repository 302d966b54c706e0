"""A shadow, counted: what a candidate version would have made of what happened, in totals and lead by lead."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cadence.engine.diff import Kind
from cadence.engine.events import instant_text
from cadence.engine.futures import SENT
from cadence.playbook.words import MESSAGE_CHANNELS
from cadence.reports.tally import half

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from cadence.engine.diff import Change
    from cadence.engine.futures import Planned, TouchKey
    from cadence.engine.shadow import OptOut, Shadowed
    from cadence.runner.shadowing import Shadowing

__all__ = ["OF_TOUCHES", "ShadowTally", "shadow_data"]

#: Kinds of change that are about a touch.
OF_TOUCHES = (Kind.ADDED, Kind.DROPPED, Kind.PASSED, Kind.MOVED, Kind.REWORDED)

Place = tuple[str, str, str, str]  #: playbook, stage, touch, channel


@dataclass(slots=True, kw_only=True)
class ShadowTally:
    """The count so far."""

    most: int | None = None  #: leads that are kept; None: all that something differs for
    leads: int = 0
    changed: int = 0
    live: Counter[str] = field(default_factory=Counter)  #: channel -> touches that went
    candidate: Counter[str] = field(default_factory=Counter)
    touches: dict[Place, Counter[str]] = field(default_factory=dict)  #: live, candidate, and by kind of change
    kinds: Counter[str] = field(default_factory=Counter)
    waits: tuple[list[int], list[int]] = field(default_factory=lambda: ([], []))  #: seconds to the first answer
    came: int = 0  #: leads that came in
    opt_outs: list[OptOut] = field(default_factory=list)
    stranded: Counter[tuple[str, str]] = field(default_factory=Counter)  #: playbook and stage -> leads
    shown: list[dict[str, Any]] = field(default_factory=list)

    def add(self, page: Iterable[Shadowed]) -> None:
        """Count some leads."""
        for each in page:
            self.leads += 1
            self.changed += bool(each.changes)
            self.opt_outs += each.opt_outs
            self.stranded.update(each.stranded)
            self._count(each.live, self.live, "live")
            self._count(each.candidate, self.candidate, "candidate")
            for change in each.changes:
                self.kinds[change.kind.value] += 1
                if change.kind in OF_TOUCHES:
                    self._place(change.playbook, change.stage, change.touch, change.channel)[change.kind.value] += 1
            if each.came_at:
                self.came += 1
                for waits, answered in zip(self.waits, (each.answered_at, each.would_answer_at), strict=True):
                    if answered:
                        waits.append(int((max(answered, each.came_at) - each.came_at).total_seconds()))
            if each.changes and (self.most is None or len(self.shown) < self.most):
                self.shown.append(lead_data(each))

    def _count(self, told: Mapping[TouchKey, Planned], channels: Counter[str], whose: str) -> None:
        for (_, stage, _, touch), planned in told.items():
            if planned.outcome == SENT:
                channels[planned.channel] += 1
                self._place(planned.playbook, stage, touch, planned.channel)[whose] += 1

    def _place(self, *place: str) -> Counter[str]:
        playbook, stage, touch, channel = place
        return self.touches.setdefault((playbook, stage, touch, channel), Counter())

    @property
    def messages(self) -> tuple[int, int]:
        """Messages that went, and that would have."""
        return sum(self.live[each] for each in MESSAGE_CHANNELS), sum(self.candidate[each] for each in MESSAGE_CHANNELS)

    def answered(self) -> tuple[int | None, int | None]:
        """In how many seconds half of those who came in were answered, and would have been."""
        return half(self.waits[0]), half(self.waits[1])


def lead_data(each: Shadowed) -> dict[str, Any]:
    """Return what differs for one lead as plain data."""
    return {"lead": each.lead, "name": each.name, "changes": [_change(change) for change in each.changes]}


def _change(change: Change) -> dict[str, Any]:
    return {
        "kind": change.kind.value,
        "playbook": change.playbook,
        "stage": change.stage,
        "touch": change.touch,
        "channel": change.channel,
        "was": _text(change.was),
        "would_be": _text(change.at),
        "detail": change.detail,
        "owner": change.owner,
        "after_end": change.after_end,  # not by the end of the time that is looked at
        "reworded": change.reworded or change.kind is Kind.REWORDED,
        "subject": change.text[1] if change.kind is not Kind.DROPPED else "",
        "text": change.text[2] if change.kind is not Kind.DROPPED else "",
    }


def _text(instant: datetime | None) -> str | None:
    return instant_text(instant) if instant else None


def shadow_data(shadowing: Shadowing, tally: ShadowTally) -> dict[str, Any]:
    """Return a shadow as plain data."""
    span = shadowing.span
    live, would = tally.answered()
    return {
        "account": shadowing.account,
        "since": instant_text(span.start),
        "until": instant_text(span.end),
        "playbooks": [
            {
                "playbook": name,
                "live": found.short if (found := shadowing.live.current.get(name)) else None,
                "candidate": plan.short,
            }
            for name, plan in shadowing.candidate.current.items()
        ],
        "totals": {
            "leads": tally.leads,
            "differ": tally.changed,
            "kinds": dict(tally.kinds),
            "channels": [
                {"channel": each, "live": tally.live[each], "candidate": tally.candidate[each]}
                for each in sorted({*tally.live, *tally.candidate})
            ],
            "touches": [
                {"playbook": place[0], "stage": place[1], "touch": place[2], "channel": place[3], **counts}
                for place, counts in sorted(tally.touches.items())
            ],
            "stranded": [
                {"playbook": playbook, "stage": stage, "leads": number}
                for (playbook, stage), number in sorted(tally.stranded.items())
            ],
            "came_in": tally.came,
            "first_answer_seconds": {"live": live, "candidate": would},
            "opt_outs": [
                {
                    "at": instant_text(each.at),
                    "after": _named(each.after),
                    "would_be_after": _named(each.would_be_after),
                }
                for each in tally.opt_outs
            ],
        },
        "leads": tally.shown,
    }


def _named(place: Sequence[str]) -> dict[str, str] | None:
    playbook, stage, touch = place
    return {"playbook": playbook, "stage": stage, "touch": touch} if touch else None
