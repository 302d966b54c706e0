"""What was edited since the last publication: read, and looked at, before any transaction that writes.

A tick publishes a valid edit by itself, unless it would have too many leads written to at once or pages are published
by hand. What was held once is remembered by the files' signature, and not looked at again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cadence.errors import CadenceError, InvalidWorkspace
from cadence.files import signature
from cadence.playbook.compile import compile_plan
from cadence.runner.account import load_book
from cadence.runner.burst import written_to_at_once
from cadence.runner.publish import held_by
from cadence.store import accounts, publications, versions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from cadence.playbook.compile import Plan
    from cadence.playbook.diagnostics import Diagnostic
    from cadence.store.session import Session

__all__ = ["Edits", "edited_in", "look_for_edits", "read_edits", "too_many"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edits:
    """Edited files, read and looked at."""

    mark: str  #: signature of the files
    in_force: Mapping[str, tuple[str, datetime]]  #: playbook -> digest and publication, when they were looked at
    plans: tuple[Plan, ...] = ()  #: of all pages
    edited: tuple[str, ...] = ()  #: playbooks whose page differs from what is in force, or is gone
    burst: int = 0  #: more leads than this may not be written to at once
    by_hand: bool = False  #: pages are published by hand
    held: tuple[str, ...] = ()  #: sentences: why nothing is published
    problem: str = ""  #: why the files cannot be read
    faults: tuple[Diagnostic, ...] = ()


def look_for_edits(
    session: Session, account: str, root: Path, now: datetime, plans: dict[str, Plan] | None = None
) -> Edits | None:
    """Read what was edited, and see whether it does harm; None when nothing was edited since the last look.

    ``plans`` keeps compiled versions. InvalidWorkspace (CadenceError for a file that cannot be read) when the files
    have faults and nothing is in force yet.
    """
    edits = read_edits(session, account, root)
    if edits is None or not edits.edited or edits.held or edits.by_hand:
        return edits
    before = load_book(session, account, plans)
    after = before.with_plans(edits.plans, now)
    if written_to_at_once(session, account, before, after, edits.edited, now, edits.burst) <= edits.burst:
        return edits
    return replace(edits, held=(too_many(edits.edited, edits.burst),))


def read_edits(session: Session, account: str, root: Path) -> Edits | None:
    """Read what was edited, and do not look what it does."""
    known, mark = accounts.get(session, account), signature(root)
    kept = known.source_signature if known else ""
    if kept == mark:
        return None
    in_force = versions.current(session, account)
    if playbooks := held_by(kept, mark):
        return Edits(mark=mark, in_force=in_force, edited=playbooks, held=(too_many(playbooks),))
    from cadence.workspace import load_workspace

    try:
        checked = load_workspace(root)
    except CadenceError as error:
        if not in_force:
            raise
        return Edits(mark=mark, in_force=in_force, problem=error.message)
    if checked.has_errors or checked.workspace is None:
        if not in_force:
            raise InvalidWorkspace(checked.diagnostics)
        return Edits(mark=mark, in_force=in_force, faults=tuple(checked.diagnostics))
    plans = _without_what_was_rolled_back(session, account, checked.plans, in_force)
    return Edits(
        mark=mark,
        in_force=in_force,
        plans=plans,
        edited=edited_in(plans, in_force),
        burst=checked.workspace.burst,
        by_hand=checked.workspace.publish == "by_hand",
    )


def edited_in(plans: Sequence[Plan], in_force: Mapping[str, tuple[str, datetime]]) -> tuple[str, ...]:
    """Name the playbooks that differ from what is in force, in page order; those whose page is gone come last."""
    differ = [plan.playbook.id for plan in plans if in_force.get(plan.playbook.id, ("",))[0] != plan.digest]
    return (*differ, *sorted(in_force.keys() - {plan.playbook.id for plan in plans}))


def too_many(playbooks: Sequence[str], most: int = 0) -> str:
    """Say why an edit is not published by a tick."""
    than = f"more than {most} leads" if most else "many leads"
    return (
        f"the edit of {', '.join(playbooks)} was not published: {than} would get a message at once that they would not "
        "have got; see `cadence plan`, then `cadence apply`"
    )


def _without_what_was_rolled_back(
    session: Session, account: str, plans: Sequence[Plan], in_force: Mapping[str, tuple[str, datetime]]
) -> tuple[Plan, ...]:
    """Leave pages as they are in force that still say what somebody took back: only a new edit, or a person, brings it.

    What was rolled back is the version before the latest publication of its playbook.
    """
    kept: list[Plan] = []
    for plan in plans:
        digest = in_force.get(plan.playbook.id, ("",))[0]
        if digest and digest != plan.digest and _taken_back(session, account, plan.playbook.id) == plan.digest:
            kept.append(compile_plan(versions.content(session, account, plan.playbook.id, digest)))
        else:
            kept.append(plan)
    return tuple(kept)


def _taken_back(session: Session, account: str, playbook: str) -> str:
    """Return the digest of the version that the latest publication of a playbook took back; empty: it took none."""
    told = publications.history(session, account, playbook)
    return told[-2].digest if len(told) > 1 and told[-1].how == "rollback" else ""
