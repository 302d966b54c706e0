"""What colleagues do with a lead from the command line: each act is a fact, refused with a reason, and taken back."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from support.entry import call

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Answer, NearShop, Shop

DAY = "2026-11-24T"
MARIA = (
    "leads", "add", "id=maria", "name=Maria Lopez", "phone=816-555-0142", "zip=64110", "trade=roofing",
    "service=roof repair", "urgency=leak", "notes=water over the stove",
)  # fmt: skip


class Desk:
    """A roofing shop that Maria asked for help on a Tuesday at ten past one, and a clock of minutes after that."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        shop.run(*MARIA, "--now", f"{DAY}13:10")

    def act(self, *words: str, at: str, by: str = "dana", expect: int = 0) -> Answer:
        """Act on a lead at a time of the day."""
        return self.shop.run("leads", *words, *(("--by", by) if by else ()), "--now", f"{DAY}{at}", expect=expect)

    def event(self, *words: str, at: str, expect: int = 0) -> Answer:
        return self.shop.run("event", *words, "--now", f"{DAY}{at}", expect=expect)

    def card(self, at: str = "18:00", lead: str = "maria") -> dict[str, Any]:
        data: dict[str, Any] = self.shop.run("leads", "show", lead, "--json", "--now", f"{DAY}{at}").data
        return data

    def job(self, at: str = "18:00") -> dict[str, Any]:
        return self.card(at)["enrolments"][-1]  # type: ignore[no-any-return]

    def types(self) -> list[str]:
        return [entry["type"] for entry in self.card()["timeline"]]

    def steps(self) -> list[str]:
        return [task["title"] for task in self.card()["tasks"]]


@pytest.fixture
def desk(near_shop: NearShop) -> Desk:
    """Return the shop, worked in this process."""
    return Desk(near_shop)


def key_of(answer: Answer) -> str:
    """Return the name of the act that an answer tells."""
    found = re.search(r"act-[0-9a-f]{10}", answer.err)
    assert found, answer.err
    return found[0]


@pytest.mark.demand("C1", "C2", "D1")
def test_a_day_of_a_lead_is_told_at_a_glance(make_shop: Callable[..., Shop]) -> None:
    """The installed program: called, given to sales, a next step set; the card tells it without the thread."""
    desk = Desk(make_shop("roofer"))
    desk.shop.tick(f"{DAY}13:11")
    called = desk.act("log", "call", "maria", "--result", "Spoke", "--note", "husband decides", at="13:20")
    desk.act("assign", "maria", "--to", "Rosa Diaz", "--reason", "big roof", at="13:25", by="pat")
    step = desk.act("next", "maria", "send the photo list", "--due", "friday 9:00", at="13:30", by="rosa")
    shown = desk.shop.run("leads", "show", "maria", "--now", f"{DAY}13:31").out

    assert called.out == "call logged: spoke\ndone: Call Maria Lopez: first call\n"
    assert step.out == "next step: send the photo list - Rosa Diaz, due Fri 27 Nov 2026 09:00\n"
    assert f"`cadence leads undo maria {key_of(step)}` takes it back" in step.err
    for line in (  # of a card
        "Maria Lopez   +18165550142",
        "roofer: New lead, first contact (since Tue 24 Nov 2026 13:10, owner Rosa Diaz, hot)",
        "  next: send the photo list - Rosa Diaz, due Fri 27 Nov 2026 09:00",
        "  not locked yet: to be agreed by Wed 25 Nov 2026 ",
        "  hand-off note, a draft from the history:",
        "    Wants: roof repair, leak: water over the stove",
        "    Said: 24 Nov we: spoke, husband decides",
        'last contact: Tue 24 Nov 2026 13:20, a colleague called the lead: spoke, "husband decides" (Dana Reyes)',
        f'a colleague called the lead: spoke, "husband decides" (Dana Reyes)  [{key_of(called)}]',
        "Tue 24 Nov 2026 13:25  a colleague gave the lead to somebody: Rosa Diaz, big roof (Pat Kim)",
    ):
        assert line in shown


# refused, with the reason


