"""What a way out must be able to do: carry messages, say for each what became of it, and answer questions later.

A channel never tries twice on its own. It gets messages only after their claims are committed, and must not blur
the line between "surely did not go" (:class:`NotNow`, :class:`Refused`) and "may have gone" (:class:`Lost`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from cadence.channels.kit import Kit, Secret

__all__ = [
    "Absent",
    "Accepted",
    "Because",
    "Channel",
    "Finding",
    "Found",
    "Lost",
    "NotNow",
    "Outgoing",
    "Refused",
    "Result",
    "Unsure",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message on its way."""

    key: str  #: identity of the touch; no other message has it
    attempt: int  #: from 1; a later one is made only when the one before surely did not go
    lead: str  #: empty: it is to a colleague, about leads
    channel: str
    to: str  #: phone, e-mail address, or name of an audience or endpoint
    subject: str
    body: str
    at: datetime  #: when it was judged
    called_at: datetime  #: when it was claimed, by the store's clock
    until: datetime | None = None  #: its send window closes then; what lies at a provider must not arrive later
    handle: str = ""  #: opaque name of the message, unique in the account: may leave the house
    reply_handle: str = ""  #: opaque name of the enrolment it belongs to: for answers, and for the way out
    thread: tuple[str, ...] = ()  #: handles of the enrolment's earlier messages on this channel, oldest first
    data: Mapping[str, Any] = field(default_factory=dict)  #: JSON-able facts beside the text, such as the lead's record

    @property
    def to_colleague(self) -> bool:
        """Whether it is to one of the team: nobody who could unsubscribe, or who must be told who writes."""
        return not self.lead


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has taken it."""

    provider_id: str = ""


#: Why a message was refused: ``address``: nothing can ever reach this address on this channel; ``opt_out``: its
#: person has told the provider to stop; ``text``: the text is at fault; ``other``: this message only.
Because = Literal["address", "opt_out", "text", "other"]


@dataclass(frozen=True, slots=True)
class Refused:
    """It did not go, and never will."""

    code: str  #: the provider's, or a short word
    detail: str = ""  #: a sentence without address or secret
    because: Because = "other"  #: what else follows for this address


@dataclass(frozen=True, slots=True)
class NotNow:
    """It surely did not go, and may be tried again."""

    code: str
    detail: str = ""
    after: timedelta | None = None  #: the provider asked for so much patience; the whole channel keeps to it
    halt: bool = False  #: nothing can go this way until a person has seen to it: the channel is halted


@dataclass(frozen=True, slots=True)
class Lost:
    """Nobody knows: the answer was lost, came too late or made no sense."""

    code: str
    detail: str = ""


Result = Accepted | Refused | NotNow | Lost


@dataclass(frozen=True, slots=True)
class Found:
    """The provider has it."""

    provider_id: str = ""


@dataclass(frozen=True, slots=True)
class Absent:
    """The provider surely does not have it."""


@dataclass(frozen=True, slots=True)
class Unsure:
    """Nobody can tell. ``again``: it is worth asking once more later; else a person must look."""

    code: str
    again: bool = False


Finding = Found | Absent | Unsure


class Channel(ABC):
    """One way out."""

    secrets: ClassVar[tuple[Secret, ...]] = ()  #: settings of the machine that it needs
    longest: ClassVar[int] = 0  #: characters that a text may have at most; 0: any number

    #: Whether it needs more than the text: then :attr:`Outgoing.data` has ``lead`` (the record), ``playbook``,
    #: ``stage``, ``touch``, ``enrolment`` and ``owner``.
    wants_data = False
    workers = 8  #: calls at once; 0: called by the tick itself, for what answers at once
    per_call = 1  #: messages handed over in one call
    begins_within = timedelta(seconds=30)  #: so long after its claim a call may begin; after that it is judged anew
    visible_after = timedelta(minutes=2)  #: so long after a call began, what went is surely found by :meth:`look_up`

    @classmethod
    def from_kit(cls, kit: Kit) -> Channel:
        """Make it for one workspace; CadenceError, with what to do, when something it needs is not there."""
        raise NotImplementedError

    def ready(self) -> None:  # noqa: B027 - most channels are always ready
        """Raise CadenceError when nothing could go at all; asked before anything is claimed."""

    def remove(self, record: Mapping[str, Any], at: datetime) -> Sequence[str]:  # noqa: ARG002
        """Take a person who asked us to stop off what the channel keeps of people; return what that was.

        ``record`` is the lead's, with its ``id``. Done again it changes nothing. OSError when it cannot be done now.
        """
        return ()

    @abstractmethod
    def send(self, messages: Sequence[Outgoing]) -> Sequence[Result]:
        """Carry messages; one result for each, in order. Whatever it raises counts as Lost for all of them."""

    def look_up(self, messages: Sequence[Outgoing]) -> Sequence[Finding]:
        """Find out whether messages went whose answer was lost; one finding for each, in order."""
        return [Unsure("no_look_up")] * len(messages)
