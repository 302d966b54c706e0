"""The words and signs of a plan, the same on a terminal and in Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cadence.engine.decision import Reason
from cadence.engine.diff import Kind
from cadence.engine.events import parse_instant
from cadence.reports.preview_words import moment, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cadence.reports.plan_data import ChangeData
    from cadence.reports.plan_head import PlanHead

__all__ = ["SIGNS", "change_words", "local_moment", "place_words"]

#: Kind of change -> its sign, and what the sign says.
SIGNS: Mapping[str, tuple[str, str]] = {
    Kind.STRANDED.value: ("?", "has no stage to be in"),
    Kind.ADDED.value: ("+", "goes, and would not have gone"),
    Kind.MOVED.value: (">", "goes at another time"),
    Kind.DROPPED.value: ("-", "does not go any more"),
    Kind.REWORDED.value: ("~", "says something else"),
    Kind.PASSED.value: ("x", "was due before the publication: does not go"),
    Kind.STAGE.value: ("=", "comes to a stage, or at another time"),
    Kind.OWNER.value: ("@", "is somebody else's"),
}
_GONE: Mapping[str, str] = {
    "not_on_page": "the page does not have it any more",
    "elsewhere": "the lead does not come to that stage",
    **{reason.code: reason.text for reason in Reason},
}


def place_words(head: PlanHead, change: ChangeData) -> str:
    """Name the place of a change: ``new/instant``; with its playbook where several were edited."""
    parts = (change["playbook"] if head.several else "", change["stage"], change["touch"])
    return visible("/".join(filter(None, parts)), line=True)


def local_moment(head: PlanHead, text: str) -> str:
    """Write an instant on the business's clock: ``Thu 26 Nov 08:00``."""
    return moment(parse_instant(text).astimezone(ZoneInfo(head.zone)))


def change_words(head: PlanHead, change: ChangeData) -> tuple[str, str, str, str, str]:
    """Say one change in parts: sign, when, channel, place, and whatever else is to be said."""
    sign, _ = SIGNS[change["kind"]]
    when = change["at"] or change["was"] or change["due_at"]
    told = local_moment(head, when) if when else ""
    return sign, told, change["channel"], place_words(head, change), "; ".join(_rest(head, change))


def _rest(head: PlanHead, change: ChangeData) -> Iterator[str]:
    kind = change["kind"]
    if kind == Kind.STRANDED.value:
        yield "the edited page does not have this stage"
    elif kind == Kind.MOVED.value and change["was"]:
        yield f"instead of {local_moment(head, change['was'])}"
    elif kind == Kind.DROPPED.value:
        yield _GONE.get(change["detail"], change["detail"])
    elif kind == Kind.STAGE.value:
        yield from _of_stage(head, change)
    elif kind == Kind.OWNER.value:
        yield f"{head.member(change['owner'])}, not {head.member(change['detail'])}"
    elif kind == Kind.PASSED.value and change["was"]:
        yield f"it would have gone {local_moment(head, change['was'])}"
    if change["reworded"] and kind != Kind.REWORDED.value:
        yield "it says something else, too"
    if change["late"] and change["due_at"]:
        yield f"late: it was due {local_moment(head, change['due_at'])}"
    if change["close_to"]:
        yield f"! less than 24 hours after the message of {local_moment(head, change['close_to'])}"
    if change["after_end"]:
        yield "behind the days looked at"


def _of_stage(head: PlanHead, change: ChangeData) -> Iterator[str]:
    if change["at"] and change["was"]:
        yield f"comes there instead of {local_moment(head, change['was'])}"
    elif change["at"]:
        yield f"comes there, owned by {head.member(change['owner'])}"
    else:
        yield "does not come there"
