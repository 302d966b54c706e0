"""What a person wrote, without what their program put around it: quotes, signatures, legal text, reactions.

Only what is left counts: "reply STOP to opt out" is quoted in nearly every thread. Everything works line by line, in
time that grows with the length and with nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from cadence.playbook.words import OPT_OUT_WORDS

__all__ = ["LONGEST", "Removed", "Stripped", "Tapback", "read_tapback", "strip"]

LONGEST = 20_000  #: characters that are read of what a person wrote
_LONGEST_MAIL = 200_000  #: characters of a mail that are looked at
_LONGEST_LINE = 200  #: characters of a line that the other languages' quote headers are looked for in
_MOST_LINES = 120
_SIGNATURE_LINES = 12


@dataclass(frozen=True, slots=True)
class Removed:
    """Something that was taken away."""

    what: str  #: quote, signature, legal text, reaction
    text: str


@dataclass(frozen=True, slots=True)
class Tapback:
    """A reaction to a message of ours, sent as a text: ``Liked "..."``."""

    said: str  #: how it names itself
    likes: bool  #: a like, a heart, a thumb up


@dataclass(frozen=True, slots=True)
class Stripped:
    """A text, and what was around it."""

    text: str
    removed: tuple[Removed, ...] = ()
    tapback: Tapback | None = None


_LIKES = (
    "liked", "loved", "me gusta", "le gusta", "le gustó", "le encanta", "le encantó", "me encanta", "le ha gustado",
    "le ha encantado",
)  # fmt: skip
_OTHERS = (
    "disliked", "laughed at", "emphasized", "emphasised", "questioned", "no me gusta", "no le gusta", "no le gustó",
    "removed a like from", "removed a heart from", "removed an exclamation from", "removed a question mark from",
    "removed a laugh from", "removed a dislike from", "le dio risa", "le da risa", "enfatizó", "puso en duda",
    "se rio de", "se rió de",
    "exclamó por", "preguntó por",
)  # fmt: skip
_THUMBS = "👍❤♥💗💕💖🧡💛💚💙💜🩷✅👌🙏😍🥰💯✔☑"
_OPENING, _CLOSING = "“\"«„‟'‘", "”\"»“'’"
_REACTED = re.compile(r"(?:Reacted|Reaccionó|Reaccionó con)\s(?P<sign>\S{1,12})\s(?:to|a)\s?(?=[“\"«])", re.IGNORECASE)
_SIGN_TO = re.compile(r"(?P<sign>[^\w\s]{1,12})\s?(?:to|a)\s?(?=[“\"«])", re.IGNORECASE)
_THINGS = re.compile(
    r"(?:an|a|una|un)\s(?:image|photo|picture|video|movie|message|imagen|foto|vídeo|mensaje)\W*", re.IGNORECASE
)


def read_tapback(text: str) -> Tapback | None:
    """Read a text that is nothing but a reaction; None when it is anything else."""
    shown = "".join(c for c in text if c not in "\u200b\u200a\u200c\u200d\u2060\ufeff\ufe0f").strip()
    head = shown[:80]
    for pattern in (_REACTED, _SIGN_TO):
        match = pattern.match(head)
        if match and _closes(shown):
            return Tapback(match[0].strip(), any(sign in match["sign"] for sign in _THUMBS))
    lowered = head.casefold()
    for said in sorted((*_LIKES, *_OTHERS), key=len, reverse=True):
        at = lowered.find(said)
        if at < 0 or not (at == 0 or _names_somebody(lowered[:at])):
            continue
        rest = shown[at + len(said) :].lstrip(" :")
        if (rest[:1] in tuple(_OPENING) and _closes(shown)) or _THINGS.fullmatch(rest):
            return Tapback(shown[: at + len(said)], said in _LIKES)
    return None


def _closes(text: str) -> bool:
    return text[-1:] in tuple(_CLOSING) and len(text) > 4


def _names_somebody(front: str) -> bool:
    """Tell "A María le gusta" from a sentence."""
    words = front.split()
    return 1 <= len(words) <= 4 and words[0] == "a"


def strip(text: str, channel: str) -> Stripped:
    """Return what the person wrote themselves."""
    text = text[:_LONGEST_MAIL].replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    if channel != "email":
        tapback = read_tapback(text)
        if tapback:
            return Stripped("", (Removed("reaction", text.strip()[:LONGEST]),), tapback)
        return Stripped(text.strip()[:LONGEST])
    lines = [line.strip(" \t\u00a0\u200b") for line in text.split("\n")]
    removed: list[Removed] = []
    for step in (_without_quotes, _without_other_quotes, _without_legal, _without_signature):
        lines, taken = step(lines)
        removed.extend(Removed(what, "\n".join(part).strip()) for what, part in taken if any(part))
    return Stripped("\n".join(lines).strip()[:LONGEST], tuple(removed))


Taken = list[tuple[str, list[str]]]

_WROTE = re.compile(r"(?:wrote|escribió|escribio|escribiste|a écrit|schrieb)\s?:$", re.IGNORECASE)
_WROTE_BEGINS = re.compile(r"[>*_ ]*(?:On|El|Em|Le|Am)\b", re.IGNORECASE)
_SEPARATOR = re.compile(
    r"[-_*> ]*(?:original message|mensaje original|forwarded message|mensaje reenviado|original appointment)[-_* ]*",
    re.IGNORECASE,
)
_FORWARDED = re.compile(r"(?:begin forwarded message|inicio del mensaje reenviado)\s?:", re.IGNORECASE)
_SENDER = re.compile(r"[*> ]{0,9}(?:from|de)\s?:[* ]{0,3}\S", re.IGNORECASE)
_OTHER_FIELD = re.compile(r"[*> ]{0,9}(?:sent|date|to|subject|enviado|enviado el|fecha|para|asunto)\s?:", re.IGNORECASE)


def _without_quotes(lines: list[str]) -> tuple[list[str], Taken]:
    """Take away quoted lines, and all behind the head of a quote that is not marked line by line."""
    kept: list[str] = []
    quoted: list[str] = []
    index = 0
    while index < len(lines):
        if lines[index].startswith((">", "|>", "&gt;")):
            quoted.append(lines[index])
            index += 1
        elif length := _head(lines, index):
            behind = next((line for line in lines[index + length :] if line), "")
            if not behind.startswith(">") or not _answered_below(lines[index + length :]):
                quoted.extend(lines[index:])
                break
            quoted.extend(lines[index : index + length])
            index += length
        else:
            kept.append(lines[index])
            index += 1
    return kept, [("quote", quoted)]


def _answered_below(lines: list[str]) -> bool:
    """Tell whether anything but quoted lines follows."""
    return any(line and not line.startswith(">") for line in lines)


def _head(lines: list[str], index: int) -> int:
    """Count the lines of a quote's head that begins here; 0: none does."""
    line = lines[index]
    if not line or len(line) > 400:
        return 0
    if _SEPARATOR.fullmatch(line) or _FORWARDED.fullmatch(line):
        return 1
    if _WROTE_BEGINS.match(line):
        for length in (1, 2, 3):
            joined = " ".join(lines[index : index + length])[:600].strip()
            if _WROTE.search(joined[-20:]):
                return length
    if line.strip("_-*= ") == "" and len(line) >= 20:
        following = [each for each in lines[index + 1 : index + 4] if each][:1]
        return 1 if following and _SENDER.match(following[0]) else 0
    if _SENDER.match(line):
        fields = [each for each in lines[index + 1 : index + 4] if _OTHER_FIELD.match(each)]
        return 1 if fields else 0
    return 0


