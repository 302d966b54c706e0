"""The pages are valid, the mode is what one thinks it is, and extensions can be loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.channels import registry
from cadence.channels.registry import redirected_to
from cadence.doctor.finding import Finding
from cadence.errors import CadenceError
from cadence.playbook.words import MESSAGE_CHANNELS
from cadence.runner.hearing import sources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.doctor.case import Case

__all__ = ["check"]

_MODES = {
    "log": "mode log: nothing leaves",
    "redirect": "mode redirect: all goes to your own addresses",
    "live": "mode live: messages go to people",
}


def check(case: Case) -> Iterator[Finding]:
    """Look at the pages, the mode and the extensions."""
    yield Finding(code="mode", verdict="fine", says=_MODES[case.workspace.mode])
    yield from _pages(case)
    yield from _redirect(case)
    yield from _extensions(case)


def _pages(case: Case) -> Iterator[Finding]:
    checked = case.pages
    errors = sum(1 for each in checked.diagnostics if each.severity == "error")
    warnings = sum(1 for each in checked.diagnostics if each.severity == "warning")
    if errors:
        yield Finding(
            code="pages",
            verdict="wrong",
            says=f"the pages have {errors} fault{'s' * (errors != 1)}; what was in force before goes on",
            do="`cadence validate` shows each with its line",
        )
    else:
        number = len(checked.plans)
        noted = f" ({warnings} warning{'s' * (warnings != 1)})" if warnings else ""
        yield Finding(code="pages", verdict="fine", says=f"{number} valid playbook{'s' * (number != 1)}{noted}")


def _redirect(case: Case) -> Iterator[Finding]:
    if case.workspace.mode != "redirect":
        return
    there = redirected_to(case.workspace)
    for channel in case.workspace.channels:
        if channel in MESSAGE_CHANNELS and channel not in there:
            key = "sms" if channel == "voice" else channel
            yield Finding(
                code="redirect",
                verdict="wrong",
                says=f"nothing says where {channel} goes while you rehearse",
                do=f"write your own address into cadence.yaml: redirect: {{{key}: ...}}",
            )


def _extensions(case: Case) -> Iterator[Finding]:
    """Yield what is wrong with services of other packages, and one line when none is."""
    from importlib.metadata import entry_points

    points = [*entry_points(group=registry.GROUP), *entry_points(group=sources.GROUP)]
    used = {f"{channel}.{settings.via}" for channel, settings in case.workspace.channels.items()}
    broken = False
    for point in points:
        try:
            point.load()
        except Exception as error:  # noqa: BLE001 - whatever is wrong with somebody else's package
            broken = True
            yield Finding(
                code="extension",
                verdict="wrong" if point.name in used else "look",
                says=f"the extension for {point.name} cannot be loaded: {type(error).__name__}",
                do=f"install it anew, or remove it; it names {point.value}",
            )
    for name in sorted(used & {point.name for point in points}):
        try:
            registry.channel_class(*name.split(".", 1))
        except CadenceError as fault:
            if not broken:
                yield Finding(code="extension", verdict="wrong", says=fault.message, do=fault.help)
    if points and not broken:
        number = len(points)
        yield Finding(code="extension", verdict="fine", says=f"{number} extension{'s' * (number != 1)} can be loaded")