def test_what_cannot_be_meant_is_refused_in_a_sentence_and_nothing_is_recorded(desk: Desk) -> None:
    """Nobody, nothing, never, far too much, and what only looks like a word."""
    before = desk.types()
    at = ("--now", f"{DAY}13:20")
    for words, code, said in (
        (("assign", "maria", "--to", "rsa"), 2, "did you mean 'rosa'?"),
        (("assign", "maria", "--to", ""), 2, "--to"),
        (("assign", "maria", "mria", "--to", "rosa"), 1, "did you mean maria?"),
        (("note", "maria", " \t\n "), 2, "there is nothing in it"),
        (("note", "maria", "x" * 5000), 2, "longer than 4000 characters"),
        (("note", "maria", "hi", "--by", "nobody"), 2, "--by (or CADENCE_USER): nobody in the team"),
        (("note", "mria", "hi"), 1, "did you mean maria?"),
        (("note", "maria", "hi", "--at", f"{DAY}13:21"), 2, "lies in the future"),
        (("note", "maria", "hi", "--job", "a/b"), 2, "cannot name a job"),
        (("next", "maria", "call", "--due", "soon"), 2, "is not a date"),
        (("next", "maria", "call", "--due", "2026-11-23"), 2, "has gone by"),
        (("next", "maria", "call", "--who", "mx"), 2, "did you mean 'max'?"),
        (("next", "maria", "call", "--job", "garage"), 2, "has no open job 'garage'"),
        (("done", "maria/roofer/-/1/1/no"), 1, "there is no next step"),
        (("done", "maria"), 1, "has no open next step"),
        (("done", "maria", "--due", "friday"), 2, "say what comes next, too"),
        (("snooze", "maria", "--until", "yesterday"), 2, "is not a date"),
        (("snooze", "--until", "friday"), 2, "nobody is named"),
        (("snooze", "maria"), 2, "--until"),
        (("won", "maria", "--value", "much"), 2, "is not a sum in dollars"),
        (("lost", "maria"), 2, "--reason"),
        (("lost", "maria", "--reason", "  "), 2, "there is nothing in it"),
        (("log", "fax", "maria"), 2, "fax"),
        (("log", "call", "maria", "--result", "spoken"), 1, "did you mean 'spoke'?"),
        (("log", "call", "maria", "--result", "'; DROP TABLE leads; --"), 1, "the words for a call are"),
        (("log", "call", "maria", "--data", "amount=1"), 2, "--data goes with a result"),
        (("log", "visit", "maria"), 1, "exactly one of the words"),
        (("log", "visit", "maria", "--result", "no decision"), 1, "--follow-up-due"),
        (("log", "visit", "maria", "--result", "estimate sent", "--data", "amont=1"), 2, "did you mean 'amount'?"),
        (("undo", "maria"), 1, "has no act to take back"),
        (("undo", "maria", "act-0123456789"), 1, "has no act 'act-0123456789'"),
        (("undo", "maria", "%s{}\x1b[31m"), 1, "has no act"),
        (("handoff", "maria", "--wants", " "), 2, "there is nothing in it"),
    ):
        answer = call(desk.shop.folder, "leads", *words, *at)
        assert said in answer.err, (words, answer)
        assert (answer.code, answer.out) == (code, ""), words
    assert desk.types() == before


@pytest.mark.demand("E3")
def test_a_move_that_lacks_what_the_stages_ask_for_is_refused_and_nothing_is_recorded(desk: Desk) -> None:
    """By a person; who wants it on the record all the same says so, and it is a gap."""
    before = desk.types()
    won = desk.act("won", "maria", at="13:20", expect=1)
    event = desk.event("maria", "lead.won", at="13:20", expect=1)

    assert won.err == event.err
    assert won.err.startswith("cadence: maria cannot go to 'won' yet: two contacts with them are on the record\n")
    assert desk.types() == before

    waiting = desk.event("maria", "lead.won", "--let-it-wait", at="13:21")
    assert "cannot move to 'won' yet" in waiting.out
    assert "move_waiting" in [gap["code"] for gap in desk.card()["gaps"]]
    desk.act("undo", "maria", at="13:22")
    assert "move_waiting" not in [gap["code"] for gap in desk.card()["gaps"]]