def _without_other_quotes(lines: list[str]) -> tuple[list[str], Taken]:
    """Take away what the heads of quotes in further languages begin, as a library of such heads knows them.

    Its patterns are slow on long lines and on many empty ones, so it is shown short lines, and few.
    """
    shown = [line[:_LONGEST_LINE] or "-" for line in lines]
    if not 1 < len(lines) <= _MOST_LINES or not any(":" in line for line in shown):
        return lines, []
    from mailparser_reply import EmailReplyParser

    languages = ["en", "es", "fr", "de", "it", "nl", "pl", "sv", "da"]
    replies = EmailReplyParser(languages=languages).read("\n".join(shown)).replies
    length = replies[0].content.count("\n") + 1 if replies and len(replies) > 1 else len(lines)
    if not replies or not replies[0].content:
        length = 0 if len(replies) > 1 else len(lines)
    return lines[:length], [("quote", lines[length:])]


_LEGAL = re.compile(
    r"[*_ ]*(?:confidential|disclaimer|legal notice|privileged|caution\s?:|warning\s?:|external e-?mail|notice\s?:"
    r"|(?:important|privacy) notice|aviso (?:legal|de confidencialidad|de privacidad)|confidencialidad|advertencia\s?:"
    r"|(?:this|the information in this|the contents of this) (?:e-?mail|message|communication|transmission)"
    r"(?: (?:and|is|may|contains|has|was|transmission|message)|,)"
    r"|est[ea] (?:mensaje|correo)(?: electr[oó]nico)? (?:y|es|contiene|puede|va|y/o|se)"
    r"|(?:please )?(?:consider|think of) the environment|antes de imprimir|piense en el medio ambiente"
    r"|if you are not the intended recipient|si usted no es el destinatario)",
    re.IGNORECASE,
)


