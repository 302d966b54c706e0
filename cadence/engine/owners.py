"""Who gets a lead: whom it had before, the role's routing rules, an even share among those present, the fallback."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cadence.engine.variants import routing_variant, share
from cadence.timing.value import value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from cadence.engine.roster import Roster
    from cadence.playbook.compile import Plan
    from cadence.playbook.model import Member, Routing, RoutingRule

__all__ = ["Choice", "is_here", "owner_of", "person_for", "present_with"]


@value(kw_only=True)
class Choice:
    """Who gets a lead, and why."""

    owner: str  #: member id; empty when nobody can be named
    role: str  #: role or member the stage asks for
    by: str  #: named, kept, rule, round_robin, least_loaded, fallback, nobody_present or nobody
    line: int = 0  #: of the playbook: the rule or the routing that decided
    among: tuple[str, ...] = ()  #: who was there to share it out to
    shared: str = ""  #: the role whose people shared it out
    variant: str = ""  #: of the routing, where it has some

    def told(self) -> dict[str, Any]:
        """Return the choice as the log keeps it."""
        told: dict[str, Any] = {"by": self.by, "role": self.role}
        if self.line:
            told["line"] = self.line
        if self.among:
            told["among"] = list(self.among)
            told["shared"] = self.shared
        if self.variant:
            told["variant"] = self.variant
        return told


def owner_of(
    plan: Plan, wanted: str, lead: str, holds: Callable[[str], bool], roster: Roster, had: Mapping[str, str]
) -> Choice:
    """Choose the member who owns a lead from now on.

    ``wanted`` is a role or a member id; ``holds`` judges a rule's condition; ``had`` are the members the lead has had
    of each role: it stays with the one it knows.
    """
    if not wanted:
        return Choice(owner="", role="", by="nobody")
    member = plan.members.get(wanted)
    if member and not member.absent:
        return Choice(owner=member.id, role=wanted, by="named")
    routing = plan.playbook.routing.get(wanted)
    if is_here(plan, had.get(wanted, "")) and _has(plan.members[had[wanted]], wanted):
        return Choice(owner=had[wanted], role=wanted, by="kept")
    variant = routing_variant(plan, routing, lead) if routing else ""
    if rule := _rule_for(plan, routing, variant, holds):
        return Choice(owner=rule.assign, role=wanted, by="rule", line=rule.line, variant=variant)
    how, line = (routing.assign, routing.line) if routing else ("round_robin", 0)
    for role, by in ((wanted, how), (routing.fallback if routing else "fallback", "fallback")):
        if present := _present(plan, role):
            owner = roster.choose(how, role, present)
            among = tuple(present)
            return Choice(owner=owner, role=wanted, by=by, line=line, among=among, shared=role, variant=variant)
    anyone = next((each.id for each in plan.workspace.team if _has(each, role)), "")
    return Choice(owner=anyone, role=wanted, by="nobody_present" if anyone else "nobody", line=line)


def person_for(plan: Plan, wanted: str, lead: str, had: Mapping[str, str], holds: Callable[[str], bool]) -> str:
    """Name who does one step for a role or is told of something, without owning the lead; empty when nobody can be.

    Whoever the lead has had of that role, else whom a rule names, else a share by a stable hash of lead and role, among
    those present.
    """
    member = plan.members.get(wanted)
    if member and not member.absent:
        return member.id
    if is_here(plan, had.get(wanted, "")):
        return had[wanted]
    routing = plan.playbook.routing.get(wanted)
    variant = routing_variant(plan, routing, lead) if routing else ""
    if rule := _rule_for(plan, routing, variant, holds):
        return rule.assign
    fallback = routing.fallback if routing else "fallback"
    return share(_present(plan, wanted), f"{lead}|{wanted}") or share(_present(plan, fallback), f"{lead}|{fallback}")


def is_here(plan: Plan, member: str) -> bool:
    """Tell whether somebody is of the team and not away."""
    found = plan.members.get(member)
    return found is not None and not found.absent


def _rule_for(plan: Plan, routing: Routing | None, variant: str, holds: Callable[[str], bool]) -> RoutingRule | None:
    """Return the first rule that names somebody for the lead."""
    for rule in routing.rules if routing else ():
        if rule.variant in ("", variant) and is_here(plan, rule.assign) and holds(rule.condition):
            return rule
    return None


def present_with(team: Iterable[Member], role: str) -> list[str]:
    """List the members who have a role (or whose id it is) and are not away, in the order of the page."""
    return [member.id for member in team if _has(member, role) and not member.absent]


def _present(plan: Plan, role: str) -> list[str]:
    return present_with(plan.workspace.team, role)


def _has(member: Member, role: str) -> bool:
    return role in member.roles or role == member.id
