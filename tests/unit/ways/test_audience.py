"""Advertising lists hold hashes as the firms document them, everybody once, and nobody who opted out."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import stat
import subprocess
import sys
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cadence.channels.audience import Audience
from cadence.channels.channel import Absent, Accepted, Found, Lost, Refused, Unsure
from cadence.channels.conformance import broken_promises
from cadence.channels.match_rows import GOOGLE, META, google_row, meta_row
from cadence.errors import CadenceError
from support.desk import minutes
from support.make import NOW
from support.ways_make import MARIA, kit, open_for_business, outgoing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from support.lab import Lab


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


def meta(**record: Any) -> dict[str, str]:
    return dict(zip(META, meta_row(record), strict=True))


def google(**record: Any) -> dict[str, str]:
    return dict(zip(GOOGLE, google_row(record), strict=True))


# What the firms document


@pytest.mark.parametrize(
    ("column", "record", "hashed"),
    [
        (
            "email",
            {"email": "John_Smith@gmail.com"},
            "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f",
        ),
        ("phone", {"phone": "+16505551212"}, "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176"),
        ("fn", {"first_name": "Mary"}, "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec"),
        ("fn", {"first_name": "정"}, "8fa8cd9c440be61d0151429310034083132b35975c4bea67fdd74158eb51db14"),
        ("fn", {"first_name": "Valéry"}, "08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c"),
    ],
)
def test_the_hashes_that_meta_gives_as_examples(column: str, record: dict[str, str], hashed: str) -> None:
    assert meta(**{"phone": "+18165550142", **record})[column] == hashed


def test_a_row_for_meta() -> None:
    """Everything is hashed, country and ZIP code too."""
    assert meta(**MARIA) == {
        "email": sha("maria.lopez+roof@gmail.com"),
        "phone": sha("18165550142"),
        "fn": sha("maria"),
        "ln": sha("lópez"),
        "ct": sha("stlouis"),
        "st": sha("mo"),
        "zip": sha("64110"),
        "country": sha("us"),
    }


def test_a_row_for_google() -> None:
    """Country and ZIP code are not hashed; points and what stands behind a plus do not count at its own mail."""
    assert google(**MARIA) == {
        "Email": sha("marialopez@gmail.com"),
        "Phone": sha("+18165550142"),
        "First Name": sha("maria"),
        "Last Name": sha("lópez"),
        "Country": "US",
        "Zip": "64110",
    }


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("cloudy.sanfrancisco+shopping@gmail.com", "cloudysanfrancisco@gmail.com"),
        ("A.B@GoogleMail.com", "ab@googlemail.com"),
        ("user.name+NYC@Example.com", "user.name+nyc@example.com"),
        ("a.b@gmail.com.example", "a.b@gmail.com.example"),
    ],
)
def test_an_address_as_google_reads_it(written: str, meant: str) -> None:
    assert google(email=written)["Email"] == sha(meant)


@pytest.mark.parametrize(
    ("names", "for_meta", "for_google"),
    [
        (("Mrs. Anne-Marie", "O'Neil, Jr."), ("mrs annemarie", "oneil jr"), ("anne-marie", "o'neil")),
        (("  De   la ", "Sr"), ("de la", "sr"), ("de la", "sr")),
    ],
)
def test_names_as_each_firm_wants_them(
    names: tuple[str, str], for_meta: tuple[str, str], for_google: tuple[str, str]
) -> None:
    known = {"first_name": names[0], "last_name": names[1], "phone": "+18165550142"}

    assert (meta(**known)["fn"], meta(**known)["ln"]) == tuple(map(sha, for_meta))
    assert (google(**known)["First Name"], google(**known)["Last Name"]) == tuple(map(sha, for_google))


@pytest.mark.parametrize(
    ("record", "country"),
    [
        ({"phone": "+498912345"}, ""),
        ({"phone": "+498912345", "country": "de"}, "DE"),
        ({"phone": "+498912345", "country": "Germany"}, ""),
        ({"phone": "+18165550142", "state": "MO"}, "US"),
        ({"phone": "+18165550142", "zip": "64110", "country": "ca"}, "US"),
    ],
)
def test_the_country_is_told_where_it_is_known(record: dict[str, str], country: str) -> None:
    assert google(**record)["Country"] == country
    assert meta(**record)["country"] == sha(country.lower())


@pytest.mark.parametrize(
    ("record", "is_somebody"),
    [
        ({}, False),
        ({"first_name": "Maria", "last_name": "López"}, False),
        ({"first_name": "Maria", "zip": "64110"}, False),
        ({"first_name": "Maria", "last_name": "López", "zip": "64110"}, True),
        ({"email": "m@example.com"}, True),
        ({"phone": "+18165550142"}, True),
    ],
)
def test_whoever_nobody_could_find_is_no_row(record: dict[str, str], is_somebody: bool) -> None:
    assert (bool(meta_row(record)), bool(google_row(record))) == (is_somebody, is_somebody)


words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12)
people = st.fixed_dictionaries(
    {},
    optional={
        "first_name": words,
        "last_name": words,
        "city": words,
        "state": st.sampled_from(["MO", "KS", ""]),
        "zip": st.from_regex(r"[0-9]{5}", fullmatch=True),
        "phone": st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True),
        "email": st.emails(),
    },
)


def by_hand(record: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Work the cells out the long way, letter by letter."""

    def plain(name: str) -> str:
        return re.sub(r"\s+", " ", unicodedata.normalize("NFC", record.get(name, ""))).strip()

    def keep(text: str, kinds: str) -> str:
        kept = ""
        for letter in text:
            if unicodedata.category(letter)[0] in kinds:
                kept += letter
        return kept

    country = "US" if record.get("zip") or record.get("state") else ""
    email = plain("email").lower().replace(" ", "")
    box, _, domain = email.rpartition("@")
    if domain in {"gmail.com", "googlemail.com"}:
        box = "".join(letter for letter in box.split("+")[0] if letter != ".")
    of_meta = {
        "email": email,
        "phone": record.get("phone", "")[1:],
        "fn": keep(plain("first_name").lower(), "LMNZC").strip(),
        "ln": keep(plain("last_name").lower(), "LMNZC").strip(),
        "ct": keep(plain("city").lower(), "LM"),
        "st": record.get("state", "").lower(),
        "zip": record.get("zip", ""),
        "country": country.lower(),
    }
    of_google = {"Email": f"{box}@{domain}" if email else "", "Phone": record.get("phone", "")}
    return {name: sha(text) for name, text in of_meta.items()}, {name: sha(text) for name, text in of_google.items()}


