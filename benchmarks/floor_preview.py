"""The floor of the preview: a week of the benchmark's page by hand, out of cadence's tables, as lines of JSON.

    python -m benchmarks.floor_preview DATABASE START > week.jsonl

One process, the bare driver, the same decision as the other floors on a clock that jumps from touch to touch. It
reads where leads stand from the enrolments; it folds no log, knows no facts, and tells no reasons.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.by_hand import ACCOUNT, Message, Past, Standing, decide, instant

__all__ = ["run"]

WEEK = timedelta(days=7)


def run(path: Path, start: datetime) -> int:
    """Print what goes in the week from ``start``; return how many messages."""
    lines = 0
    with closing(sqlite3.connect(path)) as connection:
        for row in connection.execute(_STANDING, (ACCOUNT,)):
            *fields, wake_at = row
            at, past = Standing(*fields), list[Past]()
            wake = max(datetime.fromisoformat(wake_at), start)
            while wake < start + WEEK:
                found = decide(at, past, wake)
                if isinstance(found, Message):
                    sys.stdout.write(_line(found, wake))
                    past.append(Past(found.visit, found.touch, found.channel, "sent", instant(wake)))
                    lines += 1
                    found = found.wake_at
                if found is None:
                    break
                wake = datetime.fromisoformat(found)
    return lines


def _line(message: Message, at: datetime) -> str:
    return (
        json.dumps(
            {
                "account": ACCOUNT,
                "lead": message.lead,
                "playbook": message.playbook,
                "stage": message.stage,
                "touch": message.touch,
                "channel": message.channel,
                "due_at": message.due_at,
                "at": instant(at),
                "outcome": "sent",
                "reason": "sent",
                "line": message.line,
                "to": message.address,
                "subject": message.subject,
                "body": message.body,
                "segments": message.segments,
            }
        )
        + "\n"
    )


_STANDING = """
SELECT leads.lead, leads.name, leads.phone, leads.email, leads.attributes, enrolment, playbook, digest, stage, visit,
    enrolments.owner, started_at, wake_at
FROM leads JOIN enrolments ON enrolments.account = leads.account AND enrolments.lead = leads.lead
WHERE leads.account = ? AND ended_at IS NULL AND wake_at IS NOT NULL
ORDER BY leads.lead
"""

if __name__ == "__main__":
    run(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]))
