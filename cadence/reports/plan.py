"""A plan, made: every lead's two futures compared, counted, and kept as lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from cadence.engine.events import instant_text
from cadence.reports.helper import page_texts
from cadence.reports.plan_data import NOT_READ, read_line
from cadence.reports.plan_head import PlanHead, head_of
from cadence.reports.plan_job import PlanJob
from cadence.reports.plan_tally import PlanTally

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cadence.reports.helper import Helper
    from cadence.runner.planning import Planned
    from cadence.store.entries import LogPage

__all__ = ["PlanMade", "make_plan", "plan_data"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMade:
    """A plan; leads that nothing changes for are not in it."""

    planned: Planned
    head: PlanHead
    tally: PlanTally
    lines: Sequence[str]  #: a line of JSON for each lead, by id

    @property
    def changes(self) -> bool:
        """Whether anything becomes different."""
        return bool(self.lines or self.planned.stranded)

    def leads(self, most: int | None = None) -> list[dict[str, Any]]:
        """Return what changes, lead by lead, at most so many."""
        found = (read_line(line) for line in self.lines)
        told = (data for data in found if NOT_READ not in data)
        return [data for data, _ in zip(told, range(most), strict=False)] if most is not None else list(told)


def make_plan(planned: Planned, pages: Iterable[LogPage], *, burst: int, helper: Helper | None = None) -> PlanMade:
    """Compare the futures of the leads of ``pages``; ``burst``: more leads than this are many at once."""
    head = head_of(planned, burst)
    tally = PlanTally(zone=ZoneInfo(head.zone))
    job = PlanJob(before=planned.before, after=planned.after, span=planned.span, roster=planned.roster)
    lines: list[str] = []
    for text in page_texts(job, pages, helper):
        for line in filter(None, text.split("\n")):
            tally.add(read_line(line))
            lines.append(line)
    return PlanMade(planned=planned, head=head, tally=tally, lines=lines)


def plan_data(made: PlanMade) -> dict[str, Any]:
    """Return a plan as plain data; the keys stay as they are from version to version."""
    head, tally, planned = made.head, made.tally, made.planned
    return {
        "account": head.account,
        "at": instant_text(head.at),
        "until": instant_text(head.until),
        "playbooks": [
            {"playbook": each.playbook, "file": each.file, "was": each.was or None, "now": each.now or None}
            for each in head.edited
        ],
        "answers": {name: dict(said) for name, said in planned.answers.items()},
        "stranded": [
            {"playbook": each.playbook, "stage": each.stage or None, "leads": each.leads, "ways": list(each.ways)}
            for each in head.stranded
        ],
        "totals": {
            "in_flight": head.leads,
            "changed": tally.changed,
            "within_the_hour": tally.soon,
            "burst": head.burst,
            "kinds": dict(tally.kinds),
            "late": tally.late,
            "close": sum(tally.close.values()),
            "left_without": dict(tally.gaps),
            "touches": [
                {"playbook": playbook, "stage": stage, "touch": touch, "channel": channel, **+told}
                for (playbook, stage, touch, channel), told in sorted(tally.touches.items())
            ],
            "stages": [
                {"playbook": playbook, "stage": stage, **came}
                for (playbook, stage), came in sorted(tally.stages.items())
            ],
            "days": [
                {"day": day.isoformat(), "channel": channel, "more": more, "fewer": fewer}
                for (day, channel), (more, fewer) in sorted(tally.days.items())
            ],
            "owners": [
                {"owner": owner or None, **{word.replace(" ", "_"): number for word, number in counts.items()}}
                for owner, counts in sorted(tally.owners.items())
            ],
            "not_read": dict(tally.not_read),
        },
        "leads": made.leads(),
    }
