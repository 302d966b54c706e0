"""Valid playbooks become published versions; invalid or dangerous edits leave the last good one in force."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from cadence.errors import CadenceError, InvalidWorkspace
from cadence.files import signature
from cadence.store import accounts, enrolments, leads, versions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from cadence.playbook.compile import Plan
    from cadence.playbook.diagnostics import Diagnostic
    from cadence.store.session import Session

#: Playbook -> stage that its plan lacks -> stage to which its leads go.
Answers: TypeAlias = "Mapping[str, Mapping[str, str]]"
_NONE: Answers = MappingProxyType({})

__all__ = ["Answers", "Published", "publish_edits", "publish_plans", "stranding"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What became of the files of a workspace."""

    new: tuple[tuple[str, str], ...] = ()  #: (playbook, short digest) of versions published now
    retired: tuple[str, ...] = ()  #: playbooks whose page is gone, and that no lead stands in
    held: tuple[str, ...] = ()  #: sentences: edits that were not published, and why
    faults: tuple[Diagnostic, ...] = ()  #: faults that keep an edit from being published


def publish_edits(session: Session, account: str, root: Path, now: datetime) -> Published:
    """Publish what was edited since the last time; cheap when nothing was.

    Files with faults publish nothing: what is in force goes on. InvalidWorkspace (CadenceError for a file that
    cannot be read) when nothing is in force yet.
    """
    known = accounts.get(session, account)
    mark = signature(root)
    if known and known.source_signature == mark:
        return Published()
    from cadence.workspace import load_workspace

    accounts.lock(session, account)
    in_force = bool(versions.current(session, account))
    try:
        checked = load_workspace(root)
    except CadenceError as error:
        if not in_force:
            raise
        return Published(held=(error.message,))
    if checked.has_errors:
        if not in_force:
            raise InvalidWorkspace(checked.diagnostics)
        return Published(faults=tuple(checked.diagnostics))
    published = publish_plans(session, account, checked.plans, now)
    if not published.held:
        accounts.set_source(session, account, mark)
    return published


def publish_plans(
    session: Session,
    account: str,
    plans: Sequence[Plan],
    now: datetime,
    *,
    answers: Answers = _NONE,
    by: str = "",
    how: str = "tick",
) -> Published:
    """Publish plans that differ from what is in force, and have their leads looked at.

    ``plans`` are all there are: a playbook that is not among them is retired, unless a lead stands in it. ``answers``:
    where the leads of stages go that a plan lacks. ``by``: member id; ``how``: tick, apply or rollback.
    """
    in_force = versions.current(session, account)
    held = stranding(session, account, plans, answers)
    new: list[tuple[str, str]] = []
    published: list[Plan] = []
    for plan in plans:
        playbook = plan.playbook.id
        if playbook in held or in_force.get(playbook, ("",))[0] == plan.digest:
            continue
        versions.publish(
            session,
            account,
            playbook,
            plan.digest,
            plan.content,
            now,
            by=by,
            how=how,
            answers=answers.get(playbook, {}),
        )
        leads.wake_all(session, account, now, playbook=playbook)
        new.append((playbook, plan.short))
        published.append(plan)
    gone = in_force.keys() - {plan.playbook.id for plan in plans}
    retired = tuple(playbook for playbook in sorted(gone) if playbook not in held)
    for playbook in retired:
        versions.retire(session, account, playbook, now, by=by, how=how)
    if new or retired:
        from cadence.runner.reviewing import schedule_reviews

        schedule_reviews(session, account, published, retired, now)
    said = tuple(sentence for sentences in held.values() for sentence in sentences)
    return Published(new=tuple(new), retired=retired, held=said)


def stranding(session: Session, account: str, plans: Sequence[Plan], answers: Answers = _NONE) -> dict[str, list[str]]:
    """Tell which edits would leave leads in a stage or playbook that is no more: playbook -> sentences."""
    in_force = versions.current(session, account)
    inside = _leads_by_stage(session, account)
    held: dict[str, list[str]] = {}
    for plan in plans:
        playbook = plan.playbook.id
        if in_force.get(playbook, ("",))[0] == plan.digest:
            continue
        for (name, stage), number in inside.items():
            if name == playbook and not (plan.playbook.stage_once(stage) or stage in answers.get(playbook, {})):
                stand = "s stand" if number != 1 else " stands"
                held.setdefault(playbook, []).append(
                    f"{plan.file} was not published: it has no stage {stage!r}, and {number} lead{stand} there"
                )
    for playbook in sorted(in_force.keys() - {plan.playbook.id for plan in plans}):
        if number := sum(n for (name, _), n in inside.items() if name == playbook):
            stand = "s stand" if number != 1 else " stands"
            held[playbook] = [
                f"the page of {playbook!r} is gone, and {number} lead{stand} in it: it stays in force as it was"
            ]
    return held


def _leads_by_stage(session: Session, account: str) -> dict[tuple[str, str], int]:
    inside: dict[tuple[str, str], int] = {}
    for (playbook, stage, _), number in enrolments.active_counts(session, account).items():
        inside[playbook, stage] = inside.get((playbook, stage), 0) + number
    return inside
