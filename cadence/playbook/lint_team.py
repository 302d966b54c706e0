"""Meaning checks of people: every stage has an owner, and every name is somebody's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cadence.playbook.diagnostics import did_you_mean
from cadence.playbook.lint_rules import Fault, Reading, WorkspaceReading, rule
from cadence.playbook.model import OWNER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cadence.playbook.marks import Path

__all__ = ["RULES"]


def _named_owners(reading: Reading) -> Iterator[tuple[Path, str]]:
    """Yield every place that takes a role or a member."""
    for role, routing in reading.data.get("routing", {}).items():
        if "fallback" in routing:
            yield ("routing", role, "fallback"), routing["fallback"]
    for stage, said in reading.stages.items():
        if "owner" in said:
            yield ("stages", stage, "owner"), said["owner"]
        for name, sla in said.get("sla", {}).items():
            yield from _named_on_miss(("stages", stage, "sla", name), sla)
        yield from _named_on_miss(("stages", stage, "lock"), said.get("lock", {}))
    for touch in reading.touches:
        if "owner" in touch.data:
            yield (*touch.path, "owner"), touch.data["owner"]
    for review, said in reading.data.get("reviews", {}).items():
        yield ("reviews", review, "to"), said["to"]


def _named_on_miss(path: Path, promise: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    for number, step in enumerate(promise.get("on_miss", ())):
        for key in ("alert", "reassign"):
            if key in step and (key, step[key]) != ("alert", OWNER):
                yield (*path, "on_miss", number, key), step[key]


def _team(workspace: WorkspaceReading) -> str:
    return f"the roles are {', '.join(workspace.roles)}; the people are {', '.join(workspace.members)}"


@rule("no-owner")
def no_owner(reading: Reading) -> Iterator[Fault]:
    """A stage nobody looks after."""
    roles = reading.workspace.roles if reading.workspace else ()
    for stage, said in reading.stages.items():
        if "end" not in said and "owner" not in said:
            yield Fault(
                ("stages", stage),
                f"nobody owns the stage '{stage}'",
                f"say who looks after its leads, for instance: owner: {roles[0] if roles else 'sales'}",
                key=True,
            )


@rule("unknown-owner")
def unknown_owner(reading: Reading) -> Iterator[Fault]:
    """A role nobody has, or a person who is not in the team."""
    if reading.workspace is None:
        return
    known = (*reading.workspace.roles, *reading.workspace.members)
    for path, owner in _named_owners(reading):
        if owner not in known:
            yield Fault(
                path,
                f"nobody in the team is '{owner}' or has that role",
                _whose_already(path, owner) or did_you_mean(owner, known) or _team(reading.workspace),
            )


def _whose_already(path: Path, owner: str) -> str:
    if owner == OWNER and path[-1] == "reassign":
        return "'owner' is whose the lead is already; name who gets it then, or write: alert: owner"
    return ""


@rule("unknown-role")
def unknown_role(reading: Reading) -> Iterator[Fault]:
    """Leads shared out among people there are none of."""
    if reading.workspace is None:
        return
    roles = reading.workspace.roles
    for role in reading.data.get("routing", {}):
        if role not in roles:
            yield Fault(
                ("routing", role),
                f"'{role}' is a person; leads are shared out among the people of a role"
                if role in reading.workspace.members
                else f"nobody in the team has the role '{role}'",
                did_you_mean(role, roles) or f"the roles in cadence.yaml are: {', '.join(roles)}",
                key=True,
            )


@rule("unknown-member")
def unknown_member(reading: Reading) -> Iterator[Fault]:
    """A routing rule that hands the lead to someone who is not in the team."""
    if reading.workspace is None:
        return
    members = reading.workspace.members
    for role, routing in reading.data.get("routing", {}).items():
        for number, said in enumerate(routing.get("rules", ())):
            person = said["assign"]
            if person in members:
                continue
            yield Fault(
                ("routing", role, "rules", number, "assign"),
                f"'{person}' is a role; a rule hands the lead to one person"
                if person in reading.workspace.roles
                else f"nobody in the team has the id '{person}'",
                did_you_mean(person, members) or f"the people are: {', '.join(members)}",
            )


RULES = (no_owner, unknown_owner, unknown_role, unknown_member)
