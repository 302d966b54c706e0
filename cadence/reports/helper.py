"""A second process for long previews: it works out pages of leads beside this one.

It is forked before the database's libraries are loaded, so it is small, and it never touches the database: it gets
pages and gives back text. Whatever it fails to answer is worked out here; a machine that cannot fork has none.
"""

from __future__ import annotations

import gc
import os
import pickle
import sys
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
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
        self._ask = os.fdopen(ask, "wb")
        self._answer = os.fdopen(answer, "rb")

    def begin(self, job: Job) -> None:
        """Tell it what the preview is about."""
        book = job.book
        current = [plan.digest for plan in book.current.values()]
        older = {plan.digest: plan.content for plan in book.older.values()}
        self._tell((book.account, current, older, dict(book.published_at), job.start, job.end, job.tick, job.asked))

    def page(self, page: LogPage) -> str:
        """Have it work out a page; OSError, EOFError or ValueError when it cannot."""
        self._tell(page)
        text: str = pickle.load(self._answer)  # noqa: S301 - from our own process
        return text

    def _tell(self, message: Any) -> None:
        pickle.dump(message, self._ask, protocol=5)
        self._ask.flush()

    def close(self) -> None:
        """Let it go."""
        for pipe in (self._ask, self._answer):
            with suppress(OSError):
                pipe.close()
        os.waitpid(self.pid, 0)


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
    with _quick_turns(), ThreadPoolExecutor(1) as line:
        line.submit(helper.begin, job)
        under_way: deque[tuple[LogPage, Future[str] | str]] = deque()
        for page in pages:
            asked = sum(1 for _, each in under_way if isinstance(each, Future) and not each.done())
            under_way.append((page, line.submit(helper.page, page) if asked < _AHEAD else job.page(page)))
            while under_way and (_is_there(under_way[0][1]) or len(under_way) > _MOST_KEPT):
                yield _text(job, *under_way.popleft())
        while under_way:
            yield _text(job, *under_way.popleft())


@contextmanager
def _quick_turns() -> Iterator[None]:
    """Let the thread that talks to the helper have its turn at once: else the helper waits for it, page after page."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.001)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _is_there(text: Future[str] | str) -> bool:
    return isinstance(text, str) or text.done()


def _text(job: Job, page: LogPage, text: Future[str] | str) -> str:
    if isinstance(text, str):
        return text
    try:
        return text.result()
    except (OSError, EOFError, ValueError, pickle.UnpicklingError):
        return job.page(page)


def _serve(plans: Sequence[Plan], questions: BinaryIO, answers: BinaryIO) -> None:
    """Be the helper: answer until the other side is gone."""
    try:
        gc.disable()
        job = _job(plans, pickle.load(questions))  # noqa: S301 - from our own process
        while True:
            page: LogPage = pickle.load(questions)  # noqa: S301
            pickle.dump(job.page(page), answers, protocol=5)
            answers.flush()
    except BaseException:  # noqa: BLE001 - whatever it is, the other side works the page out and says so
        os._exit(0)


def _job(plans: Sequence[Plan], told: Any) -> Job:
    account, current, older, published_at, start, end, tick, asked = told
    known = {plan.digest: plan for plan in plans}
    compiled = {digest: known.get(digest) or compile_plan(content) for digest, content in older.items()}
    book = Book(
        account=account,
        current=MappingProxyType({known[digest].playbook.id: known[digest] for digest in current}),
        published_at=MappingProxyType(published_at),
        older=MappingProxyType(compiled),
    )
    return Job(book=book, start=start, end=end, tick=tick, asked=asked)
