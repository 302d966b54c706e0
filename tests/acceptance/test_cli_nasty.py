"""Nothing a person can type or save makes the program fall over: always a sentence and an exit code, never a trace.

The commands are called through the program's entry point, not each in a process of its own, to have time for many.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest

from support.entry import call

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Shop

NOW = ("--now", "2026-11-24T13:12")
#: What stands for what in the lines below. NOTTEXT: bytes of a command line that are no UTF-8.
SAID = {"NOTTEXT": "\udcff\udcfe", "TOOLONG": "x" * 5000, "ESCAPE": "\x1b", "NOW": " ".join(NOW)}

WORDS = r"""
''
NOTTEXT
--nope
-C
-C '' validate
-C TOOLONG validate
-C /dev/null tick
-C cadence.yaml tick NOW
init ''
init /dev/null/x
init TOOLONG
init a b
init ../new --trade NOTTEXT
validate NOTTEXT
validate TOOLONG
validate /
validate --format xml
docs NOTTEXT
docs ''
docs ../codes
docs '['
dry-run NOTTEXT
dry-run --days 0
dry-run --days 1e3
dry-run --days 999999999999999999999999999999
dry-run --start 0001-01-01T00:00+14:00
dry-run --start 9999-12-31
dry-run --start now
dry-run --start 2026-02-30
dry-run --start ''
dry-run --tick 0m
dry-run --tick 1s
dry-run --tick 9999999999999999999999999999999999999999w
dry-run --tick 520w --days 1
dry-run --tick NOTTEXT
dry-run --lead NOTTEXT
dry-run --lead maria --leads x
dry-run --leads .
dry-run --leads TOOLONG
dry-run --html .
dry-run --ics /dev/full --days 1
dry-run --csv TOOLONG --days 1
leads
leads nope
leads import
leads import .
leads add
leads add =
leads add phone
leads add name=NOTTEXT NOW
leads add phone=1-800-FLOWERS NOW
leads add phone=816-555-0177 notes=NOTTEXT NOW
leads add name=TOOLONG phone=816-555-0178 NOW
leads add id=../x phone=816-555-0178
leads add 'name=ESCAPE[2J' phone=816-555-0179 NOW
leads add phone=816-555-0180 zip=00000 NOW
leads add phone=816-555-0181 --at 1066-10-14
leads add phone=816-555-0181 --job NOTTEXT
leads add email=a@b@c NOW
leads add 'trade={{ 1/0 }}' phone=816-555-0182 NOW
leads list --limit -1
leads list --search NOTTEXT
leads list --search '%'"'"' OR 1=1'
leads show NOTTEXT
leads show ''
leads show TOOLONG
event maria
event maria NOTTEXT
event NOTTEXT reply
event maria reply --data ''
event maria reply --data text=NOTTEXT NOW
event maria reply --data NOTTEXT=x
event maria reply --at 0001-01-01T00:00+14:00
event maria snooze --data until=9999-12-31
event maria appointment.booked --data starts_at=2026-11-24T09:00+99:00 NOW
event maria estimate.sent --data 'amount=a lot' NOW
event maria lead.created NOW
event maria lead.updated --data name=NOTTEXT NOW
event maria lead.updated NOW
event maria reply --job TOOLONG
event maria touch.sent
pause --lead NOTTEXT
pause --playbook ''
resume --lead nobody
resume --now yesterday
tick --now ''
tick --now 9999-12-31T23:59-14:00
tick --now 0001-01-01
tick now
rehearse NOTTEXT
rehearse --keep .
rehearse --keep TOOLONG --days 1
rehearse --tick 1s
rehearse --start 2100-12-31 --days 1
"""


SAMPLES = b"cadence: 1\nsamples_of: roofer\n"
LISTS = {
    "empty.csv": b"",
    "zeros.csv": b"\x00" * 4000,
    "all-bytes.csv": bytes(range(256)) * 20,
    "workbook.csv": b"PK\x03\x04" + b"\x00" * 100,
    "half-a-letter.csv": b"\xff\xfename,phone\n\x00",
    "no-headings.csv": b"Maria,816-555-0142\nAnn,816-555-0143\n",
    "twice.csv": b"phone,phone\n816-555-0142,816-555-0143\n",
    "open-quote.csv": b'name,phone\n"Maria,816-555-0142\nAnn,816-555-0143\n',
    "only-open-quotes.csv": b"name,phone\n" + b'"Maria,816-555-0142\n' * 40,
    "long-cell.csv": b"name,phone\n" + b"x" * 300_000 + b",816-555-0142\n",
    "wide.csv": b"phone" + b"," * 5000 + b"\n816-555-0142" + b"," * 9000 + b"\n",
    "escapes.csv": "name,phone\n\x1b[31mRed\x07,816-555-0155\n\u202egnirts,816-555-0156\n".encode(),
    "formulas.csv": b"name,phone,notes\n=cmd|'/c calc'!A1,816-555-0157,=1+1\n",
    "dates.csv": b"name,phone,date\nA,816-555-0158,31/31/2026\nC,816-555-0159,0000-00-00\nE,816-555-0160,9999-12-31\n",
    "later.yaml": SAMPLES + b'leads: [{lead: {id: a, phone: "+18165550199"}, arrives: 9999w}]\n',
    "deep.yaml": b"[" * 5000,
    "bomb.yaml": b"a: &a [x, x]\nb: [*a, *a]\n",
    "escape.yaml": SAMPLES + b'leads: [{lead: {id: a, name: "\\udcff", phone: "+18165550199"}}]\n',
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a roofing shop that knows Maria; what one command does there, the next ones meet."""
    folder = tmp_path_factory.mktemp("nasty") / "shop"
    assert call(folder.parent, *("init", "shop", "--trade", "roofer"))[0] == 0
    maria = (
        "leads",
        "add",
        "id=maria",
        "name=Maria",
        "phone=816-555-0142",
        "trade=roofing",
        "--now",
        "2026-11-24T13:10",
    )
    assert call(folder, *maria)[0] == 0
    return folder


