"""The floor of the review: every open lead on its lists by hand, out of cadence's tables, in one statement.

    python -m benchmarks.floor_review DATABASE NOW TOMORROW NEXT_WEEK > review.txt

One process, the bare driver. SQLite puts each lead on its lists and in order; it knows the one page, whose stage no
estimate leads to, no holidays, no versions and no zone but the one its bounds were worked out in.
"""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from benchmarks.by_hand import ACCOUNT

__all__ = ["SHAPE", "run"]

#: Makes of leads that came in this morning a shop that a review has work with: next steps of people, some late, some
#: somebody else's, some without a date; locks that were missed; moves that wait; leads of nobody.
SHAPE = """
UPDATE enrolments SET
    owner = CASE rowid % 41 WHEN 0 THEN '' ELSE 'member-' || (rowid % 12) END,
    next_kind = CASE rowid % 13 WHEN 0 THEN '' WHEN 1 THEN 'touch' ELSE 'task' END,
    next_name = CASE rowid % 13 WHEN 0 THEN '' WHEN 1 THEN 'first' ELSE 'Call ' || lead || ' about the roof' END,
    next_owner = CASE rowid % 7 WHEN 0 THEN 'member-12' ELSE 'member-' || (rowid % 12) END,
    next_due_at = CASE WHEN rowid % 13 = 0 OR rowid % 17 = 0 THEN NULL
        ELSE substr(datetime('2026-11-24 14:30:00', (rowid * 37 % 9000 - 3000) || ' minutes'), 1, 10) || 'T' ||
            substr(datetime('2026-11-24 14:30:00', (rowid * 37 % 9000 - 3000) || ' minutes'), 12) || 'Z' END,
    lock_due_at = CASE rowid % 11 WHEN 0 THEN '2026-11-24T08:00:00Z' WHEN 1 THEN '2026-12-24T08:00:00Z' END,
    locked_by = CASE rowid % 22 WHEN 0 THEN 'appointment.booked' ELSE '' END,
    gaps = CASE rowid % 29
        WHEN 0 THEN '[{"code":"move_waiting","since":"2026-11-24T14:00:00Z","text":"lead.zip is not known"}]'
        ELSE '[]' END
WHERE account = :account
"""


def run(path: Path, now: str, tomorrow: str, next_week: str) -> int:
    """Print how many leads stand on each list, then the leads, by owner and urgency; return how many."""
    counts: dict[str, int] = {}
    lines: list[str] = []
    with closing(sqlite3.connect(path)) as connection:
        values = {"account": ACCOUNT, "now": now, "tomorrow": tomorrow, "next_week": next_week}
        before = None
        for owner, lead, name, stage, following, due, lists, gaps in connection.execute(_REVIEW, values):
            if not lists:
                continue
            if owner != before:
                lines.append(f"\n{owner or 'nobody'}")
                before = owner
            for each in lists.split():
                counts[each] = counts.get(each, 0) + 1
            lines.append(f"{name} ({lead})   {stage}   {following}   {due or '-'}   {lists}   {gaps}")
    for name, number in counts.items():
        sys.stdout.write(f"{number:6} {name}\n")
    sys.stdout.write("\n".join(lines) + "\n")
    return len(lines)


_REVIEW = """
SELECT owner, lead, name, stage, next_name, next_due_at,
    trim(iif(overdue, 'overdue ', '') || iif(unlocked, 'unlocked ', '') || iif(waiting, 'move_waiting ', '')
        || iif(without, 'no_next_action ', '') || iif(today, 'due_today ', '') || iif(inside, 'waiting_inside ', '')
        || iif(week, 'due_this_week ', '')),
    gaps
FROM (
    SELECT enrolments.owner AS owner, leads.lead AS lead, name, stage, next_name, next_due_at, gaps,
        next_kind = 'task' AND next_due_at < :now AS overdue,
        lock_due_at <= :now AND (locked_by = '' OR locked_until <= :now) AS unlocked,
        gaps LIKE '%"code":"move_waiting"%' AS waiting,
        next_kind = '' AS without,
        next_kind = 'task' AND next_due_at >= :now AND next_due_at < :tomorrow AS today,
        next_kind = 'task' AND next_owner <> enrolments.owner AS inside,
        next_kind = 'task' AND next_due_at >= :tomorrow AND next_due_at < :next_week AS week
    FROM enrolments JOIN leads ON leads.account = enrolments.account AND leads.lead = enrolments.lead
    WHERE enrolments.account = :account AND ended_at IS NULL
)
ORDER BY owner, overdue DESC, unlocked DESC, waiting DESC, without DESC, today DESC, inside DESC, week DESC, next_due_at
"""

if __name__ == "__main__":
    run(Path(sys.argv[1]), *sys.argv[2:])
