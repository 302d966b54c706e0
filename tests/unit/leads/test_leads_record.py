"""The lead record: what people write, and the one form it is kept in."""

import re

import pytest

from cadence.errors import LeadError
from cadence.leads.record import BadLead, normalise


def kept(field: str, written: str) -> object:
    """The form in which a value is kept, beside a name."""
    raw = {"name": "Maria Lopez"} | {field: written}
    return normalise(raw).attributes.get(field)


def reason(field: str, written: str) -> str:
    with pytest.raises(BadLead) as caught:
        normalise({"name": "Maria Lopez"} | {field: written})
    return str(caught.value)


@pytest.mark.parametrize(
    "written",
    [
        "(816) 555-0142",
        "816.555.0142",
        "8165550142",
        "1-816-555-0142",
        "+1 816 555 0142",
        "'+18165550142",
        '="8165550142"',
        "8165550142.0",
        "p:+18165550142",
        "tel:+1-816-555-0142",
        "Cell: 816-555-0142",
        "816-555-0142 (mobile)",
        "\u202a+1 (816) 555\u20110142\u202c",
        "８１６５５５０１４２",
    ],
)
def test_a_us_phone_is_kept_in_one_form(written):
    assert kept("phone", written) == "+18165550142"


def test_a_foreign_phone_with_its_country_code_is_kept():
    assert kept("phone", "+44 20 7946 0123") == "+442079460123"


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("816-555-0142 x5", "extension"),
        ("816-555-0142 ext. 12", "extension"),
        ("911", "has only 3 digits"),
        ("12345", "has only 5 digits"),
        ("call me", "not one phone number"),
        ("1-800-ROOFING", "letters"),
        ("8.165550142E+09", "shortened by a spreadsheet"),
        ("8,17E+09", "shortened by a spreadsheet"),
        ("816-555-0142 / 816-555-0143", "not one phone number"),
        ("(123) 456-7890", "not a number that exists"),
        ("+15555550100", "not a number that exists"),
    ],
)
def test_a_phone_that_cannot_be_texted_is_refused_with_the_reason(written, why):
    assert why in reason("phone", written)


@pytest.mark.parametrize("written", ["816-555-0142 x5", "8165550142 8165550143", "8.165550142E+09", "911"])
def test_no_refusal_repeats_the_phone(written):
    text = reason("phone", written)
    assert written not in text
    assert not re.search(r"\d{7}", text)


def test_a_phone_in_another_column_is_not_repeated_either():
    for field in ("zip", "state", "value", "timezone", "email", "id"):
        assert "5550142" not in reason(field, "816-5550142-x")


def test_a_refusal_says_where_the_value_stands():
    with pytest.raises(BadLead, match=r"^the phone \(column 'Cell', row 7\) has only 3 digits"):
        normalise({"phone": "911"}, columns={"phone": "Cell"}, row=7)


def test_every_problem_is_listed_at_once():
    with pytest.raises(BadLead) as caught:
        normalise({"phone": "911", "email": "maria", "zip": "M5V", "state": "Misouri", "value": "much"})
    assert len(caught.value.problems) == 5
    assert isinstance(caught.value, LeadError)


@pytest.mark.parametrize(
    ("written", "zip_code"),
    [("64110", "64110"), ("64110-1234", "64110"), ("641101234", "64110"), ('="02139"', "02139"), ("64110.0", "64110")],
)
def test_a_zip_is_kept_as_five_digits_of_text(written, zip_code):
    record = normalise({"name": "Maria", "zip": written})
    assert record.attributes["zip"] == zip_code
    assert record.notes == ()


@pytest.mark.parametrize(("written", "zip_code"), [("2139", "02139"), ("2139-1234", "02139"), ("501", "00501")])
def test_a_zip_that_lost_its_zero_gets_it_back_with_a_note(written, zip_code):
    record = normalise({"name": "Maria", "zip": written})
    assert record.attributes["zip"] == zip_code
    assert f"is kept as {zip_code}" in record.notes[0]


@pytest.mark.parametrize("written", ["M5V 2T6", "64110-12", "12", "６４１１０", "Kansas City"])
def test_what_is_no_us_zip_is_refused(written):
    assert "US ZIP code" in reason("zip", written)


def test_the_domain_of_an_email_is_kept_in_small_letters():
    assert kept("email", " Maria.Lopez@Example.COM ") == "Maria.Lopez@example.com"
    assert kept("email", "Maria Lopez <maria@example.com>") == "maria@example.com"
    assert kept("email", "mailto:maria@example.com") == "maria@example.com"


@pytest.mark.parametrize("domain", ["gmial.com", "gmai.com", "yaho.com", "hotmial.com"])
def test_a_likely_slip_in_a_mail_domain_is_noted_and_not_changed(domain):
    record = normalise({"email": f"maria@{domain}"})
    assert record.attributes["email"] == f"maria@{domain}"
    assert "meant?" in record.notes[0]


@pytest.mark.parametrize("domain", ["gmail.com", "mail.com", "ymail.com", "example.com", "summit-roofing.com"])
def test_a_fine_mail_domain_gets_no_note(domain):
    assert normalise({"email": f"maria@{domain}"}).notes == ()


