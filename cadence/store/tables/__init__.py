"""The tables. Every row carries the account; words are those of the language.

Texts are never NULL (empty means none); an instant that has not come is NULL. What the database must
guarantee by itself (one identity per touch, one person per address, one entry per source key) is here.
"""

from __future__ import annotations

from cadence.store.tables.making import METADATA
from cadence.store.tables.messages import cursors, halts, handles, inbound, outbox, senders, suppressions
from cadence.store.tables.people import enrolments, events, leads
from cadence.store.tables.shop import accounts, publications, reviews, ticks, versions
from cadence.store.tables.work import alerts, loads, tasks, turns

__all__ = [
    "METADATA",
    "accounts",
    "alerts",
    "cursors",
    "enrolments",
    "events",
    "halts",
    "handles",
    "inbound",
    "leads",
    "loads",
    "outbox",
    "publications",
    "reviews",
    "senders",
    "suppressions",
    "tasks",
    "ticks",
    "turns",
    "versions",
]
