"""The leads of a test, picked out of the log: which way each fell, and what it came to within the time it is given."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from cadence.engine.events import Decided, instant_text
from cadence.reports.roll import WHEREABOUTS, Roll
from cadence.reports.trials import ROUTING, SEQUENCE
from cadence.store.entries import read_instant, read_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import timedelta

    from cadence.reports.roll import Enrolled, Stay
    from cadence.reports.trials import Trial
    from cadence.store.chronicle import Line
    from cadence.store.varied import VariedRow

__all__ = ["EVER", "TrialFacts", "Unit"]

OPT_OUT, REPLY = "opt_out", "reply"
EVER = (*WHEREABOUTS, Decided.OWNER_CHANGED, OPT_OUT, REPLY)  #: entries that matter, with those that lock

#: How owners are chosen where a role's routing decides.
_ROUTED = ("rule", "round_robin", "least_loaded", "fallback")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One lead that a test drew for, or would have drawn for, had it been on the page."""

    lead: str
    at: str  #: when it was drawn for, as the log writes instants
    ends: str  #: when its time is over
    variant: str  #: empty: there was no test
    locked: bool = False  #: it had a locked next step within its time
    opted_out: bool = False
    replied: bool = False


class _Draw(NamedTuple):
    at: str
    variant: str
    enrolled: Enrolled
    stay: Stay | None = None  #: of a sequence


class TrialFacts:
    """What was picked out; facts that were taken back are left out of every answer."""

    def __init__(
        self, lines: Iterable[Line], sent: Iterable[VariedRow], locks: Mapping[str, Mapping[str, tuple[str, ...]]]
    ) -> None:
        """Pick out of ``lines``, which are entries in the order they were recorded, and of the touches ``sent``.

        ``locks`` are the facts that lock a next step, by playbook and stage.
        """
        self._roll = Roll()
        self._locks = locks
        self._locking = {kind for stages in locks.values() for kinds in stages.values() for kind in kinds}
        self._variants: dict[tuple[str, int], str] = {}  #: by enrolment and visit
        self._routed: dict[tuple[str, str], tuple[str, str]] = {}  #: by enrolment and role: when first, and variant
        self._facts: dict[str, list[tuple[str, str, str]]] = defaultdict(list)  #: by enrolment: when, what, key
        self._words: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)  #: by lead and type: when, key
        self._sent = list(sent)
        for line in lines:
            self._take(line)
            self._roll.take(line)

    def units(self, trial: Trial, within: timedelta) -> list[Unit]:
        """Return the leads of a test's place in the order of their draw, those from before the test among them.

        A lead counts once, with its first draw: the lot falls by lead, so a second visit is no second draw.
        """
        draws = sorted(self._draws(trial), key=lambda draw: (draw.at, draw.enrolled.lead))
        found: dict[str, Unit] = {}
        for draw in draws:
            lead = draw.enrolled.lead
            known = found.get(lead)
            if known is None or (not known.variant and draw.variant in trial.weights and draw.at >= trial.begins):
                found[lead] = self._unit(draw, within)
        return sorted(found.values(), key=lambda unit: (unit.at, unit.lead))

    def _take(self, line: Line) -> None:
        lead, enrolment, kind, at, _, key, kept = line
        if kind in (Decided.STAGE_ENTERED, Decided.OWNER_CHANGED):
            data = read_json(kept)
            if kind == Decided.STAGE_ENTERED:
                self._variants[enrolment, data["visit"]] = data.get("variant", "")
            how = data.get("how") or {}
            if how.get("by") in _ROUTED:
                self._routed.setdefault((enrolment, how["role"]), (at, how.get("variant", "")))
        elif kind in (OPT_OUT, REPLY):
            self._words[lead, kind].append((at, key))
        if kind in self._locking:
            for about in self._roll.about(line):
                self._facts[about].append((at, kind, key))

    def _draws(self, trial: Trial) -> Iterator[_Draw]:
        if trial.kind == SEQUENCE:
            for enrolled in self._of(trial):
                for stay in enrolled.stays:
                    if stay.stage == trial.stage:
                        yield _Draw(stay.at, self._variants.get((enrolled.id, stay.visit), ""), enrolled, stay)
        elif trial.kind == ROUTING:
            for enrolled in self._of(trial):
                if drawn := self._routed.get((enrolled.id, trial.role)):
                    yield _Draw(*drawn, enrolled)
        else:
            for row in self._sent:
                place = (row.playbook, row.stage, row.touch)
                if place == (trial.playbook, trial.stage, trial.touch) and row.enrolment in self._roll.all:
                    yield _Draw(instant_text(row.ended_at), row.variant, self._roll.all[row.enrolment])

    def _of(self, trial: Trial) -> Iterator[Enrolled]:
        return (enrolled for enrolled in self._roll.all.values() if enrolled.playbook == trial.playbook)

    def _unit(self, draw: _Draw, within: timedelta) -> Unit:
        lead, ends = draw.enrolled.lead, instant_text(read_instant(draw.at) + within)
        return Unit(
            lead=lead,
            at=draw.at,
            ends=ends,
            variant=draw.variant,
            locked=self._locked(draw, ends),
            opted_out=self._said(lead, OPT_OUT, draw.at, ends),
            replied=self._said(lead, REPLY, draw.at, ends),
        )

    def _locked(self, draw: _Draw, ends: str) -> bool:
        """Tell whether a next step was locked, or the job won: in the visit itself, where its stage asks for a lock."""
        enrolled = draw.enrolled
        stages = self._locks.get(enrolled.playbook, {})
        stays = [draw.stay] if draw.stay and stages.get(draw.stay.stage) else enrolled.stays
        for stay in stays:
            if stay.left_end == "won" and draw.at <= stay.left_at <= ends:
                return True
            until = min(stay.left_at or ends, ends)
            for at, kind, key in self._facts.get(enrolled.id, ()):
                if (
                    kind in stages.get(stay.stage, ())
                    and max(stay.at, draw.at) <= at <= until
                    and self._stands(enrolled.lead, key)
                ):
                    return True
        return False

    def _said(self, lead: str, kind: str, since: str, until: str) -> bool:
        return any(since <= at <= until and self._stands(lead, key) for at, key in self._words.get((lead, kind), ()))

    def _stands(self, lead: str, key: str) -> bool:
        return not (key and (lead, key) in self._roll.undone)
