"""The weekly numbers counted once more, by plain SQL over the bare tables of an SQLite file.

Nothing of the program is used: not its queries, its calendars, its weeks or its words. What is counted is said in
``docs/reference/numbers.md``.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["HOURS", "recount"]

_DAY = timedelta(days=1)
#: Playbook -> hours from Monday to Saturday, and days on which they are others; (opens, closes), "" for closed.
HOURS: Mapping[str, tuple[Sequence[str], Mapping[str, str]]] = {
    "roofer": (
        [*["08:00-18:00"] * 5, "09:00-13:00"],
        {"2026-11-26": "", "2026-11-27": "", "2026-12-24": "08:00-12:00", "2026-12-25": ""},
    ),
    "plumber": (
        [*["07:30-18:00"] * 5, "07:30-16:00"],
        {"2026-11-26": "", "2026-12-24": "07:30-12:00", "2026-12-25": ""},
    ),
    "gutters": ([*["08:00-18:00"] * 5, "09:00-13:00"], {}),
}


def recount(
    database: Path, *, zone: str, mondays: Sequence[str], now: str, hours: Mapping[str, Any] = HOURS, playbook: str = ""
) -> list[dict[str, Any]]:
    """Count each week that begins on one of ``mondays``; ``now`` is an instant as the tables have it."""
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        connection.executescript(_TABLES)
        connection.executemany("INSERT INTO temp.opens VALUES (?, ?, ?)", _spans(hours, zone, mondays[0], now))
        weeks = [_week(monday, zone) for monday in mondays]
        connection.executescript(_VIEWS.replace("NOW", now).replace("PLAYBOOK", playbook))
        return [
            {
                name: connection.execute(
                    query.replace("PLAYBOOK", playbook),
                    {"starts": starts, "ends": ends, "at": min(ends, now), "now": now},
                ).fetchone()[0]
                for name, query in _QUERIES.items()
            }
            for starts, ends in weeks
        ]


def _week(monday: str, zone: str) -> tuple[str, str]:
    first = date.fromisoformat(monday)
    return _text(first, "00:00", zone), _text(first + 7 * _DAY, "00:00", zone)


def _text(day: date, at: str, zone: str) -> str:
    local = datetime.combine(day, time.fromisoformat(at), ZoneInfo(zone))
    return datetime.fromtimestamp(int(local.timestamp()), ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ")


def _spans(hours: Mapping[str, Any], zone: str, first: str, now: str) -> list[tuple[str, str, str]]:
    """List when each playbook's shop opens and closes, from before the first week to a month after ``now``."""
    spans = []
    day, last = date.fromisoformat(first) - 7 * _DAY, date.fromisoformat(now[:10]) + 31 * _DAY
    while day <= last:
        for playbook, (week, others) in hours.items():
            usual = week[day.weekday()] if day.weekday() < len(week) else ""
            opens, _, closes = others.get(day.isoformat(), usual).partition("-")
            if opens:
                spans.append((playbook, _text(day, opens, zone), _text(day, closes, zone)))
        day += _DAY
    return spans


_TABLES = "CREATE TEMP TABLE opens (playbook TEXT, starts TEXT, ends TEXT);"

