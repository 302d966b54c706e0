"""Generated shops, people and lives for hypothesis: playbooks of all kinds, and what may happen to one person.

    @given(world=worlds())
    def test_a_law(world): played = world.play("7m")

A world holds only what a page can say. Conditions are on facts, so that looking at a lead more often tells no more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from support.plans import ANY_HOUR, LAW, WORKSPACE, Played, book_of, fact, lead_fact, plan_from, play

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cadence.engine.book import Book
    from cadence.engine.events import Event

__all__ = ["SPAN", "START", "World", "ticks", "worlds"]

START = datetime(2026, 10, 30, 13, 0, tzinfo=UTC)  #: a Friday; on Sunday the clocks go back in the United States
SPAN = timedelta(days=6)

#: Where people live: zones, what says so, states.
HOMES: tuple[tuple[list[str], str, list[str]], ...] = (
    (["America/Chicago"], "zip", ["MO"]),
    (["America/New_York"], "zip", ["FL"]),
    (["America/New_York", "America/Chicago"], "phone", ["KY"]),
    (["America/Los_Angeles", "America/Denver"], "phone", ["OR", "ID"]),
    (["Asia/Kolkata"], "phone", ["abroad:IN"]),
    ([], "", []),
)
WINDOWS: tuple[Any, ...] = (
    "08:00-20:00",
    "00:00-24:00",
    "22:00-06:00",
    {"mon-fri": ["09:00-12:00", "13:00-17:00"], "sat": "10:00-14:00"},
)
#: What may happen, besides coming in; each at most once in a life when it is told so.
FACTS = (
    "reply",
    "call.missed",
    "call.logged",
    "appointment.booked",
    "appointment.confirmed",
    "acknowledgement",
    "opt_out",
    "opt_in",
    "snooze",
    "automatic",
    "lead.qualified",
    "lead.updated",
    "message.sent.by_person",
    "note.added",
    "estimate.sent",
    "not_interested",
    "lead.won",
    "appointment.cancelled",
    "callback.scheduled",
    "next.set",
    "owner.assigned",
    "handoff.noted",
)
TIMES = st.sampled_from(["00:30", "01:30", "08:15", "10:00", "17:45", "23:50"])

ticks = st.integers(1, 60).map(lambda minutes: timedelta(minutes=minutes))


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A shop's pages, a person, and what happens."""

    pages: tuple[Mapping[str, Any], ...]
    strict: bool  #: the law table that comes with the program holds
    record: Mapping[str, Any]  #: what is known of the person
    facts: tuple[Event, ...]  #: the arrival first

    @property
    def book(self) -> Book:
        """The plans in force."""
        law = LAW if self.strict else ANY_HOUR
        plans = [plan_from(page, workspace=WORKSPACE, law=law) for page in self.pages]
        return book_of(*plans, published={plan.digest: START for plan in plans})

    def play(self, tick: timedelta, *, until: timedelta = SPAN) -> Played:
        """Play the life from the start."""
        return play(self.book, self.facts, START, START + until, tick)

    def touch(self, playbook: str, touch: str) -> Mapping[str, Any]:
        """The touch of a page by its id, which is its own over all stages."""
        page = next(page for page in self.pages if page["playbook"] == playbook)
        touches = (each for stage in page["stages"].values() for each in stage.get("touches", ()))
        return next(each for each in touches if each["id"] == touch)

    def page(self, playbook: str) -> Mapping[str, Any]:
        """The page of a playbook."""
        return next(page for page in self.pages if page["playbook"] == playbook)

    def without(self, *kinds: str) -> World:
        """The same world in which some things do not happen."""
        return replace(self, facts=tuple(each for each in self.facts if each.type not in kinds))


