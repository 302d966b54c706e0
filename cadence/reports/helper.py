"""A second process for long previews: it works out pages of leads beside this one.

It is forked before the database's libraries are loaded, so it is small, and it never touches the database: it gets
pages and gives back text. Whatever it fails to answer is worked out here; a machine that cannot fork has none.

Neither side has a thread for the other: this one looks after the pipes between two pages of its own, and they are wide
enough for what the other one needs and says meanwhile.
"""

from __future__ import annotations

import fcntl
import gc
import os
import pickle
import select
import sys
from collections import deque
from contextlib import contextmanager, suppress
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, BinaryIO

from cadence.engine.book import Book
from cadence.playbook.compile import compile_plan
from cadence.reports.preview_job import Job

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cadence.playbook.compile import Plan
    from cadence.store.entries import LogPage

__all__ = ["Helper", "helper_for", "page_texts"]

_AHEAD = 3  #: pages given to the helper at once, so that it need not wait for one
_MOST_KEPT = 16  #: pages worked out and not yet their turn
_WIDE = 1 << 20  #: bytes a pipe should hold: some pages
_LENGTH = 8  #: bytes that tell how long an answer is


class Helper:
    """The second process, seen from the first. It answers one question after the other."""

    def __init__(self, plans: Sequence[Plan]) -> None:
        """Start it; it knows these plans."""
        question, ask = os.pipe()
        answer, say = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            os.close(ask)
            os.close(answer)
            _serve(plans, os.fdopen(question, "rb"), os.fdopen(say, "wb"))
        os.close(question)
        os.close(say)
        for end in (ask, answer):
            os.set_blocking(end, False)
            with suppress(OSError):  # this user may have too many wide ones already
                fcntl.fcntl(end, fcntl.F_SETPIPE_SZ, _WIDE)
        self._ask, self._answer = ask, answer
        self._unsaid, self._heard = bytearray(), bytearray()
        self._asked: deque[Answer] = deque()
        self.gone = False  #: nothing more is to be had from it

    @property
    def busy(self) -> bool:
        """Whether it has enough to do for now."""
        return len(self._asked) >= _AHEAD

    def begin(self, job: Job) -> None:
        """Tell it what the preview is about."""
        book = job.book
        current = [plan.digest for plan in book.current.values()]
        older = {plan.digest: plan.content for plan in book.older.values()}
        answers = {digest: dict(said) for digest, said in book.answers.items()}
        books = book.account, current, older, dict(book.published_at), answers
        self._tell((books, job.start, job.end, job.tick, job.asked, job.roster))

    def page(self, page: LogPage) -> Answer:
        """Have it work out a page."""
        answer = Answer()
        self._asked.append(answer)
        self._tell(page)
        return answer

    def attend(self, seconds: float | None = 0) -> None:
        """Let questions and answers pass; wait so long for the next to pass, None: as long as it takes."""
        if not self.gone:
            try:
                select.select([self._answer], [self._ask] if self._unsaid else [], [], seconds)
                self._speak()
                self._listen()
            except OSError:
                self.gone = True

    def _tell(self, message: Any) -> None:
        self._unsaid += pickle.dumps(message, protocol=5)
        self.attend()

    def _speak(self) -> None:
        with suppress(BlockingIOError):
            while self._unsaid:
                del self._unsaid[: os.write(self._ask, self._unsaid)]

    def _listen(self) -> None:
        with suppress(BlockingIOError):
            while heard := os.read(self._answer, _WIDE):
                self._heard += heard
                self._note_answers()
            self.gone = True

    def _note_answers(self) -> None:
        heard = self._heard
        while len(heard) >= _LENGTH:
            ends = _LENGTH + int.from_bytes(heard[:_LENGTH], "little")
            if len(heard) < ends:
                return
            self._asked.popleft().text = heard[_LENGTH:ends].decode("ascii")
            del heard[:ends]

    def close(self) -> None:
        """Let it go."""
        for pipe in (self._ask, self._answer):
            os.close(pipe)
        os.waitpid(self.pid, 0)


class Answer:
    """What the helper says of one page; None until it has said it."""

    __slots__ = ("text",)

    def __init__(self, text: str | None = None) -> None:
        self.text = text


@contextmanager
def helper_for(plans: Sequence[Plan]) -> Iterator[Helper | None]:
    """Start a helper where there is a second processor for it."""
    if sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2:
        yield None
        return
    helper = Helper(plans)
    try:
        yield helper
    finally:
        helper.close()


def page_texts(job: Job, pages: Iterable[LogPage], helper: Helper | None) -> Iterator[str]:
    """Yield what becomes of each page, in order; the helper works out those that it has time for."""
    if helper is None:
        yield from (job.page(page) for page in pages)
        return
    helper.begin(job)
    under_way: deque[tuple[LogPage, Answer]] = deque()
    for page in pages:
        helper.attend()
        mine = helper.busy or helper.gone
        under_way.append((page, Answer(job.page(page)) if mine else helper.page(page)))
        while under_way and (under_way[0][1].text is not None or len(under_way) > _MOST_KEPT):
            yield _text(job, helper, *under_way.popleft())
    while under_way:
        yield _text(job, helper, *under_way.popleft())


def _text(job: Job, helper: Helper, page: LogPage, answer: Answer) -> str:
    while answer.text is None and not helper.gone:
        helper.attend(None)
    return job.page(page) if answer.text is None else answer.text


def _serve(plans: Sequence[Plan], questions: BinaryIO, answers: BinaryIO) -> None:
    """Be the helper: answer until the other side is gone."""
    try:
        gc.disable()
        job = _job(plans, pickle.load(questions))  # noqa: S301 - from our own process
        while True:
            page: LogPage = pickle.load(questions)  # noqa: S301
            text = job.page(page).encode("ascii")
            answers.write(len(text).to_bytes(_LENGTH, "little"))
            answers.write(text)
            answers.flush()
    except BaseException:  # noqa: BLE001 - whatever it is, the other side works the page out and says so
        os._exit(0)


def _job(plans: Sequence[Plan], told: Any) -> Job:
    (account, current, older, published_at, answers), start, end, tick, asked, roster = told
    known = {plan.digest: plan for plan in plans}
    compiled = {digest: known.get(digest) or compile_plan(content) for digest, content in older.items()}
    book = Book(
        account=account,
        current=MappingProxyType({known[digest].playbook.id: known[digest] for digest in current}),
        published_at=MappingProxyType(published_at),
        older=MappingProxyType(compiled),
        answers=MappingProxyType(answers),
    )
    return Job(book=book, start=start, end=end, tick=tick, asked=asked, roster=roster)
