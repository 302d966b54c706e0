"""Shops to be looked at, and what was found of them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cadence.doctor.case import Case
from cadence.playbook.build import build_workspace
from support.hook_calls import SECRET
from support.sendgrid_desk import KEY as SENDGRID_KEY
from support.twilio_desk import ACCOUNT, OURS, TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from cadence.doctor.finding import Finding

__all__ = ["SECRETS", "case", "found", "said"]

SECRETS = {
    "TWILIO_ACCOUNT_SID": ACCOUNT,
    "TWILIO_AUTH_TOKEN": TOKEN,
    "SENDGRID_API_KEY": SENDGRID_KEY,
    "CADENCE_SECRET": SECRET,
}
TEXTS = {"sms": {"via": "twilio", "from": OURS}}


def case(
    settings: Mapping[str, str] = SECRETS,
    *,
    online: bool = True,
    root: Path = Path(),
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    channels: Mapping[str, Any] = TEXTS,
    business: Mapping[str, str] = {},
    **page: Any,
) -> Case:
    """Return a roofing shop; ``settings`` are those of the machine, ``page`` more of cadence.yaml."""
    shop = {"name": "Summit Roofing", "phone": OURS, "timezone": "America/Chicago", "postal_address": "1 Main St"}
    data = {"account": "summit", "business": {**shop, **business}, "team": [], "channels": channels, **page}
    return Case(
        root=root,
        workspace=build_workspace(data),
        setting=lambda name: settings.get(name, ""),
        online=online,
        clock=clock,
    )


def found(check: Callable[[Case], Iterator[Finding]], of: Case) -> list[tuple[str, str]]:
    """Return the code and the verdict of each thing that was found."""
    return [(each.code, each.verdict) for each in check(of)]


def said(findings: Iterable[Finding], code: str) -> str:
    """Return what is said of one thing, and what to do."""
    return next(f"{each.says} -> {each.do}" for each in findings if each.code == code)
