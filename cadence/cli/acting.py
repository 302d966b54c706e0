"""What the acts of colleagues share: who acts, when, on which job; what is refused; how it is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

import click

from cadence.cli.at_work import at_work, when_it_happened
from cadence.cli.options import INSTANT, json_option, now_option, print_json
from cadence.errors import Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from cadence.engine.book import Book
    from cadence.engine.decision import Decision
    from cadence.engine.events import Event
    from cadence.engine.state import EnrolmentState, LeadState
    from cadence.runner.settings import Settings
    from cadence.store.session import Session

__all__ = ["USER", "Acting", "act_options", "acting", "clean", "job_option"]

_Command = TypeVar("_Command", bound=Callable[..., Any])
USER = "CADENCE_USER"
LONGEST = 4000  #: characters of what a colleague writes


def act_options(command: _Command) -> _Command:
    """Add what every act takes: ``--by``, ``--at``, ``--now`` and ``--json``."""
    for option in (
        json_option,
        now_option,
        click.option("--at", "happened", metavar=INSTANT, help="When it happened; default: now."),
        click.option(
            "--by", metavar="MEMBER", envvar=USER, default="", help=f"Who did it; default: {USER} of the environment."
        ),
    ):
        command = option(command)
    return command


def job_option(command: _Command) -> _Command:
    """Add ``--job``."""
    return click.option("--job", default="", help="Which job it concerns, when the lead has several.")(command)


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """A colleague at work: one act, one transaction."""

    settings: Settings
    session: Session
    account: str
    book: Book
    now: datetime
    at: datetime  #: when it happened
    by: str  #: member id; empty: nobody said
    job: str  #: as given
    as_json: bool
    key: str  #: name of the act

    @property
    def zone(self) -> ZoneInfo:
        """The shop's clock."""
        return ZoneInfo(self.settings.timezone)

    def member(self, text: str, option: str, *, needed: bool = False) -> str:
        """Return the id of a colleague; empty when none is named, unless one is ``needed``."""
        from cadence.cli.facts import member_id

        return member_id(self.settings, text, option) if text or needed else ""

    def name(self, member: str) -> str:
        """Return a colleague's name."""
        return next((each.name for each in self.settings.workspace.team if each.id == member), member)

    def away(self, member: str) -> bool:
        """Tell whether a colleague is marked as absent."""
        return any(each.id == member and each.absent for each in self.settings.workspace.team)

    def when(self, text: str, option: str, *, ours: bool = True) -> str:
        """Read when something is to happen; ``ours``: on the shop's clock, not on the lead's."""
        from cadence.cli.days import on_the_shops_clock, read_when

        if not text:
            return ""
        found = read_when(text, option, self.now, self.zone)
        return on_the_shops_clock(found, self.zone) if ours else found

    def hold(self, ids: Iterable[str]) -> None:
        """Have several leads to oneself, in the one order in which everybody takes them."""
        from cadence.store import leads

        leads.lock(self.session, self.account, list(ids))

    def lead(self, lead: str, *, running: bool = True) -> LeadState:
        """Look at a lead, with nobody else at it; Refused when it has ended and ``running`` is asked for."""
        from cadence.runner.record import state_of
        from cadence.store import leads

        if self.session.writes:
            leads.lock(self.session, self.account, [lead])
        state = state_of(self.session, self.account, lead)
        if running:
            self._refuse_ended(state)
        return state

    def jobs(self, state: LeadState) -> list[EnrolmentState]:
        """List the running jobs that the act is about: the one named, else all; UsageError for one there is not."""
        from cadence.cli.facts import about_job

        enrolment, job = about_job(state, self.job)
        active = state.active_enrolments()
        about = [each for each in active if (each.id == enrolment if enrolment else not job or each.job == job)]
        if not about and active:
            known = ", ".join(each.job or "-" for each in active)
            raise UsageError(f"{state.lead} has no open job {self.job!r}", help=f"there are: {known}")
        return about

    def fact(self, state: LeadState, kind: str, /, **data: str) -> Event:
        """Make a fact of the act; empty values are left out, whoever acts is in it."""
        from cadence.cli.facts import about_job
        from cadence.engine.events import Event
        from cadence.playbook.words import EVENTS, Actor

        enrolment, job = about_job(state, self.job)
        known = EVENTS.get(kind)
        carried = {name: value for name, value in data.items() if value}
        if self.by and (known is None or "by" in known.fields):
            carried["by"] = self.by
        return Event(
            type=kind,
            at=self.at,
            recorded_at=self.now,
            enrolment=enrolment,
            job=job,
            actor=(known.actor if known else Actor.COLLEAGUE).value,
            data=carried,
        )

    def record(self, state: LeadState, facts: Sequence[Event]) -> list[Decision]:
        """Record facts that belong together, or none of them."""
        from cadence.cli.facts import refuse_unclear_job
        from cadence.runner.acts import record_act

        for fact in facts:
            refuse_unclear_job(state, self.book, fact)
        return record_act(self.session, self.account, self.book, state.lead, facts, self.key)

    def say(self, lead: str, decisions: Sequence[Decision], lines: Iterable[str] = (), **more: Any) -> None:
        """Tell what was recorded and what it led to; ``lines`` in front, or alone when it led to nothing."""
        from cadence.cli.words import all_consequences

        said, followed = list(lines), list(all_consequences(decisions, self.book)) if decisions else []
        if said and len(followed) == 1 and followed[0].startswith("recorded;"):
            followed = []
        key = self.key if decisions and "undone" not in more else ""
        if self.as_json:
            print_json({"lead": lead, **({"act": key} if key else {}), **more, "consequences": [*said, *followed]})
            return
        for line in (*said, *followed):
            click.echo(line)
        if key:
            click.echo(f"`cadence leads undo {lead} {key}` takes it back", err=True)

    def _refuse_ended(self, state: LeadState) -> None:
        from cadence.runner.closed import how_ended
        from cadence.store import events

        if state.active_enrolments():
            return
        if not state.enrolments:
            raise Refused(
                f"no playbook has taken {state.lead}: nobody owns it, and it has no stage",
                help="check what enroll_if asks for; `cadence event LEAD lead.updated` mends its record",
            )
        log = events.of_leads(self.session, self.account, [state.lead])[state.lead]
        ending = how_ended(log, self.book, next(reversed(state.enrolments)))
        back = f"`cadence leads undo {state.lead} {ending.act}` brings it back" if ending.act else ""
        raise Refused(
            f"{state.lead} is closed: {ending.text}",
            help=back or f"when they ask again: `cadence event {state.lead} lead.created`",
        )


@contextmanager
def acting(
    ctx: click.Context,
    *,
    by: str,
    happened: str | None,
    pretended_now: str | None,
    as_json: bool,
    job: str = "",
    look: bool = False,
) -> Iterator[Acting]:
    """Open the account for one act, with what was edited published; ``look``: only to look, nothing is written."""
    from cadence.cli.facts import member_id
    from cadence.runner.acts import new_key

    with at_work(ctx, pretended_now, look=look) as work:
        yield Acting(
            settings=work.settings,
            session=work.session,
            account=work.account,
            book=work.book,
            now=work.now,
            at=when_it_happened(happened, work),
            by=member_id(work.settings, by, f"--by (or {USER})") if by else "",
            job=job,
            as_json=as_json,
            key=new_key(),
        )


def clean(text: str, option: str) -> str:
    """Return what a colleague wrote, without blanks around it; UsageError when nothing is left, or it is too long."""
    kept = "".join(each for each in text if each.isprintable() or each in "\n\t").strip()
    if not kept:
        raise UsageError(f"{option}: there is nothing in it", help="say it in a few words")
    if len(kept) > LONGEST:
        raise UsageError(f"{option} is longer than {LONGEST} characters", help="say it in fewer words")
    return kept
