"""Reading a list of leads: encodings, delimiters, headings, broken rows."""

import codecs

import pytest

from cadence.leads.columns import assign_columns
from cadence.leads.table import TableError, read_table


def rows_of(text: str | bytes) -> list[tuple[str, ...]]:
    return [row.cells for row in read_table(text if isinstance(text, bytes) else text.encode()).rows()]


def fields_of(*header: str, own: tuple[str, ...] = ()) -> list[str]:
    return [column.field for column in assign_columns(header, own)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_the_delimiter_and_line_ends_are_found(delimiter, line_end):
    text = line_end.join(delimiter.join(cells) for cells in (["Name", "Phone"], ["Ana", "1"], ["Bob", "2"]))
    table = read_table(text.encode())
    assert table.delimiter == delimiter
    assert [row.cells for row in table.rows()] == [("Ana", "1"), ("Bob", "2")]


@pytest.mark.parametrize(
    "data",
    [
        "Name,Phone\nJosé,1\n".encode(),
        codecs.BOM_UTF8 + "Name,Phone\nJosé,1\n".encode(),
        "Name,Phone\nJosé,1\n".encode("utf-16"),
        codecs.BOM_UTF16_BE + "Name,Phone\nJosé,1\n".encode("utf-16-be"),
        "Name,Phone\nJosé,1\n".encode("cp1252"),
    ],
)
def test_the_encoding_is_found(data):
    assert rows_of(data) == [("José", "1")]


def test_a_file_that_is_not_utf8_says_how_it_was_read():
    assert "Windows-1252" in read_table("Name,Phone\nJosé,1\n".encode("cp1252")).notes[0]


def test_a_cell_may_hold_line_ends_commas_and_quotes():
    text = 'Name,Phone,Notes\nAna,1,"two lines\nsay ""hi"", now"\nBob,2,x\n'
    assert rows_of(text) == [("Ana", "1", 'two lines\nsay "hi", now'), ("Bob", "2", "x")]


def test_inch_marks_inside_a_cell_are_text():
    assert rows_of('Name,Phone,Notes\nAna,1,6" gutters\nBob,2,5" gutters\n')[0][2] == '6" gutters'


def test_rows_are_numbered_as_a_spreadsheet_shows_them():
    table = read_table(b'Name,Phone\n\nAna,"1\n2"\n,\nBob,2\n')
    assert [(row.number, row.cells[0]) for row in table.rows()] == [(3, "Ana"), (5, "Bob")]


def test_blank_rows_and_repeated_headings_are_passed_over():
    assert rows_of("Name,Phone\nAna,1\n,\n\nname , PHONE\nBob,2\n") == [("Ana", "1"), ("Bob", "2")]


def test_lines_above_the_headings_are_passed_over():
    table = read_table(b"Leads of November,,\nprinted 2026-11-24\n\nName,Phone,City\nAna,1,Kansas City\n")
    assert table.header == ("Name", "Phone", "City")
    assert [row.number for row in table.rows()] == [5]


def test_the_first_line_of_excel_may_state_the_delimiter():
    table = read_table(b"sep=;\nName;Phone\nAna;1,2\n")
    assert [(row.number, row.cells) for row in table.rows()] == [(3, ("Ana", "1,2"))]


def test_a_row_with_too_many_cells_is_a_fault_unless_they_are_empty():
    long, fine = read_table(b"Name,Phone\nAna,1,Oak St, 5\nBob,2,,\n").rows()
    assert "has 4 cells where the headings are 2" in long.fault
    assert not fine.fault


def test_a_row_with_too_few_cells_is_read_with_a_note():
    (row,) = read_table(b"Name,Phone,City\nAna,1\n").rows()
    assert not row.fault
    assert "2 of 3 cells" in row.note


def test_an_open_quote_takes_no_other_row_with_it():
    rows = list(read_table(b'Name,Phone,City\nAna,1,"Kansas City\nBob,2,Leawood\nKim,3,Olathe\n').rows())
    assert [row.number for row in rows] == [2, 3, 4]
    assert "never closed" in rows[0].fault
    assert rows[0].cells == ("Ana", "1", '"Kansas City')
    assert [row.fault for row in rows[1:]] == ["", ""]


@pytest.mark.parametrize(
    "rows",
    [
        'Ana,"1,Leawood\nBob,2",Olathe',
        'Ana,1,"Leawood\nBob,2,Olathe"',
        'Ana,"1,Leawood\nBob,2,Olathe\nJo,4,Lenexa"',
    ],
)
def test_rows_that_went_into_a_cell_are_seen(rows):
    swallowing, last = read_table(f"Name,Phone,City\n{rows}\nKim,3,x\n".encode()).rows()
    assert "several rows in one cell" in swallowing.fault
    assert last.cells == ("Kim", "3", "x")


def test_a_file_full_of_open_quotes_is_refused():
    table = read_table(b"Name,Phone\n" + b'Ana 6" pipe,"816\n' * 60)
    with pytest.raises(TableError, match="never closed in many rows"):
        list(table.rows())


def test_zero_bytes_are_left_out_with_a_note():
    table = read_table(b"Name,Phone\nA\x00na,1\n")
    assert [row.cells for row in table.rows()] == [("Ana", "1")]
    assert "zero bytes" in table.notes[0]


def test_a_file_with_headings_alone_has_no_rows():
    assert rows_of("Name,Phone,Email") == []


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b"\n \n", "the file is empty"),
        (b"PK\x03\x04rest", "an Excel workbook"),
        (b"\xd0\xcf\x11\xe0rest", "an old Excel workbook"),
        (b"%PDF-1.7", "a PDF"),
        (bytes(range(16)) * 3 + b"\x00" * 100, "not a text file"),
        (b"\xff\xfeN\x00a", "cannot be read"),
        (b"\x81\x8d\x8f", "cannot be read"),
        (b"Ana Lopez,816-555-0142\nBob,816-555-0143\n", "no headings were found"),
        (b"Name,City\nAna,Leawood\n", "no column holds a phone, an e-mail or an id"),
        (b"Phone,Name,PHONE\n1,Ana,2\n", "2 columns are called 'Phone'"),
    ],
)
def test_what_is_no_list_of_leads_is_refused_with_the_reason(data, message):
    with pytest.raises(TableError, match=message) as caught:
        read_table(data)
    assert caught.value.help


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Cell Phone", "phone"),
        ("Mobile", "phone"),
        ("PHONE #", "phone"),
        ("Full Name", "name"),
        ("First", "first_name"),
        ("Last", "last_name"),
        ("E-mail", "email"),
        ("emailAddress", "email"),
        ("Zip Code", "zip"),
        ("ZIP/Postal", "zip"),
        ("Postal", "zip"),
        ("Lead Source", "source"),
        ("Source", "source"),
        ("Created", "received"),
        ("Received", "received"),
        ("Date", "received"),
        ("external_id", "external_id"),
        ("Record ID", "external_id"),
        ("Import problem", ""),
        ("Shoe size", ""),
        ("", ""),
    ],
)
def test_headings_people_use(heading, field):
    assert fields_of(heading) == [field]


@pytest.mark.parametrize(
    ("heading", "field"),
    [("Phne Number", "phone"), ("Adress", "address"), ("Frist Name", "first_name"), ("Emial Address", "email")],
)
def test_a_misspelt_heading_is_read_and_told(heading, field):
    table = read_table(f"{heading},External ID\nx,1\n".encode())
    assert table.columns[0].field == field
    assert f"column '{heading}' was read as" in table.notes[0]


@pytest.mark.parametrize("heading", ["Phone Type", "Address 2", "Last Contact", "Updated", "Estate", "Zip4", "Email 3"])
def test_a_heading_that_only_looks_alike_is_not_read(heading):
    table = read_table(f"{heading},Phone\nx,1\n".encode())
    assert table.unknown == (heading,)
    assert f"column '{heading}' is not a field of a lead" in table.notes[0]


def test_a_misspelt_heading_does_not_compete_with_a_right_one():
    assert fields_of("Phonee", "Phone") == ["", "phone"]


def test_own_fields_have_columns_too():
    assert fields_of("Roof Age", "roof-age2", own=("roof_age",)) == ["roof_age", ""]
