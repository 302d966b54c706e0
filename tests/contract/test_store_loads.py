"""How many open enrolments each member owns, and whose turn it was: counted along, on every store."""

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from cadence.store import accounts, enrolments, leads, loads, turns
from cadence.store.store import open_store
from cadence.store.tables import METADATA


@pytest.fixture
def shop(store, make):
    with store.write() as session:
        leads.add(session, "summit", [make.lead("maria"), make.lead("bob"), make.lead("eva")])
    return store


def read(store, account="summit"):
    with store.read() as session:
        return loads.read(session, account)


def test_an_owner_of_open_enrolments_has_them_to_carry(shop, make):
    with shop.write() as session:
        enrolments.save(session, "summit", [make.enrolment(lead, owner="dana") for lead in ("maria", "bob")])
        enrolments.save(session, "summit", [make.enrolment("eva", owner="lee")])
    assert read(shop) == {"dana": 2, "lee": 1}
    assert read(shop, "valley") == {}


def test_who_owns_nothing_has_nothing_to_carry_and_nobody_is_no_member(shop, make):
    with shop.write() as session:
        enrolments.save(session, "summit", [make.enrolment("maria", owner="dana"), make.enrolment("bob")])
    with shop.write() as session:
        enrolments.save(session, "summit", [make.enrolment("maria", owner="")])
    assert read(shop) == {"dana": 0}


def test_an_enrolment_that_ends_or_begins_again_is_counted_off_and_on(shop, make):
    for ended_at, carried in ((None, 1), (make.at(5), 0), (make.at(5), 0), (None, 1)):
        with shop.write() as session:
            enrolments.save(session, "summit", [make.enrolment(owner="dana", ended_at=ended_at)])
        assert read(shop) == {"dana": carried}


def test_an_enrolment_that_stands_twice_in_a_batch_counts_as_it_stands_at_last(shop, make):
    with shop.write() as session:
        rows = [make.enrolment(owner=owner) for owner in ("dana", "lee", "ana")]
        enrolments.save(session, "summit", rows)
        assert enrolments.of_leads(session, "summit", ["maria"])["maria"] == rows[-1:]
    assert read(shop) == {"ana": 1}


def test_a_session_sees_its_own_counts_at_once(shop, make):
    with shop.write() as session:
        enrolments.save(session, "summit", [make.enrolment("maria", owner="dana")])
        assert loads.read(session, "summit") == {"dana": 1}
        enrolments.save(session, "summit", [make.enrolment("maria", owner="lee")])
        assert loads.read(session, "summit") == {"dana": 0, "lee": 1}
        assert loads.read(session, "valley") == {}


def test_a_part_that_was_undone_counts_for_nothing(shop, make):
    with shop.write() as session:
        enrolments.save(session, "summit", [make.enrolment("maria", owner="dana")])
        turns.advance(session, "summit", "sales", "dana")
        with pytest.raises(KeyError), session.savepoint():  # noqa: PT012 - the whole part is the case
            enrolments.save(session, "summit", [make.enrolment("bob", owner="dana")])
            turns.advance(session, "summit", "sales", "lee")
            raise KeyError
        with session.savepoint() as undone:
            enrolments.save(session, "summit", [make.enrolment("eva", owner="lee")])
            undone.rollback()
        with session.savepoint():
            enrolments.save(session, "summit", [make.enrolment("bob", owner="ana")])
    assert read(shop) == {"ana": 1, "dana": 1}
    with shop.read() as session:
        assert turns.read(session, "summit") == {("sales", "dana"): 1}


STANDINGS = st.tuples(st.sampled_from(["maria", "bob", "eva"]), st.sampled_from(["", "dana", "lee"]), st.booleans())
SESSIONS = st.lists(st.lists(st.lists(STANDINGS, max_size=3), max_size=3), max_size=4)


@pytest.fixture(scope="module")
def blank(new_store):
    with new_store() as store:
        yield store