@pytest.mark.parametrize("written", ["maria", "maria@", "a b@example.com", "maria@localhost", "maria@x..com", "@x.com"])
def test_what_is_no_email_address_is_refused(written):
    assert "name@example.com" in reason("email", written)


def test_two_addresses_in_one_cell_are_refused():
    assert "more than one address" in reason("email", "a@example.com, b@example.com")


@pytest.mark.parametrize(
    ("written", "code"),
    [("mo", "MO"), ("Missouri", "MO"), ("new  york", "NY"), ("D.C.", "DC"), ("Washington, DC", "DC"), ("Calif", None)],
)
def test_a_state_is_kept_as_two_capitals(written, code):
    if code is None:
        assert "is not a US state" in reason("state", written)
    else:
        assert kept("state", written) == code


def test_a_misspelt_state_is_answered_with_the_likely_one():
    assert "was Missouri meant?" in reason("state", "Misouri")


def test_a_time_zone_is_an_iana_name():
    assert kept("timezone", "america/new_york") == "America/New_York"
    assert kept("timezone", "America/New York") == "America/New_York"
    assert "America/Chicago" in reason("timezone", "CST")
    assert "America/Denver" in reason("timezone", "Mountain Time")
    assert "not the name of a time zone" in reason("timezone", "Mars/Olympus")


@pytest.mark.parametrize(
    ("written", "value"), [("$8,400", 8400), ("8400.50", 8400.5), ("8400.00", 8400), ("0", 0), ("12,500 USD", 12500)]
)
def test_a_value_is_a_number_of_dollars(written, value):
    assert kept("value", written) == value


@pytest.mark.parametrize("written", ["8.400", "-5", "nan", "inf", "8k", "about 8000", "1,23"])
def test_a_doubtful_value_is_refused(written):
    if written == "nan":
        assert kept("value", written) is None, "nan is what some programs write for nothing"
    else:
        assert "sum in dollars" in reason("value", written)


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        ({"name": "  Maria   Lopez "}, ("Maria Lopez", "Maria", "Lopez")),
        ({"name": "Lopez, Maria"}, ("Maria Lopez", "Maria", "Lopez")),
        ({"name": "De la Cruz, Ana Maria"}, ("Ana Maria De la Cruz", "Ana", "De la Cruz")),
        ({"first_name": "Maria", "last_name": "Lopez"}, ("Maria Lopez", "Maria", "Lopez")),
        ({"name": "Maria Lopez", "first_name": "Mia"}, ("Maria Lopez", "Mia", "Lopez")),
        ({"name": "Maria"}, ("Maria", "Maria", None)),
        ({"name": "Maria Elena Lopez"}, ("Maria Elena Lopez", "Maria", None)),
        ({"name": "Maria Lopez, Jr."}, ("Maria Lopez, Jr.", "Maria", None)),
        ({"name": "Dr. Ana Reyes"}, ("Dr. Ana Reyes", "Ana", "Reyes")),
        ({"name": "Mrs. Lopez"}, ("Mrs. Lopez", None, None)),
        ({"name": "Acme Roofing, LLC"}, ("Acme Roofing, LLC", None, None)),
        ({"name": "Na"}, ("Na", "Na", None)),
    ],
)
def test_names_are_completed_only_where_it_is_certain(raw, names):
    known = normalise(raw).attributes
    assert tuple(known.get(field) for field in ("name", "first_name", "last_name")) == names


def test_what_is_not_known_is_absent():
    known = normalise({"name": "Maria", "phone": "n/a", "email": "-", "zip": "", "city": None}).attributes
    assert known == {"name": "Maria", "first_name": "Maria"}


def test_a_lead_needs_a_name_a_phone_or_an_email():
    with pytest.raises(BadLead, match="no name, no phone and no e-mail"):
        normalise({"zip": "64110"})


def test_own_fields_are_kept_as_text_and_others_refused_with_a_suggestion():
    assert normalise({"name": "Maria", "roof_age": "12"}, ["roof_age"]).attributes["roof_age"] == "12"
    with pytest.raises(BadLead, match="there is no field 'rof_age'; was 'roof_age' meant"):
        normalise({"name": "Maria", "rof_age": "12"}, ["roof_age"])
    with pytest.raises(BadLead, match=r"declare it under lead_fields in cadence\.yaml"):
        normalise({"name": "Maria", "shoe": "12"})


def test_unseen_characters_go_and_lines_of_notes_stay():
    known = normalise({"name": "Ma\x00ria\u200b\n Lopez", "notes": "one\r\ntwo\x07"}).attributes
    assert known["name"] == "Maria Lopez"
    assert known["notes"] == "one\ntwo"


def test_endless_text_is_refused():
    assert "longer than 500 characters" in reason("city", "x" * 501)
    assert "longer than 10000 characters" in reason("notes", "x" * 10_001)


def test_an_id_has_a_form_that_can_stand_in_other_names():
    assert kept("id", "maria-lopez-2") == "maria-lopez-2"
    for written in ("maria/lopez", "Maria", "10442", "maria--lopez", "lead-8165550142"):
        assert "small letters, single dashes and a few digits" in reason("id", written)