@pytest.mark.demand("D5")
def test_a_visit_ends_in_exactly_one_word_and_the_event_it_stands_for_goes_with_it(desk: Desk) -> None:
    """No decision asks for its date; one undo takes back the visit and the decision."""
    desk.event("maria", "appointment.booked", "--data", "starts_at=2026-11-24T15:00", at="13:20")
    logged = desk.act(
        "log", "visit", "maria", "--result", "No Decision", "--follow-up-due", "thursday", "--note", "asks her sister",
        at="16:00", by="max",
    )  # fmt: skip
    assert logged.out.startswith("visit logged: no decision\n")
    assert "roofer: now in 'No decision'" in logged.out
    assert desk.job()["stage"] == "undecided"
    told = [e for e in desk.card()["timeline"] if e.get("act") == key_of(logged)]
    assert [each["type"] for each in told] == ["visit.logged", "no_decision"]

    back = desk.act("undo", "maria", key_of(logged), at="16:05")
    assert back.out.startswith("taken back: a colleague was at the lead's place; no decision yet")
    assert desk.job()["stage"] == "booked"
    assert desk.job()["owner"] == "jo"

    sent = desk.act("log", "visit", "maria", "--result", "estimate sent", "--data", "amount=8400", at="16:10")
    assert "now in 'Estimate sent'" in sent.out


def test_by_event_a_result_is_one_of_the_words_too(desk: Desk) -> None:
    answer = desk.event("maria", "call.logged", "--data", "result=No Answer", at="13:20")
    assert "done" not in answer.out
    entry = next(each for each in desk.card()["timeline"] if each["type"] == "call.logged")
    assert entry["says"] == "a colleague called the lead: no answer"
    desk.event("maria", "visit.logged", "--data", "result=estimate sent", at="13:30")
    assert "estimate.sent" in desk.types()
    desk.act("undo", "maria", at="13:31")
    assert [e["type"] for e in desk.card()["timeline"] if e.get("undone")] == ["visit.logged", "estimate.sent"]


# two people at once


def test_who_comes_second_learns_what_the_first_did(desk: Desk) -> None:
    desk.event("maria", "reply", "--data", "text=Call me", at="13:20")
    (task,) = desk.card()["tasks"]
    desk.act("done", task["task"], "--result", "called back", at="13:31")
    late = desk.act("done", task["task"], at="13:40", by="jo", expect=1)
    by_event = desk.event("maria", "task.done", "--data", f"task={task['task']}", at="13:41", expect=1)
    assert "done already by Dana Reyes at Tue 24 Nov 2026 13:31" in late.err
    assert "done already by Dana Reyes at Tue 24 Nov 2026 13:31" in by_event.err

    again = desk.act("assign", "maria", "--to", "dana", at="13:42", by="pat")
    assert again.out == "maria is Dana Reyes's already\n"
    assert "owner.assigned" not in desk.types()

    lost = desk.act("lost", "maria", "--reason", "price", at="13:50")
    for words in (("won", "maria"), ("assign", "maria", "--to", "rosa"), ("next", "maria", "call"), ("done", "maria"),
                  ("log", "call", "maria"), ("snooze", "maria", "--until", "friday"),
                  ("handoff", "maria", "--wants", "x")):  # fmt: skip
        second = desk.act(*words, at="13:55", by="jo", expect=1)
        assert "maria is closed: it ended as lost at Tue 24 Nov 2026 13:50 by Dana Reyes" in second.err, words
        assert f"`cadence leads undo maria {key_of(lost)}` brings it back" in second.err
    assert desk.act("note", "maria", "their neighbour asks too", at="13:56").out == "noted\n"
    assert desk.act("handoff", "maria", at="13:57").out.startswith("Wants: roof repair")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_of_two_who_act_at_the_same_moment_one_does_and_the_other_is_told(
    make_shop: Callable[..., Shop], program: Callable[..., Answer], request: pytest.FixtureRequest, kind: str
) -> None:
    """The installed program, twice at once, on both kinds of database."""
    shop = make_shop("roofer")
    store = {"CADENCE_STORE": request.getfixturevalue("postgres_url")()} if kind == "postgresql" else {}
    shop.run(*MARIA, "--now", f"{DAY}13:10", env=store)
    shop.run("leads", "next", "maria", "send photos", "--now", f"{DAY}13:15", env=store)
    people = ("dana", "jo")

    def act(who: str, *words: str) -> Answer:
        words = ("-C", str(shop.folder), "leads", *words, "--by", who, "--now", f"{DAY}13:20")
        return program(*words, env=store)

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda who: act(who, "done", "maria"), people))
        lost = list(pool.map(lambda who: act(who, "lost", "maria", "--reason", "price"), people))
    (doer,) = [name for name, answer in zip(people, done, strict=True) if answer.code == 0]
    (loser,) = [name for name, answer in zip(people, lost, strict=True) if answer.code == 0]
    names = {"dana": "Dana Reyes", "jo": "Jo Carter"}
    assert all(a.err.startswith("cadence: maria has no open next step") for a in done if a.code), done
    assert all(f"it ended as lost at Tue 24 Nov 2026 13:20 by {names[loser]}" in a.err for a in lost if a.code), lost
    timeline = shop.run("leads", "show", "maria", "--json", env=store).data["timeline"]
    assert [e["says"] for e in timeline if e["type"] == "task.done"] == [f"done: send photos ({names[doer]})"]
    assert sum(e["type"] == "lead.lost" for e in timeline) == 1


