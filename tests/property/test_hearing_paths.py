"""Told by webhooks, by polls or by both, shuffled and repeated: what a shop makes of a history is the same."""

from __future__ import annotations

import itertools
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cadence.channels.channel import Accepted
from cadence.inbox.twilio_poll import TwilioInbox
from cadence.runner.ledger import load
from cadence.store import events, leads, suppressions
from cadence.web.desk import StoreDesk
from cadence.web.hooks import make_app
from support.clocks import take_over
from support.desk import TUESDAY, open_desk
from support.hearing import MAIL_PAGE
from support.hook_calls import URL, door, from_twilio
from support.lab import Lab
from support.twilio_desk import OURS, TOKEN, twilio_desk
from support.twilio_make import line, sms

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flask.testing import FlaskClient

    from support.clocks import SharedClock
    from support.twilio_desk import TwilioDesk

TICKS = 5
WORDS = ("Call me please", "STOP", "please stop texting me", "Not before March 3", "no thanks", "START", "👍", "")
ENDS = (("delivered", None), ("undelivered", 30003), ("undelivered", 30006), ("failed", 21610), ("undelivered", 30008))


class Happening(NamedTuple):
    """Something that the provider knows of, between two ticks."""

    turn: int
    who: int
    kind: str  #: text, receipt or call
    what: int
    told: int  #: so many webhooks tell it


happenings = st.builds(
    Happening,
    turn=st.integers(1, TICKS - 1),
    who=st.integers(0, 2),
    kind=st.sampled_from(["text", "text", "receipt", "receipt", "call"]),
    what=st.integers(0, 7),
    told=st.integers(1, 3),
)
#: What one person does between two ticks has no order that a webhook would tell.
histories = st.lists(
    happenings, min_size=3, max_size=9, unique_by=lambda each: (each.turn, each.who, each.kind == "receipt")
)


@dataclass
class World:
    """A shop with a Twilio of its own, which it hears by some of the ways."""

    lab: Lab
    twilio: TwilioDesk
    client: FlaskClient
    hooks: bool
    polls: bool
    source: TwilioInbox = field(init=False)

    def __post_init__(self) -> None:
        self.source = TwilioInbox(line(self.twilio), sender=OURS)

    def live(self, story: int, history: Sequence[Happening], order: Sequence[int]) -> dict[str, Any]:
        """Let a history happen to three new leads, and tell how all ends."""
        names = [f"{name}-{story}" for name in ("maria", "ana", "bob")]
        start = TUESDAY + timedelta(hours=story)
        for number, name in enumerate(names):
            self.lab.add([name], start, phone=f"+1816555{story * 3 + number:04}", email=f"{name}@example.com")
        self.tick(start)
        for turn in range(1, TICKS):
            at = start + timedelta(minutes=3 * turn)
            self.lab.clock.set(at - timedelta(minutes=1))
            calls = [
                call
                for each in history
                if each.turn == turn
                for call in self.happens(each, names[each.who], story * 3 + each.who)
            ]
            if self.hooks:
                ranked = sorted(enumerate(calls), key=lambda pair: order[pair[0] % len(order)])
                assert {self.post(call) for _, call in ranked} <= {200, 204}
            self.tick(at)
        self.tick(start + timedelta(minutes=50))
        return {name: self.end(name) for name in names}

    def happens(self, each: Happening, name: str, number: int) -> list[Any]:
        """Have it happen; return the webhooks that tell it."""
        phone = f"+1816555{number:04}"
        if each.kind == "text":
            message = self.twilio.texts(phone, WORDS[each.what])
            return [from_twilio("/twilio/sms", self.twilio.webhook(message), token=TOKEN)] * each.told
        if each.kind == "call":
            rung = self.twilio.rings(phone, status="no-answer")
            params = {"CallSid": rung["sid"], "From": phone, "To": OURS, "Direction": "inbound"}
            return [from_twilio("/twilio/voice", params, token=TOKEN)] * each.told
        ours = [message for message in self.twilio.sent if message["to"] == phone]
        if not ours or ours[-1]["status"] != "queued":
            return []
        status, code = ENDS[each.what % len(ENDS)]
        self.twilio.becomes(ours[-1]["sid"], status, code)
        params = {"MessageSid": ours[-1]["sid"], "To": phone, "From": OURS}
        final = params | {"MessageStatus": status} | ({"ErrorCode": str(code)} if code else {})
        told = [final] * each.told + [params | {"MessageStatus": "sent"}] * (each.told - 1)
        return [from_twilio("/twilio/status", one, token=TOKEN) for one in told]

    def post(self, call: Any) -> int:
        """Post a webhook."""
        return self.client.post(call.path, data=call.body, headers=dict(call.headers), base_url=URL).status_code

    def tick(self, at: Any) -> None:
        """Tick."""
        ways = {"sms": sms(self.twilio), "email": self.lab.provider, "audience": self.lab.provider}
        self.lab.tick(at, channels=ways, sources=[self.source] if self.polls else [])

    def end(self, lead: str) -> dict[str, Any]:
        """Tell all that a lead has come to, but for the instants."""
        with self.lab.desk.account.store.read() as session:
            state = load(session, "summit", [lead])[lead]
            (row,) = leads.by_ids(session, "summit", [lead]).values()
            log = events.of_leads(session, "summit", [lead])[lead]
            standing = suppressions.standing(session, "summit", [row.phone, row.email])
        return {
            "facts": Counter((event.type, str(event.data.get("text", ""))) for event in log if event.key),
            "stage": [(each.visit.stage, each.end, bool(each.visit.stop)) for each in state.enrolments.values()],
            "out": (state.opted_out("sms"), state.opted_out("email")),
            "holds": sorted(hold.kind for hold in state.holds),
            "ledger": {key: (each.reason, each.standing) for key, each in standing.items()},
            "touches": {
                key: (each.state, each.reason, each.delivery)
                for key, each in self.lab.rows().items()
                if each.lead == lead
            },
        }


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, World]]:
    """Three shops alike: one hears by webhooks, one by polls, one by both."""
    with ExitStack() as stack:
        made: dict[str, World] = {}
        clock: SharedClock | None = None
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.delenv("CADENCE_STORE", raising=False)
        for name, hooks, polls in (("webhooks", True, False), ("polls", False, True), ("both", True, True)):
            desk = stack.enter_context(open_desk(tmp_path_factory.mktemp(name) / "shop"))
            desk = replace(desk, account=replace(desk.account, mode="live", secret="s" * 32))
            clock = clock or take_over(desk.account.store, TUESDAY, patch)
            lab = Lab(desk, clock)
            lab.provider.answer = lambda _: Accepted("mail")
            lab.write_page(MAIL_PAGE)
            now = partial(getattr, clock, "at")
            twilio = stack.enter_context(twilio_desk(now))
            app = make_app(door(twilio_tokens=(TOKEN,)), StoreDesk(desk.account, now), now)
            made[name] = World(lab, twilio, app.test_client(), hooks, polls)
        yield made


stories = itertools.count(1)


@settings(max_examples=4, deadline=None)
@given(history=histories, order=st.lists(st.integers(0, 99), min_size=1, max_size=9))
def test_both_ways_make_the_same_of_a_history(
    worlds: dict[str, World], history: list[Happening], order: list[int]
) -> None:
    story = next(stories)
    ends = {name: world.live(story, history, order) for name, world in worlds.items()}

    assert ends["webhooks"] == ends["polls"] == ends["both"]
    for world in worlds.values():
        assert max(Counter((each["to"], each["body"]) for each in world.twilio.sent).values()) == 1
