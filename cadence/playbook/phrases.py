"""Phrases: what a person's words are compared with, written so that anybody can write one.

A phrase is plain words. Four signs mean something:

    stop/quit texting     either word
    stop texting (me)     these words may be missing
    take me off ... list  up to three words between
    unsub*                any word that begins so
    stop *ing             any word that ends so

Case, accents, apostrophes and punctuation never count. A phrase is looked for within one sentence, word by word: the
time it takes grows with the length of the text, and with nothing else, whatever is written on either side.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["Phrase", "Spellings", "Text", "Word", "parse_phrase", "read_text"]

Spellings = dict[str, str]  #: how a word may be written -> the word

GAP = 3  #: words that ``...`` may stand for
MOST_WORDS = 24  #: of a phrase
MOST_CHARACTERS = 20_000  #: of a text; what follows is not read
MOST_ACCENTS = 3  #: on one letter
_WORD = re.compile(r"[^\W_]+(?:['’ʼ´`][^\W_]+)*")
_PIECE = re.compile(r"\.\.\.|[()]|[^\s()]+")
_STRETCHED = re.compile(r"([a-z])\1{2,}")  #: nooo, stopppp
_NO_SIGNS = frozenset("^$\\|{}[]+<>")  #: of pattern languages
_APOSTROPHES = str.maketrans("", "", "'’ʼ´`")
_ENDS = frozenset("!?;:…¡¿•|")
_NOT = {
    ("do", "not"): "dont", ("does", "not"): "doesnt", ("did", "not"): "didnt", ("is", "not"): "isnt",
    ("are", "not"): "arent", ("was", "not"): "wasnt", ("will", "not"): "wont", ("can", "not"): "cant",
    ("would", "not"): "wouldnt", ("have", "not"): "havent", ("has", "not"): "hasnt", ("i", "am"): "im",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text."""

    plain: str  #: small letters without accents and apostrophes
    start: int  #: first character in the text
    end: int  #: behind the last
    sentence: int  #: number of its sentence
    part: int  #: number of its part: sentences fall into parts at commas, brackets, quotes and line ends


@dataclass(frozen=True, slots=True)
class Text:
    """A text, taken apart."""

    text: str  #: in composed form, without characters that nobody sees
    words: tuple[Word, ...]
    signs: tuple[str, ...] = ()  #: emoji and other symbols, skin colours left out

    def said(self, first: int, last: int) -> str:
        """Return the text from one word to another, as it was written."""
        return " ".join(self.text[self.words[first].start : self.words[last - 1].end].split())

    def runs(self, attribute: str) -> Iterator[tuple[int, int]]:
        """Yield the sentences, or the parts, as (first word, behind the last)."""
        first = 0
        for index in range(1, len(self.words) + 1):
            if index == len(self.words) or getattr(self.words[index], attribute) != getattr(
                self.words[first], attribute
            ):
                yield first, index
                first = index


def read_text(text: str, spellings: Mapping[str, str] | None = None) -> Text:
    """Take a text apart into words; ``spellings`` says which words are other words, spelt in another way."""
    composed = unicodedata.normalize("NFKC", _without_piles(text[:MOST_CHARACTERS]))[:MOST_CHARACTERS]
    seen = "".join(filter(_is_seen, composed))
    words: list[Word] = []
    sentence = part = behind = 0
    for match in _WORD.finditer(seen):
        between = seen[behind : match.start()]
        if words and _ends_sentence(between, words[-1].plain, match[0]):
            sentence, part = sentence + 1, part + 1
        elif words and _ends_part(between):
            part += 1
        plain = _plain(match[0])
        words.append(Word((spellings or {}).get(plain, plain), match.start(), match.end(), sentence, part))
        behind = match.end()
    return Text(seen, tuple(_joined(words, spellings or {})), tuple(_signs(seen)))


