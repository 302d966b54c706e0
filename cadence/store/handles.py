"""Opaque names of enrolments: what an answer to a reply address, or a click on the way out, is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from cadence.store import dialect
from cadence.store.tables import handles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cadence.store.session import Session

__all__ = ["find", "keep"]


def keep(session: Session, account: str, names: Mapping[str, tuple[str, str]]) -> None:
    """Remember what handles mean: handle -> (lead, enrolment)."""
    rows = [
        {"account": account, "handle": handle, "lead": lead, "enrolment": enrolment}
        for handle, (lead, enrolment) in names.items()
    ]
    session.change(dialect.insert_new(session.dialect, handles, "account", "handle"), rows)


def find(session: Session, account: str, handle: str) -> tuple[str, str] | None:
    """Tell whose handle it is: (lead, enrolment)."""
    query = select(handles.c.lead, handles.c.enrolment).where(handles.c.account == account, handles.c.handle == handle)
    row = session.ask(query).first()
    return (row[0], row[1]) if row else None
