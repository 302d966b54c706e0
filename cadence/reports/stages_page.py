"""The numbers of the stages as plain data, and as a page."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from cadence.engine.events import instant_text
from cadence.reports.numbers_words import NONE, NOTHING, lasted, money, most_first, percent
from cadence.reports.page import Page, Table
from cadence.reports.preview_words import visible
from cadence.reports.tally import half, share

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from cadence.reports.stages import PlaybookNumbers, StageNumbers

__all__ = ["stages_data", "stages_page"]


def stages_data(found: Sequence[PlaybookNumbers], *, account: str, now: datetime, since: timedelta) -> dict[str, Any]:
    """Return the numbers as plain data; the keys stay as they are from version to version.

    Times are in seconds, amounts in dollars, shares from 0 to 1; null where there is nothing to divide by.
    """
    return {
        "at": instant_text(now),
        "account": account,
        "since": instant_text(now - since),
        "playbooks": [_playbook_data(each) for each in found],
    }


def _playbook_data(numbers: PlaybookNumbers) -> dict[str, Any]:
    intake, closing = numbers.intake, numbers.closing
    ended = closing.won + closing.lost
    return {
        "playbook": numbers.playbook,
        "title": numbers.title,
        "leads": {
            "came": intake.leads,
            "by_source": dict(intake.by_source),
            "qualified": intake.qualified,
            "disqualified": intake.disqualified,
            "qualification_rate": share(intake.qualified, intake.qualified + intake.disqualified),
            "mql_to_sql": share(intake.qualified, intake.leads),
            "time_to_assignment": half(intake.to_owner),
            "assigned": len(intake.to_owner),
            "time_to_first_contact": half(intake.to_contact),
            "contacted": intake.contacted,
            "contact_rate": share(intake.contacted, intake.leads),
            "replied": intake.replied,
            "engagement": share(intake.replied, intake.leads),
            "reassigned": intake.reassigned,
            "share_reassigned": share(intake.reassigned, intake.leads),
        },
        "closing": {
            "won": closing.won,
            "lost": closing.lost,
            "close_rate": share(closing.won, ended),
            "time_to_won": half(closing.days),
            "revenue": round(closing.revenue, 2),
            "revenue_per_lead": round(closing.revenue / intake.leads, 2) if intake.leads else None,
            "open_value": round(closing.open_value, 2),
            "velocity_per_day": None if closing.velocity is None else round(closing.velocity, 2),
        },
        "sequences": {
            "ended": sum(each.sequences for each in numbers.stages.values()),
            "completed": sum(each.completed for each in numbers.stages.values()),
            "completion": share(
                sum(each.completed for each in numbers.stages.values()),
                sum(each.sequences for each in numbers.stages.values()),
            ),
        },
        "stages": [_stage_data(each) for each in numbers.stages.values()],
    }


def _stage_data(stage: StageNumbers) -> dict[str, Any]:
    return {
        "stage": stage.stage,
        "title": stage.title,
        "end": stage.end or None,
        "came": stage.came,
        "leads": stage.leads,
        "by_source": dict(stage.by_source),
        "went_to": dict(stage.went_to),
        "stayed": stage.stayed,
        "lost": stage.lost,
        "silent": stage.silent,
        "leakage": share(stage.lost + stage.silent, stage.went),
        "won": stage.won,
        "win_rate": share(stage.won, stage.leads),
        "sla_missed": stage.late,
        "share_sla_missed": share(stage.late, stage.came),
        "lock_missed": stage.unlocked,
        "ended": len(stage.lengths),
        "time_in_stage": half(stage.lengths),
        "sequences": stage.sequences,
        "completed": stage.completed,
        "now": stage.now,
        "now_past_sla": stage.now_late,
        "value_now": round(stage.value_now, 2),
    }


def stages_page(found: Sequence[PlaybookNumbers], *, business: str, period: str) -> Page:
    """Lay the numbers out: a table of the stages and one of the leads, for each playbook."""
    tables = [table for numbers in found for table in (_stages(numbers), _leads(numbers))]
    return Page(
        business=business,
        title="the stages",
        about=f"The last {period}.",
        tables=tuple(tables),
        nothing=f"{NOTHING}: no lead is in a playbook.",
        notes=(_HOW_TO_READ,) if tables else (),
    )


_HOW_TO_READ = (
    "Came in: stays that began in these days; a lead that comes back counts again. Past SLA: of them, with a promise "
    "missed. Leaked: of those that went on, lost or ended by silence. Half stayed: how long at most, of those that "
    "left in these days. There now: open leads, whenever they came."
)


def _stages(numbers: PlaybookNumbers) -> Table:
    return Table(
        title=f"{numbers.playbook}: {numbers.title or 'not published any more'}",
        head=("STAGE", "CAME IN", "PAST SLA", "LEAKED", "HALF STAYED", "THERE NOW", "WENT TO"),
        words=(0, 6),
        rows=tuple(
            (
                each.stage,
                f"{each.came:,}",
                NONE if each.end else percent(each.late, each.came),
                NONE if each.end else percent(each.lost + each.silent, each.went),
                lasted(half(each.lengths)),
                NONE if each.end else f"{each.now:,}",
                most_first(each.went_to) or NONE,
            )
            for each in numbers.stages.values()
        ),
    )


def _leads(numbers: PlaybookNumbers) -> Table:
    intake, closing = numbers.intake, numbers.closing
    stages = numbers.stages.values()
    rows = (
        ("  came in", f"{intake.leads:,}"),
        ("  from", most_first(Counter({visible(name, line=True): n for name, n in intake.by_source.items()}))),
        ("  are a real job", percent(intake.qualified, intake.leads)),
        ("  of those judged", percent(intake.qualified, intake.qualified + intake.disqualified)),
        ("  had a colleague's call, message or visit", percent(intake.contacted, intake.leads)),
        ("  half of them after", lasted(half(intake.to_contact))),
        ("  half had an owner after", lasted(half(intake.to_owner))),
        ("  went to another owner", percent(intake.reassigned, intake.leads)),
        ("  answered us", percent(intake.replied, intake.leads)),
        (
            "  sequences that ran to their end",
            percent(sum(e.completed for e in stages), sum(e.sequences for e in stages)),
        ),
        ("  won, of those that ended", percent(closing.won, closing.won + closing.lost)),
        ("  half of the won took", lasted(half(closing.days))),
        ("  revenue per lead that came in", money(closing.revenue / intake.leads if intake.leads else None)),
        ("  open jobs are worth", money(closing.open_value)),
        ("  and bring, at that rate, a day", money(closing.velocity)),
    )
    return Table(head=("LEADS", ""), words=(0, 1), rows=rows)