@settings(max_examples=200, deadline=None)
@given(people)
def test_rows_are_what_one_works_out_by_hand(record: dict[str, str]) -> None:
    of_meta, of_google = by_hand(record)
    if not meta_row(record):
        assert not record.get("email")
        assert not record.get("phone")
        return

    assert meta(**record) == of_meta
    assert google(**record) | of_google == google(**record)
    for cell in (*meta_row(record), *google_row(record)[:4]):
        assert re.fullmatch("[0-9a-f]{64}|", cell)


# On disk


def way_of(tmp_path: Path) -> Audience:
    return Audience.from_kit(kit("audience", {"folder": "lists/ads"}, root=tmp_path))


def join(way: Audience, *leads: str, to: str = "warm", **more: Any) -> list[Any]:
    return list(way.send([about(lead, to, **more) for lead in leads]))


def about(lead: str, to: str = "warm", *, touch: str = "ads", **record: Any) -> Any:
    known = {"id": lead, "email": f"{lead}@example.com", "zip": "64110", **record}
    return outgoing("audience", to, lead=known, key=f"{lead}/roofer/1/{touch}")


def rows(tmp_path: Path, name: str) -> list[dict[str, str]]:
    with (tmp_path / "lists" / "ads" / name).open(encoding="ascii", newline="") as file:
        return list(csv.DictReader(file))


def emails(tmp_path: Path, name: str = "warm.google.csv", column: str = "Email") -> list[str]:
    return [row[column] for row in rows(tmp_path, name)]


def of(*leads: str) -> list[str]:
    return [sha(f"{lead}@example.com") for lead in leads]


def test_everybody_is_on_a_list_once(tmp_path: Path) -> None:
    way = way_of(tmp_path)

    assert join(way, "maria", "ben") == [Accepted()] * 2
    assert join(way, "maria", touch="again") == [Accepted()]
    assert join(way_of(tmp_path), "ben", "ana", touch="third") == [Accepted()] * 2

    assert emails(tmp_path) == emails(tmp_path, "warm.meta.csv", "email") == of("maria", "ben", "ana")
    assert list(rows(tmp_path, "warm.meta.csv")[0]) == list(META)
    assert list(rows(tmp_path, "warm.google.csv")[0]) == list(GOOGLE)


