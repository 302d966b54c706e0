"""A review as a mail to the colleague it is for: Markdown, which reads well as it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.playbook.markup import in_markdown
from cadence.reports.preview_words import moment
from cadence.reports.review_page import about_words, count_rows, groups_of, names_of
from cadence.reports.review_words import TITLES, due_words, lead_words, marks, next_words, stage_words
from cadence.timing.wall import local

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.playbook.model import Workspace
    from cadence.runner.review_sheet import Listed, Sheet

__all__ = ["LIMIT", "write_review"]

LIMIT = 25  #: leads of each list and owner; the command shows the others


def write_review(sheet: Sheet, workspace: Workspace) -> tuple[str, str]:
    """Write a review of one playbook: subject, and body in Markdown."""
    named = sheet.about[0]
    number = len(sheet.leads)
    subject = (
        f"Review {named.review.name}, {named.plan.playbook.title}: {number:,} lead{'s' * (number != 1)} to look at, "
        f"{moment(local(sheet.at, sheet.zone))}"
    )
    return subject, "\n".join(_lines(sheet, workspace)) + "\n"


def _lines(sheet: Sheet, workspace: Workspace) -> Iterator[str]:
    names = names_of(workspace)
    command = f"cadence review {sheet.about[0].review.name} --playbook {sheet.about[0].plan.playbook.id}"
    yield f"{about_words(sheet)}."
    yield ""
    for number, title in count_rows(sheet):
        yield f"- **{number}** {in_markdown(title)}"
    yield ""
    yield f"Go through them on the spot: `{command} --walk`"
    for group in groups_of(sheet, workspace, limit=LIMIT):
        yield ""
        yield f"## {in_markdown(group.name)}: {group.size:,} lead{'s' * (group.size != 1)}"
        for code, leads, more in group.lists:
            yield ""
            yield f"**{in_markdown(TITLES[code])}**"
            yield ""
            for each in leads:
                yield f"- {_line(sheet, each, names, code)}"
            if more:
                yield (
                    f"- and {more:,} more: `{command} --owner {group.owner}`" if group.owner else f"- and {more:,} more"
                )


def _line(sheet: Sheet, each: Listed, names: dict[str, str], code: str) -> str:
    said = [f"{next_words(sheet, each, names)}, {due_words(each, sheet.at, sheet.zone)}", marks(sheet, each, code)]
    words = "; ".join(in_markdown(part) for part in said if part and part != "-, -")
    return f"**{in_markdown(lead_words(each))}**, {in_markdown(stage_words(sheet, each))}: {words}"
