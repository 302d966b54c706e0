"""A review as a page: how many leads stand on each list, then the leads, owner by owner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cadence.engine.events import instant_text
from cadence.engine.open_loops import LISTS, NEEDS_A_PERSON, OLD_ESTIMATE
from cadence.reports.cells import clip
from cadence.reports.page import Page, Table
from cadence.reports.preview_words import moment, visible, zone_name
from cadence.reports.review_words import TITLES, due_words, lead_words, marks, next_words, stage_words
from cadence.timing.wall import local

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from cadence.playbook.model import Workspace
    from cadence.runner.review_sheet import Listed, Sheet

__all__ = ["Group", "about_words", "count_rows", "groups_of", "names_of", "review_data", "review_page", "title_words"]

NOTHING = "Nothing to look at: no lead stands on a list."
_HEAD = ("Lead", "Stage", "Next", "Due", "Also")
_LEAD, _NEXT, _ALSO = 40, 48, 72  #: cells on a terminal


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The leads of one owner, list by list."""

    owner: str  #: member id; empty: nobody
    name: str
    lists: tuple[tuple[str, Sequence[Listed], int], ...]  #: code, leads shown under it, how many more there are
    size: int


def review_page(sheet: Sheet, workspace: Workspace, *, limit: int = 0, clipped: bool = False) -> Page:
    """Lay a review out.

    Each lead stands once, under its most urgent list. ``limit``: at most so many of each list for each owner; 0: all.
    ``clipped``: long texts are cut, for a terminal.
    """
    names = names_of(workspace)
    tables = [Table(head=("Leads", "List"), rows=tuple(count_rows(sheet)), words=(1,))]
    for group in groups_of(sheet, workspace, limit=limit):
        rows: list[tuple[str, ...]] = []
        for code, leads, more in group.lists:
            rows.append((f"{TITLES[code]} ({len(leads) + more:,})",))
            rows += [_row(sheet, each, names, code, clipped=clipped) for each in leads]
            rows += [(f" and {more:,} more",)] * bool(more)
        title = f"{group.name}: {group.size:,} lead{'s' * (group.size != 1)}"
        tables.append(Table(head=_HEAD, rows=tuple(rows), title=title, words=tuple(range(len(_HEAD)))))
    return Page(
        business=visible(workspace.business.name, line=True),
        title=title_words(sheet),
        about=about_words(sheet),
        tables=tuple(tables) if sheet.leads else (),
        nothing=NOTHING,
    )


def title_words(sheet: Sheet) -> str:
    """Name the review."""
    if not sheet.about:
        return "every open lead"
    name = sheet.about[0].review.name
    return f"{name}, review of {', '.join(each.plan.playbook.title for each in sheet.about)}"


def about_words(sheet: Sheet) -> str:
    """Say what time it is of, and how many leads it is about."""
    at = local(sheet.at, sheet.zone)
    listed = len(sheet.leads)
    return (
        f"{moment(at)} {zone_name(at)}: {sheet.open:,} open lead{'s' * (sheet.open != 1)}, {listed:,} of them on a list"
    )


def count_rows(sheet: Sheet) -> Iterator[tuple[str, str]]:
    """Yield how many leads stand on each list; a lead may stand on several."""
    old = sum(
        1 for each in sheet.leads if "open_estimate" in each.lists and sheet.at - each.row.stage_since > OLD_ESTIMATE
    )
    for code in LISTS:
        if number := sheet.counts[code]:
            note = f", {old:,} for more than {OLD_ESTIMATE.days} days" if code == "open_estimate" and old else ""
            yield f"{number:,}", TITLES[code] + note + (" !" if code in NEEDS_A_PERSON else "")


def groups_of(sheet: Sheet, workspace: Workspace, *, limit: int = 0) -> Iterator[Group]:
    """Yield the leads by owner, what nobody owns first, then in the order of the team."""
    by_owner: dict[str, dict[str, list[Listed]]] = {}
    for each in sheet.leads:
        by_owner.setdefault(each.row.owner, {}).setdefault(each.lists[0], []).append(each)
    names = names_of(workspace)
    order = {member.id: place for place, member in enumerate(workspace.team)}
    for owner in sorted(by_owner, key=lambda each: (bool(each), order.get(each, len(order)), each)):
        lists = by_owner[owner]
        shown = tuple(
            (code, lists[code][: limit or None], max(len(lists[code]) - limit, 0) if limit else 0)
            for code in LISTS
            if code in lists
        )
        yield Group(
            owner=owner,
            name=visible(names.get(owner, owner), line=True) or "Nobody",
            lists=shown,
            size=sum(map(len, lists.values())),
        )


def names_of(workspace: Workspace) -> dict[str, str]:
    """Return the names of the team, by id."""
    return {member.id: member.name for member in workspace.team}


def _row(sheet: Sheet, each: Listed, names: dict[str, str], code: str, *, clipped: bool) -> tuple[str, ...]:
    cells = (
        f" {lead_words(each)}",
        stage_words(sheet, each),
        next_words(sheet, each, names),
        due_words(each, sheet.at, sheet.zone),
        marks(sheet, each, code),
    )
    if not clipped:
        return cells
    return clip(cells[0], _LEAD), cells[1], clip(cells[2], _NEXT), cells[3], clip(cells[4], _ALSO)


def review_data(sheet: Sheet, workspace: Workspace, *, limit: int = 0) -> dict[str, Any]:
    """Return a review as plain data; the keys stay as they are from version to version."""
    names = names_of(workspace)
    shown = [
        each for group in groups_of(sheet, workspace, limit=limit) for _, leads, _ in group.lists for each in leads
    ]
    return {
        "at": instant_text(sheet.at),
        "reviews": [
            {"playbook": each.plan.playbook.id, "review": each.review.name, "of": list(each.review.of)}
            for each in sheet.about
        ],
        "open": sheet.open,
        "listed": len(sheet.leads),
        "needs_a_person": sheet.needs_a_person,
        "counts": {code: sheet.counts[code] for code in LISTS},
        "leads": [_data(sheet, each, names) for each in shown],
    }


def _data(sheet: Sheet, each: Listed, names: dict[str, str]) -> dict[str, Any]:
    row = each.row
    return {
        "lead": row.lead,
        "name": row.name,
        "enrolment": row.enrolment,
        "playbook": row.playbook,
        "job": row.job,
        "stage": row.stage,
        "stage_title": stage_words(sheet, each),
        "stage_since": instant_text(row.stage_since),
        "owner": row.owner,
        "owner_name": names.get(row.owner, row.owner),
        "lists": list(each.lists),
        "next": {
            "kind": row.next_kind,
            "name": row.next_name,
            "owner": row.next_owner,
            "due_at": _text(row.next_due_at),
            "says": due_words(each, sheet.at, sheet.zone),
        },
        "lock_due_at": _text(row.lock_due_at),
        "follow_up": each.follow_up.isoformat() if each.follow_up else None,
        "moved_at": instant_text(row.moved_at),
        "score": row.score,
        "gaps": [{"code": gap["code"], "text": gap["text"]} for gap in row.gaps],
        "marks": marks(sheet, each, each.lists[0]),
    }


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else instant_text(instant)