def test_each_list_has_files_of_its_own_that_only_their_owner_reads(tmp_path: Path) -> None:
    way = way_of(tmp_path)
    join(way, "maria", to="warm")
    join(way, "maria", to="storm-2026")

    files = sorted((tmp_path / "lists" / "ads").iterdir())
    assert [file.name for file in files] == [
        f"{name}.{end}" for name in ("storm-2026", "warm") for end in ("google.csv", "jsonl", "meta.csv")
    ]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(files[0].parent.stat().st_mode) == 0o700


def test_no_file_has_a_name_or_an_address(tmp_path: Path) -> None:
    way_of(tmp_path).send([outgoing("audience", "warm")])

    text = "".join(file.read_text() for file in (tmp_path / "lists" / "ads").iterdir()).casefold()
    assert not any(word in text for word in ("lopez", "lópez", "gmail", "8165550142", "louis"))


def test_whoever_nobody_could_find_is_refused(tmp_path: Path) -> None:
    [nobody, stranger] = way_of(tmp_path).send(
        [outgoing("audience", "warm", lead={"id": "x", "name": "Maria"}), outgoing("audience", "../warm", key="other")]
    )

    assert isinstance(nobody, Refused)
    assert isinstance(stranger, Refused)
    assert (nobody.code, stranger.code) == ("nobody", "no_list")
    assert not (tmp_path / "lists").exists()


def test_a_person_who_comes_off_stands_in_the_files_for_removal(tmp_path: Path) -> None:
    way = way_of(tmp_path)
    join(way, "maria", "ben", to="warm")
    join(way, "maria", to="storm")
    off = way_of(tmp_path).remove(about("maria").data["lead"], NOW)

    assert off == ("storm", "warm")
    assert emails(tmp_path) == of("ben")
    assert emails(tmp_path, "storm.google.csv") == []
    assert emails(tmp_path, "warm.remove.google.csv") == of("maria")
    assert emails(tmp_path, "warm.remove.meta.csv", "email") == of("maria")
    assert way.remove(about("maria").data["lead"], NOW) == ()


def test_whoever_has_the_same_address_or_phone_comes_off_too(tmp_path: Path) -> None:
    """One person came in twice, once as a caller."""
    way = way_of(tmp_path)
    join(way, "maria", phone="+18165550142")
    join(way, "caller", email="", phone="+18165550142")
    join(way, "ben", phone="+18165550143")
    way.remove({"id": "third", "phone": "+18165550142"}, NOW)

    assert emails(tmp_path) == of("ben")
    assert len(rows(tmp_path, "warm.remove.meta.csv")) == 2


def test_all_a_person_was_ever_known_by_is_to_be_removed(tmp_path: Path) -> None:
    way = way_of(tmp_path)
    join(way, "maria", "ben")
    join(way, "maria", touch="later", email="new@example.com")

    assert emails(tmp_path) == [*of("ben"), sha("new@example.com")]

    way.remove({"id": "maria"}, NOW)

    assert emails(tmp_path, "warm.remove.google.csv") == [*of("maria"), sha("new@example.com")]


def test_a_person_who_returns_is_on_the_list_again(tmp_path: Path) -> None:
    way = way_of(tmp_path)
    join(way, "maria")
    way.remove({"id": "maria"}, NOW)
    join(way, "maria", touch="later")

    assert emails(tmp_path) == of("maria")
    assert emails(tmp_path, "warm.remove.google.csv") == []


def test_what_went_is_found_and_what_did_not_is_not(tmp_path: Path) -> None:
    way = way_of(tmp_path)
    join(way, "maria")

    for each in (way, way_of(tmp_path)):
        findings = each.look_up([about("maria"), about("maria", touch="x"), about("ben"), about("maria", "../warm")])
        assert findings == [Found(), Found(), Absent(), Absent()]


def test_a_list_that_cannot_be_written_or_read_is_said(tmp_path: Path) -> None:
    way = way_of(tmp_path)
    (tmp_path / "lists" / "ads" / "warm.jsonl").mkdir(parents=True)

    [result] = join(way, "maria")
    assert isinstance(result, Lost)
    assert way.look_up([about("maria")]) == [Unsure("audience_file", again=True)]

    (tmp_path / "lists" / "ads" / "warm.jsonl").rmdir()
    (tmp_path / "lists" / "ads").rmdir()
    (tmp_path / "lists" / "ads").write_text("no folder")
    with pytest.raises(CadenceError, match="cannot write into"):
        way.ready()


