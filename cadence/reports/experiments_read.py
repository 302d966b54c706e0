"""The tests on the pages in force, read out of the database."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from cadence.engine.events import instant_text
from cadence.reports.experiments import judge_trial
from cadence.reports.trial_units import EVER, TrialFacts
from cadence.reports.trials import TEXT, trials_of
from cadence.store import chronicle, varied, versions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    from cadence.reports.experiments import Experiment
    from cadence.store.session import Session

__all__ = ["read_experiments"]


def read_experiments(
    session: Session | None,
    account: str,
    now: datetime,
    *,
    within: timedelta,
    gain: float,
    playbook: str = "",
    since: datetime | None = None,
) -> list[Experiment]:
    """Judge every test on the pages in force (of ``playbook``) at ``now``; without a session there is none.

    A lead's time is ``within``; ``gain`` is the difference worth finding, from 0 to 1. Reads the whole log once.
    """
    if session is None:
        return []
    pages = _pages(session, account, playbook)
    trials = [trial for history in pages.values() for trial in trials_of(history)]
    if not trials:
        return []
    locks = {name: _locks(history[-1][1]) for name, history in pages.items()}
    kinds = {kind for stages in locks.values() for by in stages.values() for kind in by}
    texts = {(trial.playbook, trial.stage, trial.touch) for trial in trials if trial.kind == TEXT}
    lines = chronicle.read(session, account, (*EVER, *kinds), until=now)
    facts = TrialFacts(lines, varied.listing(session, account, texts, now), locks)
    return [judge_trial(trial, facts.units(trial, within), now, gain=gain, since=since) for trial in trials]


def _pages(session: Session, account: str, playbook: str) -> dict[str, list[tuple[str, Mapping[str, Any]]]]:
    """Read every page in force with those before it, the oldest first."""
    in_force = versions.current(session, account)
    pages: dict[str, list[tuple[str, Mapping[str, Any]]]] = defaultdict(list)
    for row in versions.history(session, account, playbook):
        if row.playbook in in_force:
            said = json.loads(versions.content(session, account, row.playbook, row.digest))
            pages[row.playbook].append((instant_text(row.published_at), said["meaning"]["playbook"]))
    return pages


def _locks(page: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the facts that lock a next step in each stage of a page."""
    stages: Mapping[str, Mapping[str, Any]] = page["stages"]
    return {name: tuple(stage["lock"]["by"]) for name, stage in stages.items() if "lock" in stage}
