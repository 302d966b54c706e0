"""What one needs to know to understand what comes in, and what was made of a thing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from cadence.engine.book import Book
    from cadence.inbox.rules import Rules
    from cadence.playbook.model import Workspace

__all__ = ["Ear", "Heard", "Taken"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ear:
    """One shop, listening."""

    account: str
    book: Book
    workspace: Workspace
    rules: Callable[[], Rules]  #: what answers mean; asked for when there is an answer to be read
    now: datetime
    redirect: Mapping[str, str] = field(
        default_factory=lambda: MappingProxyType({})
    )  #: channel -> the one address everything went to


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What was made of one thing that came in."""

    taken_as: str  #: an event type, a status of a delivery, or a word of our own
    lead: str = ""  #: empty: nobody known
    because: str = ""
    problem: str = ""  #: a sentence for a person who must look at it
    later: bool = False  #: it cannot be handled yet: try again


@dataclass(slots=True)
class Heard:
    """What was made of everything that came in."""

    kept: int = 0  #: things told for the first time
    taken: Counter[str] = field(default_factory=Counter)  #: what they were taken for -> how many
    open: int = 0  #: not handled yet, at the end
    left: set[int] = field(default_factory=set)  #: numbers of things looked at that must be looked at again later
    problems: list[str] = field(default_factory=list)  #: sentences for a person: sources that cannot be asked
    looks: int = 0  #: things a person must look at
    leads: set[str] = field(default_factory=set)  #: whom it was about