# taken back


def test_an_end_taken_back_brings_the_lead_back_with_its_steps_and_sends_nothing(desk: Desk) -> None:
    desk.shop.tick(f"{DAY}13:11")
    desk.act("next", "maria", "send photos", "--due", "tomorrow", at="13:15")
    lost = desk.act("lost", "maria", "--reason", "price", at="13:20")
    assert desk.card()["tasks"] == []
    back = desk.act("undo", "maria", at="13:30", by="pat")
    to_maria = desk.shop.texts().count("to +18165550142")
    desk.shop.tick("2026-11-25T09:20")

    assert back.out.splitlines()[:2] == [
        f"taken back: the job is not to be had [{key_of(lost)}]",
        "roofer: again in 'New lead, first contact', owned by Dana Reyes",
    ]
    assert {
        "Call Maria Lopez: first call",
        "Maria Lopez is back in New lead, first contact: decide the next step",
        "send photos",
    } <= set(desk.steps())
    assert desk.shop.texts().count("to +18165550142") == to_maria == 1, "what was stopped stays stopped"
    assert desk.act("undo", "maria", key_of(lost), at="13:31", expect=1).err.startswith(
        f"cadence: {key_of(lost)} was taken back already, by Pat Kim at Tue 24 Nov 2026 13:30"
    )
    assert "no faults" in desk.shop.run("store", "check").out


def test_every_act_is_taken_back_in_turn(desk: Desk) -> None:
    """Whatever was done, after as many undos the lead stands as it stood."""
    desk.shop.tick(f"{DAY}13:11")
    before = desk.card()
    (task,) = before["tasks"]
    for number, words in enumerate((
        ("note", "maria", "dog in the yard"),
        ("next", "maria", "find the file"),
        ("assign", "maria", "--to", "rosa"),
        ("snooze", "--task", task["task"], "--until", "friday 9:00"),
        ("snooze", "maria", "--until", "next week", "--text", "after the holiday"),
        ("done", task["task"], "--next", "call again", "--due", "friday"),
        ("log", "call", "maria", "--result", "voicemail", "--follow-up-due", "tomorrow"),
        ("handoff", "maria", "--to", "lee", "--wants", "a new roof"),
        ("lost", "maria", "--reason", "price"),
    )):  # fmt: skip
        desk.act(*words, at=f"13:2{number}")
    for minute in range(30, 39):
        desk.act("undo", "maria", at=f"13:{minute}")
    assert "has no act to take back" in desk.act("undo", "maria", at="13:40", expect=1).err
    after = desk.card()

    assert [each for each in after["tasks"] if "decide the next step" not in each["title"]] == before["tasks"]
    for name in ("owner", "stage", "since", "end", "lock", "clocks", "score"):
        assert after["enrolments"][0][name] == before["enrolments"][0][name], name
    assert after["last_contact"] is None
    assert "no faults" in desk.shop.run("store", "check").out


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("reply", "--data", "text=hi"), "has no act to take back"),
        (("opt_out",), "has no act to take back"),
        (("lead.updated", "--data", "zip=64111"), "has no act to take back"),
    ],
)
def test_what_the_person_said_or_is_cannot_be_taken_back(desk: Desk, words: tuple[str, ...], why: str) -> None:
    desk.event("maria", *words, at="13:20")
    assert why in desk.act("undo", "maria", at="13:21", expect=1).err


