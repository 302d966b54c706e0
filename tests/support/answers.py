"""The labelled answers of ``tests/corpus/replies``, read by the rules that come with the program, and a table of it.

cd tests && ../.venv/bin/python -m support.answers                    the table of all answers
cd tests && ../.venv/bin/python -m support.answers new_lot.yaml       of one file: how a lot is read at first sight
cd tests && ../.venv/bin/python -m support.answers --misses           and every answer that is read otherwise
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args
from zoneinfo import ZoneInfo

import yaml

from cadence.files import data_text
from cadence.inbox.kinds import Kind
from cadence.inbox.reading import read_reply
from cadence.inbox.rules import Rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cadence.inbox.kinds import Reading

FOLDER = Path(__file__).parents[1] / "corpus" / "replies"
ZONE = ZoneInfo("America/Chicago")
AT = datetime(2026, 11, 24, 19, 10, tzinfo=UTC)  #: Tuesday, 13:10 in Chicago
KINDS: tuple[str, ...] = get_args(Kind)
_LABELS = ("text", "kind", "until", "sure", "automatic")


@dataclass(frozen=True)
class Answer:
    """An answer, and what it means."""

    name: str  #: file and number
    text: str
    kind: str
    given: dict[str, Any]  #: what read_reply is told beside the text
    labels: dict[str, Any]  #: what else is said of it: until, sure, automatic

    def read(self) -> Reading:
        """Read it."""
        return read_reply(self.text, at=AT, zone=ZONE, rules=shipped_rules(), **self.given)


@cache
def shipped_rules() -> Rules:
    """Return the rules that come with the program."""
    return Rules.from_data(yaml.safe_load(data_text("reply_rules.yaml")))


@cache
def answers(files: str = "*.yaml") -> tuple[Answer, ...]:
    """Return the answers of the corpus, or those of some of its files."""
    return tuple(answer for file in sorted(FOLDER.glob(files)) for answer in _of_file(file))


def _of_file(file: Path) -> Iterable[Answer]:
    page = yaml.safe_load(file.read_text(encoding="utf-8"))
    for number, item in enumerate(page["answers"], start=1):
        given = {key: value for key, value in item.items() if key not in _LABELS}
        yield Answer(
            name=f"{file.stem}-{number}",
            text=item["text"],
            kind=item["kind"],
            given={"channel": page.get("channel", "sms"), **given},
            labels={key: item[key] for key in ("until", "sure", "automatic") if key in item},
        )


@dataclass(frozen=True)
class Table:
    """How often an answer of each kind was read as each."""

    counts: Counter[tuple[str, str]]  #: (what it is, what it was read as)

    def recall(self, kind: str) -> float:
        """Return which share of a kind is read as it."""
        return self.counts[kind, kind] / self.of(kind)

    def of(self, kind: str) -> int:
        """Count the answers of a kind."""
        return sum(number for (labelled, _), number in self.counts.items() if labelled == kind)

    @property
    def false_opt_outs(self) -> float:
        """Return which share of all that is no opt-out is read as one."""
        others = sum(number for (labelled, _), number in self.counts.items() if labelled != "opt_out")
        wrong = sum(n for (labelled, read), n in self.counts.items() if labelled != "opt_out" and read == "opt_out")
        return wrong / others

    def __str__(self) -> str:
        width = max(map(len, KINDS)) + 2
        lines = ["is \\ read as".ljust(width) + "".join(kind[:8].rjust(10) for kind in KINDS) + "    recall"]
        for kind in KINDS:
            row = "".join(str(self.counts[kind, read] or ".").rjust(10) for read in KINDS)
            lines.append(kind.ljust(width) + row + (f"{self.recall(kind):10.1%}" if self.of(kind) else ""))
        lines.append(f"false opt-outs: {self.false_opt_outs:.1%} of what is none")
        return "\n".join(lines)


def table(of: Iterable[Answer]) -> Table:
    """Read answers, and count."""
    return Table(Counter((answer.kind, answer.read().kind) for answer in of))


def main(arguments: list[str]) -> None:
    """Print the table."""
    files = next((each for each in arguments if not each.startswith("--")), "*.yaml")
    sys.stdout.write(f"{len(answers(files))} answers\n\n{table(answers(files))}\n")
    if "--misses" in arguments:
        sys.stdout.writelines(misses(answers(files)))


def misses(of: Iterable[Answer]) -> Iterator[str]:
    """Yield a line for every answer that is read as something it is not."""
    for answer in of:
        reading = answer.read()
        if reading.kind != answer.kind:
            read_as = f"{reading.kind} by {reading.rule} ({reading.because!r})"
            yield f"{answer.name}: {answer.kind} read as {read_as}: {answer.text[:90]!r}\n"


if __name__ == "__main__":
    main(sys.argv[1:])
