"""What an answer means: opt-out, return, confirmation, later, no, a machine, or simply a reply.

Pure: what was written, what is known about it, and the rules go in; one reading comes out, with its reason. The kinds
are asked in an order that errs on the side of leaving people alone, and what nothing fits is a reply: it stops the
touches, and a person answers it.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from cadence.inbox.automatic import machine_of
from cadence.inbox.dates import instant_of, named_days
from cadence.inbox.kinds import Absence, Kind, Reading
from cadence.inbox.stripping import strip

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from cadence.inbox.dates import Named
    from cadence.inbox.rules import Match, Rule, Rules
    from cadence.inbox.stripping import Stripped
    from cadence.playbook.phrases import Text

__all__ = ["read_reply"]

#: Words in front of the day on which an absent person is back.
_BACK = frozenset(
    {"until", "till", "til", "through", "thru", "return", "returning", "back", "hasta", "regreso", "vuelvo",
     "regresare", "volvere", "again", "to", "al"}
)  # fmt: skip
_QUESTION = ("?", "¿")


class _Found(NamedTuple):
    rule: Rule
    because: str
    until: datetime | None = None


def read_reply(
    text: str,
    *,
    subject: str = "",
    channel: str = "sms",
    headers: Mapping[str, str] | None = None,
    told: str = "",
    awaits: bool = False,
    at: datetime,
    zone: ZoneInfo,
    rules: Rules,
) -> Reading:
    """Read an answer.

    ``headers`` are those of a mail, names in small letters; ``told`` is what the provider took it for (STOP, START,
    HELP); ``awaits``: the person was asked to confirm something, and has not yet; ``at``: when it was written;
    ``zone``: where the person lives. Never raises, whatever the text is made of.
    """
    stripped = strip(text, channel)
    return _Answer(stripped, subject, channel, headers or {}, awaits, at, zone, rules).read(told)


class _Answer:
    """One answer under examination."""

    def __init__(
        self,
        stripped: Stripped,
        subject: str,
        channel: str,
        headers: Mapping[str, str],
        awaits: bool,
        at: datetime,
        zone: ZoneInfo,
        rules: Rules,
    ) -> None:
        self.stripped = stripped
        self.rules = rules
        self.text = rules.read(stripped.text)
        self.subject = rules.read(subject[:400])
        self.channel = channel
        self.headers = headers if channel == "email" else {}
        self.awaits = awaits
        self.at = at
        self.zone = zone
        self.asks = any(mark in stripped.text for mark in _QUESTION)

    @cached_property
    def named(self) -> tuple[Named, ...]:
        """The days it names."""
        return tuple(named_days(self.text.words, self.at, self.zone))

    def read(self, told: str) -> Reading:
        """Ask in order: the provider, machines, opting out, returning, later, no, confirming; else it is a reply."""
        if told == "STOP":
            return self._reading("opt_out", "told-by-provider", because=told)
        if told == "START" and not self._confirming():
            return self._reading("opt_in", "told-by-provider", because=told)
        if self.stripped.tapback:
            return self._reaction()
        return (
            self._by_machine()
            or self._opting_out()
            or self._first("opt_in")
            or (self._first("acknowledgement") if self.awaits else None)
            or self._unheaded_machine()
            or self._first("snooze")
            or self._first("not_interested")
            or self._first("reply")
            or self._reading("reply", "anything-else", sure=bool(self.text.words) or not self.stripped.removed)
        )

    def _reading(
        self,
        kind: Kind,
        rule: str,
        *,
        because: str = "",
        until: datetime | None = None,
        automatic: Absence = "",
        sure: bool = True,
    ) -> Reading:
        return Reading(
            kind=kind,
            rule=rule,
            because=because,
            until=until,
            automatic=automatic,
            sure=sure,
            text=self.stripped.text,
            removed=self.stripped.removed,
        )

    def _of(self, found: _Found, *, sure: bool | None = None) -> Reading:
        rule = found.rule
        return self._reading(
            rule.kind,
            rule.name,
            because=found.because,
            until=found.until,
            automatic=rule.automatic,
            sure=rule.sure if sure is None else sure,
        )

    def _reaction(self) -> Reading:
        tapback = self.stripped.tapback
        if tapback and tapback.likes and self.awaits:
            return self._reading("acknowledgement", "reaction", because=tapback.said, sure=False)
        return self._reading("reply", "reaction", because=tapback.said if tapback else "")

    def _opting_out(self) -> Reading | None:
        found = self._find("opt_out") or self._by_subject("opt_out")
        if found is None:
            return None
        doubtful = self.awaits and found.rule.name == "stop-word" and not _means_stop(found.because)
        return self._of(found, sure=False if doubtful else None)

    def _first(self, kind: Kind) -> Reading | None:
        found = self._find(kind)
        return self._of(found) if found else None

    def _confirming(self) -> bool:
        """Tell whether all it says is what one says to confirm: YES is no return, whatever a provider thinks."""
        return any(self._fits(rule) for rule in self.rules.of("acknowledgement"))

    def _find(self, kind: Kind) -> _Found | None:
        return next(self._found(kind), None)

    def _found(self, kind: Kind) -> Iterator[_Found]:
        for rule in self.rules.of(kind):
            if found := self._fits(rule):
                yield found

    def _fits(self, rule: Rule) -> _Found | None:
        """Return what a rule finds in the answer; a question is no confirmation and no refusal."""
        if self.asks and rule.kind in ("acknowledgement", "not_interested"):
            return None
        if not self.text.words:
            signs = [sign for sign in self.text.signs if sign in rule.signs]
            return _Found(rule, signs[0]) if signs else None
        if "around" in rule.ways:
            return self._day_alone(rule)
        match = self.rules.match(rule, self.text)
        if match is None:
            return None
        because = self.text.said(match.first, match.last)
        if not rule.date:
            return _Found(rule, because)
        return self._dated(rule, match, because)

    def _dated(self, rule: Rule, match: Match, because: str) -> _Found | None:
        """Look for the day somebody asks to be left alone until."""
        day = self._far_day(match.first)
        if day:
            first, last = min(match.first, day.first), max(match.last, day.last)
            because = self.text.said(first, last) if last - first < 12 else because
            return _Found(rule, because, instant_of(day.day, self.zone))
        return _Found(rule, because) if rule.date == "may" and not self.named else None

    def _day_alone(self, rule: Rule) -> _Found | None:
        """Take an answer that is nothing but a day some days off."""
        day, words = self._far_day(), self.text.words
        if day is None:
            return None
        rest = (*words[: day.first], *words[day.last :])
        glue = rule.ways["around"]
        if rest and not glue.covers(rest, 0, len(rest), self.rules.fillers):
            return None
        return _Found(rule, self.text.said(0, len(words)), instant_of(day.day, self.zone))

    def _far_day(self, word: int = 0) -> Named | None:
        """Return a day that is no matter of making an appointment: the first named from a word on, else the last."""
        far = [] if _names_an_hour(self.text) else [each for each in self.named if not each.near]
        return next((each for each in far if each.last > word), far[-1] if far else None)

    def _by_subject(self, kind: Kind) -> _Found | None:
        words = self.subject.words
        for rule in self.rules.of(kind) if words and self.channel == "email" else ():
            if kind == "opt_out" and "is" in rule.ways and (match := self.rules.is_whole(rule, self.subject)):
                return _Found(rule, self.subject.said(match.first, match.last))
            if "subject" in rule.ways and (last := rule.ways["subject"].longest(words, 0, len(words))):
                return _Found(rule, self.subject.said(0, last))
        return None

    def _by_machine(self) -> Reading | None:
        """Read a mail whose headers say that a machine wrote it."""
        machine = machine_of(self.headers)
        if machine is None:
            return None
        failed = self._by_subject("automatic")
        if machine.report or (failed and failed.rule.automatic == "delivery_report"):
            return self._reading(
                "automatic",
                "headers",
                because=machine.because or (failed and failed.because) or "",
                automatic="delivery_report",
            )
        asked = next(
            (each for each in self._found("opt_out") if each.rule.sure and "part" not in each.rule.ways), None
        ) or self._by_subject("opt_out")
        if asked:
            return self._of(asked, sure=False)
        absent = next((each for each in self._machines() if each.rule.automatic == "out_of_office"), None)
        if absent:
            return self._reading(
                "automatic", "headers", because=machine.because, automatic="out_of_office", until=self._return()
            )
        return self._reading("automatic", "headers", because=machine.because, automatic="other")

    def _machines(self) -> Iterator[_Found]:
        subject = self._by_subject("automatic")
        if subject:
            yield subject
        yield from self._found("automatic")

    def _unheaded_machine(self) -> Reading | None:
        """Read what has no header that tells, such as a text; a subject alone is weak, as is a mail's text alone."""
        subject, says = self._by_subject("automatic"), self._find("automatic")
        found = subject or says
        absent = bool(found and found.rule.automatic == "out_of_office")
        if found is None or (subject and self.asks) or (absent and not subject and self.channel == "email"):
            return None
        both = bool(subject and says and subject.rule.automatic == says.rule.automatic)
        until = self._return() if absent else None
        return self._of(found._replace(until=until), sure=None if both or not subject else False)

    def _return(self) -> datetime | None:
        """Return when an absent person is back: the day that is said to be it, else the last day named."""
        told = [each for each in self.named if each.lead in _BACK] or self.named
        return instant_of(max(each.day for each in told), self.zone) if told else None


def _means_stop(said: str) -> bool:
    """Tell STOP from CANCEL, which may mean an appointment."""
    return said.casefold().startswith(("stop", "unsub", "opt", "revoke", "alto", "pare", "baja", "parar"))


def _names_an_hour(text: Text) -> bool:
    """Tell whether a time of day is named: who says "Monday at 3" makes an appointment."""
    words = [word.plain for word in text.words]
    for index, word in enumerate(words):
        before = words[index - 1] if index else ""
        if word in ("am", "pm", "noon", "oclock") or (word[:-2].isdigit() and word[-2:] in ("am", "pm")):
            return True
        if before == "at" and word[:1].isdigit():
            return True
        if before in ("las", "la") and word.isdigit():
            return True
    return False
