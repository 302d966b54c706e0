"""Valid playbooks become published versions; invalid or dangerous edits leave the last good one in force."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from cadence.engine.names import stage_in
from cadence.playbook.compile import compile_plan
from cadence.store import accounts, enrolments, leads, versions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from cadence.playbook.compile import Plan
    from cadence.playbook.diagnostics import Diagnostic
    from cadence.runner.edits import Edits
    from cadence.store.session import Session

#: Playbook -> stage that its plan lacks -> stage to which its leads go.
Answers: TypeAlias = "Mapping[str, Mapping[str, str]]"
_NONE: Answers = MappingProxyType({})

__all__ = [
    "Answers",
    "Published",
    "held_by",
    "held_mark",
    "publish_edits",
    "publish_found",
    "publish_plans",
    "stranding",
]


_HELD = "held:"


def held_mark(mark: str, playbooks: Iterable[str]) -> str:
    """Return what stands for files that were looked at and are not published until somebody says so."""
    return f"{_HELD}{mark}:{','.join(playbooks)}"


def held_by(source_signature: str, mark: str) -> tuple[str, ...]:
    """Name the playbooks that are held of files with this signature; none: these were not looked at."""
    held, _, playbooks = source_signature.removeprefix(_HELD).partition(":")
    return tuple(playbooks.split(",")) if source_signature.startswith(_HELD) and held == mark else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What became of the files of a workspace."""

    new: tuple[tuple[str, str], ...] = ()  #: (playbook, short digest) of versions published now
    retired: tuple[str, ...] = ()  #: playbooks whose page is gone, and that no lead stands in
    held: tuple[str, ...] = ()  #: sentences: edits that were not published, and why
    faults: tuple[Diagnostic, ...] = ()  #: faults that keep an edit from being published
    waiting: tuple[str, ...] = ()  #: playbooks that were edited where pages are published by hand


def publish_edits(session: Session, account: str, root: Path, now: datetime) -> Published:
    """Publish what was edited since the last time, however many leads it has written to at once.

    For a shop in which nobody is in flight yet. InvalidWorkspace as :func:`~cadence.runner.edits.look_for_edits` says.
    """
    from cadence.runner.edits import read_edits

    edits = read_edits(session, account, root)
    return publish_found(session, account, edits, now) if edits else Published()


def publish_found(session: Session, account: str, edits: Edits, now: datetime) -> Published:
    """Publish what was found to have been edited.

    Files with faults publish nothing: what is in force goes on. Nor is anything published when somebody else did so
    since the edits were looked at; the next tick looks again.
    """
    accounts.lock(session, account)
    if edits.in_force != versions.current(session, account):
        return Published()
    if edits.faults or edits.problem:
        return Published(faults=edits.faults, held=(edits.problem,) if edits.problem else ())
    if edits.held:
        accounts.set_source(session, account, held_mark(edits.mark, edits.edited))
        return Published(held=edits.held)
    if edits.by_hand:
        accounts.set_source(session, account, edits.mark)
        return Published(waiting=edits.edited)
    published = publish_plans(session, account, edits.plans, now)
    if not published.held:
        accounts.set_source(session, account, edits.mark)
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
        old = _in_force(session, account, playbook, in_force)
        for (name, stage), number in inside.items():
            if name == playbook and not (stage_in(plan, stage, old) or stage in answers.get(playbook, {})):
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


def _in_force(
    session: Session, account: str, playbook: str, in_force: Mapping[str, tuple[str, datetime]]
) -> Plan | None:
    if playbook not in in_force:
        return None
    return compile_plan(versions.content(session, account, playbook, in_force[playbook][0]))


def _leads_by_stage(session: Session, account: str) -> dict[tuple[str, str], int]:
    inside: dict[tuple[str, str], int] = {}
    for (playbook, stage, _), number in enrolments.active_counts(session, account).items():
        inside[playbook, stage] = inside.get((playbook, stage), 0) + number
    return inside
