"""The values of a lead's record: what each may look like, and the one form it is kept in.

Every function takes a value as somebody wrote it and gives ``(value, note)``; the note is empty when there
is nothing to say. It raises ValueError with a reason that can follow "the phone (column 'Cell', row 7) …";
the reason never repeats the value, which may be a phone number in the wrong column.
"""

from __future__ import annotations

import re
import unicodedata
from difflib import get_close_matches
from functools import lru_cache

__all__ = [
    "STATES",
    "email_address",
    "free_text",
    "guarded",
    "is_blank",
    "keyword",
    "lead_id",
    "line_of_text",
    "phone_number",
    "state_code",
    "time_zone",
    "unwrapped",
    "value_in_dollars",
    "zip_code",
]

LINE_LIMIT = 500  #: characters of a one-line value
TEXT_LIMIT = 10_000  #: characters of free text

#: What people write for "not known". Not applied to names: Na and None are surnames.
_BLANK = frozenset({"", "-", "--", "n/a", "na", "#n/a", "nan", "nil", "none", "null", "unknown", "(blank)"})
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff\ud800-\udfff]")
_FORMULA = re.compile(r'="([^"]*)"')
_GUARD = re.compile(r"'(?=[=@+\-0-9\t\r])")
_HARMLESS = re.compile(r"[+-]?[\d\s().-]*", re.ASCII)
_SHORTENED = re.compile(r"\d(?:[.,]\d+)?\s*[eE]\s*\+?\d{1,2}")
_PHONE_LABEL = re.compile(
    r"^\W*(?:\b(?:tel|phone|cell|mobile|home|work)\b\s*[:.]?|\b[pcmhw]\s*[:.])\s*"
    r"|\s*\(?\b(?:cell|mobile|home|work)\)?\s*$",
    re.IGNORECASE,
)
#: The usual ways to write a US number; everything else goes the long way through the library.
_USUAL_PHONE = re.compile(r"(?:\+?1[ .-]?)?\(?([2-9]\d\d)\)?[ .-]?(\d{3})[ .-]?(\d{4})", re.ASCII)
_USUAL_LOCAL = re.compile(r"[A-Za-z0-9]+(?:[._+-][A-Za-z0-9]+)*", re.ASCII)
_ZIP = re.compile(r"(\d{5})(?:[- ]?\d{4})?", re.ASCII)
_SHORT_ZIP = re.compile(r"(\d{3,4})(?:-\d{4})?", re.ASCII)
_MONEY = re.compile(r"\$?\s*(\d{1,3}(?:,\d{3})+|\d{1,12})(\.\d{1,2})?\s*(?:usd|dollars)?", re.ASCII | re.IGNORECASE)
_LEAD_ID = re.compile(r"(?!(?:.*\d){10})[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_BIG_MAIL = (
    *("gmail.com", "yahoo.com", "hotmail.com", "outlook.com", "icloud.com"),
    *("comcast.net", "sbcglobal.net", "verizon.net"),
)
#: Real domains that only look like a slip.
_REAL_MAIL = frozenset({"mail.com", "ymail.com", "email.com", "gmx.com", "hotmail.co.uk", "yahoo.ca", "yahoo.co.uk"})
_US_ZONE = re.compile(r"(?:us/?)?([ecmp])(?:astern|entral|ountain|acific|[sd]?t)(?: (?:standard |daylight )?time)?")
_SHORT_ZONES = {
    "e": "America/New_York",
    "c": "America/Chicago",
    "m": "America/Denver",
    "p": "America/Los_Angeles",
}

