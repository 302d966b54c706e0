"""``cadence test``: stories and what must come of them, as a person runs them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Shop

IN_THIS_PROCESS = True

HEAD = """\
cadence: 1
tests_of: roofer
start: "2026-11-24T13:10"
leads:
  maria: {name: Maria Lopez, phone: "+18165550142", zip: "64110", trade: roofing, service: roof repair, urgency: storm}
tests:
"""
GOOD = """\
  - test: a storm lead is answered at once
    lead: maria
    events: [{after: 8m, event: reply, data: {text: Please call}}]
    until: 1h
    expect:
      - {at: "2026-11-24T13:10", touch: instant, says: Hi Maria}
      - {at: "2026-11-24T13:10", touch: first-call, owner: dana, due: "2026-11-24T13:10"}
"""
BAD = """\
  - test: nobody is called
    lead: maria
    until: 1h
    expect:
      - {at: "2026-11-24T13:10", touch: instant, says: Dear Maria}
      - {at: "2026-11-24T13:40", touch: second-try}
"""


def page_of(shop: Shop) -> Path:
    return shop.folder / "playbooks" / "roofer.test.yaml"


def write(shop: Shop, *tests: str) -> Path:
    page = page_of(shop)
    page.write_text(HEAD + "".join(tests), encoding="utf-8")
    return page


def test_tests_that_pass_have_a_line_each_and_say_what_they_cover(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop("roofer")
    write(shop, GOOD)
    told = shop.run("test")

    first, *_, coverage, closing = told.out.splitlines()
    assert first == "ok      roofer: a storm lead is answered at once"
    assert re.match(
        r"roofer: 2 of \d+ touches, 0 of \d+ transitions, 1 of \d+ stop rules, \d+ of \d+ promises", coverage
    )
    assert closing == "1 test: 1 passed, 0 failed"
    assert told.err == ""


def test_a_test_that_fails_tells_its_story_and_what_is_wrong(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop("roofer")
    write(shop, GOOD, BAD)
    told = shop.run("test", expect=1)
    lines = [" ".join(line.split()) for line in told.out.splitlines()]

    assert "FAILED roofer: nobody is called [playbooks/roofer.test.yaml:14]" in lines
    assert 'says: "Dear Maria" is not in its text:' in lines
    assert any(line.startswith("missing Tue 24 Nov 13:40 touch second-try [line 19]") for line in lines)
    assert any(line.startswith("when the test ends it waits; it is due Tue 24 Nov 16:10") for line in lines)
    assert any(line.startswith("unexpected Tue 24 Nov 13:10 call first-call (for dana,") for line in lines)
    assert any(
        line.startswith("13:10 sms instant (for dana) it was due, and nothing spoke against it") for line in lines
    )
    assert lines[-1] == "2 tests: 1 passed, 1 failed"


def test_what_is_tested_can_be_chosen(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop("roofer")
    write(shop, GOOD, BAD)

    assert "1 test: 1 passed" in shop.run("test", "--run", "storm.*once").out
    assert "1 test: 1 passed" in shop.run("test", "roofer", "--run", "storm").out
    assert "2 tests: 1 passed" in shop.run("test", str(page_of(shop)), expect=1).out
    assert "there is no playbook and no page of tests 'rofer'" in shop.run("test", "rofer", expect=2).err
    assert "is not a pattern" in shop.run("test", "--run", "(", expect=2).err


def test_a_run_without_tests_has_shown_nothing_and_fails(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop("roofer")
    write(shop, GOOD)
    assert "none of 1 tests has 'nobody'" in shop.run("test", "--run", "nobody", expect=1).err
    page_of(shop).unlink()
    told = shop.run("test", expect=1)
    assert told.err.startswith("cadence: there are no tests\n")
    assert told.out == ""


def test_faults_of_a_page_of_tests_are_shown_with_their_lines(make_shop: Callable[..., Shop]) -> None:
    """And by ``validate``; no other command minds them."""
    shop = make_shop("roofer")
    write(shop, GOOD.replace("touch: instant", "touch: instnt"))
    told = shop.run("test", expect=1)
    checked = shop.run("validate", expect=1)
    shop.run("dry-run", "--days", "1")

    assert (
        "playbooks/roofer.test.yaml:12:41: error[unknown-touch]: the playbook 'roofer' has no touch 'instnt'"
        in told.err
    )
    assert "playbooks/roofer.test.yaml:12:41: error[unknown-touch]" in checked.out


def test_update_writes_what_happened_and_says_what_it_changed(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop("roofer")
    page = write(shop, GOOD, BAD, "# the end\n")
    told = shop.run("test", "--update", env={"CI": ""})

    assert "updated roofer: nobody is called  [playbooks/roofer.test.yaml:14]" in told.out
    assert told.out.splitlines()[-1] == "2 tests: 2 passed, 0 failed"
    assert told.err == "wrote playbooks/roofer.test.yaml; look at what changed before you keep it\n"
    text = page.read_text(encoding="utf-8")
    assert text.startswith(HEAD + GOOD)
    assert text.endswith("# the end\n")
    assert "second-try" not in text
    shop.run("test")


def test_update_is_refused_where_nobody_looks_at_what_it_writes(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop("roofer")
    page = write(shop, BAD)
    told = shop.run("test", "--update", expect=1, env={"CI": "true"})

    assert told.err.startswith("cadence: --update is for a person who looks at what changes")
    assert page.read_text(encoding="utf-8") == HEAD + BAD


def test_too_little_coverage_fails_and_lists_what_is_not_covered(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop("roofer")
    write(shop, GOOD)
    told = shop.run("test", "--min-coverage", "50", expect=1)
    listed = shop.run("test", "--coverage")

    assert re.search("roofer: tests use [0-9] % of it, and 50 % are asked for", told.err)
    assert "  not covered: touch      new · second-try  [playbooks/roofer.yaml:" in told.out
    assert "  not covered: transition nurture · silence -> reengage  [playbooks/roofer.yaml:" in listed.out
    assert "  not covered: stop       stop_on · contract.signed" in listed.out
    assert "  not covered: promise    estimate · follow-up missed" in listed.out


def test_other_programs_can_read_the_results(make_shop: Callable[..., Shop]) -> None:
    """As JSON with nothing beside it, and as a file for build servers."""
    shop = make_shop("roofer")
    write(shop, GOOD, BAD)
    file = shop.folder / "results.xml"
    told = shop.run("test", "--json", "--junit", str(file), expect=1)
    good, bad = told.data["tests"]

    assert (told.data["passed"], told.data["failed"]) == (1, 1)
    assert (good["passed"], good["line"], good["missing"]) == (True, 7, [])
    assert [each["at"] for each in good["timeline"] if each["name"] == "instant"] == ["2026-11-24T13:10"]
    assert [each["name"] for each in bad["missing"]] == ["second-try"]
    assert [each["fields"] for each in bad["different"]] == [["says"]]
    assert [each["name"] for each in bad["unexpected"]] == ["first-call"]
    assert told.data["coverage"][0]["touches"]["used"] == 2
    assert told.err == f"wrote {file}\n"

    root = ET.parse(file).getroot()
    assert (root.attrib["tests"], root.attrib["failures"]) == ("2", "1")
    names = [case.attrib["name"] for case in root.iter("testcase")]
    assert names == ["a storm lead is answered at once", "nobody is called"]
    (failure,) = root.iter("failure")
    assert failure.attrib["message"].startswith("missing Tue 24 Nov 13:40 touch second-try")
    assert "What is wrong" in (failure.text or "")
    assert "cannot write" in shop.run("test", "--junit", str(shop.folder / "none" / "x.xml"), expect=1).err


def test_every_story_is_told_when_asked_for(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop("roofer")
    write(shop, GOOD)
    told = shop.run("test", "--timeline").out

    assert "the lead replied (text: Please call)" in told
    assert "stopped    second-try (by reply)" in told


def test_a_page_of_tests_is_no_playbook_and_an_edit_of_it_publishes_nothing(make_shop: Callable[..., Shop]) -> None:
    shop = make_shop("roofer")
    shop.run("leads", "add", "name=Tom Becker", "phone=+18165550117", "trade=roofing", "--now", "2026-11-24T10:00")
    shop.tick("2026-11-24T10:00")
    write(shop, "  - nonsense\n")
    told = shop.tick("2026-11-24T10:01")

    assert "publish" not in told
    assert "fault" not in told
