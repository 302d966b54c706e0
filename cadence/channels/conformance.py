"""Whether a way out keeps the promises of :class:`~cadence.channels.channel.Channel`; for the tests of its author.

assert broken_promises(MyChannel.from_kit(kit), messages) == []
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, get_args

from cadence.channels.channel import Absent, Accepted, Channel, Finding, Result

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cadence.channels.channel import Outgoing

__all__ = ["broken_promises"]

_TWICE = "look_up says Absent of a message that was accepted: it would go twice"


def broken_promises(way: Channel, messages: Sequence[Outgoing], *, may_repeat: bool = False) -> list[str]:
    """List the promises that a way out does not keep, a sentence each; empty: none was found broken.

    ``messages`` are really sent, so let the service stand in its test mode, and let some of them be refused.
    ``may_repeat``: who gets a message twice passes the second over, so one in doubt may simply go again.
    """
    found = [*_declared(way), *_sending(way, messages)]
    return [each for each in found if each != _TWICE or not may_repeat]


def _declared(way: Channel) -> Iterator[str]:
    if type(way).from_kit.__func__ is Channel.from_kit.__func__:  # type: ignore[attr-defined]
        yield "from_kit is not there: nothing can make it for a workspace"
    for secret in way.secrets:
        if not re.fullmatch("[A-Z][A-Z0-9_]*", secret.name) or not secret.what:
            yield f"the secret '{secret.name}' has no name in capitals, or no word on where one gets it"
    if way.workers < 0 or way.per_call < 1:
        yield "workers is 0 or more, per_call 1 or more"
    if min(way.begins_within, way.visible_after) < timedelta(0):
        yield "begins_within and visible_after are not negative"


def _sending(way: Channel, messages: Sequence[Outgoing]) -> Iterator[str]:
    groups = [messages[start : start + way.per_call] for start in range(0, len(messages), way.per_call)]
    for group in groups:
        try:
            results = list(way.send(group))
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            yield f"send raised {type(error).__name__}: then nobody knows whether anything went; return Lost instead"
            continue
        if len(results) != len(group):
            yield f"send gave {len(results)} results for {len(group)} messages"
            continue
        yield from _answers(group, results)
        yield from _looking_up(way, group, results)


def _answers(group: Sequence[Outgoing], results: Sequence[Result]) -> Iterator[str]:
    for message, result in zip(group, results, strict=True):
        if not isinstance(result, get_args(Result)):
            yield f"send gave {type(result).__name__}, which is none of Accepted, Refused, NotNow, Lost"
            continue
        if isinstance(result, Accepted):
            continue
        said = f"{result.code} {result.detail}"
        if not result.code:
            yield f"{type(result).__name__} has no code"
        is_address = message.to.startswith("+") or "@" in message.to
        if (is_address and message.to in said) or (message.body and message.body in said):
            yield f"{type(result).__name__} repeats the address or the text, and would carry them into logs"


def _looking_up(way: Channel, group: Sequence[Outgoing], results: Sequence[Result]) -> Iterator[str]:
    try:
        findings = list(way.look_up(group))
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        yield f"look_up raised {type(error).__name__}; return Unsure instead"
        return
    if len(findings) != len(group) or not all(isinstance(each, get_args(Finding)) for each in findings):
        yield "look_up gives one of Found, Absent, Unsure for each message"
        return
    for result, finding in zip(results, findings, strict=True):
        if isinstance(result, Accepted) and isinstance(finding, Absent) and not way.visible_after:
            yield _TWICE
