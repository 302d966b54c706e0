"""The shop that is looked at, and how far the looking may go."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from cadence.channels.kit import Kit
from cadence.channels.registry import redirected_to
from cadence.workspace import load_workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta
    from pathlib import Path

    from cadence.doctor.finding import Verdict
    from cadence.playbook.check import Checked
    from cadence.playbook.model import ChannelSettings, Workspace

__all__ = ["SECONDS", "Case"]

SECONDS = 8.0  #: that anybody asked may take to answer, at each step


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One workspace, its machine, and what was learnt on the way."""

    root: Path
    workspace: Workspace
    setting: Callable[[str], str]  #: reads a setting of the machine; empty: there is none
    online: bool  #: providers may be asked
    clock: Callable[[], datetime]  #: this machine's
    program: str = "cadence"  #: how it was started
    clocks: dict[str, timedelta] = field(default_factory=dict)  #: provider -> how far its clock is ahead of ours
    _read: list[Checked] = field(default_factory=list)

    @property
    def in_earnest(self) -> bool:
        """Whether messages leave, or are about to: then what is missing is wrong."""
        return self.online or self.workspace.mode != "log"

    @property
    def unmoved(self) -> Verdict:
        """The verdict on what has to run before anything can leave."""
        return "look" if self.workspace.mode == "log" else "wrong"

    @property
    def pages(self) -> Checked:
        """The pages, read and checked once."""
        if not self._read:
            self._read.append(load_workspace(self.root))
        return self._read[0]

    @property
    def missing(self) -> Verdict:
        """The verdict on what has to be there before anything can leave."""
        return "wrong" if self.in_earnest else "look"

    def kit(self, channel: str, settings: ChannelSettings | None = None) -> Kit:
        """Return what a way out, or a source, is made from; KeyError for a channel that cadence.yaml does not have."""
        return Kit(
            account=self.workspace.account,
            root=self.root,
            channel=channel,
            settings=settings or self.workspace.channels[channel],
            workspace=self.workspace,
            setting=self.setting,
            redirect=redirected_to(self.workspace) if self.workspace.mode == "redirect" else {},
        )

    def hear(self, who: str, date: str, asked: datetime) -> None:
        """Note the clock of who answered, by the Date of its answer; ``asked`` is when it was asked."""
        try:
            told = parsedate_to_datetime(date)
            if told.tzinfo is None:
                return
        except (ValueError, TypeError):
            return
        self.clocks.setdefault(who, told - (asked + (self.clock() - asked) / 2))
