"""Carrying messages out: a bounded number of calls at once on each channel, none of which can hold up the tick."""

from __future__ import annotations

import queue
import threading
import time
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from cadence.channels.channel import Accepted, Lost, NotNow, Refused
from cadence.runner.steps import Step

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cadence.channels.channel import Channel, Outgoing, Result

__all__ = ["BREAKER", "NEWS", "RESTING", "TOO_SLOW", "Deliverer"]

NEWS = "news"  #: code: something was learned of the lead since it was claimed; it is judged anew
TOO_SLOW = "too_slow"  #: code: the machine slept between claim and call; another tick may have it by now
RESTING = "resting"  #: code: the channel was left alone before its turn came
BREAKER = 5  #: messages of one channel that fail in a row, after which it is left alone
REST = timedelta(minutes=1)  #: for so long
DEPTH = 2  #: messages that may wait in a channel for each of its workers, while its pace is not known
AHEAD = timedelta(seconds=2)  #: then so much work, so that no worker stands idle
MOST_AHEAD = 500  #: and never more: what waits when a tick dies must be asked about, one by one


class Deliverer:
    """Hands messages to channels and collects the results; used by one thread, which is the tick's own."""

    def __init__(
        self,
        channels: Mapping[str, Channel],
        *,
        still_good: Callable[[Sequence[Outgoing]], set[str]],
        watch: Callable[[Step], None],
    ) -> None:
        """Make one; ``still_good`` tells the keys of messages that may go: asked right before a call that waited."""
        self.in_hand = 0
        self._channels = channels
        self._still_good = still_good
        self._watch = watch
        self._done: queue.SimpleQueue[list[tuple[Outgoing, Result]]] = queue.SimpleQueue()
        self._waiting: dict[str, queue.SimpleQueue[tuple[float, int, Sequence[Outgoing]]]] = {}
        self._load: dict[str, int] = {}
        self._handed_over = 0  #: groups, ever
        self._failed: dict[str, int] = {}  #: channel -> messages in a row that did not get through
        self._closed: dict[str, int] = {}  #: channel -> what was handed over by then is not called any more
        self._rests: queue.SimpleQueue[tuple[str, timedelta]] = queue.SimpleQueue()
        self._took: dict[str, float] = {}  #: channel -> seconds that a call of it takes, the latest counting most

    def room(self) -> dict[str, int]:
        """Tell how many more messages each channel can take; those that take any number are left out."""
        pace = self.pace()
        room = {}
        for name, channel in self._channels.items():
            if channel.workers:
                most = channel.workers * channel.per_call * DEPTH
                ahead = min(AHEAD // pace[name], MOST_AHEAD) if pace.get(name) else 0
                room[name] = max(most, ahead) - self._load.get(name, 0)
        return room

    def pace(self) -> dict[str, timedelta]:
        """Tell how long each channel takes from one answer to the next; those that were not called are left out."""
        return {
            name: timedelta(seconds=took / self._channels[name].workers / self._channels[name].per_call)
            for name, took in self._took.items()
        }

    def submit(self, messages: Sequence[Outgoing], since: float) -> None:
        """Hand over messages whose claims are committed; they were made at ``since``, by ``time.monotonic``."""
        by_channel: dict[str, list[Outgoing]] = {}
        for message in messages:
            by_channel.setdefault(message.channel, []).append(message)
        for name, its in by_channel.items():
            size = self._channels[name].per_call
            for group in (its[start : start + size] for start in range(0, len(its), size)):
                self.in_hand += len(group)
                if self._channels[name].workers:
                    self._load[name] = self._load.get(name, 0) + len(group)
                    self._handed_over += 1
                    self._lane(name).put((since, self._handed_over, group))
                else:
                    self._done.put(self._call(name, group))

    def results(self, wait: float = 0.0) -> list[tuple[Outgoing, Result]]:
        """Take the results that are there, waiting up to ``wait`` seconds for the first."""
        found: list[tuple[Outgoing, Result]] = []
        try:
            found += self._done.get(timeout=wait) if wait > 0 and self.in_hand else self._done.get_nowait()
            while True:
                found += self._done.get_nowait()
        except queue.Empty:
            pass
        for message, _ in found:
            self.in_hand -= 1
            if message.channel in self._load:
                self._load[message.channel] -= 1
        return found

    def rests(self) -> list[tuple[str, timedelta]]:
        """Take word of channels to be left alone, and for how long; it is there before the results that say why."""
        found = []
        with suppress(queue.Empty):
            while True:
                found.append(self._rests.get_nowait())
        return found

    def _lane(self, name: str) -> queue.SimpleQueue[tuple[float, int, Sequence[Outgoing]]]:
        """Return the channel's queue; its workers die with the program, so a call that hangs cannot keep it alive."""
        if name not in self._waiting:
            self._waiting[name] = queue.SimpleQueue()
            for number in range(self._channels[name].workers):
                threading.Thread(target=self._work, args=(name,), name=f"{name}-{number}", daemon=True).start()
        return self._waiting[name]

    def _work(self, name: str) -> None:
        lane = self._waiting[name]
        while True:
            since, number, group = lane.get()
            if number <= self._closed.get(name, 0):
                self._done.put([(message, NotNow(RESTING)) for message in group])
            else:
                self._done.put(self._call_if_good(name, group, since))

    def _call_if_good(self, name: str, group: Sequence[Outgoing], since: float) -> list[tuple[Outgoing, Result]]:
        try:
            good = self._still_good(group)
        except Exception as error:  # noqa: BLE001 - nothing was called, so nothing went
            return [(message, NotNow("store", type(error).__name__)) for message in group]
        if time.monotonic() - since > self._channels[name].begins_within.total_seconds():
            return [(message, NotNow(TOO_SLOW)) for message in group]
        held: list[tuple[Outgoing, Result]] = [(each, NotNow(NEWS)) for each in group if each.key not in good]
        going = [each for each in group if each.key in good]
        if not going:
            return held
        began = time.monotonic()
        results = self._call(name, going)
        took = time.monotonic() - began
        self._took[name] = 0.8 * self._took.get(name, took) + 0.2 * took
        return held + results

    def _mind(self, name: str, result: Result) -> None:
        """Leave a channel alone, with all that waits for it, whose provider asks for patience or fails repeatedly."""
        if isinstance(result, Accepted | Refused):
            self._failed[name] = 0
            return
        self._failed[name] = self._failed.get(name, 0) + 1
        asked = (result.after or (REST if result.halt else None)) if isinstance(result, NotNow) else None
        if asked or self._failed[name] >= BREAKER:
            self._closed[name] = self._handed_over
            self._rests.put((name, max(asked or REST, REST if self._failed[name] >= BREAKER else timedelta(0))))

    def _call(self, name: str, group: Sequence[Outgoing]) -> list[tuple[Outgoing, Result]]:
        self._watch(Step.BEFORE_CALL)
        try:
            results = self._channels[name].send(group)
        except Exception as error:  # noqa: BLE001 - whatever it was, the messages may have gone
            results = [Lost("error", type(error).__name__)] * len(group)
        if len(results) != len(group):
            results = [Lost("results", "the channel did not answer for every message")] * len(group)
        self._watch(Step.AFTER_CALL)
        for result in results:
            self._mind(name, result)
        return list(zip(group, results, strict=True))
