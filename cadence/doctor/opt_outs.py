"""How people get no more messages: what a first text says, what a STOP ends, who confirms it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.doctor.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.doctor.case import Case

__all__ = ["check"]


def check(case: Case) -> Iterator[Finding]:
    """Look at the ways out."""
    workspace = case.workspace
    reach = "every channel" if workspace.opt_out == "everywhere" else "the channel it came by"
    yield Finding(code="reach", verdict="fine", says=f"a STOP ends {reach}")
    sms, mail = workspace.channels.get("sms"), workspace.channels.get("email")
    if sms and sms.via == "twilio":
        yield _confirmation(workspace.opt_out_confirmation, by_service=bool(sms.options.get("service")))
    if sms:
        yield from _first_texts(case)
    if mail and not workspace.public_url:
        yield Finding(code="one_click", verdict="fine", says="mails are unsubscribed from by answering")


def _first_texts(case: Case) -> Iterator[Finding]:
    found = [each for each in case.pages.diagnostics if each.code == "first-text"]
    if found:
        yield Finding(
            code="first_text",
            verdict="look",
            says=f"{len(found)} text{'s' * (len(found) != 1)} that may be a lead's first lack the name or the way out",
            do="`cadence validate` shows which; write for instance: This is Summit Roofing. ... Reply STOP to opt out.",
        )
    else:
        yield Finding(code="first_text", verdict="fine", says="first texts say who writes and how to stop")


def _confirmation(own: str, *, by_service: bool) -> Finding:
    if not own:
        return Finding(code="confirmation", verdict="fine", says="Twilio confirms it")
    where = "Messaging, Services, the service, Opt-Out Management" if by_service else "a messaging service of its own"
    return Finding(
        code="confirmation",
        verdict="look",
        says="cadence.yaml has an opt_out_confirmation, and Twilio confirms a STOP by itself: a person would get two",
        do=f"switch off Twilio's in {where} (Advanced Opt-Out), or take opt_out_confirmation out of cadence.yaml",
    )
