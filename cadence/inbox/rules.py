"""The rules by which an answer is read: data, checked as it is loaded, with a shop's own words in front.

``cadence/data/reply_rules.yaml`` holds them, with answers that each must take and answers that it must leave alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from cadence.inbox.kinds import Absence, Kind
from cadence.playbook.phrases import Phrase, Spellings, parse_phrase, read_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from cadence.playbook.model import Replies
    from cadence.playbook.phrases import Text, Word

__all__ = ["FIXED", "OWN", "Match", "PhraseSet", "Rule", "Rules"]

FIXED = "stop-word"  #: what carriers act on whatever we think: cannot be switched off
OWN = "own-words"  #: the name of a rule made of a shop's own words ends so
#: How the words of a rule are compared. ``is``: they are all there is, pleasantries left out. ``part``: they are all
#: there is between two commas or full stops. ``says``: they stand anywhere. ``ends``: they end a
#: sentence. ``around``: they are all there is around a day. ``subject``: a mail's subject begins so.
WAYS = ("is", "part", "says", "ends", "around", "subject")
_KEYS = {"name", "kind", "language", *WAYS, "unless", "date", "sure", "automatic", "takes", "leaves"}
_DATES = ("", "far", "may")
_WHOLE = ("opt_in", "acknowledgement")  #: kinds whose own words must be the whole answer


@dataclass(frozen=True, slots=True)
class Match:
    """Where a rule fits: from one word to behind another."""

    first: int
    last: int


class PhraseSet:
    """Phrases to be looked for together, found by the word they begin with."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self.phrases = tuple(phrases)
        self._at: dict[str, list[Phrase]] = {}
        self._rest: list[Phrase] = []
        for phrase in self.phrases:
            for word in phrase.first.words:
                self._at.setdefault(word, []).append(phrase)
            if phrase.first.is_open:
                self._rest.append(phrase)

    def __bool__(self) -> bool:
        return bool(self.phrases)

    def ends(self, words: Sequence[Word], start: int, end: int) -> set[int]:
        """Return where the phrases that begin at ``start`` end."""
        known = self._at.get(words[start].plain, ())
        return {last for each in (*known, *self._rest) if (last := each.match(words, start, end))}

    def longest(self, words: Sequence[Word], start: int, end: int) -> int:
        """Return where the longest phrase that begins at ``start`` ends; 0: none does."""
        return max(self.ends(words, start, end), default=0)

    def find(self, words: Sequence[Word], start: int, end: int) -> Match | None:
        """Return the first place where a phrase stands."""
        for index in range(start, end):
            if last := self.longest(words, index, end):
                return Match(index, last)
        return None

    def find_last(self, words: Sequence[Word], start: int, end: int) -> Match | None:
        """Return the phrase that stands at the end."""
        return next((Match(index, end) for index in range(start, end) if end in self.ends(words, index, end)), None)

    def covers(self, words: Sequence[Word], start: int, end: int, fillers: PhraseSet) -> Match | None:
        """Return the first phrase when phrases and fillers are all there is."""
        reached: dict[int, Match | None] = {start: None}
        for index in range(start, end):
            if index not in reached:
                continue
            before = reached.pop(index)
            for last in fillers.ends(words, index, end):
                reached[last] = reached.get(last) or before
            for last in self.ends(words, index, end):
                reached[last] = before or Match(index, last)
        return reached.get(end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule."""

    name: str
    kind: Kind
    language: str  #: en, es; empty: a shop's own words
    ways: Mapping[str, PhraseSet]  #: by each of :data:`WAYS` that it has
    signs: frozenset[str] = frozenset()  #: emoji that are an answer by themselves
    unless: PhraseSet  #: a sentence with one of these is left alone
    date: str = ""  #: far: an answer needs a date that lies some days off; may: it may have one
    sure: bool = True  #: whether the words can hardly mean anything else
    automatic: Absence = ""  #: which kind of automatic answer
    takes: tuple[str, ...] = ()  #: answers that it must take
    leaves: tuple[str, ...] = ()  #: answers that are something else


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules, in the order in which they are asked."""

    rules: tuple[Rule, ...]
    spellings: Spellings
    fillers: PhraseSet  #: pleasantries
    whole: Mapping[str, PhraseSet]  #: kind -> all phrases that may make up a whole answer

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Rules:
        """Build the rules from the content of ``reply_rules.yaml``.

        Raises ValueError with a sentence that names the rule.
        """
        listed = {form: word for word, forms in data["spellings"].items() for form in forms}
        spellings = _slips(data["slips"], taken={*listed, *data["spellings"], *data["slips"]}) | listed
        rules = tuple(_rule(_filled(item, data["groups"]), spellings) for item in data["rules"])
        names = [rule.name for rule in rules]
        if twice := next((name for name in names if names.count(name) > 1), ""):
            raise ValueError(f"two rules have the name {twice}; give each its own")
        fillers = PhraseSet(parse_phrase(each, spellings) for each in data["fillers"])
        return _ordered(rules, spellings, fillers)

    def for_shop(self, own: Replies) -> Rules:
        """Return the rules with a shop's own words in front, and without the rules it has switched off."""
        added = tuple(_own_rules(own, self.spellings))
        kept = tuple(rule for rule in self.rules if rule.name not in own.off or rule.name == FIXED)
        return _ordered((*added, *kept), self.spellings, self.fillers)

    def read(self, text: str) -> Text:
        """Take a text apart as these rules want it."""
        return read_text(text, self.spellings)

    def of(self, kind: str, *, sure: bool | None = None) -> Iterator[Rule]:
        """Yield the rules of a kind, the sure ones first."""
        named = [rule for rule in self.rules if rule.kind == kind and (sure is None or rule.sure is sure)]
        yield from sorted(named, key=lambda rule: not rule.sure)

    def is_whole(self, rule: Rule, text: Text) -> Match | None:
        """Return what carries an answer that is nothing but words of a rule's kind, when it is a word of that rule."""
        words = text.words
        found = self.whole[rule.kind].covers(words, 0, len(words), self.fillers)
        return found if found and rule.ways["is"].longest(words, found.first, len(words)) else None

    def match(self, rule: Rule, text: Text) -> Match | None:
        """Return where a rule fits a text; dates are not looked at."""
        words = text.words
        if "is" in rule.ways and (found := self.is_whole(rule, text)):
            return found
        for first, last in text.runs("part") if "part" in rule.ways else ():
            if found := rule.ways["part"].covers(words, first, last, self.fillers):
                return found
        for first, last in text.runs("sentence") if {"says", "ends"} & rule.ways.keys() else ():
            if (found := _in_sentence(rule, words, first, last)) and not rule.unless.find(words, first, last):
                return found
        return None


def _in_sentence(rule: Rule, words: Sequence[Word], first: int, last: int) -> Match | None:
    """Return where a rule's words stand in a sentence, or end it."""
    says = rule.ways["says"].find(words, first, last) if "says" in rule.ways else None
    return says or (rule.ways["ends"].find_last(words, first, last) if "ends" in rule.ways else None)


def _ordered(rules: tuple[Rule, ...], spellings: Spellings, fillers: PhraseSet) -> Rules:
    whole = {
        kind: PhraseSet(
            phrase for rule in rules if rule.kind == kind and "is" in rule.ways for phrase in rule.ways["is"].phrases
        )
        for kind in get_args(Kind)
    }
    return Rules(rules, spellings, fillers, whole)


def _slips(words: Iterable[str], taken: set[str]) -> Spellings:
    """Return how words look after a slip of the finger: a letter left out, doubled, or swapped with the next."""
    slips: Spellings = {}
    for word in words:
        for index, letter in enumerate(word):
            rest = word[index + 1 :]
            for instead in (rest, letter * 2 + rest, rest[:1] + letter + rest[1:]):
                if (slip := word[:index] + instead) not in taken:
                    slips.setdefault(slip, word)
    return slips


def _filled(item: Mapping[str, Any], groups: Mapping[str, Iterable[str]]) -> dict[str, Any]:
    """Return a rule with the words of a group where ``<group>`` is written."""
    marks = {f"<{name}>": "/".join(words) for name, words in groups.items()}

    def fill(phrase: Any) -> Any:
        for mark, words in marks.items() if isinstance(phrase, str) else ():
            phrase = phrase.replace(mark, words)
        return phrase

    return {**item, **{key: [fill(phrase) for phrase in item[key]] for key in (*WAYS, "unless") if key in item}}


def _rule(item: Mapping[str, Any], spellings: Spellings) -> Rule:
    name = str(item.get("name", ""))
    if not name:
        raise ValueError("a reply rule has no name; give it one in small letters, such as stop-word")
    if odd := sorted(item.keys() - _KEYS):
        raise ValueError(f"the reply rule {name} has keys that mean nothing: {', '.join(odd)}")
    if item.get("kind") not in get_args(Kind):
        raise ValueError(f"the kind of the reply rule {name} is one of: {', '.join(get_args(Kind))}")
    if item.get("date", "") not in _DATES or item.get("automatic", "") not in get_args(Absence):
        raise ValueError(f"the reply rule {name} has a date or automatic that means nothing")
    if not item.get("takes") or not item.get("leaves"):
        raise ValueError(f"the reply rule {name} needs answers that it takes, and answers that it leaves alone")
    ways = {way: _phrases(name, item[way], spellings) for way in WAYS if way in item}
    signs = frozenset(sign for each in item.get("is", ()) if (sign := _sign(each)))
    if not any(ways.values()):
        raise ValueError(f"the reply rule {name} has no words; write them under one of: {', '.join(WAYS)}")
    return Rule(
        name=name,
        kind=item["kind"],
        language=str(item.get("language", "")),
        ways=ways,
        signs=signs,
        unless=_phrases(name, item.get("unless", ()), spellings),
        date=item.get("date", ""),
        sure=item.get("sure", True),
        automatic=item.get("automatic", ""),
        takes=tuple(map(str, item["takes"])),
        leaves=tuple(map(str, item["leaves"])),
    )


def _phrases(name: str, written: Iterable[str], spellings: Spellings) -> PhraseSet:
    phrases = []
    for each in written:
        if not isinstance(each, str):
            raise ValueError(f"the reply rule {name}: {each!r} is no text; put it in quotes")
        if _sign(each):
            continue
        try:
            phrases.append(parse_phrase(each, spellings))
        except ValueError as error:
            raise ValueError(f"the reply rule {name}: '{each}': {error}") from None
    return PhraseSet(phrases)


def _sign(written: str) -> str:
    """Return the emoji that a text consists of; empty: it is no such text."""
    text = read_text(written)
    return text.signs[0] if text.signs and not text.words else ""


def _own_rules(own: Replies, spellings: Spellings) -> Iterator[Rule]:
    kinds: tuple[Kind, ...] = ("opt_out", "opt_in", "acknowledgement", "automatic", "snooze", "not_interested")
    for kind in kinds:
        way = "is" if kind in _WHOLE else "says"
        phrases = _phrases(f"{kind}-{OWN}", getattr(own, kind), spellings)
        if phrases:
            yield Rule(
                name=f"{kind}-{OWN}",
                kind=kind,
                language="",
                ways={way: phrases},
                unless=PhraseSet(()),
                date="may" if kind == "snooze" else "",
                automatic="other" if kind == "automatic" else "",
            )