def _without_legal(lines: list[str]) -> tuple[list[str], Taken]:
    """Take away paragraphs that lawyers wrote."""
    kept: list[str] = []
    legal: list[str] = []
    inside = False
    for number, line in enumerate(lines):
        begins = number == 0 or not lines[number - 1] or not lines[number - 1].strip("_-*= ")
        inside = bool(line) and (inside or (begins and bool(_LEGAL.match(line))))
        (legal if inside else kept).append(line)
    return kept, [("legal text", legal)]


_SENT_FROM = re.compile(
    r"(?:sent (?:from|via|with|using) (?:my|yahoo|mail|outlook|the|a|proton|aol|gmail|samsung|iphone|ipad|android"
    r"|galaxy)"
    r"|get outlook for|enviado (?:desde|con|a trav[eé]s) |obtener outlook para|envoyé de|gesendet von|von meinem)"
    r"[^.!?]{0,60}\.?",
    re.IGNORECASE,
)
_SIGN_OFF = re.compile(
    r"(?:(?:with )?(?:best|kind|warm|kindest|warmest)?\s?(?:regards|wishes)|best|thanks|thank you|many thanks"
    r"|thanks (?:again|so much)|thx|sincerely|cheers|yours(?: truly)?|respectfully|cordially|all the best"
    r"|(?:un )?(?:cordial )?saludos?(?: cordiales)?|atentamente|(?:muchas )?gracias|cordialmente|atte)[,.!]{0,2}",
    re.IGNORECASE,
)
_NO_NAMES = frozenset(
    {"please", "remove", "take", "delete", "leave", "opt", "no", "not", "yes", "por", "favor", "baja"}
)
_POSTSCRIPT = re.compile(r"P\.?\s?[SD]\b", re.IGNORECASE)


def _without_signature(lines: list[str]) -> tuple[list[str], Taken]:
    """Take away a signature, and the line of a telephone that praises itself."""
    taken: Taken = []
    praise = {line: "" for line in lines if len(line) < 100 and _SENT_FROM.fullmatch(line.strip("*_<> "))}
    if praise:
        taken.append(("signature", list(praise)))
        lines = [line for line in lines if line not in praise]
    for index, line in enumerate(lines):
        if line in ("--", "—", "__", "-- -") or (_bar(line) and index > 0):
            return lines[:index], [*taken, ("signature", lines[index:])]
        if index and len(line) < 40 and _SIGN_OFF.fullmatch(line) and _is_signature(lines, index + 1):
            behind = next((n for n, each in enumerate(lines) if n > index and _POSTSCRIPT.match(each)), len(lines))
            return [*lines[:index], *lines[behind:]], [*taken, ("signature", lines[index:behind])]
    return lines, taken


def _bar(line: str) -> bool:
    return len(line) >= 20 and not line.strip("_-=*")


def _is_signature(lines: list[str], start: int) -> bool:
    """Tell a name and what belongs to it from an answer that goes on below "Thanks,"."""
    filled = [line for line in islice(lines, start, start + 4 * _SIGNATURE_LINES) if line]
    ends = len(lines) <= start + 4 * _SIGNATURE_LINES
    return ends and (not filled or (len(filled) <= _SIGNATURE_LINES and _is_name(filled[0])))


def _is_name(line: str) -> bool:
    words = [word.strip(".,|*-_()") for word in line.split()]
    words = [word for word in words if word]
    asks = any(word.upper() in OPT_OUT_WORDS or word.casefold() in _NO_NAMES for word in words)
    if not words or len(words) > 6 or asks:
        return False
    return all(
        word[:1].isupper() or word in ("de", "del", "la", "y", "and", "van", "von", "at", "&") for word in words[:3]
    )