_VIEWS = """
CREATE TEMP VIEW log AS
SELECT id, lead, enrolment, job, type, at, data FROM events AS e
WHERE lead <> '' AND at <= 'NOW' AND NOT EXISTS (
    SELECT 1 FROM events AS u WHERE u.type = 'act.undone' AND u.at <= 'NOW'
    AND u.lead = e.lead AND e.key <> '' AND json_extract(u.data, '$.undoes') = e.key);

CREATE TEMP VIEW began AS
SELECT id, lead, enrolment, job, at, json_extract(data, '$.playbook') AS playbook, json_extract(data, '$.by') AS cause
FROM log WHERE type = 'enrolment.started';

CREATE TEMP VIEW turns AS
SELECT id, enrolment, at, type FROM log WHERE type IN ('enrolment.ended', 'visit.restored');

CREATE TEMP VIEW about AS  -- facts, and the enrolments that were open and that they are about
SELECT f.id AS fact, b.enrolment, b.playbook FROM log AS f JOIN began AS b ON b.lead = f.lead
WHERE f.type <> 'touch.sent' AND b.id < f.id
AND COALESCE((SELECT t.type FROM turns AS t WHERE t.enrolment = b.enrolment AND t.id < f.id
              ORDER BY t.id DESC LIMIT 1), '') <> 'enrolment.ended'
AND CASE WHEN f.enrolment <> '' THEN f.enrolment = b.enrolment ELSE f.job IN ('', b.job) END;

CREATE TEMP TABLE contacts AS
SELECT id, lead, at, type, enrolment FROM log
WHERE type IN ('message.sent', 'message.sent.by_person', 'call.logged', 'visit.logged')
OR (type = 'touch.sent' AND json_extract(data, '$.channel') IN ('sms', 'email', 'voice'));

CREATE TEMP TABLE contacts_about AS
SELECT id AS fact, enrolment FROM contacts WHERE type = 'touch.sent'
UNION SELECT c.id, a.enrolment FROM contacts AS c JOIN about AS a ON a.fact = c.id;

CREATE TEMP VIEW asked AS
SELECT id, lead, type, at FROM log
WHERE type = 'call.missed' OR (type = 'lead.created' AND COALESCE(json_extract(data, '$.inquiry'), 1) <> 0);

CREATE TEMP VIEW first_asked AS
SELECT enrolment, lead, playbook, MIN(at) AS at FROM (
    SELECT b.enrolment, b.lead, b.playbook, q.at FROM asked AS q JOIN about AS a ON a.fact = q.id
    JOIN began AS b ON b.enrolment = a.enrolment
    UNION
    SELECT b.enrolment, b.lead, b.playbook, q.at FROM asked AS q JOIN began AS b ON b.lead = q.lead
    WHERE q.id < b.id AND q.type = b.cause AND q.at = b.at)
GROUP BY enrolment;

CREATE TEMP TABLE inquiries AS  -- one row for each, with its first answer
SELECT i.lead, i.at, i.playbook, (
    SELECT MIN(c.at) FROM contacts AS c WHERE c.lead = i.lead AND c.at >= i.at AND c.type <> 'visit.logged') AS answered
FROM (SELECT lead, at, MIN(playbook) AS playbook FROM first_asked
      WHERE 'PLAYBOOK' IN ('', playbook) GROUP BY lead, at) AS i;

CREATE TEMP TABLE waited AS
SELECT i.*, unixepoch(answered) - unixepoch(at) AS elapsed,
    (SELECT COALESCE(SUM(MAX(0, unixepoch(MIN(o.ends, answered)) - unixepoch(MAX(o.starts, i.at)))), 0)
     FROM opens AS o WHERE o.playbook = i.playbook) AS open,
    (SELECT MIN(due) FROM (
        SELECT unixepoch(ends) - (
            SUM(unixepoch(ends) - unixepoch(MAX(starts, i.at))) OVER (ORDER BY starts) - 300) AS due,
            SUM(unixepoch(ends) - unixepoch(MAX(starts, i.at))) OVER (ORDER BY starts) AS so_far
        FROM opens AS o WHERE o.playbook = i.playbook AND o.ends > i.at)
     WHERE so_far >= 300) AS due
FROM inquiries AS i;

CREATE TEMP TABLE estimates AS
SELECT id, lead, at FROM log AS e WHERE type = 'estimate.sent' AND ('PLAYBOOK' = '' OR EXISTS (
    SELECT 1 FROM about AS a WHERE a.fact = e.id AND a.playbook = 'PLAYBOOK'));

CREATE TEMP TABLE followed AS
SELECT e.id, e.at, MAX(c.id IS NOT NULL) AS up, MAX(COALESCE(c.type NOT IN ('touch.sent', 'message.sent'), 0)) AS person
FROM estimates AS e LEFT JOIN contacts AS c ON c.lead = e.lead AND c.at > e.at
    AND unixepoch(c.at) <= unixepoch(e.at) + 48 * 3600
    AND (NOT EXISTS (SELECT 1 FROM about AS a WHERE a.fact = e.id)
         OR NOT EXISTS (SELECT 1 FROM contacts_about AS k WHERE k.fact = c.id)
         OR EXISTS (SELECT 1 FROM about AS a JOIN contacts_about AS k ON k.enrolment = a.enrolment
                    WHERE a.fact = e.id AND k.fact = c.id))
GROUP BY e.id;
"""