#: Two-letter code -> name: the states, the District of Columbia, the territories.
STATES: dict[str, str] = dict(
    re.findall(
        r"([A-Z]{2}) ([^|]+)",
        "AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|DE Delaware|"
        "DC District of Columbia|FL Florida|GA Georgia|HI Hawaii|ID Idaho|IL Illinois|IN Indiana|IA Iowa|KS Kansas|"
        "KY Kentucky|LA Louisiana|ME Maine|MD Maryland|MA Massachusetts|MI Michigan|MN Minnesota|MS Mississippi|"
        "MO Missouri|MT Montana|NE Nebraska|NV Nevada|NH New Hampshire|NJ New Jersey|NM New Mexico|NY New York|"
        "NC North Carolina|ND North Dakota|OH Ohio|OK Oklahoma|OR Oregon|PA Pennsylvania|RI Rhode Island|"
        "SC South Carolina|SD South Dakota|TN Tennessee|TX Texas|UT Utah|VT Vermont|VA Virginia|WA Washington|"
        "WV West Virginia|WI Wisconsin|WY Wyoming|PR Puerto Rico|GU Guam|VI U.S. Virgin Islands|AS American Samoa|"
        "MP Northern Mariana Islands",
    )
)
_STATE_BY_WORD = {re.sub(r"[^a-z]", "", name.lower()): code for code, name in STATES.items()} | {
    code.lower(): code for code in STATES
}
_STATE_BY_WORD |= {"washingtondc": "DC", "virginislands": "VI", "usvi": "VI"}


def is_blank(text: str) -> bool:
    """Whether the text is empty or one of the words people write for "not known"."""
    return text.casefold() in _BLANK


def unwrapped(text: str) -> str:
    """The text without the marks spreadsheets put around it: ``="02139"`` and a leading apostrophe."""
    text = _GUARD.sub("", text.strip(), count=1) if text[:1] in ("'", " ", "\t") else text.strip()
    match = _FORMULA.fullmatch(text)
    return match[1].strip() if match else text


