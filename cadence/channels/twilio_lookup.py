"""Finding a message whose answer was lost in Twilio's list: by number, time and text, as Twilio has no name of ours.

Twilio keeps a text a little changed: spaces at the end cut, characters replaced by such as fit into fewer parts, links
shortened, a remark of a trial account in front. So letters and digits are compared, links left out. When it cannot be
told, that is said: a text twice is worse than one too few.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from cadence.channels.channel import Absent, Found, Unsure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from cadence.channels.channel import Finding, Outgoing

__all__ = ["CLOCKS_DIFFER", "Listed", "findings", "same_text"]

CLOCKS_DIFFER = timedelta(minutes=5)  #: between the store's clock and Twilio's, at most
WHOLE_SECOND = timedelta(seconds=1)
LONG_ENOUGH = 12  #: letters that do not stand inside another text by chance

_LINK = re.compile(r"(?:https?://|www\.)\S+|\b[\w-]+(?:\.[\w-]+)+/\S*", re.IGNORECASE)
_NOT_KEPT = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Listed:
    """What Twilio's list has of a message or a call from us."""

    sid: str
    created: datetime  #: aware UTC, whole seconds
    text: str | None  #: None: it is a call


def findings(
    messages: Sequence[Outgoing], listed: Mapping[str, Sequence[Listed] | None], longest_call: timedelta
) -> list[Finding]:
    """Find each message in what was listed for its number; None: the list could not be had in full.

    A call begins at the claim or up to ``longest_call`` after it. Of several that fit, each message gets the nearest
    after its claim, and none is given to two.
    """
    found: dict[int, Finding] = {}
    taken: set[str] = set()
    for number, message in sorted(enumerate(messages), key=lambda each: each[1].called_at):
        its = listed.get(message.to)
        finding = Unsure("no_list", again=True) if its is None else _find(message, its, taken, longest_call)
        if isinstance(finding, Found):
            taken.add(finding.provider_id)
        found[number] = finding
    return [found[number] for number in range(len(messages))]


def _find(message: Outgoing, listed: Iterable[Listed], taken: set[str], longest_call: timedelta) -> Finding:
    first = message.called_at - CLOCKS_DIFFER
    last = message.called_at + longest_call + CLOCKS_DIFFER
    near = [each for each in listed if first <= each.created <= last and each.sid not in taken]
    its = [each for each in near if each.text is None or same_text(message.body, each.text)]
    if its:
        return Found(min(its, key=lambda each: _distance(message.called_at, each.created)).sid)
    if any(each.text == "" for each in near):
        return Unsure("text_not_kept")
    return Absent()


def _distance(called_at: datetime, created: datetime) -> tuple[bool, timedelta]:
    """Order what was made after the claim before what was made ahead of it by a clock that differs."""
    return created < called_at - WHOLE_SECOND, abs(created - called_at)


def same_text(ours: str, theirs: str) -> bool:
    """Tell whether Twilio's text is ours, as far as can be told from what it may have changed."""
    mine, its = _kept(ours), _kept(theirs)
    if not mine:
        return ours.strip() == theirs.strip()
    return mine in its if len(mine) >= LONG_ENOUGH else its.endswith(mine)


def _kept(text: str) -> str:
    return _NOT_KEPT.sub("", unicodedata.normalize("NFKD", _LINK.sub(" ", text)))
