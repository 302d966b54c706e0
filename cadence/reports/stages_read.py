"""The numbers of the stages, read out of the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.engine.events import instant_text
from cadence.playbook.compile import compile_plan
from cadence.reports.records import read_records
from cadence.reports.stage_facts import EVER, LATELY, StageFacts
from cadence.reports.stages import stage_numbers
from cadence.store import chronicle, versions

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from cadence.playbook.model import Playbook
    from cadence.reports.stages import PlaybookNumbers
    from cadence.store.session import Session

__all__ = ["read_stages"]


def read_stages(session: Session | None, account: str, now: datetime, since: timedelta) -> list[PlaybookNumbers]:
    """Count the numbers of the period that ends ``now``; without a session there is nothing to count.

    Reads the whole log once, and every lead's record.
    """
    if session is None:
        return []
    begins = now - since
    facts = StageFacts(chronicle.read(session, account, LATELY, until=now, since=begins, ever=EVER))
    pages, records = _pages_in_force(session, account), read_records(session, account)
    return stage_numbers(facts, pages, records, since=instant_text(begins))


def _pages_in_force(session: Session, account: str) -> dict[str, Playbook]:
    """Read the playbooks in force, by name."""
    return {
        name: compile_plan(versions.content(session, account, name, digest)).playbook
        for name, (digest, _) in versions.current(session, account).items()
    }
