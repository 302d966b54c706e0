"""Made-up contexts to try a template on: of a lead of whom all is known, and of one of whom hardly anything is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from cadence.playbook.blank import Blank, parts_of
from cadence.playbook.context import business_view, owner_view
from cadence.playbook.shapes import path_below
from cadence.playbook.words import ADDRESS_FIELDS, LEAD_FIELDS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from cadence.playbook.model import Business, Member
    from cadence.playbook.shapes import Shape

__all__ = ["Samples", "bare_sample", "full_sample"]


@dataclass(frozen=True, slots=True)
class Samples:
    """Two made-up contexts to try a template on."""

    full: Mapping[str, Any]  #: everything is known, and rather long
    bare: Mapping[str, Any]  #: only what is known of every lead


_ZONE = timezone(timedelta(hours=-6))
_NOW = datetime(2026, 11, 24, 16, 40, tzinfo=_ZONE)
_LATER = datetime(2026, 12, 9, 10, 30, tzinfo=_ZONE)  #: reads long: "Wed, Dec 9 at 10:30 AM"

_EXAMPLES: Mapping[str, Any] = {
    **{f"lead.{name}": example for name, (_, example) in LEAD_FIELDS.items()},
    "lead.name": "Christopher Montgomery",
    "lead.first_name": "Christopher",
    "lead.last_name": "Montgomery",
    "lead.address": "12345 Westminster Blvd",
    "lead.city": "Overland Park",
    "lead.service": "water heater replacement",
    "lead.source": "estimate-request",
    "lead.value": 12500,
    "owner.id": "alexandra",
    "owner.name": "Alexandra Robertson",
    "owner.first_name": "Alexandra",
    "owner.phone": "+18165550101",
    "owner.email": "alexandra@example.com",
    "business.name": "Summit Roofing",
    "business.phone": "+18165550100",
    "business.website": "https://summit.example.com",
    "business.booking_link": "https://summit.example.com/book",
    "business.postal_address": "1 Main St, Kansas City MO 64105",
    "stage.id": "estimate",
    "stage.title": "Estimate sent",
    "enrolment.playbook": "roofer",
    "enrolment.job": "garage",
    "lock.by": "appointment.booked",
    "score": "warm",
    "now": _NOW,
    "variant": "offer",
    "amount": 12500,
    "number": "E-10442",
    "outcome": "sent",
    "channel": "sms",
}
_BY_KIND: Mapping[str, Any] = {"text": "an example", "number": 3, "moment": _LATER, "flag": True, "any": "12"}
_ADDRESS = {channel: f"lead.{field}" for channel, field in {**ADDRESS_FIELDS, "call": "phone"}.items()}
_ALWAYS = (
    *("lead.id", "owner", "business.name", "business.phone", "stage", "score", "now", "offers"),
    *("in_business_hours", "next_opening", "enrolment.playbook", "enrolment.started_at"),
    *("enrolment.contacts", "enrolment.opens", "enrolment.clicks"),
)


def full_sample(shape: Shape, business: Business | None = None, owner: Member | None = None) -> dict[str, Any]:
    """Make a context in which everything is known, with long values; ``business`` and ``owner`` as they really are."""
    sample: dict[str, Any] = _example("", shape)
    if business:
        sample["business"] = business_view(business)
    if owner:
        sample["owner"] = owner_view(owner)
    return sample


def _example(path: str, shape: Shape) -> Any:
    if shape.children:
        return {name: _example(path_below(path, name), child) for name, child in shape.children.items()}
    if shape.kind == "list":
        return [_LATER, _LATER + timedelta(days=1)]
    return _EXAMPLES.get(path, _EXAMPLES.get(path.rpartition(".")[2], _BY_KIND.get(shape.kind, {})))


def bare_sample(
    channel: str,
    shape: Shape,
    business: Business | None = None,
    owner: Member | None = None,
    known: Collection[str] = (),
) -> dict[str, Any]:
    """Make the context of a lead of whom only the channel's address is known.

    ``known`` names what is known of every lead that gets this text all the same: ``lead.zip``,
    ``events.appointment.booked.starts_at``.
    """
    full = full_sample(shape, business, owner)
    sample: Any = shape.blanks()
    sample["lock"]["held"] = False
    sample["lead"]["value"] = 0
    if business:
        sample["business"] = full["business"]
    for path in (*_ALWAYS, *([_ADDRESS[channel]] if channel in _ADDRESS else ()), *known):
        sample = _known(sample, full, path.split("."))
    return dict(sample)


def _known(node: Any, full: Any, path: list[str]) -> Any:
    if not path:
        return {**node.children, "at": full["at"]} if isinstance(node, Blank) and isinstance(full, dict) else full
    head, *rest = path
    if not isinstance(full, dict) or head not in full:
        return node
    children = parts_of(node)
    below = {**children, head: _known(children[head], full[head], rest)}
    if not isinstance(node, Blank):
        return below
    return Blank(node.path, below) if isinstance(full[head], dict) else {**below, "at": full["at"]}
