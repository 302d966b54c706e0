"""What a colleague reads: one alert, or several as one message."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cadence.engine.alerts import REVIEW
from cadence.playbook.filters import phone as as_dialled
from cadence.playbook.markup import in_markdown
from cadence.playbook.segments import count_segments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cadence.store.alerts import AlertRow

__all__ = ["Words", "most_pressing_first", "words_for"]

MOST_PARTS = 2  #: of a text
LONGEST_LINE = 100  #: characters; a lead's name may be any length
MOST_LISTED = 50  #: alerts in one e-mail, by name
_PRESSING = ("sla", "reply", "lock", "score", "assigned")


class Words(NamedTuple):
    """A message to a colleague."""

    subject: str  #: empty: it is a text
    body: str  #: of an e-mail: Markdown, in which a lead's words are words


def most_pressing_first(alerts: Sequence[AlertRow]) -> list[AlertRow]:
    """Put promises before answers, and those before what is merely new; of each kind the longest due first."""
    rank = {about: place for place, about in enumerate(_PRESSING)}
    return sorted(alerts, key=lambda each: (rank.get(each.about, len(rank)), each.due_at, each.title, each.alert))


def words_for(channel: str, alerts: Sequence[AlertRow], *, phone: str = "") -> Words:
    """Write the message that tells a colleague of ``alerts``, in this order.

    ``phone`` is the lead's, where there is one lead and it may be called.
    """
    if alerts[0].about == REVIEW:
        return Words(_line(alerts[0].title), alerts[0].body)
    number = str(as_dialled(phone)) if phone else ""
    said: dict[tuple[str, str], AlertRow] = {}
    for alert in alerts:
        said.setdefault((alert.lead, alert.title), alert)  # what is told for two reasons is said once
    first, *others = said.values()
    if channel == "email":
        return _list_mail([first, *others]) if others else _one_mail(first, number)
    return Words("", _list_text([first, *others]) if others else _one_text(first, number))


def _one_text(alert: AlertRow, number: str) -> str:
    said = f'"{_line(alert.body)}"' if alert.about == "reply" and alert.body.strip() else ""
    title = _line(alert.title)
    tries = ((title, said, number), (title, number), (title,))
    texts = ["\n".join(filter(None, lines)) for lines in tries]
    return next((text for text in texts if _fits(text)), texts[-1])


def _list_text(alerts: Sequence[AlertRow]) -> str:
    """List as many as fit, and count the others."""
    text = _head(alerts)
    for listed in range(1, len(alerts) + 1):
        longer = "\n".join([_head(alerts), *(f"- {_line(each.title)}" for each in alerts[:listed])])
        longer += _and_more(len(alerts) - listed, "\n")
        if not _fits(longer):
            break
        text = longer
    return text


def _one_mail(alert: AlertRow, number: str) -> Words:
    title = _line(alert.title)
    parts = [in_markdown(title), _quoted(alert.body) if alert.about == "reply" else _lines(alert.body), number]
    return Words(title, "\n\n".join(filter(None, parts)))


def _list_mail(alerts: Sequence[AlertRow]) -> Words:
    lines = [f"- {in_markdown(_line(each.title))}" for each in alerts[:MOST_LISTED]]
    more = _and_more(len(alerts) - len(lines), "\n\n")
    return Words(_head(alerts).rstrip(":"), "\n".join([_head(alerts), "", *lines]) + more)


def _head(alerts: Sequence[AlertRow]) -> str:
    number = len({each.lead or each.alert for each in alerts})
    return f"{number} lead{'s' * (number != 1)} need{'s' * (number == 1)} you:"


def _and_more(number: int, before: str) -> str:
    return f"{before}and {number} more" if number else ""


def _quoted(said: str) -> str:
    return "\n".join(f"> {line}  " for line in map(in_markdown, said.splitlines()) if line.strip())


def _lines(said: str) -> str:
    return "  \n".join(line for line in map(in_markdown, said.splitlines()) if line.strip())


def _line(words: str) -> str:
    """Put a stranger's words on one line of a bearable length."""
    line = " ".join(words.split())
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 3].rstrip()}..."


def _fits(text: str) -> bool:
    return count_segments(text).segments <= MOST_PARTS
