"""Looking at a whole shop: every group of checks in turn, whatever becomes of one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from cadence.doctor import callbacks, checklist, clocks, keys, mails, opt_outs, pages, texts
from cadence.doctor.finding import Finding, worst
from cadence.errors import CadenceError
from cadence.machine import kept_settings
from cadence.masking import STARS, secrets_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from cadence.doctor.case import Case
    from cadence.doctor.finding import Verdict

__all__ = ["Examined", "Group", "examine"]


class Group(NamedTuple):
    """What was found of one matter."""

    name: str
    findings: tuple[Finding, ...]


class Examined(NamedTuple):
    """What was found of a shop."""

    groups: tuple[Group, ...]
    checklist: tuple[Finding, ...]  #: what only a person can see

    @property
    def verdict(self) -> Verdict:
        """The verdict on the whole."""
        return worst(each for group in self.groups for each in group.findings)

    def data(self, case: Case) -> dict[str, Any]:
        """Return it as plain data; the keys and codes stay as they are from version to version."""
        return {
            "account": case.workspace.account,
            "mode": case.workspace.mode,
            "online": case.online,
            "verdict": self.verdict,
            "groups": [
                {"name": name, "verdict": worst(findings), "findings": [each.data() for each in findings]}
                for name, findings in self.groups
            ],
            "checklist": [{"code": each.code, "says": each.says} for each in self.checklist],
        }


_GROUPS: dict[str, Callable[[Case], Iterator[Finding]]] = {
    "workspace": pages.check,
    "secrets": keys.check,
    "texts": texts.check,
    "e-mail": mails.check,
    "callbacks": callbacks.check,
    "opt-outs": opt_outs.check,
    "time": clocks.check,  # last: it judges the clocks of whoever was asked
}


def examine(case: Case) -> Examined:
    """Look at everything. Raises nothing: what could not be looked at is a finding too."""
    hide = _hiding(case)
    groups = [Group(name, tuple(hide(each) for each in _looked(check, case))) for name, check in _GROUPS.items()]
    return Examined(tuple(group for group in groups if group.findings), tuple(checklist.check(case)))


def _looked(check: Callable[[Case], Iterator[Finding]], case: Case) -> Sequence[Finding]:
    found: list[Finding] = []
    try:
        found.extend(check(case))
    except CadenceError as fault:
        found.append(Finding(code="fault", verdict="wrong", says=fault.message, do=fault.help))
    except Exception as error:  # noqa: BLE001 - one look that goes wrong does not end the others
        found.append(
            Finding(
                code="broken",
                verdict="look",
                says=f"this could not be looked at to its end ({type(error).__name__})",
                do="run it again; if it stays, tell the authors of cadence",
            )
        )
    return found


def _hiding(case: Case) -> Callable[[Finding], Finding]:
    """Return what takes known secrets out of a finding, whatever brought them there."""
    try:
        kept = kept_settings(case.root)
    except CadenceError:
        kept = {}
    known = sorted({*secrets_in(os.environ), *secrets_in(kept)}, key=len, reverse=True)

    def without(text: str) -> str:
        for secret in known:
            text = text.replace(secret, STARS)
        return text

    def hide(finding: Finding) -> Finding:
        return Finding(
            code=finding.code,
            verdict=finding.verdict,
            says=without(finding.says),
            do=without(finding.do),
            paste=finding.paste,
        )

    return hide