def guarded(text: str) -> str:
    """The text with an apostrophe in front where a spreadsheet would run it; :func:`unwrapped` takes it off again."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") and not _HARMLESS.fullmatch(text) else text


def line_of_text(text: str) -> tuple[str, str]:
    """A one-line value: trimmed, runs of blanks and line ends made one blank, unseen characters removed."""
    clean = text if text.isascii() and text.isprintable() else unicodedata.normalize("NFC", _UNSEEN.sub("", text))
    clean = " ".join(clean.split())
    if len(clean) > LINE_LIMIT:
        raise ValueError(f"is longer than {LINE_LIMIT} characters; put long text into the notes")
    return clean, ""


def keyword(text: str) -> tuple[str, str]:
    """A word that conditions compare (trade, source, urgency), in small letters: "Roofing" and "roofing" are one."""
    return text.lower(), ""


def free_text(text: str) -> tuple[str, str]:
    """Text of several lines: line ends made plain, unseen characters removed."""
    clean = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    clean = unicodedata.normalize("NFC", clean).strip()
    if len(clean) > TEXT_LIMIT:
        raise ValueError(f"is longer than {TEXT_LIMIT} characters; shorten it")
    return clean, ""


def lead_id(text: str) -> tuple[str, str]:
    """An id of ours: small letters, digits and dashes. Ids stand in logs, so none may hold a phone number."""
    if len(text) > 80 or not _LEAD_ID.fullmatch(text):
        raise ValueError(
            "may hold only small letters, single dashes and a few digits, and begins with a letter: maria-lopez"
        )
    return text, ""


def phone_number(text: str) -> tuple[str, str]:
    """A phone number in E.164 form; without a country code it is taken for a US number."""
    if _SHORTENED.fullmatch(text):
        raise ValueError(
            "was shortened by a spreadsheet (as in 8.17E+09), so its digits cannot be trusted; "
            "format the column as text, put the number in again and export once more"
        )
    text = _PHONE_LABEL.sub("", text)
    if text.endswith(".0") and text[:-2].isdigit():
        text = text[:-2]
    import phonenumbers

    usual = _USUAL_PHONE.fullmatch(text)
    if usual is not None:
        plain = phonenumbers.PhoneNumber(country_code=1, national_number=int("".join(usual.groups())))
        if phonenumbers.is_valid_number_for_region(plain, "US"):
            return f"+1{plain.national_number}", ""
    try:
        number = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException:
        raise ValueError("is not one phone number; write ten digits, such as 816-555-0100") from None
    if number.extension:
        raise ValueError(
            "has an extension, and a text message cannot reach one; give a direct or mobile number and put the "
            "extension into the notes"
        )
    if any(letter.isalpha() for letter in text):
        raise ValueError("has letters in it; write ten digits, such as 816-555-0100")
    if not phonenumbers.is_valid_number(number):
        raise ValueError(_why_not_valid(str(number.national_number), number.country_code))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), ""


def email_address(text: str) -> tuple[str, str]:
    """An e-mail address: the part after the @ in small letters. Whether it receives mail is not asked."""
    text = text.rpartition("<")[2].rstrip("> ") if text.endswith(">") else text.removeprefix("mailto:")
    local, _, domain = text.rpartition("@")
    if "@" in local:
        raise ValueError("holds more than one address; keep the one to write to")
    try:
        usual = len(local) <= 64 and len(text) <= 200 and _USUAL_LOCAL.fullmatch(local)
        address = f"{local}@{_mail_domain(domain.lower())}" if usual else _mail_address(text)
    except ValueError:
        raise ValueError("is not an e-mail address such as name@example.com") from None
    domain = address.rpartition("@")[2]
    meant = _likely_domain(domain)
    return address, f"ends in @{domain}: was @{meant} meant? It is kept as written" if meant else ""


def zip_code(text: str) -> tuple[str, str]:
    """Five digits as text. ZIP+4 loses its four; zeros that a spreadsheet took away are put back."""
    text = text.removeprefix("z:").removesuffix(".0")
    match = _ZIP.fullmatch(text)
    if match is not None:
        return match[1], ""
    match = _SHORT_ZIP.fullmatch(text)
    if match is None:
        raise ValueError("is not a US ZIP code: five digits, such as 64110")
    code = match[1].zfill(5)
    return code, f"had lost its leading zero and is kept as {code}"


def state_code(text: str) -> tuple[str, str]:
    """The two-letter code of a state, from its code or its name."""
    word = re.sub(r"[^a-z]", "", text.casefold())
    code = _STATE_BY_WORD.get(word)
    if code is None:
        near = get_close_matches(word, _STATE_BY_WORD, n=1, cutoff=0.8) if len(word) > 3 else []
        help_text = f"; was {STATES[_STATE_BY_WORD[near[0]]]} meant?" if near else "; write two letters, such as MO"
        raise ValueError(f"is not a US state{help_text}")
    return code, ""


def time_zone(text: str) -> tuple[str, str]:
    """The IANA name of a time zone, such as America/Chicago."""
    name = _zone_names().get(text.casefold().replace(" ", "_"))
    if name is not None:
        return name, ""
    word = _US_ZONE.fullmatch(text.casefold())
    example = _SHORT_ZONES[word[1]] if word else "America/Chicago"
    raise ValueError(f"is not the name of a time zone; write it as {example}")


def value_in_dollars(text: str) -> tuple[int | float, str]:
    """A sum in dollars: a whole number where it is one."""
    match = _MONEY.fullmatch(text)
    if match is None:
        raise ValueError("is not a sum in dollars, such as 8400 or 8,400.50")
    whole = int(match[1].replace(",", ""))
    cents = match[2] or ""
    return (float(f"{whole}{cents}") if cents.strip(".0") else whole), ""


def _why_not_valid(digits: str, country: int | None) -> str:
    if country == 1 and len(digits) < 10:
        return f"has only {len(digits)} digits; a US phone number has ten"
    return "is not a number that exists; check the area code and the digits"


def _mail_address(text: str) -> str:
    """The address as the library writes it; ValueError (of the library's) when it is none."""
    from email_validator import validate_email

    return validate_email(text, check_deliverability=False).normalized


@lru_cache(maxsize=4096)
def _mail_domain(domain: str) -> str:
    """The part after the @, checked once for all who have it."""
    return _mail_address(f"name@{domain}").removeprefix("name@")


@lru_cache(maxsize=4096)
def _likely_domain(domain: str) -> str:
    """The big mail provider a domain was probably meant to be; empty when it is none or fine."""
    if domain in _BIG_MAIL or domain in _REAL_MAIL:
        return ""
    return next(iter(get_close_matches(domain, _BIG_MAIL, n=1, cutoff=0.86)), "")


@lru_cache(maxsize=1)
def _zone_names() -> dict[str, str]:
    """Names with a region, such as America/Chicago; abbreviations such as EST know no summer time."""
    from zoneinfo import available_timezones

    names = {name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/"))}
    return {name.casefold(): name for name in names} | {"utc": "UTC"}
