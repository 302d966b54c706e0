"""Pages of tests in a few lines, for tests of what reads, plays and changes them.

    shop = Tried('''
      - test: nobody answers
        lead: maria
        expect: [{at: "2026-11-24T13:10", touch: hello}]
    ''')
    (result,) = shop.results()

The playbook is :data:`PLAYBOOK` where none is given; its leads are :data:`LEADS`.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cadence.playbook.check import check_workspace
from cadence.testing.cases import cases_of
from cadence.testing.suite import Result, run
from cadence.testing.update import Updated, updated
from cadence.workspace import rulebook

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cadence.playbook.check import Checked

__all__ = ["HEAD", "LEADS", "PLAYBOOK", "TEXTS", "Tried"]

WORKSPACE = """\
cadence: 1
account: summit
business:
  {name: Summit Roofing, phone: "+18165550100", timezone: America/Chicago, postal_address: "1 Main St, Kansas City"}
team:
  - {id: dana, name: Dana Reyes, roles: [csr, sales], phone: "+18165550101"}
  - {id: jo, name: Jo Lind, roles: [csr, sales], phone: "+18165550102"}
  - {id: pat, name: Pat Kim, roles: [ops_lead, fallback], email: pat@example.com}
channels:
  sms: {via: twilio, from: "+18165550100"}
  email: {via: sendgrid, from: hello@example.com}
mode: log
"""
PLAYBOOK = """\
cadence: 1
playbook: roofer
calendar: {business_hours: {mon-fri: "08:00-18:00", sat: "09:00-13:00"}}
send_windows: {sms: "08:00-20:00"}
stop_on: [reply]
stages:
  new:
    owner: csr
    enter_on: [lead.created]
    sla:
      first-contact: {within: 30m, met_by: [call.logged], warn: 10m, on_miss: [{alert: ops_lead}]}
    touches:
      - {id: hello, channel: sms, send: now, answers: inquiry, template: hello}
      - {id: call, channel: call, send: now, template: hello}
      - {id: hint, channel: sms, after: 3h, if: not events.call.logged, template: hint}
      - {id: more, channel: sms, anchor: hint, next_business_day: "09:15", template: hint}
    next: {appointment.booked: booked, lead.won: won, lead.lost: lost, silence: {after: 7d, to: lost}}
  booked:
    owner: sales
    touches: [{id: confirm, channel: email, send: now, template: confirm}]
    next: {lead.won: won, lead.lost: lost}
  won: {end: won}
  lost: {end: lost}
"""
TEXTS = {
    "hello.sms.j2": "Hi {{ lead.first_name or 'there' }}, {{ owner.first_name }} at {{ business.name }} here. "
    "Reply STOP to opt out.",
    "hello.call.j2": "Open with: Hi, {{ owner.first_name }} here.\n\nAsk: is it urgent?",
    "hint.sms.j2": "{{ owner.first_name }} at {{ business.name }} again. Reply STOP to opt out.",
    "confirm.email.j2": "---\nsubject: Your visit\n---\nHi {{ lead.first_name or 'there' }},\n\nwe will be there.\n",
}
LEADS = """\
leads:
  maria: {name: Maria Lopez, phone: "+18165550142", email: maria@example.com}
  drew: {name: Drew Hall, phone: "+12135550171"}
"""
HEAD = f'cadence: 1\ntests_of: roofer\nstart: "2026-11-24T13:10"\n{LEADS}tests:\n'
FILE = "playbooks/roofer.test.yaml"


@dataclass
class Tried:
    """A shop whose playbook is tried by one page of tests."""

    tests: str
    head: str = HEAD
    playbook: str = PLAYBOOK
    texts: Mapping[str, str] = field(default_factory=lambda: TEXTS)

    @property
    def raw(self) -> bytes:
        """The page of tests."""
        return (self.head + textwrap.indent(textwrap.dedent(self.tests), "  ")).encode()

    def checked(self, raw: bytes | None = None) -> Checked:
        """Check the workspace, with this page or another in its place."""
        return check_workspace(
            rulebook(),
            workspace=WORKSPACE.encode(),
            playbooks={"playbooks/roofer.yaml": self.playbook.encode()},
            samples={},
            templates={name: text.encode() for name, text in self.texts.items()},
            tests={FILE: self.raw if raw is None else raw},
        )

    def results(self, raw: bytes | None = None) -> list[Result]:
        """Run the tests of a page that has no faults."""
        checked = self.checked(raw)
        assert not checked.has_errors, [fault for fault in checked.diagnostics if fault.severity == "error"]
        (plan,), (page,) = checked.plans, checked.tests
        return [run(plan, case) for case in cases_of(page, plan.workspace)]

    def update(self, raw: bytes | None = None) -> Updated:
        """Bring the page up to date."""
        old = self.raw if raw is None else raw
        (page,) = self.checked(old).tests
        return updated(page, old, self.results(old))
