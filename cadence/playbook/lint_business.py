"""Meaning checks of ``cadence.yaml``: the team, and the shop's own fields and events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.playbook.lint_events import ENGINE_EVENTS
from cadence.playbook.lint_promises import is_never
from cadence.playbook.lint_rules import Fault, WorkspaceReading, rule
from cadence.playbook.model import OWNER
from cadence.playbook.words import EVENTS, LEAD_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["RULES"]


@rule("duplicate-member")
def duplicate_member(reading: WorkspaceReading) -> Iterator[Fault]:
    """Two people with one id."""
    seen: set[str] = set()
    for number, member in enumerate(reading.members):
        if member in seen:
            yield Fault(
                ("team", number, "id"),
                f"two people have the id '{member}'",
                "give each person an id of their own, for instance with the first letter of the last name",
            )
        seen.add(member)


@rule("never-told")
def never_told(reading: WorkspaceReading) -> Iterator[Fault]:
    """Somebody whose hours are closed every day, and who is to be told all the same."""
    for number, member in enumerate(reading.data["team"]):
        alerts = member.get("alerts", {})
        if alerts.get("by") != "none" and is_never(alerts.get("hours", "00:00-24:00")):
            yield Fault(
                ("team", number, "alerts", "hours"),
                f"this is closed on every day, so {member['id']} would never be told of anything",
                "give at least one day hours; for somebody who is not to be told, write: alerts: {by: none}",
            )


@rule("no-fallback", severity="warning")
def no_fallback(reading: WorkspaceReading) -> Iterator[Fault]:
    """Nobody takes the leads of somebody who is away."""
    if "fallback" not in reading.roles:
        yield Fault(
            ("team",),
            "nobody has the role 'fallback', so the leads of a person who is away have no one to go to",
            "give the role to one person, for instance: roles: [ops_lead, fallback]",
            key=True,
        )


@rule("taken-name")
def taken_name(reading: WorkspaceReading) -> Iterator[Fault]:
    """An own field, event or role with a name that already has a meaning."""
    for number, member in enumerate(reading.data["team"]):
        for path, name in ((("id",), member["id"]), *((("roles", n), role) for n, role in enumerate(member["roles"]))):
            if name == OWNER:
                yield Fault(
                    ("team", number, *path),
                    "'owner' already means whoever owns the lead, as in: alert: owner",
                    "choose another word, such as boss",
                )
    for name in reading.data.get("lead_fields", {}):
        if name in LEAD_FIELDS:
            yield Fault(
                ("lead_fields", name),
                f"every lead already has '{name}': {LEAD_FIELDS[name][0]}",
                "remove the line, or choose another name",
                key=True,
            )
    for name in reading.data.get("events", {}):
        if name in EVENTS or name in ENGINE_EVENTS or name == "silence":
            title = EVENTS[name].title if name in EVENTS else "the program uses the word itself"
            yield Fault(
                ("events", name),
                f"the event '{name}' is already there: {title}",
                "remove the lines, or choose another name",
                key=True,
            )


@rule("no-postal-address")
def no_postal_address(reading: WorkspaceReading) -> Iterator[Fault]:
    """E-mails that leave the house without the address that the law wants at their foot (15 U.S.C. 7704(a)(5))."""
    leaves = reading.data.get("mode", "log") != "log" and "email" in reading.data.get("channels", {})
    if leaves and not str(reading.data["business"].get("postal_address", "")).strip():
        yield Fault(
            ("business",),
            "e-mails leave the house, and the business has no postal address",
            'the law wants one at the foot of each, for instance: postal_address: "1 Main St, Kansas City, MO 64105"',
            key=True,
        )


RULES = (duplicate_member, never_told, no_fallback, taken_name, no_postal_address)