_WEEK = "at >= :starts AND at < :ends"
_NTH = """
SELECT {length} FROM (SELECT {length}, ROW_NUMBER() OVER (ORDER BY {length}) AS place, COUNT(*) OVER () AS number
                      FROM waited WHERE {week} AND answered IS NOT NULL)
WHERE place = (number * {part} + {of} - 1) / {of}
UNION ALL SELECT NULL LIMIT 1
"""

_QUERIES = {
    "inquiries": f"SELECT COUNT(*) FROM waited WHERE {_WEEK}",
    "answered": f"SELECT COUNT(answered) FROM waited WHERE {_WEEK}",
    "open_median": _NTH.format(length="open", week=_WEEK, part=1, of=2),
    "open_p90": _NTH.format(length="open", week=_WEEK, part=9, of=10),
    "open_within": f"SELECT COUNT(*) FROM waited WHERE {_WEEK} AND unixepoch(answered) <= due",
    "open_judged": f"SELECT COUNT(*) FROM waited WHERE {_WEEK} AND (answered IS NOT NULL OR due < unixepoch(:now))",
    "median": _NTH.format(length="elapsed", week=_WEEK, part=1, of=2),
    "p90": _NTH.format(length="elapsed", week=_WEEK, part=9, of=10),
    "within": f"SELECT COUNT(*) FROM waited WHERE {_WEEK} AND elapsed <= 300",
    "judged": f"""SELECT COUNT(*) FROM waited WHERE {_WEEK}
                  AND (answered IS NOT NULL OR unixepoch(at) + 300 < unixepoch(:now))""",
    "sent": f"SELECT COUNT(*) FROM estimates WHERE {_WEEK}",
    "not_yet": f"SELECT COUNT(*) FROM estimates WHERE {_WEEK} AND unixepoch(at) + 48 * 3600 > unixepoch(:now)",
    "followed_up": f"""SELECT COALESCE(SUM(up), 0) FROM followed
                       WHERE {_WEEK} AND unixepoch(at) + 48 * 3600 <= unixepoch(:now)""",
    "by_person": f"""SELECT COALESCE(SUM(person), 0) FROM followed
                     WHERE {_WEEK} AND unixepoch(at) + 48 * 3600 <= unixepoch(:now)""",
    "open_estimates": """
        SELECT COUNT(*) FROM (
            SELECT b.enrolment, MAX(e.at) AS latest FROM began AS b
            JOIN about AS a ON a.enrolment = b.enrolment JOIN estimates AS e ON e.id = a.fact AND e.at <= :at
            WHERE b.at < :at AND 'PLAYBOOK' IN ('', b.playbook) AND NOT EXISTS (
                SELECT 1 FROM turns AS t WHERE t.enrolment = b.enrolment AND t.type = 'enrolment.ended' AND t.at <= :at
                AND NOT EXISTS (SELECT 1 FROM turns AS r WHERE r.enrolment = t.enrolment AND r.id > t.id
                                AND r.type = 'visit.restored'))
            GROUP BY b.enrolment)
        AS o WHERE unixepoch(latest) < unixepoch(:at) - 7 * 86400 AND NOT EXISTS (
            SELECT 1 FROM log AS f JOIN about AS a ON a.fact = f.id
            WHERE a.enrolment = o.enrolment AND f.at >= o.latest AND f.at <= :at AND f.type IN (
                'contract.signed', 'deposit.paid', 'work.approved', 'lead.won', 'lead.lost', 'lead.disqualified',
                'not_interested'))""",
}