def _without_piles(text: str) -> str:
    """Leave out what is piled up on a letter above three accents: to sort such piles takes long."""
    kept: list[str] = []
    pile = 0
    for character in text:
        pile = pile + 1 if unicodedata.combining(character) else 0
        if pile <= MOST_ACCENTS:
            kept.append(character)
    return "".join(kept)


def _is_seen(character: str) -> bool:
    return unicodedata.category(character) not in ("Cf", "Cs", "Cn")


@lru_cache(maxsize=4096)
def _plain(word: str) -> str:
    bare = unicodedata.normalize("NFD", word.translate(_APOSTROPHES).casefold())
    return _STRETCHED.sub(r"\1", "".join(c for c in bare if not unicodedata.combining(c)))


def _ends_sentence(between: str, before: str, after: str) -> bool:
    if between.count("\n") > 1:
        return True
    touching = not any(c.isspace() for c in between)
    if touching and (before.isdigit() or after[0].isdigit() or len(before) == 1 or len(after) == 1):
        return False
    return any(c in _ENDS or c == "." or _is_sign(c) for c in between)


def _ends_part(between: str) -> bool:
    return any(c in ',\n()"“”«»—–*' or c in "[]<>" for c in between) or " - " in between


def _is_sign(character: str) -> bool:
    return unicodedata.category(character) == "So"


def _signs(text: str) -> Iterator[str]:
    for character in text:
        if _is_sign(character):
            yield character


def _joined(words: list[Word], spellings: Mapping[str, str]) -> Iterator[Word]:
    """Put together what belongs together: ``do not``, ``S T O P``."""
    index = 0
    while index < len(words):
        word = words[index]
        letters = _spelt_out(words, index)
        pair = (word.plain, words[index + 1].plain) if index + 1 < len(words) else ("", "")
        if letters > 2:
            whole = "".join(each.plain for each in words[index : index + letters])
            yield Word(
                spellings.get(whole, whole), word.start, words[index + letters - 1].end, word.sentence, word.part
            )
            index += letters
        elif pair in _NOT and words[index + 1].part == word.part:
            yield Word(_NOT[pair], word.start, words[index + 1].end, word.sentence, word.part)
            index += 2
        else:
            yield word
            index += 1


def _spelt_out(words: Sequence[Word], first: int) -> int:
    index = first
    while index < len(words) and len(words[index].plain) == 1 and words[index].plain.isalpha():
        index += 1
        if words[index - 1].sentence != words[first].sentence:
            return 0
    return index - first


