"""What headings and status words of CRM exports mean: ``cadence/data/export_words.yaml``, made ready to look up.

Words are compared whole, without capitals, punctuation and the spellings that the file lists. None is guessed at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import yaml

from cadence.files import data_text
from cadence.leads.columns import RECEIVED, headings_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["LEAD", "MEANINGS", "Heading", "Vocabulary", "vocabulary"]

LEAD = "lead"  #: words about the lead as a whole
#: What a status word can mean; the file explains each.
MEANINGS = (
    "won", "closed", "signed", "deposit", "confirmed", "booked", "held", "cancelled", "contract sent", "estimate sent",
    "estimate over", "interested", "open",
)  # fmt: skip
#: Field of an export -> the field of a lead whose headings mean it too.
_SHARED = {
    "created": RECEIVED, "name": "name", "first_name": "first_name", "last_name": "last_name", "phone": "phone",
    "email": "email",
}  # fmt: skip
_ASIDE = re.compile(r"\([^()]*\)\s*$")  #: "Closed Won (Sales Pipeline)"
_NUMBERED = re.compile(r"^(?:stage |step )?\d+ (?=\D)")  #: "3. Estimate sent"


@dataclass(frozen=True, slots=True)
class Heading:
    """What a heading means."""

    field: str
    rank: int  #: among the headings of the field, 0 the best
    unit: str = ""  #: second, minute or hour, for numbers below "Response Time (min)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Headings and words, ready to look up."""

    spellings: Mapping[str, str]  #: word -> the word it stands for
    pairs: Mapping[str, str]  #: two words -> the one they are
    date_words: frozenset[str]
    units: Mapping[str, str]  #: word -> unit
    headings: Mapping[str, tuple[str, int]]  #: heading -> field, rank
    statuses: Mapping[str, Mapping[str, str]]  #: what a column is about -> word -> meaning
    own: Mapping[str, str]  #: word -> meaning, as the caller says; holds in every column
    yes: frozenset[str]
    no: frozenset[str]
    nobody: frozenset[str]

    def plain(self, text: str) -> str:
        """The text in small words: ``Appt. Status`` is ``appointment status``."""
        text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text[:200]).replace("#", " number ")
        words = re.sub(r"[^0-9a-z]+", " ", text.casefold().replace("'", "")).split()
        said = " ".join(self.spellings.get(word, word) for word in words)
        for pair, one in self.pairs.items():
            said = re.sub(rf"\b{pair}\b", one, said)
        return said

    def heading(self, text: str) -> Heading | None:
        """What a heading means; None when it is not known."""
        plain = self.plain(text)
        if found := self.headings.get(plain):
            return Heading(*found)
        words = plain.split()
        bare = " ".join(word for word in words if word not in self.date_words)
        if (found := self.headings.get(bare)) and found[0] in _DATED:
            return Heading(*found)
        unit = next((self.units[word] for word in words if word in self.units), "")
        rest = " ".join(word for word in words if word not in self.units and word != "in")
        if unit and (found := self.headings.get(rest.removeprefix("to "))) and found[0] == "first_response":
            return Heading(*found, unit)
        return None

    def meaning(self, text: str, about: str = LEAD) -> str:
        """What a status word means in a column about leads, appointments, estimates, contracts or deposits.

        One of :data:`MEANINGS`; empty when it is not known.
        """
        for written in (text, _ASIDE.sub("", text)):
            plain = self.plain(written)
            for word in (plain, _NUMBERED.sub("", plain, count=1)):
                if said := self.own.get(word) or self._known(word, about):
                    return said
        return ""

    def _known(self, word: str, about: str) -> str:
        if about != LEAD:
            return self.statuses[about].get(word, "") or self.statuses[about].get(_without(word, about), "")
        if said := self.statuses[LEAD].get(word):
            return said
        for thing, words in self.statuses.items():
            rest = _without(word, thing)
            if thing != LEAD and rest != word and (said := words.get(rest)):
                return said
        return ""

    def with_statuses(self, own: Iterable[tuple[str, str]]) -> Vocabulary:
        """The vocabulary with the caller's own words: (meaning, word)."""
        return replace(self, own={**self.own, **{self.plain(word): meaning for meaning, word in own}})


#: Fields whose headings may say "date", "at" or "time" besides.
_DATED = frozenset({
    "created", "appointment", "callback", "confirmed", "contract_sent", "contract_signed", "deposit_paid", "next_due",
    "estimate_sent", "followed_up", "last_contact", "first_response",
})  # fmt: skip


def _without(word: str, thing: str) -> str:
    """``appointment confirmed`` and ``confirmed appointment`` without ``appointment``."""
    return word.removeprefix(f"{thing} ").removesuffix(f" {thing}")


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """The vocabulary that came with the program."""
    page = yaml.safe_load(data_text("export_words.yaml"))
    bare = Vocabulary(
        spellings={other: word for word, others in page["spellings"].items() for other in others},
        pairs=page["pairs"],
        date_words=frozenset(page["date_words"]),
        units={word: unit for unit, words in page["units"].items() for word in words},
        headings={},
        statuses={},
        own={},
        yes=frozenset(page["yes"]),
        no=frozenset(page["no"]),
        nobody=frozenset(page["nobody"]),
    )
    headings: dict[str, tuple[str, int]] = {}
    for field, rank, heading in _headings(page):
        headings.setdefault(bare.plain(heading), (field, rank))
    statuses = {
        about: {bare.plain(word): meaning for meaning, words in meanings.items() for word in words}
        for about, meanings in page["statuses"].items()
    }
    return replace(bare, headings=headings, statuses=statuses)


def _headings(page: Mapping[str, Any]) -> Iterator[tuple[str, int, str]]:
    """Every heading with its field and rank: those of a list of leads before the page's."""
    for field, shared in _SHARED.items():
        yield from ((field, rank, heading) for rank, heading in enumerate(headings_of(shared)))
    for field, headings in page["columns"].items():
        offset = len(headings_of(_SHARED[field])) if field in _SHARED else 0
        yield from ((field, offset + rank, heading) for rank, heading in enumerate(headings))
