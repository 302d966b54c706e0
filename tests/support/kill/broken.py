"""Programs that break the rules, to see that the harness catches them. They replace parts of ours in a worker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cadence.channels.channel import Absent, Accepted, Channel, Found, Outgoing, Result, Unsure
from cadence.runner import reconcile, work
from cadence.runner.results import as_outgoing
from cadence.runner.steps import ignore

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["VARIANTS"]


def _answers(finding: Any) -> Callable[[], None]:
    def replace() -> None:
        _asks_too_early()  # which makes no difference: the answer is settled
        reconcile._ask = lambda _channel, rows: [finding] * len(rows)

    return replace


def _asks_too_early() -> None:
    """Ask at once: what went may not be in the provider's list yet."""
    reconcile.ask_at = work.ask_at = lambda _channel, row, *_: row.called_at


def _calls_before_the_claim_is_committed() -> None:
    """Call first, within the transaction that claims."""
    save, tell, gone = work.Work._save, work.Work._tell_colleagues, dict[str, Result]()

    def call_and_save(self: Any, *given: Any) -> Any:
        rows = save(self, *given)
        for row in rows:
            gone[row.touch_key] = self.channels[row.channel].send([as_outgoing(row)])[0]
        self.deliverer._channels = {name: _Remembers(gone) for name in self.channels}
        self.deliverer._took.clear()  # these answer at once
        return rows

    def tell_unwatched(self: Any) -> Any:
        """Claim what colleagues are told as ever: it is to die where leads are claimed."""
        watch, self.watch = self.watch, ignore
        try:
            return tell(self)
        finally:
            self.watch = watch

    work.Work._save = call_and_save
    work.Work._tell_colleagues = tell_unwatched


class _Remembers(Channel):
    """Has called already."""

    workers = 0

    def __init__(self, gone: dict[str, Result]) -> None:
        self._gone = gone

    def send(self, messages: Sequence[Outgoing]) -> Sequence[Result]:
        return [self._gone.get(message.key, Accepted()) for message in messages]


VARIANTS: dict[str, Callable[[], None]] = {
    "": lambda: None,
    "resends what is unknown": _answers(Absent()),
    "takes what is unknown for sent": _answers(Found()),
    "forgets what is unknown": _answers(Unsure("forgotten")),
    "asks too early": _asks_too_early,
    "calls before the claim is committed": _calls_before_the_claim_is_committed,
}
