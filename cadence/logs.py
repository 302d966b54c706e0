"""The log: one JSON object a line, for programs that watch over ticks. Never a secret, a phone number or an address.

``CADENCE_LOG`` (environment or ``.env``) names the file, ``-`` is standard error; unset, nothing is written.
What cannot be written is said once on standard error, and stops nobody.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import traceback
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cadence.errors import CadenceError
from cadence.machine import setting
from cadence.masking import Mask, mask_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["LOG_VARIABLE", "JsonLines", "Log", "get_log", "open_log"]

LOG_VARIABLE = "CADENCE_LOG"
#: Libraries that would write down whole requests, addresses and all.
TALKATIVE = ("twilio", "python_http_client", "sendgrid", "urllib3", "waitress")
LONGEST = 4000  #: characters of one text; of a longer one the end is kept, where an exception says what it is
_RESERVED = ("time", "level", "pid", "event", "library", "error", "says", "trace")


class JsonLines(logging.Formatter):
    """Makes a record one line of JSON, everything in it masked."""

    def __init__(self, mask: Mask) -> None:
        super().__init__()
        self.mask = mask

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        fields: Mapping[str, object] = getattr(record, "fields", {})
        line: dict[str, object] = {
            "time": f"{datetime.fromtimestamp(record.created, UTC):%Y-%m-%dT%H:%M:%S.%f}"[:23] + "Z",
            "level": record.levelname.lower(),
            "pid": record.process,
        }
        if record.name == _LOGGER:
            line["event"] = self.mask.text(str(record.msg))
        else:
            line |= {"event": "library", "library": record.name, "says": _end(self.mask.text(record.getMessage()))}
        masked = self.mask.value({f"{key}_" if key in _RESERVED else key: each for key, each in fields.items()})
        line |= masked if isinstance(masked, dict) else {}
        if record.exc_info and record.exc_info[1]:
            error = record.exc_info[1]
            line["error"] = type(error).__name__
            line["says"] = _end(self.mask.text(str(error)))
            if not isinstance(error, CadenceError):  # those say what is wrong; of others the place matters
                line["trace"] = _end(self.mask.text("".join(traceback.format_exception(error))))
        return json.dumps(line, separators=(",", ":"), allow_nan=False)


class Log:
    """What is told of: ``log.event("touch.sent", touch=key, channel="sms")``. Safe from any thread."""

    __slots__ = ("_logger", "on")

    def __init__(self, logger: logging.Logger, *, on: bool) -> None:
        self._logger = logger
        self.on = on  #: whether anything is written

    def event(self, event: str, /, **fields: object) -> None:
        """Write down something that happened."""
        self._write(logging.INFO, event, fields)

    def warning(self, event: str, /, **fields: object) -> None:
        """Write down something that a person must look at."""
        self._write(logging.WARNING, event, fields)

    def failure(self, event: str, error: BaseException, /, **fields: object) -> None:
        """Write down what broke off, with where it did."""
        self._write(logging.ERROR, event, fields, error)

    def _write(self, level: int, event: str, fields: Mapping[str, object], error: BaseException | None = None) -> None:
        if self.on:
            self._logger.log(level, event, exc_info=error, extra={"fields": fields})


class _Lines(logging.Handler):
    """Appends each line whole, so that ticks at once never mix theirs."""

    def __init__(self, place: int | None, name: str) -> None:
        super().__init__(logging.INFO)
        self._place = place  #: an open file; None: standard error
        self._name = name
        self._said = False

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = f"{self.format(record)}\n"
            if self._place is None:
                sys.stderr.write(line)
            else:
                os.write(self._place, line.encode("ascii"))
        except Exception as error:  # noqa: BLE001 - a tick goes on, whatever becomes of its log
            if not self._said:
                self._said = True
                _say(self._name, error)

    def close(self) -> None:
        if self._place is not None:
            os.close(self._place)
            self._place = None
        super().close()


_LOGGER = "cadence"
_QUIET = Log(logging.getLogger(_LOGGER), on=False)
_current = _QUIET


def get_log() -> Log:
    """Return the log that is open in this process; one that writes nothing when none is."""
    return _current


@contextmanager
def open_log(root: Path) -> Iterator[Log]:
    """Open the log that the settings of a workspace name, as what :func:`get_log` returns, until the end of the block.

    Libraries that write down requests are quietened whether it is on or not; what they warn of goes into it, masked.
    """
    global _current  # one log in a process, as standard logging has it
    handler = _handler(root)
    loggers = [logging.getLogger(name) for name in (_LOGGER, *TALKATIVE)]
    loggers[0].setLevel(logging.INFO)
    for each in loggers[1:]:
        each.setLevel(logging.WARNING)
    for each in loggers:
        each.propagate = False
        each.addHandler(handler)
    before, _current = _current, Log(loggers[0], on=isinstance(handler, _Lines))
    try:
        yield _current
    finally:
        _current = before
        for each in loggers:
            each.removeHandler(handler)
        handler.close()


def _handler(root: Path) -> logging.Handler:
    named = setting(root, LOG_VARIABLE)
    if not named:
        return logging.NullHandler()
    place = None
    if named != "-":
        file = root / Path(named).expanduser()
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
        try:
            place = os.open(file, flags, 0o600)
        except OSError as error:
            _say(str(file), error)
            return logging.NullHandler()
    handler = _Lines(place, named)
    handler.setFormatter(JsonLines(mask_of(root)))
    return handler


def _say(name: str, error: Exception) -> None:
    why = error.strerror if isinstance(error, OSError) else type(error).__name__
    try:
        sys.stderr.write(f"note: cannot write the log {name}: {why}; {LOG_VARIABLE} says where it goes\n")
    except OSError:
        return


def _end(text: str) -> str:
    return text if len(text) <= LONGEST else f"...{text[-LONGEST:]}"
