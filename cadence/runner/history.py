"""What was published when: the publications of an account, and the version that a person means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cadence.errors import StoreError, UsageError
from cadence.playbook.compile import compile_plan
from cadence.store import enrolments, publications, versions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from cadence.playbook.compile import Plan
    from cadence.store.session import Session

__all__ = ["Publication", "publications_of", "the_one_before", "version_named"]

_LEAST = 4  #: characters of a digest that a person must write


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One time that a version came into force, or that a playbook was retired."""

    playbook: str
    at: datetime
    digest: str  #: empty: retired
    by: str  #: member id; empty: nobody in particular
    how: str  #: tick, apply or rollback
    answers: Mapping[str, str]
    in_force: bool  #: the version came into force then, and is in force still
    leads: int  #: open enrolments that follow the version now; told of its latest publication alone


def publications_of(session: Session, account: str, playbook: str = "") -> list[Publication]:
    """List the publications (of ``playbook``), oldest first. StoreError when it was never published."""
    rows = publications.history(session, account, playbook)
    if playbook and not rows:
        known = sorted({row.playbook for row in publications.history(session, account)})
        raise StoreError(
            f"no playbook {playbook!r} was ever published", help=f"there are: {', '.join(known)}" if known else ""
        )
    now, following = versions.current(session, account), enrolments.followers(session, account)
    latest = {(row.playbook, row.digest): number for number, row in enumerate(rows)}
    found: list[Publication] = []
    for number, row in enumerate(rows):
        is_latest = bool(row.digest) and latest[row.playbook, row.digest] == number
        found.append(
            Publication(
                playbook=row.playbook,
                at=row.at,
                digest=row.digest,
                by=row.by,
                how=row.how,
                answers=row.answers,
                in_force=is_latest and now.get(row.playbook, ("",))[0] == row.digest,
                leads=following.get((row.playbook, row.digest), 0) if is_latest else 0,
            )
        )
    return found


def version_named(session: Session, account: str, playbook: str, digest: str) -> Plan:
    """Return the version whose digest begins so. UsageError when there is none such, or several."""
    rows = publications_of(session, account, playbook)
    known = dict.fromkeys(row.digest for row in rows if row.digest)
    found = [each for each in known if each.startswith(digest)] if len(digest) >= _LEAST else []
    if len(found) != 1:
        wrong = "begins several versions" if found else "is no version"
        raise UsageError(
            f"{digest!r} {wrong} of {playbook}", help=f"there are: {', '.join(each[:8] for each in known)}"
        )
    return compile_plan(versions.content(session, account, playbook, found[0]))


def the_one_before(session: Session, account: str, playbook: str) -> Plan:
    """Return the version that was in force before the one that is. StoreError when there was none."""
    rows = [row for row in publications_of(session, account, playbook) if row.digest]
    now = versions.current(session, account).get(playbook, ("",))[0]
    before = next((row.digest for row in reversed(rows) if row.digest != now), "")
    if not before:
        raise StoreError(f"there is no version of {playbook} before the one in force")
    return compile_plan(versions.content(session, account, playbook, before))