@settings(max_examples=30, deadline=None)
@given(sessions=SESSIONS, fails=st.integers(0, 5))
def test_the_counts_are_what_a_recount_finds_whatever_happens(blank, make, sessions, fails):
    with blank.write() as session:
        for table in reversed(METADATA.sorted_tables):
            session.change(delete(table))
        accounts.ensure(session, "summit", make.now)
        leads.add(session, "summit", [make.lead("maria"), make.lead("bob"), make.lead("eva")])
    for number, batches in enumerate(sessions):
        with blank.write() as session, session.savepoint() as part:
            for batch in batches:
                rows = [make.enrolment(lead, owner=by, ended_at=make.now if end else None) for lead, by, end in batch]
                enrolments.save(session, "summit", rows)
            if number == fails:
                part.rollback()
            else:
                told = loads.read(session, "summit")
                assert {member: n for member, n in told.items() if n} == loads.recount(session, "summit")
        with blank.read() as session:
            told = loads.read(session, "summit")
            assert {member: n for member, n in told.items() if n} == loads.recount(session, "summit")


def test_a_long_session_keeps_no_other_from_counting(shop, url, make, kind):
    """A list of a hundred thousand leads is read in one session; ticks go on meanwhile."""
    if kind == "sqlite":
        return  # a writer of a file is alone
    with shop.write() as session:
        enrolments.save(session, "summit", [make.enrolment("maria", owner="dana")])
        turns.advance(session, "summit", "sales", "dana")
    with open_store(url, wait=0.2) as other, shop.write() as session:
        enrolments.save(session, "summit", [make.enrolment("bob", owner="dana")])
        turns.advance(session, "summit", "sales", "dana")
        with other.write() as second:
            enrolments.save(second, "summit", [make.enrolment("eva", owner="dana")])
            turns.advance(second, "summit", "sales", "lee")
    assert read(shop) == {"dana": 3}
    with shop.read() as session:
        assert turns.read(session, "summit") == {("sales", "dana"): 3, ("sales", "lee"): 2}


def test_many_who_count_at_once_lose_nothing_and_never_wait_for_each_other(shop, url, make):
    names = [f"lead-{number}" for number in range(40)]
    members = ["ana", "dana", "eva", "lee"]
    with shop.write() as session:
        leads.add(session, "summit", [make.lead(name) for name in names])

    def enrol(mine, order):
        with open_store(url, wait=20) as own:
            for name in mine:
                with own.write() as session:
                    for number, member in enumerate(order):
                        row = make.enrolment(name, enrolment=f"{name}/roofer/{number}/1", owner=member)
                        enrolments.save(session, "summit", [row])
                        turns.advance(session, "summit", "sales", member)

    threads = [
        threading.Thread(target=enrol, args=(names[start::4], members[start:] + members[:start])) for start in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert read(shop) == dict.fromkeys(members, 40)
    with shop.read() as session:
        assert len(turns.read(session, "summit")) == 4


# -- turns


def test_who_had_a_turn_last_has_the_highest_number_of_the_role(store):
    with store.write() as session:
        for member in ("dana", "lee", "dana"):
            turns.advance(session, "summit", "sales", member)
        turns.advance(session, "summit", "office", "lee")
    with store.write() as session:
        assert turns.read(session, "summit") == {("office", "lee"): 1, ("sales", "dana"): 2, ("sales", "lee"): 1}
        turns.advance(session, "summit", "sales", "lee")
        assert turns.read(session, "summit")["sales", "lee"] == 3, "at once, for this session"
        assert turns.read(session, "valley") == {}
    with store.read() as session:
        assert turns.read(session, "summit") == {("office", "lee"): 1, ("sales", "dana"): 2, ("sales", "lee"): 3}


def test_whose_turn_it_was_is_not_noted_while_reading(store):
    with store.read() as session, pytest.raises(RuntimeError, match="only reads"):
        turns.advance(session, "summit", "sales", "dana")