def _timings(draw: st.DrawFn, earlier: list[str]) -> dict[str, Any]:
    after = st.sampled_from(["1m", "20m", "1h", "3h", "26h", "2d"])
    rows: list[st.SearchStrategy[dict[str, Any]]] = [
        st.just({"send": "now"}),
        st.fixed_dictionaries({"after": after}),
        st.fixed_dictionaries({"after": after}),
        st.fixed_dictionaries({"after": after}),
        st.fixed_dictionaries({"after": st.sampled_from(["20m", "5h"]), "clock": st.just("business")}),
        st.fixed_dictionaries({"day": st.integers(1, 4), "at": TIMES}),
        st.fixed_dictionaries({"business_day": st.integers(1, 3)}),
        st.fixed_dictionaries({"next_business_day": TIMES}),
        st.fixed_dictionaries({"cron": st.sampled_from(["30 1 * * *", "0 9 * * mon-fri", "*/40 * * * *"])}),
        st.just({"schedule": [{"if_before": "15:00", "day": 1, "at": "17:00"}, {"next_business_day": "08:15"}]}),
        st.fixed_dictionaries({"anchor": st.sampled_from(["estimate.sent", "call.logged"]), "after": after}),
        st.just({"anchor": "appointment.booked.starts_at", "before": "3h"}),
    ]
    if earlier:
        rows.append(st.fixed_dictionaries({"anchor": st.sampled_from(earlier), "after": after}))
    return draw(st.one_of(rows))


def _touch(draw: st.DrawFn, name: str, earlier: list[str]) -> dict[str, Any]:
    channel = draw(st.sampled_from(["sms", "sms", "sms", "email", "email", "call", "task", "audience"]))
    touch: dict[str, Any] = {"id": name, "channel": channel, **_timings(draw, earlier)}
    touch |= {"list": "everyone"} if channel == "audience" else {"template": "t"}
    if channel in ("sms", "email"):
        touch |= draw(st.sampled_from([{}, {}, {}, {}, {"answers": "inquiry"}, {"expects": "ack"}]))
    touch |= draw(st.sampled_from([{}, {}, {}, {}, {"if": "not events.call.logged"}, {"if": "lead.zip"}]))
    return touch | draw(st.sampled_from([{}, {}, {}, {}, {"expires_after": "90m"}]))


def _page(draw: st.DrawFn, playbook: str, *, promises: bool, silence: bool) -> dict[str, Any]:
    sequences: list[list[dict[str, Any]]] = []
    for stage in ("n", "l"):
        sequence: list[dict[str, Any]] = []
        for number in range(draw(st.integers(2, 6))):
            sequence.append(_touch(draw, f"{stage}{number}", [each["id"] for each in sequence]))
        sequences.append(sequence)
    quiet = draw(st.sampled_from([{}, {"silence": {"after": "30h", "to": "later"}}])) if silence else {}
    promise = {
        "answer": {"within": "1h", "warn": "10m", "met_by": ["message.sent"], "on_miss": [{"reassign": "fallback"}]}
    }
    windows = st.sampled_from([*WINDOWS[:2] * 2, *WINDOWS[2:]])
    return {
        "cadence": 1,
        "playbook": playbook,
        "calendar": {"business_hours": {"mon-fri": "08:00-18:00", "sat": "09:00-13:00"}},
        "send_windows": {"sms": draw(windows), "email": draw(windows)},
        "limits": {
            "messages_per_day": draw(st.integers(1, 4)),
            "messages_per_week": draw(st.integers(2, 8)),
            "min_gap": draw(st.sampled_from(["1m", "30m", "4h"])),
        },
        "expires_after": draw(st.sampled_from(["2h", "24h", "3d"])),
        "catch_up": draw(st.sampled_from(["latest", "latest", "latest", "skip"])),
        "stop_on": draw(st.sampled_from([["reply"], ["reply", "appointment.booked"], []])),
        **draw(st.sampled_from([{}, {"score": {"hot": "lead.urgency == 'leak'"}}])),
        "stages": {
            "new": {
                "owner": "csr",
                "enter_on": ["lead.created", "call.missed"],
                "touches": sequences[0],
                **({"sla": promise} if promises and draw(st.booleans()) else {}),
                **draw(st.sampled_from([{}, {"require": {"to_leave": ["lead.zip"]}}])),
                "next": {"lead.qualified": "later", "appointment.booked": "later", **quiet},
            },
            "later": {
                "owner": "sales",
                "lock": {"by": ["appointment.confirmed", "callback.scheduled"], "within": "24h"},
                "touches": sequences[1],
                "next": {"lead.won": "won", **({"silence": {"after": "50h", "to": "lost"}} if silence else {})},
            },
            "won": {"end": "won"},
            "lost": {"end": "lost"},
        },
    }