@pytest.mark.parametrize("line", WORDS.strip().splitlines())
def test_whatever_is_typed_is_answered(place: Path, line: str) -> None:
    """Done, or refused in a sentence on standard error; what is refused prints no data."""
    for name, meant in SAID.items():
        line = line.replace(name, meant)
    code, printed, complained = call(place, *shlex.split(line))

    assert code in (0, 1, 2)
    assert "Traceback" not in complained
    if code == 2:
        assert complained.strip()
        assert printed == ""
    if code == 1 and not printed:
        assert complained.startswith(("cadence: ", "note: ")), complained


@pytest.mark.parametrize("name", LISTS)
def test_whatever_a_file_holds_is_answered(place: Path, name: str) -> None:
    """Previewed and imported, or refused in a sentence; the text on a terminal holds nothing that steers it."""
    (place / name).write_bytes(LISTS[name])
    for words in (
        ("dry-run", "--days", "1", "--start", "2026-11-24T13:12", "--leads", name),
        ("leads", "import", name, *NOW),
    ):
        code, printed, complained = call(place, *words)

        assert code in (0, 1)
        assert "Traceback" not in complained
        assert code == 0 or complained.strip()
        assert "\x1b" not in printed + complained


def test_after_all_that_the_shop_still_works(place: Path) -> None:
    """The database is sound, and whoever comes in now gets a text, whatever was said of others."""
    call(place, "resume")
    newcomer = ("leads", "add", "id=zoe", "name=Zoe", "phone=816-555-0199", "trade=roofing")
    assert call(place, *newcomer, *NOW)[0] == 0
    assert call(place, *("tick", *NOW))[0] in (0, 1)
    assert "Zoe" in (place / "messages.log").read_text(encoding="utf-8")
    assert call(place, *("leads", "list"))[0] == 0


def test_surprises_in_the_folder_are_answered(place: Path, make_shop: Callable[..., Shop]) -> None:
    """A page that is a folder, a link to itself, a template without end, a page of nothing but blanks."""
    folder = make_shop("roofer").folder
    pages = folder / "playbooks"
    (pages / "folder.yaml").mkdir()
    assert call(folder, *("validate",))[0] == 1
    (pages / "folder.yaml").rmdir()
    (pages / "itself.yaml").symlink_to(pages / "itself.yaml")
    assert call(folder, *("validate",))[0] == 1
    assert call(folder, *("tick", *NOW))[0] == 1
    (pages / "itself.yaml").unlink()
    (pages / "blank.yaml").write_bytes(b" \n\t\n" * 50)
    (folder / "templates" / "roofer" / "new" / "instant.sms.j2").write_text("{% for a in [1] %}{{ a.b.c.d(")
    code, printed, _ = call(folder, *("validate",))
    assert code == 1
    assert "playbooks/blank.yaml:" in printed
    assert "instant.sms.j2:1:" in printed
