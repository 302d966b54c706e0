"""The one exception tree.

    CadenceError                the base: its text is written for the person who meets it
    ├── UsageError              the command line asks for something that cannot be asked (exit 2)
    ├── InvalidWorkspace        playbooks, templates or cadence.yaml have faults; carries the diagnostics
    ├── LeadError               a lead is unknown, ambiguous or cannot be recorded
    ├── Refused                 a rule of the playbook or of safety forbids the act
    ├── StoreError              the database is missing, busy, read-only, or of another version
    └── RenderError             a text cannot be made for this lead; carries the template position

Every text says what is wrong and what to do about it, and never contains a secret or a phone number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cadence.playbook.diagnostics import Diagnostic

__all__ = [
    "CadenceError",
    "InvalidWorkspace",
    "LeadError",
    "Refused",
    "RenderError",
    "StoreError",
    "UsageError",
]


class CadenceError(Exception):
    """Base of every error the program raises on purpose; ``help`` says what to do next."""

    exit_code = 1

    def __init__(self, message: str, *, help: str = "") -> None:  # noqa: A002 - the word the reader sees
        super().__init__(message)
        self.message = message
        self.help = help


class UsageError(CadenceError):
    """The command line asks for something that cannot be asked."""

    exit_code = 2


class InvalidWorkspace(CadenceError):  # noqa: N818 - says what is so
    """The files of a workspace have faults; ``diagnostics`` lists every one of them."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        count = len(diagnostics)
        super().__init__(
            f"{count} fault{'s' if count != 1 else ''} in the workspace",
            help="`cadence validate` shows each with its line",
        )
        self.diagnostics = tuple(diagnostics)


class LeadError(CadenceError):
    """A lead is unknown, ambiguous or cannot be recorded."""


class Refused(CadenceError):  # noqa: N818 - says what happened
    """A rule of the playbook or of safety forbids the act."""


class StoreError(CadenceError):
    """The database is missing, busy, read-only, or of another version."""


class RenderError(CadenceError):
    """A text cannot be made for this lead.

    ``template`` names the template, ``line`` its line (1-based, 0 when unknown).
    """

    def __init__(self, message: str, *, template: str = "", line: int = 0, help: str = "") -> None:  # noqa: A002
        super().__init__(message, help=help)
        self.template = template
        self.line = line
