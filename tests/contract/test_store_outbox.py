"""Claims and endings: each touch once, on every store."""

import dataclasses

import pytest

from cadence.errors import StoreError
from cadence.store import leads, outbox
from cadence.store.outbox import AlreadyClaimed, OutboxFilter

KEY = "maria/roofer/-/1/1/day-1"
DAY_3 = "maria/roofer/-/1/1/day-3"


@pytest.fixture
def shop(store, make):
    with store.write() as session:
        leads.add(session, "summit", [make.lead("maria"), make.lead("bob")])
    return store


def test_a_claimed_touch_is_open_until_it_ends(shop, make):
    row = make.touch(
        reason="sent",
        due_at=make.at(-1),
        address="+18165550142",
        subject="Your roof",
        body="Hi Maria, it is Dana…",
        segments=2,
        variant="story",
        line=41,
        owner="dana",
    )
    with shop.write() as session:
        outbox.claim(session, "summit", [row])
        assert outbox.open_rows(session, "summit") == [row]
        assert outbox.get(session, "summit", row.touch_key) == row
    with shop.write() as session:
        ending = make.ending(detail="SM1", ended_at=make.at(1), provider_id="SM1")
        assert outbox.settle(session, "summit", [ending]) == [row.touch_key]
        assert outbox.open_rows(session, "summit") == []
        assert outbox.get(session, "summit", row.touch_key) == dataclasses.replace(
            row, state="sent", detail="SM1", ended_at=make.at(1), provider_id="SM1", check_at=None
        )


def test_a_touch_is_claimed_once_however_it_ended(shop, make):
    with shop.write() as session:
        outbox.claim(session, "summit", [make.touch()])
    for state in ("claimed", "failed"):
        with shop.write() as session, pytest.raises(AlreadyClaimed) as refusal:
            outbox.claim(session, "summit", [make.touch(touch="day-3"), make.touch()])
        assert refusal.value.touch_keys == ("maria/roofer/-/1/1/day-1",), state
        with shop.write() as session:
            outbox.settle(session, "summit", [make.ending(state="failed", reason="refused")])


def test_a_refused_claim_claims_none_of_its_batch_and_spares_the_session(shop, make):
    with shop.write() as session:
        outbox.claim(session, "summit", [make.touch()])
        with pytest.raises(AlreadyClaimed):
            outbox.claim(session, "summit", [make.touch(touch="day-3"), make.touch()])
        outbox.claim(session, "summit", [make.touch(touch="day-7")])
    with shop.read() as session:
        assert [row.touch for row in outbox.open_rows(session, "summit")] == ["day-1", "day-7"]


def test_a_touch_twice_in_one_batch_is_refused(shop, make):
    with shop.write() as session, pytest.raises(AlreadyClaimed, match=r"day-1 is claimed already$"):
        outbox.claim(session, "summit", [make.touch(), make.touch()])


def test_a_touch_of_an_unknown_lead_is_refused_in_plain_words(shop, make):
    with pytest.raises(StoreError, match="refused a row") as refusal, shop.write() as session:
        outbox.claim(session, "summit", [make.touch("stranger", address="+18165550142")])
    assert not isinstance(refusal.value, AlreadyClaimed)
    assert "555" not in str(refusal.value)


def test_a_refusal_names_only_this_accounts_touches(shop, make):
    with shop.write() as session:
        leads.add(session, "valley", [make.lead("maria")])
        outbox.claim(session, "summit", [make.touch()])
        outbox.claim(session, "valley", [make.touch(touch="day-3")])
        with pytest.raises(AlreadyClaimed) as refusal:
            outbox.claim(session, "summit", [make.touch(), make.touch(touch="day-3")])
    assert refusal.value.touch_keys == ("maria/roofer/-/1/1/day-1",)


def test_the_same_touch_of_another_visit_is_another_touch(shop, make):
    with shop.write() as session:
        outbox.claim(session, "summit", [make.touch(), make.touch(visit=2, touch_key="maria/roofer/-/1/2/day-1")])
        assert len(outbox.open_rows(session, "summit")) == 2


def test_an_attempt_is_settled_once(shop, make):
    with shop.write() as session:
        outbox.claim(session, "summit", [make.touch(), make.touch(touch="day-3")])
        assert outbox.settle(session, "summit", [make.ending(), make.ending("never/claimed")]) == [KEY]
        assert outbox.settle(session, "summit", [make.ending(state="failed")]) == []
        assert outbox.get(session, "summit", KEY).state == "sent", "the first answer stands"
        assert [row.touch for row in outbox.open_rows(session, "summit")] == ["day-3"]
        assert outbox.settle(session, "summit", []) == []


