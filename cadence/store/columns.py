"""Column types that read and write the same on every database.

The processors are given to SQLAlchemy bare: a tick calls them some dozen times for every lead.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Integer
from sqlalchemy import Text as AnyText
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator

from cadence.errors import StoreError
from cadence.store.entries import read_instant, read_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.engine import Dialect

__all__ = ["BigId", "Damaged", "Instant", "Json", "NameOrNone", "Text", "Words"]


class Damaged(StoreError, ValueError):  # noqa: N818 - says what is so
    """A row holds what the program never wrote there."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"a row of the database is damaged: {what}",
            help="`cadence store check` names the row; put back the last backup, or have it mended",
        )


#: Text that is ordered byte by byte everywhere, as Python orders it: pages are cut by keys. A name of our own
#: making, which never holds what databases refuse in text.
Text = AnyText().with_variant(postgresql.TEXT(collation="C"), "postgresql")
#: A number the database gives; SQLite gives none to a column of any other type than INTEGER.
BigId = BigInteger().with_variant(Integer(), "sqlite")


class NameOrNone(TypeDecorator[str]):
    """A name of our own making that refers to something, or empty: kept as NULL, which refers to nothing."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], str | None]:  # noqa: ARG002
        """Write."""
        return _none_if_empty

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], str]:  # noqa: ARG002
        """Read."""
        return _empty_if_none


class Words(TypeDecorator[str]):
    """Text in a stranger's words. What databases refuse in text is not kept: a NUL goes, half a character is ``?``."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], str | None]:  # noqa: ARG002
        """Write."""
        return _writable


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime in whole seconds, kept as text: ``2026-11-24T19:10:00Z``.

    The text has one width, so its order is the order of time. ValueError for a datetime that is naive, in
    another zone, or has a fraction of a second.
    """

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], str | None]:  # noqa: ARG002
        """Write."""
        return _instant_text

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], datetime | None]:  # noqa: ARG002
        """Read."""
        return _instant


class Json(TypeDecorator[Any]):
    """A JSON value as compact text with sorted keys, pure ASCII: equal values have equal texts.

    ASCII escapes carry what databases refuse in text (a NUL, half of a surrogate pair) from a stranger's
    message and back. ValueError or TypeError for what JSON cannot say.
    """

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str]:  # noqa: ARG002
        """Write."""
        return _ENCODER.encode

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str], Any]:  # noqa: ARG002
        """Read."""
        return _json


def _none_if_empty(name: str | None) -> str | None:
    return name or None


def _empty_if_none(name: str | None) -> str:
    return name or ""


def _instant_text(value: datetime | None) -> str | None:
    if value is None:
        return None
    if value.tzinfo is not UTC or value.microsecond:
        raise ValueError(f"an instant must be an aware UTC datetime in whole seconds: {value!r}")
    return _text_of(value)


@lru_cache(maxsize=256)
def _text_of(instant: datetime) -> str:
    """Write an instant; the rows of one batch have few different ones."""
    return instant.isoformat()[:19] + "Z"


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        instant = read_instant(text)
    except (ValueError, TypeError):
        raise Damaged("an instant cannot be read") from None
    if instant.tzinfo is not UTC:
        raise Damaged("an instant is not in UTC")
    return instant


def _json(text: str) -> Any:
    try:
        return read_json(text)
    except (ValueError, TypeError):
        raise Damaged("a value cannot be read") from None


def _writable(text: str | None) -> str | None:
    if text is not None and ("\0" in text or not (text.isascii() or text.isprintable())):
        return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    return text


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not a JSON value")


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False, default=_plain)
