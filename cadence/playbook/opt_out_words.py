"""Opt-out words that a text offers as an answer to something else: the carrier takes the answer for an opt-out."""

from __future__ import annotations

import re

from cadence.playbook.words import OPT_OUT_WORDS

__all__ = ["opt_out_offers"]

_WORD = "|".join(sorted(OPT_OUT_WORDS, key=len, reverse=True))
_WAY_OUT = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "OPTOUT"})  #: may be offered, for opting out
_OPEN, _CLOSE = r"[\"'“”‘’*_(\[]{0,3}", r"[\"'“”‘’*_)\]]{0,3}"
_NEXT = rf"{_CLOSE}\s{{0,9}}(?:,\s{{0,9}}or\b|,|/|\bor\b)\s{{0,9}}{_OPEN}"
_OFFER = rf"(?P<open>{_OPEN})(?P<words>(?:{_WORD})\b(?:{_NEXT}(?:{_WORD})\b)*)(?!-){_CLOSE}"
_VERB = r"(?i:\b(?:reply|respond|answer|text|txt|send|type|write|enter)\b)"
_FILLER = r"(?i:(?:\s{1,9}(?:back|us|me|with|the|word|keyword|just|only|simply|in|all|caps)\b){0,6})\s{0,9}:?\s{1,9}"
_ASKED = re.compile(rf"{_VERB}{_FILLER}{_OFFER}", re.IGNORECASE)
_LISTED = re.compile(rf"(?:\bor\s{{1,9}}|(?<![^.!?:\n])\s{{0,9}}|[/,;:]\s{{0,9}}){_OFFER}", re.IGNORECASE)
_SHORT_ANSWER = re.compile(
    rf"{_VERB}{_FILLER}{_OPEN}(?i:yes|y|no|n|ok|okay|c|confirm|r|\d)\b"
    rf"|\b(?:YES|Y|NO|N|OK|C|R|CONFIRM|HELP|[1-9]){_CLOSE}\W*(?:\b(?:to|for)\b|$)"
)
_AS_AN_ANSWER = re.compile(r"\s*(?:$|[,;:)]|to\b(?!\s+end\b)|if\b|or\b|and\b)", re.IGNORECASE)
_PURPOSE_AFTER = re.compile(r"\W*(?:to|if|when)\s+(.{1,80})", re.IGNORECASE)
_PURPOSE_BEFORE = re.compile(
    r"(?:^|,)\W*(?:if you [^,]{1,40}?)?\bto\s+([^,]{1,60}),?(?:\s+(?:please|just|simply))*\s*$", re.IGNORECASE
)
_OPTS_OUT = re.compile(
    r"opt(?:ing)?[ -]?out|unsubscrib|\b(?:stop|quit|leave|end|texts?|messages?|e-?mails?)\b|remove|no (?:more|longer)"
    r"|not (?:get|receive|hear|want)|cancel(?!\s+(?:your|the|this|my|our|an?|it)\b)",
    re.IGNORECASE,
)
_REACH = 200  #: characters around a word that may belong to its sentence


def opt_out_offers(text: str) -> list[tuple[int, int, str]]:
    """Find the opt-out words that a text offers as an answer to something else: (start, end, word).

    ``Reply STOP to opt out`` is the right way out and is not found; ``reply CANCEL to cancel`` is: the carrier would
    take the answer for an opt-out, and nothing could be sent to the person any more.
    """
    found: dict[int, tuple[int, int, str]] = {}
    for pattern, is_offer in ((_ASKED, _asked_for), (_LISTED, _listed)):
        for match in pattern.finditer(text):
            before = re.split(r"[.!?\n]", text[max(0, match.start() - _REACH) : match.start()])[-1]
            after = re.split(r"[.!?\n]", text[match.end() : match.end() + _REACH])[0]
            words = [word.upper() for word in re.findall(_WORD, match["words"], re.IGNORECASE)]
            start = match.start("words")
            if is_offer(match, before, after) and not _lets_out(words, before, after):
                found.setdefault(start, (start, match.end("words"), match["words"]))
    return sorted(found.values())


def _asked_for(match: re.Match[str], before: str, after: str) -> bool:
    return _stands_out(match, before + after) or bool(_AS_AN_ANSWER.match(after))


def _listed(match: re.Match[str], before: str, after: str) -> bool:
    purpose = re.match(r"\s+to\b", after, re.IGNORECASE)
    if not _stands_out(match, before + after):
        return bool(purpose and _SHORT_ANSWER.search(before))
    return bool(purpose or _SHORT_ANSWER.search(before) or re.search(_VERB, before))


def _stands_out(match: re.Match[str], around: str) -> bool:
    """Tell whether the word is set apart: in quotes, or in capitals that its sentence is not written in."""
    if re.search(r"[\"'“”‘’*]", match["open"]):
        return True
    shouted = around.upper() == around and len(re.findall(r"[A-Z]{2,}", around)) > 2
    return match["words"].split()[0].rstrip(",/").istitle() or (match["words"].isupper() and not shouted)


def _lets_out(words: list[str], before: str, after: str) -> bool:
    """Tell whether the words are offered for what they mean."""
    if not _WAY_OUT.intersection(words):
        return False
    purpose = _PURPOSE_AFTER.match(after) or _PURPOSE_BEFORE.search(before)
    return not purpose or bool(_OPTS_OUT.search(purpose[1]))