def test_an_answer_that_comes_after_all_is_recorded_unless_the_touch_was_tried_again(shop, make):
    """The lease ran out under a slow call: its answer is the truth, as long as nobody called again."""
    lost = make.ending(state="unknown", reason="lost_answer", check_at=make.at(2))
    with shop.write() as session:
        outbox.claim(session, "summit", [make.touch()])
        assert outbox.settle(session, "summit", [lost]) == [KEY]
        assert outbox.settle(session, "summit", [make.ending(provider_id="SM1")]) == [KEY]
        outbox.claim(session, "summit", [make.touch(touch="day-3")])
        deferred = {"state": "waits", "reason": "retry", "ended_at": None}
        assert outbox.settle(session, "summit", [make.ending(DAY_3, **deferred)]) == [DAY_3]
        outbox.claim(session, "summit", [make.touch(touch="day-3", attempts=2)])
        assert outbox.settle(session, "summit", [make.ending(DAY_3)]) == [], "it is about the first attempt"
        assert outbox.settle(session, "summit", [make.ending(DAY_3, attempts=2)]) == [DAY_3]


@pytest.mark.parametrize("state", ["sent", "failed"])
def test_an_answer_that_comes_while_the_touch_waits_for_another_attempt_ends_it(shop, make, state):
    """It was thought not to have gone; what was recorded is what is told."""
    with shop.write() as session:
        outbox.claim(session, "summit", [make.touch()])
        outbox.settle(session, "summit", [make.ending(state="waits", reason="retry", ended_at=None)])
        assert outbox.settle(session, "summit", [make.ending(state="unknown")]) == []
        assert outbox.settle(session, "summit", [make.ending(state=state)]) == [KEY]
        assert outbox.get(session, "summit", KEY).state == state
        with pytest.raises(AlreadyClaimed):
            outbox.claim(session, "summit", [make.touch(attempts=2)])


def test_a_touch_that_surely_did_not_go_is_claimed_again_under_the_next_attempt_only(shop, make):
    with shop.write() as session:
        outbox.claim(session, "summit", [make.touch()])
        outbox.settle(session, "summit", [make.ending(state="waits", reason="retry", ended_at=None)])
        assert outbox.open_rows(session, "summit") == [], "nobody must look at it: the lead is woken"
        for wrong in (1, 3):
            with pytest.raises(AlreadyClaimed) as refusal:
                outbox.claim(session, "summit", [make.touch(attempts=wrong)])
            assert refusal.value.touch_keys == (KEY,)
        outbox.claim(session, "summit", [make.touch(attempts=2, body="Hi again", holder="t2")])
        row = outbox.get(session, "summit", KEY)
        assert (row.state, row.attempts, row.body, row.holder) == ("claimed", 2, "Hi again", "t2")
        with pytest.raises(AlreadyClaimed):
            outbox.claim(session, "summit", [make.touch(attempts=2)])


def test_a_touch_that_waits_for_another_attempt_can_be_stopped(shop, make):
    with shop.write() as session:
        outbox.claim(session, "summit", [make.touch(body="Hi Maria")])
        outbox.settle(session, "summit", [make.ending(state="waits", reason="retry", ended_at=None)])
        stopped = make.ended(state="stopped", reason="stopped", detail="reply")
        assert outbox.insert_ended(session, "summit", [stopped]) == 1
        row = outbox.get(session, "summit", KEY)
        assert (row.state, row.detail, row.attempts, row.body) == ("stopped", "reply", 1, "Hi Maria")
        with pytest.raises(AlreadyClaimed):
            outbox.claim(session, "summit", [make.touch(attempts=2)])


def test_only_an_unknown_touch_is_asked_about_later(shop, make):
    with shop.write() as session:
        outbox.claim(session, "summit", [make.touch(), make.touch(touch="day-3")])
        outbox.settle(session, "summit", [make.ending(state="unknown", check_at=make.at(2))])
        outbox.ask_later(session, "summit", {KEY: outbox.NEVER, DAY_3: outbox.NEVER})
        assert [row.check_at for row in outbox.open_rows(session, "summit")] == [make.at(2), outbox.NEVER]


@pytest.mark.parametrize("state", ["claimed", "skipped", "stopped", "done", ""])
def test_an_attempt_cannot_come_to_what_is_no_end_of_it(shop, make, state):
    with shop.write() as session:
        outbox.claim(session, "summit", [make.touch()])
        with pytest.raises(ValueError, match="no end of an attempt"):
            outbox.settle(session, "summit", [make.ending(state=state)])


@pytest.mark.parametrize("state", ["claimed", "waits", "unknown", "sent", "done", ""])
def test_a_touch_cannot_end_without_a_call_in_a_state_that_takes_one(shop, make, state):
    with shop.write() as session:
        with pytest.raises(ValueError, match="has not ended"):
            outbox.insert_ended(session, "summit", [make.ended(state=state)])
        with pytest.raises(ValueError, match="has not ended"):
            outbox.insert_ended(session, "summit", [make.ended(ended_at=None)])


@pytest.mark.parametrize("fields", [{"state": "sent"}, {"attempts": 0}])
def test_what_is_not_being_claimed_cannot_be_claimed(shop, make, fields):
    with shop.write() as session, pytest.raises(ValueError, match="not being claimed"):
        outbox.claim(session, "summit", [make.touch(**fields)])