def _fact(draw: st.DrawFn, kind: str, arrives: datetime, *, late: bool) -> Event:
    at = arrives + timedelta(minutes=draw(st.integers(1, 60 * 24 * 4)))
    learned = at + timedelta(minutes=draw(st.sampled_from([0, 0, 0, 7, 300])) if late else 0)
    data: dict[str, Any] = {}
    if kind == "appointment.booked":
        data = {"starts_at": draw(st.sampled_from(["2026-11-02T09:00", "2026-11-03", "2026-10-31T18:00"]))}
    elif kind == "automatic":
        data = draw(st.sampled_from([{"kind": "out_of_office"}, {"kind": "delivery"}]))
    elif kind == "snooze":
        data = draw(st.sampled_from([{}, {"until": "2026-11-02"}, {"until": "2026-11-01T01:30"}]))
    elif kind == "lead.updated":
        data = {"lead": draw(st.sampled_from([{"zip": "64110"}, {"urgency": "leak"}, {"urgency": "someday"}]))}
    elif kind == "callback.scheduled":
        data = draw(
            st.sampled_from(
                [{"starts_at": "2026-11-02T09:00"}, {"starts_at": "2026-10-31", "ends_at": "2026-11-01T01:30"}]
            )
        )
    elif kind == "next.set":
        data = {"action": "send photos", **draw(st.sampled_from([{}, {"due": "2026-11-01"}, {"who": "lee"}]))}
    elif kind == "owner.assigned":
        data = {"owner": draw(st.sampled_from(["lee", "ola", "dana"]))}
    return fact(kind, at, learned=learned, **data)


@st.composite
def worlds(
    draw: st.DrawFn,
    *,
    once: bool = False,
    late: bool = True,
    promises: bool = True,
    silence: bool = True,
    strict: bool = False,
    most: int = 6,
    leave_out: tuple[str, ...] = (),
) -> World:
    """Return a world.

    ``once``: nothing happens twice; ``late``: facts may be learned late; ``promises`` and ``silence``: pages may have
    some; ``strict``: the law table that comes with the program holds in all of them; ``most``: how many things may
    happen; ``leave_out``: what does not.
    """
    names = draw(st.sampled_from([("roofer",), ("roofer",), ("roofer", "gutters")]))
    pages = tuple(_page(draw, name, promises=promises, silence=silence) for name in names)
    zones, source, states = draw(st.sampled_from(HOMES))
    record = {
        "zones": zones,
        "zone_source": source,
        "states": states,
        "phone": draw(st.sampled_from([*["+18165550142"] * 5, ""])),
        "email": draw(st.sampled_from([*["maria@example.com"] * 5, ""])),
        "zip": draw(st.sampled_from(["64110", ""])),
    }
    arrives = START + timedelta(minutes=draw(st.integers(0, 60 * 20)))
    arrival = lead_fact(arrives, inquiry=draw(st.booleans()), **record)
    may_happen = st.sampled_from([kind for kind in FACTS if kind not in leave_out])
    kinds = draw(st.lists(may_happen, max_size=most, unique=once))
    facts = [_fact(draw, kind, arrives, late=late) for kind in kinds]
    return World(
        pages=pages,
        strict=strict or draw(st.booleans()),
        record=record,
        facts=(arrival, *sorted(facts, key=lambda each: each.recorded_at)),
    )