def test_it_is_ready_before_there_is_a_folder(tmp_path: Path) -> None:
    way_of(tmp_path).ready()

    assert not (tmp_path / "lists").exists()


def test_it_keeps_the_promises_of_a_way_out(tmp_path: Path) -> None:
    messages = [about("maria"), about("ben"), outgoing("audience", "warm", lead={"id": "x"}), about("maria", "../x")]

    assert broken_promises(way_of(tmp_path), messages) == []


# Killed at any moment


def test_a_program_killed_before_it_came_to_the_csv_files_is_caught_up_with(tmp_path: Path) -> None:
    join(way_of(tmp_path), "maria")
    folder = tmp_path / "lists" / "ads"
    truth = folder / "warm.jsonl"
    line = json.loads(truth.read_text())
    cells = {"meta": meta_row({"email": "ben@example.com"}), "google": google_row({"email": "ben@example.com"})}
    truth.write_text(
        truth.read_text() + json.dumps({**line, "lead": "ben", "key": "ben/roofer/1/ads", "rows": cells}) + "\n"
    )
    (folder / "warm.busy").touch()

    assert way_of(tmp_path).look_up([about("ben")]) == [Found()]
    way_of(tmp_path).ready()
    assert emails(tmp_path) == emails(tmp_path, "warm.meta.csv", "email") == of("maria", "ben")


@pytest.mark.parametrize("cut", [1, 40, -2, -1])
def test_half_a_line_counts_as_not_written(tmp_path: Path, cut: int) -> None:
    join(way_of(tmp_path), "maria")
    truth = tmp_path / "lists" / "ads" / "warm.jsonl"
    whole = truth.read_bytes()
    truth.write_bytes(whole + whole.replace(b"maria", b"ben")[:cut])

    assert way_of(tmp_path).look_up([about("ben"), about("maria")]) == [Absent(), Found()]
    join(way_of(tmp_path), "ben", "ana")

    assert (
        sorted(emails(tmp_path))
        == sorted(emails(tmp_path, "warm.meta.csv", "email"))
        == sorted(of("maria", "ben", "ana"))
    )
    assert way_of(tmp_path).look_up([about(lead) for lead in ("maria", "ben", "ana")]) == [Found()] * 3


_KILLED = """
import os, sys
from pathlib import Path
from support.make import NOW
from support.ways_make import kit, outgoing
from cadence.channels.audience import Audience
def dying(at, half):
    write, calls = os.write, iter(range(1, 99))
    def wrapped(file, data):
        if next(calls) == at:
            if half:
                write(file, data[: len(data) // 2])
            os._exit(9)
        return write(file, data)
    return wrapped
for root in map(Path, sys.argv[1:]):
    child = os.fork()
    if child:
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9, root
        continue
    at, _, part = root.name.partition("-")
    os.write = dying(int(at), part == "half")
    way = Audience.from_kit(kit("audience", {"folder": "lists/ads"}, root=root))
    lead = {"id": "ben", "email": "ben@example.com", "zip": "64110"}
    way.send([outgoing("audience", "warm", lead=lead, key="ben/roofer/1/ads")])
    way.remove({"id": "maria"}, NOW)
    os._exit(0)
"""
#: Writes of the two changes: to the list and its two files, then to the list and, anew, to four files.
_WRITES = 8


def test_killed_at_any_write_nobody_is_lost_and_nobody_twice(tmp_path: Path) -> None:
    """Ben joins and Maria leaves, in a program that is killed at its first write, its second, in the middle of one."""
    roots = [tmp_path / f"{at}-{part}" for at in range(1, _WRITES + 1) for part in ("none", "half")]
    for root in roots:
        join(way_of(root), "maria")
    killed = [sys.executable, "-c", _KILLED, *map(str, roots)]
    subprocess.run(killed, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, check=True)

    for root in roots:
        way = way_of(root)
        way.ready()
        [ben] = way.look_up([about("ben")])
        assert isinstance(ben, Found) is (sha("ben@example.com") in emails(root)), root
        join(way, "ben")
        way.remove({"id": "maria"}, NOW)
        assert emails(root) == emails(root, "warm.meta.csv", "email") == of("ben"), root
        assert emails(root, "warm.remove.google.csv") == of("maria"), root


