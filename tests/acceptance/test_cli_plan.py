"""An edit is planned, applied, held, taken back: what the commands say, and what ticks then do."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.entry import call

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import NearShop, Shop

IN_THIS_PROCESS = True
DAY = "2026-11-24T"
SECOND_TRY = "        after: 3h\n        clock: business\n        if: not events.call.logged or"
LATER_TRY = SECOND_TRY.replace("3h", "4h")
AT_ONCE = "      - {id: at-once, channel: sms, anchor: first-call, after: 3h, template: roofer/new/second-try}\n"
BEFORE_SECOND_CALL = "      - {id: second-call,"


class Edited:
    """A roofing shop whose page is edited; colleagues are told nothing."""

    def __init__(self, shop: Shop, *, prepared: bool = False) -> None:
        self.shop = shop
        if not prepared:
            shop.tell_nobody()
            self.edit("min_gap: 4h", "min_gap: 10m")

    def edit(self, old: str, new: str, file: str = "playbooks/roofer.yaml") -> None:
        page = self.shop.folder / file
        text = page.read_text(encoding="utf-8")
        assert old in text
        page.write_text(text.replace(old, new, 1), encoding="utf-8")

    def setting(self, line: str) -> None:
        page = self.shop.folder / "cadence.yaml"
        page.write_text(f"{page.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")

    def add(self, *names: str, at: str = "13:10") -> None:
        for name in names:
            number = 100 + int(name.strip("l"))
            self.shop.run(
                "leads", "add", f"id={name}", f"name=Lead {name}", f"phone=816-555-0{number}", "zip=64110",
                "trade=roofing", "urgency=leak", "service=roof repair", "--now", DAY + at,
            )  # fmt: skip

    def tick(self, at: str, expect: int = 0) -> str:
        answer = self.shop.run("tick", "--now", DAY + at, expect=expect)
        return answer.out + answer.err

    def do(self, *words: str, at: str, expect: int = 0) -> str:
        answer = self.shop.run(*words, "--now", DAY + at, expect=expect)
        return answer.out + answer.err

    def sends(self, text: str) -> int:
        return self.shop.to_leads().count(text)


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory, near: Callable[[Path], NearShop]) -> Path:
    """Return a shop in which one lead came in at ten past one, to be copied."""
    folder = tmp_path_factory.mktemp("ready") / "shop"
    assert call(folder.parent, "init", str(folder), "--trade", "roofer").code == 0
    edited = Edited(near(folder))
    edited.add("l1")
    edited.tick("13:11")
    return folder


@pytest.fixture
def edited(ready: Path, tmp_path: Path, near: Callable[[Path], NearShop]) -> Edited:
    """Return a copy of that shop."""
    return Edited(near(shutil.copytree(ready, tmp_path / "shop")), prepared=True)


@pytest.fixture
def by_hand(edited: Edited) -> Edited:
    """Return the same, its pages published by hand, with an edit that moves a text by an hour."""
    edited.setting("publish: by_hand")
    edited.edit(SECOND_TRY, LATER_TRY)
    return edited


def test_a_plan_says_first_what_leads_notice_first(edited: Edited) -> None:
    """The consequence, the totals, then lead by lead; the pages with their short digests; nothing is published."""
    edited.add("l2")
    edited.tick("13:12")
    edited.edit(SECOND_TRY, LATER_TRY)
    edited.edit(BEFORE_SECOND_CALL, AT_ONCE + BEFORE_SECOND_CALL)
    said = edited.do("plan", at="15:30")

    lines = said.splitlines()
    assert lines[0] == "Summit Home Services: what the edit changes"
    assert lines[1].startswith("  roofer: ")
    assert " -> " in lines[1]
    assert lines[3] == "2 leads would get a message within the next hour that they would not have got."
    assert lines[4].startswith("Looked at: 2 leads in flight, until Thu 24 Dec 15:30, as if nobody answered;")
    assert "  +      2  goes, and would not have gone" in lines
    assert "  >      2  goes at another time" in lines
    assert "does not go any more" not in said  # no sign is explained that is not used
    assert "  + Tue 24 Nov 16:10  sms       new/at-once" in lines
    assert "instead of Tue 24 Nov 16:10" in said
    data = json.loads(edited.do("plan", "--json", at="15:30"))
    assert data["totals"]["within_the_hour"] == 2
    assert [lead["lead"] for lead in data["leads"]] == ["l1", "l2"]
    markdown = edited.do("plan", "--markdown", at="15:30")
    assert markdown.startswith("### Summit Home Services: what the edit changes\n")
    assert "| TOUCH | CHANNEL | ADDED | MOVED |" in markdown
    assert edited.do("plan", "--lead", "l2", at="15:30").count("(l2)") == 1
    edited.do("plan", "--exit-code", at="15:30", expect=1)
    assert len(edited.shop.run("versions", "--json").data) == 1


def test_an_edit_that_waits_for_a_person_is_told_by_the_status(by_hand: Edited) -> None:
    """It is what the shop asked for, so nothing is wrong."""
    by_hand.tick("13:12")
    told = by_hand.shop.run("status", "--json", "--now", "2026-11-24T13:13").data
    assert (told["edits_waiting"], told["edits_held"]) == (["roofer"], [])
    assert "roofer: `cadence plan` shows it" in by_hand.shop.run("status", "--now", "2026-11-24T13:13").out
    by_hand.do("apply", "--yes", at="13:14")
    assert by_hand.shop.run("status", "--json", "--now", "2026-11-24T13:15").data["edits_waiting"] == []


def test_a_plan_of_nothing_says_so(edited: Edited) -> None:
    assert "No changes. The pages are what is in force." in edited.do("plan", "--exit-code", at="13:12")
    assert "Nothing to publish" in edited.do("apply", "--yes", at="13:12")
    edited.edit("title: Roofing leads, storm and replacement", "title: Roofs")
    said = edited.do("plan", at="13:12")
    assert "No changes. Nothing becomes different for the 1 lead in flight; the pages were edited all the same." in said


def test_apply_publishes_what_was_shown_and_says_who(by_hand: Edited) -> None:
    """Ticks publish nothing where pages are published by hand; they say so once, and it is no failure."""
    assert "roofer is edited and not in force: see `cadence plan`, then `cadence apply`" in by_hand.tick("13:12")
    assert "edited" not in by_hand.tick("13:13")
    assert "nobody is there to say yes" in by_hand.do("apply", at="13:14", expect=1)
    said = by_hand.do("apply", "--yes", "--by", "pat", at="13:14")
    assert "published roofer " in said
    assert "> Tue 24 Nov 17:10  sms       new/second-try  instead of Tue 24 Nov 16:10" in said
    latest = by_hand.shop.run("versions", "roofer", "--json").data[0]
    assert (latest["how"], latest["by"], latest["in_force"], latest["leads"]) == ("apply", "pat", True, 0)
    by_hand.tick("16:11")
    assert by_hand.sends("roofer/-/1/1/second-try") == 0
    by_hand.tick("17:11")
    assert by_hand.sends("/new/second-try") + by_hand.sends("second-try") >= 1


def test_pages_published_by_hand_are_published_before_anybody_comes_in(near_shop: NearShop) -> None:
    """The first publication, too, is by hand; until then nobody is enrolled and nothing goes."""
    edited = Edited(near_shop)
    edited.setting("publish: by_hand")
    said = edited.do("apply", "--yes", at="13:00")
    assert "published roofer " in said
    edited.add("l1")
    assert "1 lead looked at" in edited.tick("13:11")


def _reply(edited: Edited) -> str:
    edited.do("event", "l1", "reply", at="14:00")
    return "what changes for lead l1 is not what it was: it foretold"


def _another_edit(edited: Edited) -> str:
    edited.edit("after: 4h", "after: 5h")
    return "the page of roofer was edited since"


def _another_version(edited: Edited) -> str:
    edited.do("apply", "--yes", at="13:45")
    return "roofer is not in force as it was then: it was published since"


def _time(edited: Edited) -> str:
    edited.tick("16:11")
    return "what changes for lead l1 is not what it was: it foretold"


def _no_more_days(edited: Edited) -> str:
    return "the days that it looked at are over"


@pytest.mark.parametrize(
    ("happens", "applied_at"),
    [
        (_reply, f"{DAY}14:30"),
        (_another_edit, f"{DAY}14:30"),
        (_another_version, f"{DAY}14:30"),
        (_time, f"{DAY}16:30"),
        (_no_more_days, "2026-12-25T12:00"),
    ],
)
def test_a_plan_that_does_not_hold_any_more_is_refused(
    by_hand: Edited, happens: Callable[[Edited], str], applied_at: str
) -> None:
    """It says what is different, and publishes nothing."""
    file = by_hand.shop.folder / "edit.plan"
    by_hand.do("plan", "--out", str(file), at="13:30")
    why = happens(by_hand)
    before = by_hand.shop.run("versions", "--json").data
    answer = by_hand.shop.run("apply", str(file), "--yes", "--now", applied_at, expect=1)

    assert f"the plan is stale: {why}" in answer.err
    assert by_hand.shop.run("versions", "--json").data == before


def test_a_plan_holds_while_only_what_it_did_not_foretell_happens(near_shop: NearShop) -> None:
    """Messages that go as they would have gone, people who come in: nothing of it was in the plan."""
    edited = Edited(near_shop)
    edited.setting("publish: by_hand")
    edited.do("apply", "--yes", at="13:00")
    edited.add("l1")
    edited.edit(SECOND_TRY, LATER_TRY)
    file = edited.shop.folder / "edit.plan"
    edited.do("plan", "--out", str(file), at="13:10")
    assert "Lead l1" not in file.read_text(encoding="utf-8")
    edited.tick("13:11")
    edited.add("l2", at="13:15")
    edited.tick("13:16")

    assert "published roofer " in edited.do("apply", str(file), "--yes", at="13:20")


def test_a_file_that_is_no_plan_is_refused(edited: Edited) -> None:
    assert "cannot read" in edited.do("apply", "no.plan", "--yes", at="13:20", expect=1)
    file = edited.shop.folder / "cadence.yaml"
    assert "is not a plan of this version of cadence" in edited.do("apply", str(file), "--yes", at="13:20", expect=1)


def test_an_edit_that_would_have_many_written_to_at_once_waits_for_a_word(near_shop: NearShop) -> None:
    """The tick says so and ends with 1, every time; nobody gets anything until it is applied."""
    edited = Edited(near_shop)
    edited.setting("burst: 2")
    edited.add("l1", "l2", "l3")
    edited.tick("13:11")
    edited.edit(BEFORE_SECOND_CALL, AT_ONCE + BEFORE_SECOND_CALL)
    held = "was not published: more than 2 leads would get a message at once that they would not have got; see `cadence"

    assert f"held: the edit of roofer {held} plan`, then `cadence apply`" in edited.tick("15:30", expect=1)
    assert "held: the edit of roofer was not published" in edited.tick("15:31", expect=1)
    assert "held: the edit of roofer was not published" in edited.do("leads", "note", "l1", "hello", at="15:31")
    assert "the edit of roofer was not published" in edited.shop.run("status", expect=1).out
    assert "That is more than 2 at once: no tick publishes this by itself." in " ".join(
        edited.do("plan", at="15:32").split()
    )
    edited.do("apply", "--yes", at="15:33")
    edited.tick("15:34")
    edited.tick("16:11")
    edited.tick("16:21")
    assert edited.sends("at-once") == 3


def test_an_edit_that_few_notice_is_published_by_the_tick(near_shop: NearShop) -> None:
    """As many as the burst are not too many; nor is a message that would have gone anyway."""
    edited = Edited(near_shop)
    edited.setting("burst: 3")
    edited.add("l1", "l2", "l3")
    edited.tick("13:11")
    edited.edit(BEFORE_SECOND_CALL, AT_ONCE + BEFORE_SECOND_CALL)
    assert "published roofer " in edited.tick("15:30")
    edited.edit("burst: 3", "burst: 1", "cadence.yaml")
    edited.edit("title: Roofing leads, storm and replacement", "title: Roofs")
    assert "published roofer " in edited.tick("15:40")


def test_a_stage_removed_needs_an_answer(edited: Edited) -> None:
    """The plan ends with 1 and says what to answer; an answer backwards is refused; with one, leads are moved."""
    edited.do("event", "l1", "lead.qualified", at="13:20")
    page = edited.shop.folder / "playbooks" / "roofer.yaml"
    text = page.read_text(encoding="utf-8")
    start, end = text.index("  schedule:\n"), text.index("  booked:\n")
    page.write_text(re.sub(r": schedule\b", ": nurture", text[:start] + text[end:]), encoding="utf-8")
    said = edited.do("plan", at="13:21", expect=1)

    assert "1 lead stands in 'schedule', which the page of roofer does not have" in " ".join(said.split())
    assert "--move roofer.schedule=STAGE" in said
    assert "held: " in edited.tick("13:21", expect=1)
    assert "left in a stage that is no more" in edited.do("apply", "--yes", at="13:22", expect=1)
    assert "leads backwards" in edited.do("plan", "--move", "roofer.schedule=new", at="13:22", expect=1)
    edited.do("plan", "--move", "roofer.schedule", at="13:22", expect=2)
    edited.do("plan", "--move", "roofer.new=booked", at="13:22", expect=2)
    edited.do("apply", "--move", "roofer.schedule=nurture", "--yes", at="13:23")
    edited.tick("13:24")
    assert edited.shop.run("versions", "--json").data[0]["answers"] == {"schedule": "nurture"}
    assert edited.shop.run("leads", "show", "l1", "--json", "--now", f"{DAY}13:25").data["enrolments"][0]["stage"] == (
        "nurture"
    )


def test_a_broken_text_and_a_page_that_is_gone_stop_nobody(edited: Edited) -> None:
    """The last good version goes on: what was planned goes, as it was written then."""
    text = edited.shop.folder / "templates" / "roofer" / "new" / "second-try.sms.j2"
    good = text.read_text(encoding="utf-8")
    text.write_text("Hi {{ lead.frist_name }}", encoding="utf-8")
    assert "The last good versions go on" in edited.tick("13:20", expect=1)
    for command in (("plan",), ("apply", "--yes")):
        assert "did you mean 'first_name'?" in edited.do(*command, at="13:20", expect=1)
    text.write_text(good, encoding="utf-8")
    page = edited.shop.folder / "playbooks" / "roofer.yaml"
    (edited.shop.folder / "playbooks" / "roofer.samples.yaml").unlink()
    page.write_text(page.read_text(encoding="utf-8").replace("playbook: roofer", "playbook: roofs"), encoding="utf-8")
    assert "the page of 'roofer' is gone, and 1 lead stands in it" in edited.tick("13:21", expect=1)
    said = " ".join(edited.do("plan", at="13:21", expect=1).split())
    assert "The page of roofer is gone, and 1 lead stands in it: put it back" in said
    edited.tick("16:11", expect=1)
    assert edited.sends("second-try") == 1


def test_a_rollback_brings_the_version_before_and_the_files_stay(edited: Edited) -> None:
    """No tick publishes the same files again, touched or not; an edit after that is published as ever."""
    page = edited.shop.folder / "playbooks" / "roofer.yaml"
    edited.edit(SECOND_TRY, LATER_TRY)
    edited.tick("13:12")
    after = page.read_text(encoding="utf-8")
    said = edited.do("rollback", "roofer", "--yes", "--by", "dana", at="13:13")
    assert "instead of Tue 24 Nov 17:10" in said
    assert "stay as they are" in said
    assert page.read_text(encoding="utf-8") == after
    page.touch()
    edited.tick("13:14")
    history = edited.shop.run("versions", "roofer", "--json").data
    assert [each["how"] for each in history] == ["rollback", "tick", "tick"]
    assert history[0]["version"] == history[2]["version"]
    assert history[0]["by"] == "dana"
    first, second = history[2]["version"][:8], history[1]["version"][:8]
    diff = edited.shop.run("versions", "diff", "roofer", first, second).out
    assert "-        after: 3h\n+        after: 4h\n" in diff
    assert edited.shop.run("versions", "show", "roofer", second, "--page").out == after
    edited.tick("16:11")
    assert edited.sends("second-try") == 1
    edited.edit("title: Roofing leads, storm and replacement", "title: Roofs")
    assert "published roofer " in edited.tick("16:12")
    edited.tick("17:11")
    assert edited.sends("second-try") == 1
    edited.shop.run("rollback", "roofer", "zzzz", "--yes", expect=2)
    edited.shop.run("versions", "gutters", expect=1)


def test_what_was_changed_in_the_business_is_told_between_two_versions(edited: Edited) -> None:
    """A version is the page and all that goes with it: hours, team and texts."""
    shop = edited.shop.folder / "cadence.yaml"
    shop.write_text(shop.read_text(encoding="utf-8").replace("name: Dana Reyes", "name: Dana Wood"), encoding="utf-8")
    edited.tick("13:12")
    now, before = (each["version"] for each in edited.shop.run("versions", "roofer", "--json").data)

    (told,) = edited.shop.run("versions", "diff", "roofer", before[:8], "--json").data["files"]
    shown = edited.shop.run("versions", "show", "roofer", now[:8], "--json").data

    assert told["file"] == "cadence.yaml"
    assert [line for line in told["diff"] if line[:1] in "+-"][2:] == ["-  name: Dana Reyes", "+  name: Dana Wood"]
    assert [each["how"] for each in shown["publications"]] == ["tick"]
    assert shown["files"]["playbooks/roofer.yaml"].startswith("# yaml-language-server:")


def test_apply_asks_on_a_terminal(by_hand: Edited) -> None:
    """No publishes nothing; yes publishes what was shown."""
    asked = [_on_a_terminal(by_hand.shop.folder, answer) for answer in ("n", "y")]

    assert [code for code, _ in asked] == [1, 0]
    assert "Publish this? [y/N]" in asked[0][1]
    assert "nothing was published" in asked[0][1]
    assert "published roofer " in asked[1][1]


def _on_a_terminal(folder: Path, answer: str) -> tuple[int, str]:
    """Run ``cadence apply`` with a terminal for its standard input, and answer it."""
    mine, its = pty.openpty()
    command = [Path(sys.executable).with_name("cadence"), "-C", folder, "apply", "--now", f"{DAY}13:30"]
    try:
        os.write(mine, f"{answer}\n".encode())
        done = subprocess.run(command, stdin=its, capture_output=True, text=True, check=False, timeout=60)
    finally:
        os.close(mine)
        os.close(its)
    return done.returncode, done.stdout + done.stderr