def test_a_move_after_which_the_lead_has_moved_again_is_taken_back_in_turn_only(desk: Desk) -> None:
    first = desk.event("maria", "lead.qualified", at="13:20")
    assert "Real job, no appointment yet" in first.out
    key = next(each["act"] for each in desk.card()["timeline"] if each["type"] == "lead.qualified")
    desk.event("maria", "appointment.booked", "--data", "starts_at=2026-11-30T09:00", at="13:25")
    refused = desk.act("undo", "maria", key, at="13:30", expect=1)
    assert "has moved again since, and is in 'Inspection booked'" in refused.err
    desk.act("undo", "maria", at="13:31")
    desk.act("undo", "maria", at="13:32")
    assert desk.job()["stage"] == "new"


# jobs, members, the environment


def test_several_jobs_ask_which(desk: Desk) -> None:
    desk.event("maria", "lead.created", "--job", "garage", at="13:20")
    unclear = desk.act("lost", "maria", "--reason", "price", at="13:30", expect=1)
    assert "say which with --job" in unclear.err
    desk.act("lost", "maria", "--reason", "price", "--job", "garage", at="13:31")
    assert [each["end"] for each in desk.card()["enrolments"]] == ["", "lost"]
    desk.act("undo", "maria", at="13:32")
    desk.act("lost", "maria", "--reason", "price", "--job", "-", at="13:33")
    assert [each["end"] for each in desk.card()["enrolments"]] == ["lost", ""]


def test_many_leads_are_given_at_once_or_none_of_them(desk: Desk) -> None:
    for number in range(3, 7):
        desk.shop.run("leads", "add", f"id=lead-{number}", f"phone=816-555-014{number}", "zip=64110", "trade=roofing",
                      "--now", f"{DAY}13:12")  # fmt: skip
    desk.act("lost", "lead-6", "--reason", "price", at="13:15")
    refused = desk.act("assign", "maria", "lead-3", "lead-6", "--to", "rosa", at="13:20", expect=1)
    assert "lead-6 is closed" in refused.err
    assert desk.job()["owner"] == "dana"
    given = desk.act("assign", "maria", "lead-3", "lead-4", "maria", "--to", "rosa", at="13:21")
    assert given.out == "maria is Rosa Diaz's now\nlead-3 is Rosa Diaz's now\nlead-4 is Rosa Diaz's now\n"
    listed = desk.shop.run("leads", "list", "--owner", "rosa", "--json").data
    assert [each["lead"] for each in listed] == ["lead-3", "lead-4", "maria"]


def test_who_acts_is_named_by_the_environment_where_by_is_left_out(make_shop: Callable[..., Shop]) -> None:
    desk = Desk(make_shop("roofer"))
    user = {"CADENCE_USER": "dana"}
    desk.shop.run("leads", "note", "maria", "hi", "--now", f"{DAY}13:20", env=user)
    unknown = desk.shop.run("leads", "note", "maria", "hi", env={"CADENCE_USER": "root"}, expect=2)
    assert "nobody in the team is called 'root'" in unknown.err
    assert desk.card()["last_contact"]["by"] == "Dana Reyes"


def test_a_step_without_a_date_goes_on_the_gap_list(desk: Desk) -> None:
    said = desk.act("next", "maria", "find the drawings", at="13:20")
    assert said.out == "next step: find the drawings - Dana Reyes, no date yet: it is on the gap list\n"
    assert {"code": "no_due_date", "text": "no date for: find the drawings"} in desk.card()["gaps"]
    assert desk.act("done", "maria", "--note", "in the blue folder", at="13:25").out == "done: find the drawings\n"


def test_the_lead_asked_for_later_and_a_step_of_ours_put_off_are_two_things(desk: Desk) -> None:
    desk.act("next", "maria", "send photos", "--due", "tomorrow", at="13:20")
    (task,) = desk.card()["tasks"]
    put_off = desk.act("snooze", "--task", task["task"], "--until", "friday 9:00", at="13:21")
    assert put_off.out == "put off: send photos - due Fri 27 Nov 2026 09:00\n"
    asleep = desk.act("snooze", "maria", "--until", "2026-12-02", at="13:22")
    assert asleep.out == "nothing goes until Wed 02 Dec 2026 10:00 (snoozed)\n"