@pytest.mark.parametrize("spoil", ["cut", "gone", "longer"])
def test_csv_files_that_are_not_what_they_should_be_are_made_anew(tmp_path: Path, spoil: str) -> None:
    join(way_of(tmp_path), "maria")
    file = tmp_path / "lists" / "ads" / "warm.google.csv"
    if spoil == "gone":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:-9] if spoil == "cut" else file.read_bytes() + b"x\n")
    join(way_of(tmp_path), "ben")

    assert emails(tmp_path) == of("maria", "ben")


def test_two_programs_at_one_list_lose_nobody(tmp_path: Path) -> None:
    one, other = way_of(tmp_path), way_of(tmp_path)
    for number in range(10):
        join(one, f"a{number}")
        join(other, f"b{number}")
    other.remove({"id": "a3"}, NOW)
    join(one, "last")

    assert len(emails(tmp_path)) == 20
    assert emails(tmp_path, "warm.remove.google.csv") == of("a3")


steps = st.lists(
    st.tuples(st.sampled_from(["on", "on", "off", "new"]), st.sampled_from(["maria", "ben", "ana", "lou"])), max_size=25
)


@settings(max_examples=40, deadline=None)
@given(steps=steps)
def test_the_files_are_always_what_the_joins_and_leaves_come_to(
    steps: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """``new``: the program starts again, and then the person joins."""
    tmp_path = tmp_path_factory.mktemp("shop")
    way, on, ever = way_of(tmp_path), {}, set()
    for what, lead in steps:
        if what == "off":
            way.remove({"id": lead}, NOW)
            on.pop(lead, None)
            continue
        way = way_of(tmp_path) if what == "new" else way
        join(way, lead)
        on.setdefault(lead, None)
        ever.add(lead)
    if not ever:
        return

    assert emails(tmp_path) == emails(tmp_path, "warm.meta.csv", "email") == of(*on)
    if (tmp_path / "lists" / "ads" / "warm.remove.google.csv").exists():
        assert set(emails(tmp_path, "warm.remove.google.csv")) == set(of(*(ever - set(on))))
    else:
        assert ever == set(on)


# Through ticks


def test_a_tick_puts_a_lead_on_the_list_and_an_opt_out_takes_it_off(lab: Lab, tmp_path: Path) -> None:
    open_for_business(lab)
    lab.write_page(
        "cadence: 1\nplaybook: roofer\ntitle: Ads\nstages:\n  new:\n    title: New\n    owner: csr\n"
        "    enter_on: [lead.created]\n    touches:\n"
        "      - {id: ads, channel: audience, send: now, list: warm}\n"
        "      - {id: more, channel: audience, after: 2h, list: storm}\n"
        "    next: {lead.won: won, lead.lost: lost}\n  won: {end: won}\n  lost: {end: lost}\n"
    )
    way = way_of(tmp_path)
    options = {"channels": dict.fromkeys(("sms", "email"), lab.provider) | {"audience": way}}
    lab.add(["maria"], email="maria@example.com")
    lab.add(["ben"], email="ben@example.com")
    lab.tick(minutes(1), **options)
    assert sorted(emails(tmp_path)) == sorted(of("maria", "ben"))

    lab.tell("maria", "opt_out", minutes(2), channel="sms")
    way.remove({"id": "maria", "email": "maria@example.com"}, minutes(2))
    lab.tick(minutes(130), **options)

    assert emails(tmp_path) == emails(tmp_path, "storm.google.csv") == of("ben")
    assert emails(tmp_path, "warm.remove.google.csv") == of("maria")


def test_a_tick_killed_between_list_and_record_finds_the_lead_there(lab: Lab, tmp_path: Path) -> None:
    open_for_business(lab)
    lab.write_page(
        "cadence: 1\nplaybook: roofer\ntitle: Ads\nstages:\n  new:\n    title: New\n    owner: csr\n"
        "    enter_on: [lead.created]\n    touches:\n"
        "      - {id: ads, channel: audience, send: now, list: warm}\n"
        "    next: {lead.won: won, lead.lost: lost}\n  won: {end: won}\n  lost: {end: lost}\n"
    )

    def die(step: Any) -> None:
        if step.name == "BEFORE_COMMIT":
            raise KeyboardInterrupt

    lab.add(["maria"], email="maria@example.com")
    with pytest.raises(KeyboardInterrupt):
        lab.tick(minutes(1), watch=die, channels={"audience": way_of(tmp_path)})
    reports = [lab.tick(minutes(at), channels={"audience": way_of(tmp_path)}) for at in (10, 20)]

    assert sum(report.reconciled.gone for report in reports) == 1
    assert emails(tmp_path) == of("maria")
