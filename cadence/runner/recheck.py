"""Right before a call that had to wait for its turn: may the message still go?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.store import events, outbox
from cadence.store.states import CLAIMED

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from cadence.channels.channel import Outgoing
    from cadence.store.session import Session

__all__ = ["still_good"]


def still_good(
    session: Session, account: str, messages: Sequence[Outgoing], *, in_spite_of_news: Collection[str]
) -> set[str]:
    """Tell the keys of messages that are still claimed by this attempt, and whose lead nothing was learned of since.

    News takes back neither what is named ``in_spite_of_news`` nor a word to a colleague.
    """
    known = outbox.standing(session, account, [message.key for message in messages])
    news = events.with_news(session, account, {message.lead for message in messages if message.lead})
    return {
        message.key
        for message in messages
        if known.get(message.key) == (CLAIMED, message.attempt)
        and (message.lead not in news or message.key in in_spite_of_news)
    }
