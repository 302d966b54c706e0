"""Tests of two ways, read from a log: who counts, when, as what; and what is said of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cadence.engine.events import instant_text
from cadence.reports.experiments import Experiment, judge_trial
from cadence.reports.experiments_page import experiments_data, experiments_page
from cadence.reports.page_text import page_lines
from cadence.reports.trial_units import TrialFacts, Unit
from cadence.reports.trials import ROUTING, SEQUENCE, TEXT, Trial, trials_of
from cadence.store.varied import VariedRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cadence.store.chronicle import Line

MONTH = timedelta(days=30)
LOCKS = {"roofer": {"new": ("appointment.booked",), "booked": ("appointment.confirmed",)}}


def day(number: float) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number)


NOW = day(100)
SEQUENCES = Trial(
    playbook="roofer", kind=SEQUENCE, stage="new", weights={"three": 1, "five": 1}, begins=instant_text(day(0))
)


# what is tried

PAGE: dict[str, Any] = {
    "playbook": "roofer",
    "routing": {"csr": {"variants": {"by-zip": 1, "in-turn": 3}}, "sales": {}},
    "stages": {
        "new": {
            "variants": {"three": 1, "five": 1},
            "touches": [{"id": "hello", "variants": {"story": 1, "offer": 1}}, {"id": "second"}],
        },
        "later": {"variants": {"alone": 1}},
        "won": {"end": "won"},
    },
}
PLAIN = {"playbook": "roofer", "stages": {"new": {"touches": [{"id": "hello"}]}}}


def test_a_page_tries_whatever_has_two_variants_or_more() -> None:
    found = {(each.kind, each.place): dict(each.weights) for each in trials_of([("2026-01-01T00:00:00Z", PAGE)])}

    assert found == {
        (ROUTING, "csr"): {"by-zip": 1, "in-turn": 3},
        (SEQUENCE, "new"): {"three": 1, "five": 1},
        (TEXT, "new/hello"): {"story": 1, "offer": 1},
    }


def weights_of(weights: Mapping[str, int]) -> dict[str, Any]:
    return {"playbook": "roofer", "stages": {"new": {"variants": dict(weights)}}}


def test_a_test_begins_with_the_page_that_first_had_these_weights_and_kept_them() -> None:
    """Other weights are another lot: leads drawn by it are no leads of this test."""
    even, skewed = weights_of({"three": 1, "five": 1}), weights_of({"three": 3, "five": 1})
    pages = [PLAIN, even, skewed, even, {**even, "title": "reworded"}]
    history = [(f"2026-01-0{number}T00:00:00Z", page) for number, page in enumerate(pages, 1)]

    assert [each.begins for each in trials_of(history)] == ["2026-01-04T00:00:00Z"]
    assert list(trials_of(history[:1])) == []
    assert [each.begins for each in trials_of(history[:2])] == ["2026-01-02T00:00:00Z"]


# the log


def line(lead: str, kind: str, at: float, *, key: str = "", enrolment: str = "", **data: Any) -> Line:
    named = enrolment or (f"{lead}/roofer/-/1" if kind in ENGINE else "")
    return lead, named, kind, instant_text(day(at)), "", key, json.dumps(data)


ENGINE = ("enrolment.started", "stage.entered", "enrolment.ended", "owner.changed", "visit.restored")


def arrives(lead: str, at: float, variant: str = "", *, routed: str = "", by: str = "round_robin") -> list[Line]:
    how = {"by": by, "role": "csr", **({"variant": routed} if routed else {})}
    entered = enters(lead, at, "new", 1, how=how, **({"variant": variant} if variant else {}))
    return [line(lead, "enrolment.started", at, playbook="roofer", digest="d", by="lead.created"), entered]


def enters(lead: str, at: float, stage: str, visit: int, **data: Any) -> Line:
    data.setdefault("how", {"by": "kept", "role": "csr"})
    return line(lead, "stage.entered", at, stage=stage, visit=visit, owner="dana", before="", by="x", **data)


def units(lines: Iterable[Line], trial: Trial = SEQUENCES, sent: Iterable[VariedRow] = ()) -> list[Unit]:
    return TrialFacts(lines, sent, LOCKS).units(trial, MONTH)


def locked(*lines: Line, trial: Trial = SEQUENCES, sent: Iterable[VariedRow] = ()) -> bool:
    (unit,) = units([*arrives("maria", 1, "five", routed="by-zip"), *lines], trial, sent)
    return unit.locked


def test_a_lead_counts_for_the_variant_that_its_visit_was_given() -> None:
    (unit,) = units(arrives("maria", 1, "five"))

    assert (unit.lead, unit.variant, unit.at, unit.ends) == (
        "maria",
        "five",
        instant_text(day(1)),
        instant_text(day(31)),
    )


@pytest.mark.parametrize(
    ("fact", "at", "counts"),
    [
        ("appointment.booked", 2, True),
        ("appointment.booked", 1, True),
        ("appointment.booked", 31, True),
        ("appointment.booked", 31.001, False),
        ("appointment.confirmed", 2, False),
        ("reply", 2, False),
    ],
)
def test_locked_is_what_the_stage_calls_so_within_the_leads_time(fact: str, at: float, counts: bool) -> None:
    assert locked(line("maria", fact, at)) is counts


def test_what_locks_after_the_lead_has_left_the_stage_is_no_work_of_its_sequence() -> None:
    leaves = enters("maria", 3, "booked", 2)

    assert locked(line("maria", "appointment.booked", 3), leaves), "the fact that moves it on is of both stages"
    assert not locked(leaves, line("maria", "appointment.booked", 4))
    assert not locked(leaves, line("maria", "appointment.confirmed", 4))


def test_a_job_that_was_won_straight_away_is_as_good_as_locked() -> None:
    won = [enters("maria", 5, "won", 2), line("maria", "enrolment.ended", 5, end="won", by="x")]
    lost = [enters("maria", 5, "lost", 2), line("maria", "enrolment.ended", 5, end="lost", by="x")]

    assert locked(*won)
    assert not locked(*lost)


def test_what_was_taken_back_did_not_lock_anything() -> None:
    booked = line("maria", "appointment.booked", 2, key="act-1")

    assert locked(booked)
    assert not locked(booked, line("maria", "act.undone", 3, undoes="act-1"))


def test_a_lead_counts_once_with_its_first_visit() -> None:
    again = [enters("maria", 40, "new", 2, variant="five"), line("maria", "appointment.booked", 41)]

    assert not locked(*again)


def test_opt_outs_and_replies_are_the_persons_within_its_time() -> None:
    lines = [*arrives("maria", 1, "five"), line("maria", "opt_out", 3), line("maria", "reply", 40)]
    (unit,) = units([*lines, *arrives("tom", 2, "three"), line("tom", "reply", 3)])[:1]

    assert (unit.lead, unit.opted_out, unit.replied) == ("maria", True, False)


ROUTES = Trial(
    playbook="roofer", kind=ROUTING, role="csr", weights={"by-zip": 1, "in-turn": 1}, begins=instant_text(day(0))
)
TEXTS = Trial(
    playbook="roofer",
    kind=TEXT,
    stage="new",
    touch="hello",
    weights={"story": 1, "offer": 1},
    begins=instant_text(day(0)),
)


def test_a_routing_counts_any_next_step_that_was_locked_since_the_lead_was_given_to_somebody() -> None:
    moved = enters("maria", 3, "booked", 2)

    assert locked(moved, line("maria", "appointment.confirmed", 4), trial=ROUTES)
    assert not locked(moved, line("maria", "appointment.confirmed", 32), trial=ROUTES)
    (unit,) = units(arrives("maria", 1, routed="in-turn"), ROUTES)
    assert unit.variant == "in-turn"


def test_who_stays_with_a_colleague_it_knew_was_not_drawn_for() -> None:
    assert units(arrives("maria", 1, by="kept"), ROUTES) == []
    assert units(arrives("maria", 1, by="named"), ROUTES) == []


def sent(lead: str, at: float, variant: str) -> VariedRow:
    return VariedRow(
        lead=lead,
        enrolment=f"{lead}/roofer/-/1",
        playbook="roofer",
        stage="new",
        touch="hello",
        variant=variant,
        ended_at=day(at),
    )


def test_a_text_counts_what_was_locked_after_it_went() -> None:
    booked = line("maria", "appointment.booked", 4)

    assert locked(booked, trial=TEXTS, sent=[sent("maria", 2, "story")])
    assert not locked(booked, trial=TEXTS, sent=[sent("maria", 5, "story")])


# what is said


def lead_units(variant: str, number: int, *, locked: int = 0, opted_out: int = 0, at: float = 1) -> list[Unit]:
    begin = instant_text(day(at))
    return [
        Unit(
            lead=f"{variant}-{at}-{n:03}",
            at=begin,
            ends=instant_text(day(at) + MONTH),
            variant=variant,
            locked=n < locked,
            opted_out=n < opted_out,
            replied=variant == "three",
        )
        for n in range(number)
    ]


def judged(*groups: list[Unit], trial: Trial = SEQUENCES, now: datetime = NOW, **more: Any) -> Experiment:
    """Judge leads, drawn as evenly as their numbers allow."""
    drawn = [(unit.at, place / len(group), unit) for group in groups for place, unit in enumerate(group, 1)]
    mixed = [unit for *_, unit in sorted(drawn, key=lambda each: each[:2])]
    return judge_trial(trial, mixed, now, **{"gain": 0.1, **more})


def test_a_few_dozen_leads_say_nothing() -> None:
    found = judged(lead_units("three", 40, locked=12), lead_units("five", 40, locked=18))

    assert (found.verdict, found.of, found.counted) == ("not_enough_data", (), 80)


def test_a_winner_is_named_when_the_test_says_so() -> None:
    found = judged(lead_units("three", 60, locked=10), lead_units("five", 60, locked=50))

    assert (found.verdict, found.of) == ("winner", ("five",))


def test_the_way_it_was_may_win_too() -> None:
    assert judged(lead_units("three", 60, locked=50), lead_units("five", 60, locked=10)).of == ("three",)


def test_of_three_ways_the_winner_beats_both_others() -> None:
    trial = Trial(playbook="roofer", kind=SEQUENCE, stage="new", weights={"a": 1, "b": 1, "c": 1}, begins="")
    clear = judged(
        lead_units("a", 60, locked=5), lead_units("b", 60, locked=50), lead_units("c", 60, locked=8), trial=trial
    )
    tie = judged(
        lead_units("a", 60, locked=5), lead_units("b", 60, locked=50), lead_units("c", 60, locked=50), trial=trial
    )

    assert (clear.verdict, clear.of) == ("winner", ("b",))
    assert tie.verdict == "not_enough_data"
    assert clear.enough == pytest.approx(60), "three pairs, three times the evidence"


def test_leads_whose_time_is_not_over_do_not_count_yet_but_their_opt_outs_do() -> None:
    early = {"now": day(20)}
    young = judged(lead_units("three", 60, locked=10), lead_units("five", 60, locked=50), **early)
    alarming = judged(lead_units("three", 60), lead_units("five", 60, opted_out=9), **early)

    assert (young.verdict, young.counted) == ("not_enough_data", 0)
    assert (alarming.verdict, alarming.of) == ("stop", ("five",))


def test_too_many_opt_outs_come_before_a_winner() -> None:
    found = judged(lead_units("three", 60, locked=10), lead_units("five", 60, locked=50, opted_out=12))

    assert (found.verdict, found.of) == ("stop", ("five",))


def test_replies_decide_nothing() -> None:
    """Every lead of the one replied, none of the other; they lock alike."""
    assert judged(lead_units("three", 200, locked=60), lead_units("five", 200, locked=60)).verdict == "not_enough_data"


def test_the_leads_asked_for_without_a_winner_end_the_test_without_one() -> None:
    found = judged(lead_units("three", 800, locked=240), lead_units("five", 800, locked=244))

    assert found.needed < 1600
    assert (found.verdict, found.weeks_left) == ("no_difference", 0.0)


def test_the_base_is_the_shops_own_from_before_the_test_where_it_has_one() -> None:
    before = lead_units("", 50, locked=5, at=-60)
    test = [*lead_units("three", 30, locked=15), *lead_units("five", 30, locked=15)]

    assert (judged(before, test).base, judged(before, test).base_of) == (0.1, 50)
    assert (judged(test).base, judged(test).base_of) == (0.5, 60), "else that of the test itself"
    assert (judged(test[:9]).base, judged(test[:9]).base_of) == (0.3, 0), "else it is assumed"


def test_other_weights_and_since_leave_out_the_leads_of_before() -> None:
    early, late = lead_units("three", 10, at=-9), lead_units("three", 20, at=40)

    assert [arm.leads for arm in judged(early, late, lead_units("five", 5, at=2)).arms] == [20, 5]
    assert [arm.leads for arm in judged(early, late, lead_units("five", 5, at=2), since=day(30)).arms] == [20, 0]


def test_uneven_weights_are_no_evidence() -> None:
    trial = Trial(playbook="roofer", kind=SEQUENCE, stage="new", weights={"three": 9, "five": 1}, begins="")
    found = judged(
        lead_units("three", 270, locked=81, opted_out=18), lead_units("five", 30, locked=9, opted_out=2), trial=trial
    )

    assert found.verdict == "not_enough_data"
    assert found.evidence < 2


def test_leads_that_did_not_fall_as_the_lot_says_have_no_winner() -> None:
    """Such as when one text cannot be made for many: who gets it is then no matter of chance."""
    found = judged(lead_units("three", 90, locked=40), lead_units("five", 30, locked=2))

    assert found.verdict == "uneven"
    assert "did not fall as the weights say (90 to 'three', 30 to 'five')" in text_of(found)


def text_of(*found: Experiment) -> str:
    return "\n".join(page_lines(experiments_page(found, business="Summit", within=MONTH, timezone="America/Chicago")))


def test_the_page_says_up_front_how_many_leads_it_takes_and_for_how_long() -> None:
    said = text_of(judged(lead_units("three", 20, locked=6, at=80), lead_units("five", 20, locked=9, at=80)))

    assert "the touches of roofer/new: three against five, since 31 Dec 2025" in said
    assert "Not enough data: 0 of about 1,400 leads have counted" in said
    assert "It takes about 1,400 leads to find a difference of 10 points, 8 times in 10, where 30% lock" in said
    assert "At the present 14 leads a week they take 98 weeks to come, and 30 days more to count." in said


def test_a_test_that_no_lead_comes_to_says_so() -> None:
    assert "No lead came there during the last four weeks" in text_of(judged([]))


def test_a_test_that_would_take_ten_years_says_so() -> None:
    slow = judged(lead_units("three", 1, at=80), gain=0.01)

    assert "takes more than 500 weeks: try something that makes a greater difference" in text_of(slow)


def test_nothing_tried_is_said_too() -> None:
    assert "Nothing is tried on the pages in force" in text_of()


def test_the_data_have_every_number() -> None:
    found = judged(lead_units("three", 60, locked=10), lead_units("five", 60, locked=50))
    data = experiments_data([found], account="summit", now=NOW, within=MONTH)["experiments"][0]

    assert {name: data[name] for name in ("playbook", "kind", "place", "verdict", "variants_meant")} == {
        "playbook": "roofer",
        "kind": "sequence",
        "place": "new",
        "verdict": "winner",
        "variants_meant": ["five"],
    }
    assert data["evidence"] >= data["evidence_needed"]
    assert data["variants"][1] == {
        "variant": "five",
        "weight": 1,
        "leads": 60,
        "counted": 60,
        "locked": 50,
        "locked_share": 0.8333,
        "opted_out": 0,
        "opted_out_share": 0.0,
        "replied": 0,
    }
