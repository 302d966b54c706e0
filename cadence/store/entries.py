"""Entries of the log as they are kept: rows of text, and what they say.

Loads no library: a process that was only handed rows can read them.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from cadence.engine.events import Event
from cadence.playbook.words import Actor

if TYPE_CHECKING:
    from collections.abc import Mapping


__all__ = ["EntryRow", "LogPage", "read_entry", "read_instant", "read_json"]

#: Type, at, recorded_at, enrolment, job, actor, data and key of an entry, as the database keeps them.
EntryRow: TypeAlias = tuple[str, str, str, str, str, str, str, str]

#: Leads, when each is next looked at, their logs, and why nothing may go to some of their addresses (by channel and
#: address).
LogPage: TypeAlias = "list[tuple[str, datetime | None, tuple[EntryRow, ...], Mapping[tuple[str, str], str]]]"

_read_value = json.JSONDecoder().raw_decode
_ENGINE = Actor.ENGINE.value


def read_entry(row: EntryRow) -> Event:
    """Read an entry; ValueError or TypeError when it is damaged."""
    kind, at, recorded_at, enrolment, job, actor, kept, key = row
    data = _read_alike(kept) if actor == _ENGINE else read_json(kept)
    if type(data) is not dict:
        raise ValueError("the data of an entry do not name their values")
    return Event(kind, read_instant(at), read_instant(recorded_at), enrolment, job, actor, data, key)


@lru_cache(maxsize=256)
def read_instant(text: str) -> datetime:
    """Read an instant that is kept as text; entries that lie together have few different ones."""
    return datetime.fromisoformat(text)


@lru_cache(maxsize=256)
def _read_alike(text: str) -> Any:
    """Read what the engine wrote: it says the same of many leads, and nobody changes the data of an entry."""
    return read_json(text)


def read_json(text: str) -> Any:
    """Read a JSON value that is kept as text: nothing stands around it, so the decoder's core will do."""
    value, end = _read_value(text)
    if end != len(text):
        raise ValueError("something stands behind a JSON value")
    return value
