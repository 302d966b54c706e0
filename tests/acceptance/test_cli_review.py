"""``cadence review``: the morning's fifteen minutes, on the screen, on paper, by mail and lead by lead."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.entry import call

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import NearShop, Shop

MONDAY, TUESDAY, WEDNESDAY, FRIDAY = "2026-11-23", "2026-11-24", "2026-11-25", "2026-11-27"


def arrive(shop: Shop, lead: str, now: str, *fields: str) -> None:
    number = sum(map(ord, lead)) % 1000
    person = (f"name={lead.title()} Lopez", f"phone=816-555-{number:04}", f"id={lead}", "service=roof repair")
    shop.run("leads", "add", "trade=roofing", "zip=64110", *person, *fields, "--now", now)


def lists(shop: Shop, now: str, *words: str) -> dict[str, list[str]]:
    """The lists each lead stands on; the exit code must be what they make it."""
    answer = shop.run("review", *words, "--now", now, "--json", expect=1)
    assert answer.data["needs_a_person"]
    found: dict[str, list[str]] = {each["lead"]: each["lists"] for each in answer.data["leads"]}
    counted = {name: number for name, number in answer.data["counts"].items() if number}
    every = [name for its in found.values() for name in its]
    assert counted == {name: every.count(name) for name in every}
    return found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, near: Callable[[Path], NearShop]) -> NearShop:
    """Eight open leads, each with something else to be said of it; ticks have run to Tuesday morning."""
    folder = tmp_path_factory.mktemp("board") / "shop"
    assert call(folder.parent, "init", str(folder), "--trade", "roofer").code == 0
    shop = near(folder)
    for lead in ("late", "today", "older", "week", "inside", "undated", "sent", "unsure", "won"):
        arrive(shop, lead, f"{MONDAY}T09:00")
    shop.tick(f"{MONDAY}T09:01")
    for lead in ("late", "today", "older", "week", "inside", "undated", "won"):
        shop.run("leads", "log", "call", lead, "--result", "spoke", "--now", f"{MONDAY}T09:10")
        agreed = ("callback.scheduled", "--data", "starts_at=2026-12-07T10:00")
        shop.run("event", lead, *agreed, "--now", f"{MONDAY}T09:11")
    shop.run("leads", "next", "late", "send photos", "--due", f"{MONDAY}T16:00", "--now", f"{MONDAY}T09:20")
    shop.run("leads", "next", "older", "look for the file", "--due", f"{MONDAY}T15:00", "--now", f"{MONDAY}T09:20")
    shop.run("leads", "next", "today", "call back", "--due", f"{TUESDAY}T16:00", "--now", f"{MONDAY}T09:20")
    shop.run("leads", "next", "week", "measure", "--due", f"{FRIDAY}T09:00", "--now", f"{MONDAY}T09:20")
    shop.run("leads", "next", "inside", "price it", "--due", f"{FRIDAY}T10:00", "--who", "max",
             "--now", f"{MONDAY}T09:20")  # fmt: skip
    shop.run("leads", "next", "undated", "think", "--now", f"{MONDAY}T09:20")
    for lead in ("sent", "unsure", "won"):
        shop.run("event", lead, "appointment.booked", "--data", f"starts_at={MONDAY}T10:00", "--now", f"{MONDAY}T09:30")
    shop.run("event", "sent", "estimate.sent", "--data", "amount=8400", "--now", f"{MONDAY}T11:00")
    shop.run("event", "unsure", "no_decision", "--data", "follow_up_due=2026-12-04", "--now", f"{MONDAY}T11:00")
    shop.run("leads", "won", "won", "--now", f"{MONDAY}T12:00")
    shop.tick(f"{MONDAY}T18:00")
    shop.tick(f"{TUESDAY}T07:00")
    return shop


@pytest.fixture
def board(made: NearShop, tmp_path: Path, near: Callable[[Path], NearShop]) -> NearShop:
    """A copy of that shop."""
    return near(Path(shutil.copytree(made.folder, tmp_path / "board")))


class TestLists:
    @pytest.mark.demand("C5")
    def test_each_lead_stands_on_the_lists_that_are_true_of_it(self, board: NearShop) -> None:
        found = lists(board, f"{TUESDAY}T07:10")

        assert "overdue" in found["late"]
        assert found["today"][0] == "due_today"
        assert "due_this_week" in found["week"]
        assert {"waiting_inside", "due_this_week"} <= set(found["inside"])
        assert found["undated"][0] == "no_due_date"
        assert "open_estimate" in found["sent"]
        assert "undecided" in found["unsure"]
        assert "won" not in found

    @pytest.mark.demand("D10")
    def test_a_review_of_the_page_is_about_its_stages_and_says_whose_move_it_is(self, board: NearShop) -> None:
        answer = board.run("review", "open-loops", "--now", f"{TUESDAY}T07:10", "--json")
        leads = {each["lead"]: each for each in answer.data["leads"]}

        assert answer.data["reviews"] == [
            {"playbook": "roofer", "review": "open-loops", "of": ["estimate", "undecided"]}
        ]
        assert leads.keys() == {"sent", "unsure"}
        assert leads["unsure"]["follow_up"] == "2026-12-04"
        assert all(each["owner_name"] and each["next"]["due_at"] for each in leads.values())

    def test_an_estimate_that_is_open_for_more_than_a_week_is_marked(self, board: NearShop) -> None:
        young = board.run("review", "open-loops", "--now", f"{TUESDAY}T07:10").out
        assert "estimate open for less than a day" in young
        assert "OLD" not in young

        board.run("leads", "note", "sent", "their bank takes its time", "--now", f"{FRIDAY}T10:00")
        board.tick("2026-11-30T11:30")
        old = board.run("review", "open-loops", "--now", "2026-11-30T11:31", expect=1).out
        assert "Open estimates, 1 for more than 7 days" in old
        assert "estimate open for 7 days: OLD" in old

    def test_the_page_counts_each_list_and_shows_each_lead_once_by_owner(self, board: NearShop) -> None:
        page = board.run("review", "--now", f"{TUESDAY}T07:10", expect=1).out
        head, _, rest = page.partition("\n\nLeads")

        assert head.splitlines()[0] == "Summit Home Services: every open lead"
        assert "Tue 24 Nov 07:10 CST: 8 open leads" in head
        assert "Overdue !" in rest
        assert re.search(r"overdue since (Mon|09:\d\d)", rest)
        assert "today 16:00" in rest
        assert "(max)" not in rest, "colleagues are named"
        assert "Max Weber" in rest
        for lead in lists(board, f"{TUESDAY}T07:10"):
            assert page.count(f"({lead})") == 1

    def test_the_page_to_print_has_the_same_leads(self, board: NearShop) -> None:
        file = board.folder / "review.html"
        board.run("review", "--html", str(file), "--now", f"{TUESDAY}T07:10", expect=1)
        html = unescape(file.read_text(encoding="utf-8"))

        named = set(re.findall(r"\(([a-z]+)\)</th>", html))
        assert named == lists(board, f"{TUESDAY}T07:10").keys()
        assert "<script" not in html

    def test_owner_playbook_and_limit_leave_out_the_others(self, board: NearShop) -> None:
        now = f"{TUESDAY}T07:10"
        every = board.run("review", "--json", "--now", now, expect=1).data["leads"]
        owner = every[0]["owner"]
        theirs = board.run("review", "--owner", owner, "--json", "--now", now, expect=1).data

        assert [each["lead"] for each in theirs["leads"]] == [each["lead"] for each in every if each["owner"] == owner]
        assert theirs["open"] < 8
        few = board.run("review", "--limit", "1", "--json", "--now", now, expect=1).data
        assert len(few["leads"]) < len(every) == few["listed"]
        for words, says in (
            (("nobody-knows",), "there is no review 'nobody-knows'"),
            (("--playbook", "rofer"), "did you mean 'roofer'?"),
            (("--owner", "Lee Ortis"), "did you mean 'Lee Ortiz'?"),
            (("--walk", "--json"), "--walk goes with none of"),
        ):
            assert says in board.run("review", *words, "--now", now, expect=2).err

    def test_without_anything_to_look_at_it_says_so_and_ends_well(self, near_shop: NearShop) -> None:
        near_shop.tick(f"{TUESDAY}T07:00")

        assert near_shop.run("review", "--now", f"{TUESDAY}T07:10").out.endswith(
            "Nothing to look at: no lead stands on a list.\n"
        )

    def test_captured_but_unlocked_is_surfaced_at_once(self, near_shop: NearShop) -> None:
        arrive(near_shop, "maria", f"{TUESDAY}T09:00")
        near_shop.run("event", "maria", "lead.qualified", "--now", f"{TUESDAY}T09:05")
        near_shop.tick(f"{TUESDAY}T09:06")
        assert near_shop.run("review", "--now", f"{TUESDAY}T13:04").code == 0

        assert lists(near_shop, f"{TUESDAY}T13:05") == {"maria": ["unlocked"]}, "no tick is needed to see it"


def stands(shop: Shop, now: str, expect: int = 0) -> dict[str, list[str]]:
    """The lists of the leads that the review open-loops is about."""
    leads = shop.run("review", "open-loops", "--json", "--now", now, expect=expect).data["leads"]
    return {each["lead"]: each["lists"] for each in leads}


class TestSinceTheLastReview:
    def test_what_has_not_moved_since_is_named_all_day_and_no_more_when_somebody_acts(self, board: NearShop) -> None:
        tuesday = stands(board, f"{TUESDAY}T07:10")
        assert not any("not_moved" in its for its in tuesday.values()), "they moved since Monday, 07:30"

        board.tick(f"{TUESDAY}T07:30")
        board.tick(f"{WEDNESDAY}T07:29")
        wednesday = stands(board, f"{WEDNESDAY}T07:29", expect=1)
        assert all("not_moved" in its for its in wednesday.values())
        board.tick(f"{WEDNESDAY}T07:30")
        board.run("leads", "note", "unsure", "called, still thinking", "--now", f"{WEDNESDAY}T07:40")
        after = stands(board, f"{WEDNESDAY}T07:45", expect=1)
        assert ("not_moved" in after["sent"], "not_moved" in after["unsure"]) == (True, False)


def walk(shop: Shop, now: str, answers: str, *words: str) -> tuple[str, str]:
    """Go through a review with these answers, one a line, in a pipe: what is printed, and what is asked and said."""
    program = Path(sys.executable).with_name("cadence")
    command = [str(program), "-C", str(shop.folder), "review", "--walk", *words, "--now", now]
    done = subprocess.run(command, input=answers, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


class TestWalk:
    @pytest.mark.demand("D10")
    def test_leads_are_reassigned_and_given_a_next_step_on_the_spot(self, board: NearShop) -> None:
        answers = "a\nrosa\nn\ncall about the estimate\nfriday 9:00\n\nx\ns\nmonday\nq\n"
        printed, said = walk(board, f"{TUESDAY}T07:40", answers, "open-loops", "--by", "pat")

        first = re.findall(r"1 of 2  \w+ Lopez \((\w+)\)  ", printed)[0]
        assert f"{first} is Rosa Diaz's now" in printed
        assert "next step: call about the estimate - Rosa Diaz, due Fri 27 Nov 2026 09:00" in printed
        assert "press enter to go on" in said
        review = board.run("review", "open-loops", "--now", f"{TUESDAY}T07:41", "--json").data
        (moved,) = [each for each in review["leads"] if each["lead"] == first]
        assert (moved["owner"], moved["next"]["name"]) == ("rosa", "call about the estimate")

    def test_a_step_is_put_off_or_done_with_what_comes_next(self, board: NearShop) -> None:
        owner = next(
            each["owner"]
            for each in board.run("review", "--json", "--now", f"{TUESDAY}T07:40", expect=1).data["leads"]
            if each["lead"] == "late"
        )
        answers = "d\nsend the bill\ntomorrow 10:00\ns\nthursday 10:00\n"
        printed, _ = walk(board, f"{TUESDAY}T07:40", answers, "--owner", owner)

        assert "done: " in printed
        assert "next step: send the bill" in printed
        assert "put off: " in printed

    def test_what_cannot_be_done_is_said_and_asked_again(self, board: NearShop) -> None:
        _, said = walk(board, f"{TUESDAY}T07:40", "a\nnobody\nn\nwait\n2026-11-20\n", "open-loops")

        assert "nobody in the team is called 'nobody'" in said
        assert "has gone by" in said

    def test_with_nothing_to_look_at_it_asks_nothing(self, near_shop: NearShop) -> None:
        near_shop.tick(f"{TUESDAY}T07:00")

        assert walk(near_shop, f"{TUESDAY}T07:10", "")[0] == "nothing to look at\n"


class TestByMail:
    def test_it_goes_once_to_the_ops_lead_and_not_on_a_holiday(self, board: NearShop) -> None:
        for minute in ("07:30", "07:31"):
            board.tick(f"{TUESDAY}T{minute}")
        board.tick("2026-11-26T10:00")  # Thanksgiving; Wednesday's was missed, with the machine off
        board.tick("2026-11-30T07:30")  # the shop keeps Friday, too
        sent = re.findall(r"--- (.*?) CST  email to (\S+)  \(alert/.*\)\nSubject: (Review open-loops.*)", board.texts())

        assert [(when[:-5], to) for when, to, _ in sent] == [
            ("Tue 24 Nov 2026 ", "pat@example.com"),
            ("Mon 30 Nov 2026 ", "pat@example.com"),
        ]
        assert sent[0][2].endswith("2 leads to look at, Tue 24 Nov 07:30")
        assert "**Sent Lopez (sent)**" in board.texts()
        assert "unsubscribe" not in board.texts().split("Review open-loops")[1].split("---")[0]

    def test_status_says_when_it_was_held_and_comes_next(self, board: NearShop) -> None:
        before = board.run("status", "--now", f"{TUESDAY}T07:10").out
        assert "open-loops: next 07:30, not held yet" in " ".join(before.split())

        board.tick(f"{TUESDAY}T07:30")
        after = " ".join(board.run("status", "--now", f"{TUESDAY}T07:35").out.split())
        assert "open-loops: next Wed 25 Nov 2026 07:30, last held 07:30" in after
        known = board.run("status", "--json", "--now", f"{TUESDAY}T07:35").data["reviews"]
        assert known[0] == {
            "playbook": "roofer",
            "review": "open-loops",
            "next": "2026-11-25T13:30:00Z",
            "last": "2026-11-24T13:30:00Z",
        }

    def test_it_touches_no_lead(self, board: NearShop) -> None:
        count = "SELECT count(*) FROM events WHERE account = 'summit' AND lead <> ''"
        with sqlite3.connect(board.folder / "cadence.db") as database:
            before = database.execute(count).fetchone()
        said = board.tick(f"{TUESDAY}T07:30")
        with sqlite3.connect(board.folder / "cadence.db") as database:
            assert database.execute(count).fetchone() == before
        assert "held: open-loops of roofer" in said
        assert said.startswith("0 leads looked at; nothing to send")

    def test_a_preview_shows_it_still(self, make_shop: Callable[..., Shop]) -> None:
        shop = make_shop("roofer")

        assert "review of open loops" in shop.run("dry-run", "--days", "3").out