def test_acts_answer_as_json(desk: Desk) -> None:
    told = desk.shop.run("leads", "note", "maria", "hi", "--json", "--now", f"{DAY}13:20").data
    assert re.fullmatch(r"act-[0-9a-f]{10}", told["act"])
    undone = desk.shop.run("leads", "undo", "maria", "--json", "--now", f"{DAY}13:21").data
    assert undone["undone"] == told["act"]
    draft = desk.shop.run("leads", "handoff", "maria", "--json", "--now", f"{DAY}13:22").data["draft"]
    assert draft["wants"] == "roof repair, leak: water over the stove"


# hand-off


@pytest.mark.demand("C3", "E1")
def test_a_hand_off_is_drafted_filled_in_and_recorded(desk: Desk) -> None:
    desk.shop.tick(f"{DAY}13:11")
    desk.event("maria", "reply", "--data", "text=Can you come Friday?", at="13:15")
    draft = desk.act("handoff", "maria", at="13:20")
    assert draft.err == "draft, not recorded: --edit, or an option, records it\n"
    lines = draft.out.splitlines()
    assert lines[0] == "Wants: roof repair, leak: water over the stove"
    assert 'Said: 24 Nov they: "Can you come Friday?"' in lines
    assert "So far: 1 text; last heard from them Tue 24 Nov 13:15" in lines
    assert len(lines) <= 8
    assert "handoff.noted" not in desk.types()

    noted = desk.act(
        "handoff", "maria", "--to", "rosa", "--next", "look at the roof", "--check-back", "friday", at="13:25"
    )
    assert "Next: look at the roof" in noted.out
    assert "Wants: roof repair, leak: water over the stove" in noted.out, "what was not said is from the draft"
    assert noted.out.endswith("maria is Rosa Diaz's now\n")
    note = desk.job()["handoff"]
    assert (note["draft"], note["by"], note["who"], note["check_back"]) == (False, "Dana Reyes", "rosa", "2026-11-27")
    desk.act("undo", "maria", at="13:26")
    assert desk.job()["handoff"]["draft"]
    assert desk.job()["owner"] == "dana"


