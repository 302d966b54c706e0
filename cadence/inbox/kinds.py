"""What an answer can be, and what it was found to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

    from cadence.inbox.stripping import Removed

__all__ = ["Absence", "Kind", "Reading"]

Kind = Literal["opt_out", "opt_in", "acknowledgement", "snooze", "not_interested", "automatic", "reply"]
Absence = Literal["", "out_of_office", "delivery_report", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What an answer is taken for, and why. The kinds are exclusive."""

    kind: Kind
    rule: str  #: the rule that decided; its name in ``reply_rules.yaml``, or one of this program's own
    because: str = ""  #: the words, or the header, that it went by; empty: nothing in particular
    until: datetime | None = None  #: of a snooze or an absence: nothing before that instant; None: it names no date
    automatic: Absence = ""  #: of an automatic answer: which kind
    sure: bool = True  #: False: it may mean something else, and a person should look
    text: str = ""  #: the answer without what was removed
    removed: tuple[Removed, ...] = ()  #: quotes, signatures, legal text

    @property
    def counts_as(self) -> Kind:
        """What is made of it: what is not sure stops the touches and makes a task, as a reply does.

        An opt-out that is not sure is one all the same: to leave somebody alone by mistake costs a call, the opposite
        may cost a law suit.
        """
        return self.kind if self.sure or self.kind == "opt_out" else "reply"
