"""Laws of the audit that hold for every export."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from cadence.leads.sheet import TableError
from cadence.reports.audit.audit import audit_of
from cadence.reports.audit.data import audit_data
from cadence.reports.audit.page import audit_page
from cadence.reports.audit.reading import read_export
from cadence.reports.audit.text import audit_lines
from cadence.reports.audit.vocabulary import vocabulary

NOW = datetime.fromisoformat("2026-11-24T13:10")
MONTH = timedelta(days=30)
DATED = (
    "Appointment",
    "Callback",
    "Contract Sent",
    "Contract Signed",
    "Quote Sent",
    "Next Step Date",
    "First Follow-up",
)
HEADINGS = ("Status", "Created", "Confirmed", "Owner", *DATED)
WORDS = ("New", "Qualified", "Booked", "Confirmed", "No-show", "Estimate sent", "Signed", "Won", "Lost", "Blue", "")

moments = st.one_of(
    st.just(""),
    st.datetimes(NOW - timedelta(days=70), NOW + timedelta(days=20)).map(
        lambda at: at.replace(second=0, microsecond=0)
    ),
    st.dates((NOW - timedelta(days=70)).date(), (NOW + timedelta(days=20)).date()),
)
leads = st.fixed_dictionaries(
    {
        "Status": st.sampled_from(WORDS),
        "Created": moments,
        "Confirmed": st.sampled_from(("yes", "no", "")),
        "Owner": st.sampled_from(("Lee", "")),
        **dict.fromkeys(DATED, moments),
    }
)


def export(rows, now=NOW, shift=timedelta(0)):
    """The rows as a file, every date moved by ``shift``; audited as of ``now``."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("ID", *HEADINGS))
    for row in rows:
        values = [row[heading] for heading in HEADINGS]
        cells = [cell if isinstance(cell, str) else (cell + shift).isoformat() for cell in values]
        writer.writerow((rows.index(row), *cells))
    return audit_of(read_export(out.getvalue().encode(), vocabulary(), as_of=now, period=MONTH))


def figures(audit) -> list[object]:
    lists = [(each.code, each.recent, len(each.leads), each.cannot) for each in audit.lists]
    return [audit.number, dict(audit.kinds), lists, audit.speed, audit.follow_ups]


@settings(max_examples=60, deadline=None)
@given(st.lists(leads, min_size=1, max_size=12), st.integers(-200, 200))
def test_the_same_export_a_while_later_has_the_same_figures(rows, days):
    shift = timedelta(days=days)

    assert figures(export(rows)) == figures(export(rows, NOW + shift, shift))


@settings(max_examples=60, deadline=None)
@given(st.lists(leads, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter_and_every_captured_lead_stands_somewhere(rows, chance):
    audit = export(rows)
    shuffled = chance.sample(rows, len(rows))

    assert figures(audit) == figures(export(shuffled))
    assert audit.captured == len([placed for placed in audit.export.leads if placed.recent])
    assert len(audit.unlocked) == audit.kinds.get("open", 0)
    assert len(rows) == len(audit.export.leads) + audit.export.doubles + audit.export.later + len(
        audit.export.set_aside
    )


@settings(max_examples=150, deadline=None)
@given(
    st.text(alphabet='aN,;"\n\t1/-:0\x00é= ', max_size=60),
    st.sampled_from(("utf-8", "utf-16", "cp1252")),
    st.booleans(),
)
def test_no_file_breaks_it(text, encoding, headed):
    data = f"{'Name,Status,Created,Appointment,First Response' if headed else ''}\n{text}".encode(encoding)
    try:
        audit = audit_of(read_export(data, vocabulary(), as_of=NOW, period=MONTH))
    except TableError:
        return
    assert list(audit_lines(audit, width=80))
    assert audit_data(audit)["captured"] == audit.captured
    assert audit_page(audit, "export.csv")
