"""A plan kept in a file, and whether it still is what publishing would do.

One line of JSON for what the plan is about, then one for each lead that something changes for, by id. Neither names nor
texts stand in it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cadence.engine.events import instant_text, parse_instant
from cadence.engine.roster import Roster
from cadence.errors import CadenceError
from cadence.reports.plan_data import NOT_READ, read_line
from cadence.reports.plan_signs import change_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from cadence.reports.plan import PlanMade

__all__ = ["KeptPlan", "kept_plan", "read_plan", "staleness", "write_plan"]

FORMAT = 1
_LONG_AGO = "2000-01-01T00:00:00Z"
#: What is compared of a change; the message before it and whether it goes within the hour follow from these.
_COMPARED = (
    "kind",
    "enrolment",
    "playbook",
    "stage",
    "touch",
    "channel",
    "detail",
    "owner",
    "reworded",
    "late",
    "after_end",
    "text",
)
_INSTANTS = ("was", "at", "due_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPlan:
    """A plan as it was made at its time."""

    account: str
    at: datetime  #: the publication it was made for
    start: datetime  #: the first tick after it
    until: datetime
    in_force: Mapping[str, str]  #: playbook -> digest
    pages: Mapping[str, str]  #: edited playbook -> digest; empty: the page is gone
    moves: tuple[str, ...]  #: answers, as ``PLAYBOOK.OLD=NEW``
    roster: Roster
    lines: Mapping[str, str]  #: lead -> what changes for it


def kept_plan(made: PlanMade) -> KeptPlan:
    """Return a plan as it is kept."""
    planned = made.planned
    return KeptPlan(
        account=planned.account,
        at=planned.span.at,
        start=planned.span.start,
        until=planned.span.end,
        in_force=planned.in_force,
        pages={each.playbook: each.now for each in planned.edited},
        moves=tuple(f"{name}.{old}={new}" for name, said in planned.answers.items() for old, new in said.items()),
        roster=planned.roster,
        lines={read_line(line)["lead"]: line for line in made.lines},
    )


def write_plan(made: PlanMade) -> Iterator[str]:
    """Yield the lines of a plan's file."""
    kept = kept_plan(made)
    yield json.dumps(
        {
            "cadence_plan": FORMAT,
            "account": kept.account,
            "at": instant_text(kept.at),
            "start": instant_text(kept.start),
            "until": instant_text(kept.until),
            "in_force": dict(kept.in_force),
            "pages": dict(kept.pages),
            "moves": list(kept.moves),
            "loads": dict(kept.roster.loads),
            "turns": [[role, member, turn] for (role, member), turn in kept.roster.turns.items()],
        }
    )
    for lead, line in kept.lines.items():
        data = read_line(line)
        yield json.dumps({"lead": lead, "changes": data.get("changes", []), **_not_read(data)})


def read_plan(path: Path) -> KeptPlan:
    """Read a plan's file. CadenceError when it cannot be read, or is none."""
    try:
        head, *lines = path.read_text(encoding="utf-8").splitlines()
        data = json.loads(head)
        if data["cadence_plan"] != FORMAT:
            raise ValueError(FORMAT)
        return KeptPlan(
            account=data["account"],
            at=parse_instant(data["at"]),
            start=parse_instant(data["start"]),
            until=parse_instant(data["until"]),
            in_force=dict(data["in_force"]),
            pages=dict(data["pages"]),
            moves=tuple(data["moves"]),
            roster=Roster(loads=dict(data["loads"]), turns={(role, member): n for role, member, n in data["turns"]}),
            lines={read_line(line)["lead"]: line for line in lines},
        )
    except OSError as error:
        raise CadenceError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, TypeError, KeyError, AttributeError):
        raise CadenceError(
            f"{path} is not a plan of this version of cadence", help="make one with `cadence plan --out FILE`"
        ) from None


def staleness(kept: KeptPlan, made: PlanMade) -> str:
    """Say how a plan differs from the same plan made now; empty: it still holds.

    Pages and versions first. Of the leads, what changes is compared and not what goes as it would have gone. What goes
    at once, or so long after the publication, may be told for another instant: the publication is at another. Who came
    in since is not compared: nothing was foretold of them.
    """
    now = kept_plan(made)
    if now.in_force != kept.in_force:
        return f"{_differing(kept.in_force, now.in_force)} is not in force as it was then: it was published since"
    if now.pages != kept.pages:
        return f"the page of {_differing(kept.pages, now.pages)} was edited since"
    for lead in sorted(kept.lines.keys() | now.lines.keys()):
        if lead not in kept.lines and _since(now.lines[lead]) > kept.at:
            continue
        then, today = _rows(kept.lines.get(lead)), _rows(now.lines.get(lead))
        if then is None and today is None:
            continue
        if then is None or today is None or not _same(then, kept, today, now):
            return _how(lead, then or [], today or [], kept, made)
    return ""


def _differing(one: Mapping[str, str], other: Mapping[str, str]) -> str:
    return next(name for name in sorted(one.keys() | other.keys()) if one.get(name) != other.get(name))


def _since(line: str) -> datetime:
    """Return when a lead came into the playbooks that something changes of for it."""
    return parse_instant(read_line(line).get("since", _LONG_AGO))


def _rows(line: str | None) -> list[dict[str, Any]] | None:
    """Return the changes of a lead, those that are compared first; None for one whose future cannot be told."""
    if line is None:
        return []
    data = read_line(line)
    rows: list[dict[str, Any]] = data.get("changes", [])
    return None if NOT_READ in data else rows


def _same(then: list[dict[str, Any]], kept: KeptPlan, today: list[dict[str, Any]], now: KeptPlan) -> bool:
    left = list(today)
    for row in then:
        twin = next((each for each in left if _is_same(row, kept, each, now)), None)
        if twin is None:
            return False
        left.remove(twin)
    return not left


def _is_same(row: Mapping[str, Any], kept: KeptPlan, other: Mapping[str, Any], now: KeptPlan) -> bool:
    if any(row[name] != other[name] for name in _COMPARED):
        return False
    return all(_is_same_instant(row[name], kept, other[name], now) for name in _INSTANTS)


def _is_same_instant(then: str | None, kept: KeptPlan, today: str | None, now: KeptPlan) -> bool:
    if then == today or then is None or today is None:
        return then == today
    one, other = parse_instant(then), parse_instant(today)
    return one - kept.start == other - now.start or one - kept.at == other - now.at


def _how(lead: str, then: list[dict[str, Any]], today: list[dict[str, Any]], kept: KeptPlan, made: PlanMade) -> str:
    now = kept_plan(made)
    was = next((row for row in then if not any(_is_same(row, kept, each, now) for each in today)), None)
    is_now = next((row for row in today if not any(_is_same(each, kept, row, now) for each in then)), None)
    said = [
        f"{word} {' '.join(filter(None, change_words(made.head, row)))!r}"  # type: ignore[arg-type]
        for word, row in (("it foretold", was), ("now it would be", is_now))
        if row
    ]
    return f"what changes for lead {lead} is not what it was: {'; '.join(said) or 'it cannot be told any more'}"


def _not_read(data: Mapping[str, Any]) -> dict[str, Any]:
    return {NOT_READ: data[NOT_READ]} if NOT_READ in data else {}
