"""What holds for every list of leads, however it is written."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from cadence.errors import CadenceError
from cadence.leads.importing import ImportRow, plan_import, write_rejects
from cadence.leads.record import BadLead, normalise
from cadence.leads.table import read_table

NOW = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
CHICAGO = ZoneInfo("America/Chicago")
HEADER = ("Name", "Cell", "Phone", "Email", "ID", "City", "Notes", "Created")

few_phones = st.sampled_from(["", "", "816-555-0142", "(816) 555-0143", "+18165550144", "911"])
cells = st.tuples(
    st.sampled_from(["", "Ana", "Ana Reyes", "Reyes, Ana", "Bob Smith", "Bob", "Kim"]),
    few_phones,
    few_phones,
    st.sampled_from(["", "", "ana@example.com", "Ana@Example.com", "bob@example.com", "nowhere"]),
    st.sampled_from(["", "", "", "17", "18", "ana"]),
    st.sampled_from(["", "Olathe", "Leawood", "Kansas\nCity", 'the "city"']),
    st.sampled_from(["", "one", "two", "one, two", "a;b|c"]),
    st.sampled_from(["", "", "11/23/2026 4:40 PM", "2026-11-01", "soon"]),
)
tables = st.lists(cells, max_size=9)
unruly = st.text(st.characters(codec="utf-8"), max_size=30) | st.text("\",;\n\r\t|'= +-@0123456789", max_size=30)


class Records:
    """Leads kept in memory."""

    def __init__(self) -> None:
        self.leads: dict[str, dict] = {}

    def find(self, **identity: str) -> dict | None:
        ((field, value),) = identity.items()
        found = [lead for lead in self.leads.values() if str(lead.get(field, "")).casefold() == value.casefold()]
        assert len(found) <= 1, f"two leads with one {field}"
        return found[0] if found else None

    def bring_in(self, text: str) -> list[ImportRow]:
        rows = []
        for row in plan_import(read_table(text.encode()), self, now=NOW, zone=CHICAGO):
            rows.append(row)
            if row.kind != "rejected":
                self.leads[row.attributes["id"]] = row.attributes
        return rows


def as_csv(rows: list[tuple[str, ...]], header: tuple[str, ...] = HEADER) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    return out.getvalue()


@settings(max_examples=200, deadline=None)
@given(tables)
def test_importing_twice_is_importing_once(rows):
    """A row that was rejected because of what came after it may be taken the second time; else nothing changes."""
    records = Records()
    first = records.bring_in(as_csv(rows))
    before = dict(records.leads)
    second = records.bring_in(as_csv(rows))
    assume([row.kind == "rejected" for row in first] == [row.kind == "rejected" for row in second])
    assert {row.kind for row in second} <= {"same", "rejected"}
    assert records.leads == before


@settings(max_examples=100, deadline=None)
@given(tables)
def test_planning_ahead_and_taking_row_by_row_say_the_same(rows):
    ahead = list(plan_import(read_table(as_csv(rows).encode()), Records(), now=NOW, zone=CHICAGO))
    assert ahead == Records().bring_in(as_csv(rows))


@settings(max_examples=150, deadline=None)
@given(tables)
def test_no_row_is_lost(rows):
    data_rows = [row for row in rows if any(row)]
    planned = Records().bring_in(as_csv(rows))
    assert [row.raw for row in planned] == data_rows
    assert all(row.reason for row in planned if row.kind == "rejected")
    assert all(row.attributes["id"] for row in planned if row.kind != "rejected")


@settings(max_examples=100, deadline=None)
@given(tables, st.permutations(range(len(HEADER))))
def test_the_order_of_the_columns_does_not_matter(rows, order):
    mixed = as_csv([tuple(row[place] for place in order) for row in rows], tuple(HEADER[place] for place in order))
    ours, theirs = Records().bring_in(as_csv(rows)), Records().bring_in(mixed)
    assert [(row.kind, row.attributes, row.changes) for row in ours] == [
        (row.kind, row.attributes, row.changes) for row in theirs
    ]


@settings(max_examples=100, deadline=None)
@given(tables)
def test_rejected_rows_written_out_are_rejected_again_for_the_same_reason(rows):
    rejected = [row for row in Records().bring_in(as_csv(rows)) if "(column" in row.reason]
    again = Records().bring_in(write_rejects(rejected, HEADER))
    assert [re.sub(r"row \d+", "row", row.reason) for row in again] == [
        re.sub(r"row \d+", "row", row.reason) for row in rejected
    ]


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=300) | st.builds(lambda text: b"Name,Phone,Email,Zip,Created\n" + text, st.binary(max_size=200))
)
@example(b'Phone\n"')
@example(b"\xff\xfe")
@example(b'sep=,\nPhone\n"\n"\n"')
def test_no_bytes_raise_anything_but_our_own_error(data):
    refusal = ""
    try:
        table = read_table(data, ["roof_age"])
        rows = list(plan_import(table, Records(), now=NOW, zone=CHICAGO))
        read_table(write_rejects(rows, table.header).encode("utf-8"))
    except CadenceError as error:
        refusal = str(error)
    assert not re.search(r"\d{7}", refusal)


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["name", "phone", "email", "zip", "state", "timezone", "value", "notes", "id", "city", "hat"]),
        unruly,
        min_size=1,
    )
)
@example({"phone": "8165550142 or 8165550143", "zip": "8165550142", "hat": "x"})
def test_a_record_is_kept_or_refused_and_a_refusal_never_holds_a_phone_number(raw):
    refusal, once = "", {}
    try:
        once = normalise(raw).attributes
    except BadLead as error:
        refusal = str(error)
    assert not re.search(r"\d{7}", refusal)
    assert not once or normalise(once).attributes == once, "what is kept is in the form in which it is kept"
