"""The shape of a page: what its JSON Schema refuses, said in plain words, with the place on the page.

One diagnostic per fault, all of them at once. The schema says what is wrong; the sentences go by its keywords
(:mod:`cadence.playbook.schema_sentences`) and, for texts with a form of their own such as durations, hours and short
names, by the definition the form stands in (:mod:`cadence.playbook.forms`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.playbook.page_limits import MOST_FAULTS
from cadence.playbook.schema_reading import Reading
from cadence.playbook.schema_sentences import faults_of

if TYPE_CHECKING:
    from cadence.playbook.diagnostics import Diagnostic
    from cadence.playbook.schema_reading import Fault
    from cadence.playbook.schema_validator import Schema
    from cadence.playbook.source import Page

__all__ = ["check_schema"]


def check_schema(page: Page, kind: str, schema: Schema) -> list[Diagnostic]:
    """List what the schema refuses in a page, in page order. ``kind`` is that of the schema.

    A page on which only single values or the fit of keys to a channel are wrong has a right shape: the later checks
    (:mod:`cadence.playbook.values`, :mod:`cadence.playbook.lint`) find these faults too, beside all others, so they
    are left to them. Where the shape is wrong the later checks cannot run, and everything is listed here.
    """
    reading = Reading(page, kind, schema)
    faults = dict.fromkeys(faults_of(reading, page.data, schema, ()))
    mistyped = {fault.path for fault in faults if fault.code in ("wrong-type", "missing-value")}
    meant = {(*fault.path[:-1], fault.meant) for fault in faults if fault.meant}
    kept = [
        fault
        for fault in faults
        if not (fault.beside and fault.path in mistyped)
        and not (fault.code == "missing-key" and fault.path in meant)
        and not _is_below(fault, page)
    ]
    if all(fault.later for fault in kept):
        return []
    found = {
        page.diagnostic(fault.path, fault.code, fault.message, fault.help, key=fault.key)
        for fault in sorted(kept, key=lambda fault: reading.place(fault))[:MOST_FAULTS]
    }
    if len(kept) > MOST_FAULTS:
        found.add(
            page.diagnostic(kept[-1].path, "too-many-faults", "there are more faults than these", "mend these first")
        )
    return sorted(found)


def _is_below(fault: Fault, page: Page) -> bool:
    """Whether the fault lies in a part of the page that was refused already."""
    return any(fault.path[: len(part)] == part for part in page.unread)