def test_a_touch_that_ends_without_a_call_is_recorded_once_and_never_claimed_after(shop, make):
    skipped = make.ended(reason="late", detail="25 h past due")
    stopped = make.ended(touch="day-3", state="stopped", reason="stopped")
    with shop.write() as session:
        assert outbox.insert_ended(session, "summit", [skipped]) == 1
        again = dataclasses.replace(skipped, reason="condition")
        assert outbox.insert_ended(session, "summit", [again, stopped]) == 1
        assert outbox.get(session, "summit", skipped.touch_key) == skipped, "the first ending stands"
        with pytest.raises(AlreadyClaimed):
            outbox.claim(session, "summit", [make.touch()])
        assert outbox.insert_ended(session, "summit", []) == 0


def test_a_claimed_touch_is_not_ended_behind_its_back(shop, make):
    with shop.write() as session:
        outbox.claim(session, "summit", [make.touch()])
        assert outbox.insert_ended(session, "summit", [make.ended()]) == 0
        assert outbox.get(session, "summit", "maria/roofer/-/1/1/day-1").state == "claimed"


def test_what_must_be_looked_at_is_read_page_by_page(shop, make):
    with shop.write() as session:
        outbox.claim(session, "summit", [make.touch("maria"), make.touch("bob")])
        (first,) = outbox.open_rows(session, "summit", limit=1)
        (second,) = outbox.open_rows(session, "summit", limit=5, after=first)
        assert [first.lead, second.lead] == ["bob", "maria"]
        assert outbox.open_keys(session, "summit") == [first.touch_key, second.touch_key]


def test_touches_in_trouble_are_listed_newest_first(shop, make):
    with shop.write() as session:
        outbox.claim(
            session,
            "summit",
            [make.touch(touch=f"day-{day}", decided_at=make.at(day)) for day in (1, 3, 7, 14)],
        )
        outbox.settle(
            session,
            "summit",
            [
                make.ending(state="failed"),
                make.ending(DAY_3, state="waits", ended_at=None),
                make.ending("maria/roofer/-/1/1/day-7"),
            ],
        )
        found = [row.touch for row in outbox.trouble(session, "summit", make.now)]
        assert found == ["day-3", "day-1"]
        assert [row.touch for row in outbox.trouble(session, "summit", make.at(2))] == ["day-3"]


@pytest.fixture
def history(shop, make):
    with shop.write() as session:
        outbox.claim(
            session,
            "summit",
            [
                make.touch("maria", "day-1"),
                make.touch("maria", "day-3", channel="email", decided_at=make.at(10)),
                make.touch("bob", "day-1", playbook="hvac"),
            ],
        )
        outbox.insert_ended(session, "summit", [make.ended("bob", "day-3", reason="late")])
        outbox.settle(session, "summit", [make.ending()])
    return shop


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["bob day-1", "bob day-3", "maria day-1", "maria day-3"]),
        ({"lead": "maria"}, ["maria day-1", "maria day-3"]),
        ({"state": "claimed"}, ["bob day-1", "maria day-3"]),
        ({"state": "sent", "channel": "sms"}, ["maria day-1"]),
        ({"playbook": "hvac"}, ["bob day-1"]),
        ({"reason": "late"}, ["bob day-3"]),
        ({"channel": "call"}, []),
    ],
)
def test_listing_and_counts_agree_on_what_is_wanted(history, wanted, found):
    with history.read() as session:
        rows = outbox.listing(session, "summit", OutboxFilter(**wanted))
        assert [f"{row.lead} {row.touch}" for row in rows] == found
        assert sum(outbox.counts(session, "summit", OutboxFilter(**wanted)).values()) == len(found)


def test_counts_tell_channel_state_and_reason(history, make):
    with history.read() as session:
        assert outbox.counts(session, "summit") == {
            ("email", "claimed", ""): 1,
            ("sms", "claimed", ""): 1,
            ("sms", "sent", "sent"): 1,
            ("sms", "skipped", "late"): 1,
        }
        assert outbox.counts(session, "summit", OutboxFilter(since=make.at(10))) == {("email", "claimed", ""): 1}


def test_a_listing_is_read_page_by_page(history):
    with history.read() as session:
        first = outbox.listing(session, "summit", limit=3)
        rest = outbox.listing(session, "summit", limit=3, after=first[-1].touch_key)
        assert [row.touch_key for row in (*first, *rest)] == sorted(
            row.touch_key for row in outbox.listing(session, "summit")
        )
        assert len(rest) == 1


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("nul \x00 inside", "nul  inside"),
        ("half a pair \ud83d", "half a pair ?"),
        ("¿Cuándo? 🏠\nquote ' \" \\ %s :name", "¿Cuándo? 🏠\nquote ' \" \\ %s :name"),
        ("tab\tand \x1b escape", "tab\tand \x1b escape"),
    ],
)
def test_a_text_in_a_strangers_words_is_kept_the_same_on_every_store(shop, make, written, kept):
    row = make.touch(body=written, subject=written, detail=written)
    with shop.write() as session:
        outbox.claim(session, "summit", [row])
        leads.update(session, "summit", [make.lead(name=written, external_id=written)])
        (found,) = leads.find(session, "summit", external_ids=[written])
        assert (found.name, found.external_id) == (kept, kept)
        got = outbox.get(session, "summit", row.touch_key)
        assert (got.body, got.subject, got.detail) == (kept, kept, kept)