@dataclass(frozen=True, slots=True)
class _Element:
    """One place of a phrase: which words fit."""

    words: frozenset[str] = frozenset()
    begins: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    any: bool = False

    @property
    def is_open(self) -> bool:
        """Whether more words fit than can be listed."""
        return self.any or bool(self.begins or self.ends)

    def fits(self, word: str) -> bool:
        return self.any or word in self.words or word.startswith(self.begins) or word.endswith(self.ends)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase, ready to be looked for."""

    written: str
    elements: tuple[_Element, ...]
    skips: Mapping[int, int] = field(default_factory=dict)  #: from this element one may go on at that one

    @property
    def first(self) -> _Element:
        """The place that every match begins at."""
        return self.elements[0]

    @property
    def fewest(self) -> int:
        """How many words it takes at least."""
        missing = {number for start, end in self.skips.items() for number in range(start, end)}
        return len(self.elements) - len(missing)

    def match(self, words: Sequence[Word], start: int, end: int) -> int:
        """Return where the longest match that begins at ``start`` ends, at most at ``end``; 0: there is none."""
        reached, found = self._open(1), 0
        whole = 1 << len(self.elements)
        for index in range(start, end):
            reached = self._open(self._step(reached, words[index].plain))
            if not reached:
                break
            if reached & whole:
                found = index + 1
        return found

    def _step(self, reached: int, word: str) -> int:
        stepped = 0
        for number, element in enumerate(self.elements):
            if reached >> number & 1 and element.fits(word):
                stepped |= 1 << number + 1
        return stepped

    def _open(self, reached: int) -> int:
        for start, end in self.skips.items():
            if reached >> start & 1:
                reached |= 1 << end
        return reached


def parse_phrase(written: str, spellings: Mapping[str, str] | None = None) -> Phrase:
    """Read a phrase.

    Raises ValueError with a sentence that says what is wrong and what to write.
    """
    if sign := next((c for c in written if c in _NO_SIGNS), ""):
        raise ValueError(f"'{sign}' means nothing in it; write plain words")
    elements: list[_Element] = []
    skips: dict[int, int] = {}
    opened = -1
    for piece in _pieces(written):
        if piece == "(":
            if opened >= 0:
                raise ValueError("a bracket stands within another; close the first one before")
            opened = len(elements)
        elif piece == ")":
            if opened < 0 or opened == len(elements):
                raise ValueError("a closing bracket has nothing to close; write it like stop texting (me)")
            skips[opened], opened = len(elements), -1
        elif piece == "...":
            for _ in range(GAP):
                skips[len(elements)] = len(elements) + 1
                elements.append(_Element(any=True))
        else:
            elements.extend(_elements(piece, spellings or {}))
    if opened >= 0:
        raise ValueError("a bracket is not closed; write it like stop texting (me)")
    _check(elements, skips)
    return Phrase(written, tuple(elements), skips)


def _pieces(written: str) -> list[str]:
    pieces = _PIECE.findall(unicodedata.normalize("NFKC", written).replace("…", "..."))
    joined: list[str] = []
    for piece in pieces:
        pair = (joined[-1].casefold(), piece.casefold()) if joined else ("", "")
        if pair in _NOT:
            joined[-1] = _NOT[pair]
        else:
            joined.append(piece)
    return joined


def _elements(piece: str, spellings: Mapping[str, str]) -> Iterable[_Element]:
    begins: list[str] = []
    ends: list[str] = []
    groups: list[tuple[str, ...]] = []
    for choice in piece.split("/"):
        star = choice.endswith("*") or choice.startswith("*")
        found = _words_of(choice.removesuffix("*").removeprefix("*"), {} if star else spellings)
        if not found:
            if star or choice.strip(".,;:!?¡¿\"'"):
                raise ValueError(f"'{choice}' is no word; a phrase is made of plain words")
            continue
        if star and (len(found) > 1 or (choice.startswith("*") and choice.endswith("*"))):
            raise ValueError(f"'{choice}' is not the beginning or the end of one word; write one star beside one")
        if star:
            (begins if choice.endswith("*") else ends).append(found[0])
        else:
            groups.append(found)
    if not begins and not ends and not groups:
        return ()
    if len(groups) == 1 and not begins and not ends:
        return [_Element(frozenset({word})) for word in groups[0]]
    if any(len(group) > 1 for group in groups):
        raise ValueError(f"'{piece}' has a choice of more than one word; write two phrases")
    return [_Element(frozenset(group[0] for group in groups), tuple(begins), tuple(ends))]


def _words_of(choice: str, spellings: Mapping[str, str]) -> tuple[str, ...]:
    """Return the words of a choice; nearly every one is a plain word, which need not be taken apart."""
    if choice.isascii() and choice.isalnum():
        plain = _plain(choice)
        return (spellings.get(plain, plain),)
    return tuple(word.plain for word in read_text(choice, spellings).words)


def _check(elements: Sequence[_Element], skips: Mapping[int, int]) -> None:
    if not elements:
        raise ValueError("there is no word in it")
    if 0 in skips:
        raise ValueError("it begins with words that may be missing; begin with a word that must be there")
    if elements[-1].any:
        raise ValueError("it ends with '...'; end with a word that must be there")
    if len(elements) > MOST_WORDS:
        raise ValueError(f"it has more than {MOST_WORDS} words; write the few that matter")
    if any(len(given) < 3 for element in elements for given in (*element.begins, *element.ends)):
        raise ValueError("a star needs at least three letters beside it")
