"""A book as it is told to another process, which may know some of its plans."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from cadence.engine.book import Book
from cadence.playbook.compile import compile_plan

if TYPE_CHECKING:
    from cadence.playbook.compile import Plan

__all__ = ["book_of", "tell_book"]


def tell_book(book: Book) -> tuple[Any, ...]:
    """Return what a book is made of, as plain data."""
    contents = {plan.digest: plan.content for plan in (*book.current.values(), *book.older.values())}
    answers = {digest: dict(said) for digest, said in book.answers.items()}
    current = [plan.digest for plan in book.current.values()]
    return book.account, contents, current, dict(book.published_at), answers


def book_of(known: dict[str, Plan], told: tuple[Any, ...]) -> Book:
    """Make the book again; ``known`` are plans by digest, and those that were not are added."""
    account, contents, current, published_at, answers = told
    for digest, content in contents.items():
        if digest not in known:
            known[digest] = compile_plan(content)
    return Book(
        account=account,
        current=MappingProxyType({known[digest].playbook.id: known[digest] for digest in current}),
        published_at=MappingProxyType(published_at),
        older=MappingProxyType({digest: known[digest] for digest in contents if digest not in current}),
        answers=MappingProxyType(answers),
    )