def test_a_hand_off_can_be_edited(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    editor = desk.shop.folder / "editor.sh"
    editor.write_text(
        "#!/bin/sh\nprintf 'Wants: a new roof\\nin slate\\nWho: Lee Ortiz\\nCheck back: tomorrow\\n' > \"$1\"\n"
    )
    editor.chmod(0o755)
    monkeypatch.setenv("EDITOR", str(editor))
    monkeypatch.delenv("VISUAL", raising=False)
    assert desk.act("handoff", "maria", "--edit", at="13:20").out.startswith("Wants: a new roof in slate\n")
    note = desk.job()["handoff"]
    assert (note["wants"], note["who"], note["check_back"]) == ("a new roof in slate", "lee", "2026-11-25")
    assert "said" not in note, "what was taken out of the draft is out"
    monkeypatch.setenv("EDITOR", "true")
    assert "was not saved, so nothing was recorded" in desk.act("handoff", "maria", "--edit", at="13:21", expect=2).err
    editor.write_text('#!/bin/sh\necho nonsense > "$1"\n')
    monkeypatch.setenv("EDITOR", str(editor))
    assert "stands under no heading" in desk.act("handoff", "maria", "--edit", at="13:22", expect=2).err


# locks and promises on the card


@pytest.mark.demand("A3")
def test_the_card_shows_the_lock_with_its_evidence(desk: Desk) -> None:
    desk.event("maria", "appointment.booked", "--data", "starts_at=2026-11-30T09:00", at="13:20")
    desk.shop.tick(f"{DAY}13:21")
    due = desk.job("13:22")["lock"]["due_at"]
    assert (desk.job("13:22")["lock"]["held"], desk.job("13:22")["lock"]["unlocked_since"]) == (False, None)
    late = desk.shop.run("leads", "show", "maria", "--json", "--now", "2026-11-25T17:00").data["enrolments"][0]["lock"]
    assert (late["held"], late["unlocked_since"]) == (False, due)
    assert "  unlocked since " in desk.shop.run("leads", "show", "maria", "--now", "2026-11-25T17:00").out
    desk.event("maria", "acknowledgement", "--data", "text=Yes, see you", "--data", "channel=sms", at="17:40")
    lock = desk.job()["lock"]
    assert (lock["held"], lock["by"], lock["until"]) == (True, "appointment.confirmed", "2026-12-01T06:00:00Z")
    assert lock["evidence"] == 'by sms "Yes, see you"'


def test_the_card_tells_which_promises_still_run_and_how_they_were_counted(desk: Desk) -> None:
    names = [(clock["name"], clock["due_at"], clock["missed"]) for clock in desk.job("13:12")["clocks"]]
    assert names == [
        ("first-response", "2026-11-24T19:15:00Z", False),
        ("first-contact", "2026-11-24T19:40:00Z", False),
    ]
    assert desk.job("13:12")["clocks"][0]["how"] == ["Tue 24 Nov 08:00-18:00: 5m counted"]
    desk.act("log", "call", "maria", "--result", "spoke", at="13:14")
    assert desk.job("13:15")["clocks"] == []


# how a lead came to its owner


@pytest.mark.demand("E9")
def test_it_is_explained_how_a_lead_came_to_its_owner(desk: Desk) -> None:
    desk.act("assign", "maria", "--to", "jo", "--reason", "speaks Spanish", at="13:15", by="pat")
    desk.event("maria", "appointment.booked", "--data", "starts_at=2026-11-24T15:00", at="13:20")
    desk.event("maria", "estimate.sent", at="16:00")
    told = desk.shop.run("explain", "maria", "--owner").out.splitlines()
    assert told[0].startswith("roofer: Lee Ortiz since Tue 24 Nov 2026 16:00")
    assert re.search(
        r"13:10  Dana Reyes: enters 'New lead, first contact' \(the lead came in\); line \d+ of the page: "
        r"whose turn it was of csr; there: Dana Reyes, Jo Carter$", told[1],
    )  # fmt: skip
    assert "13:15  Jo Carter: assigned by Pat Kim: speaks Spanish  [act-" in told[2]
    assert "who has the fewest open leads of sales; there: Lee Ortiz, Rosa Diaz" in told[4]
    data = desk.shop.run("explain", "maria", "--owner", "--json").data
    assert [step["owner"] for step in data["jobs"][0]["history"]] == ["dana", "jo", "jo", "lee"]
    assert data["jobs"][0]["history"][3]["how"]["by"] == "least_loaded"
    assert "did you mean maria?" in call(desk.shop.folder, "explain", "mria", "--owner").err
    assert call(desk.shop.folder, "explain", "maria", "instant", "--owner").code == 2


def test_a_rule_of_the_page_and_somebody_away_are_explained(desk: Desk) -> None:
    desk.shop.run("leads", "add", "id=ks", "name=Ann Cole", "phone=913-555-0117", "zip=66204", "trade=roofing",
                  "--now", f"{DAY}13:12")  # fmt: skip
    desk.event("ks", "estimate.sent", "--let-it-wait", at="13:20")
    desk.event("ks", "appointment.booked", "--data", "starts_at=2026-11-24T15:00", "--let-it-wait", at="13:21")
    desk.event("ks", "lead.updated", "--data", "service=roof", at="13:22")
    desk.event("ks", "estimate.sent", at="16:00")
    told = desk.shop.run("explain", "ks", "--owner").out
    assert "Rosa Diaz: enters 'Estimate sent' (an estimate was sent); line " in told
    assert "the rule for sales fits: lead.zip.startswith('66')" in told
    page = desk.shop.folder / "cadence.yaml"
    page.write_text(
        page.read_text().replace(
            'roles: [sales], phone: "+18165550104"', 'roles: [sales], absent: true, phone: "+18165550104"'
        )
    )
    desk.shop.tick(f"{DAY}16:10")
    told = desk.shop.run("explain", "ks", "--owner").out
    assert "Lee Ortiz: Rosa Diaz is away; line " in told
