"""E-mail: SendGrid takes the key and the sender, the mail server lets us in, the mailbox can be read."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from cadence.channels.mail.addresses import domain_of
from cadence.channels.sendgrid_account import SENDGRID_API_KEY, host_of
from cadence.doctor.case import SECONDS
from cadence.doctor.finding import Finding
from cadence.errors import CadenceError
from cadence.playbook.model import ChannelSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cadence.doctor.case import Case

__all__ = ["check"]

WHO = "SendGrid"
PAGE = 200


def check(case: Case) -> Iterator[Finding]:
    """Look at how mails leave, and how answers to them are heard."""
    mail = case.workspace.channels.get("email")
    if mail:
        ways = {"sendgrid": _sendgrid, "smtp": _smtp}
        if mail.via in ways:
            yield from ways[mail.via](case) if case.online else _nobody_asked(mail)
        else:
            yield Finding(code="service", verdict="unasked", says=f"email goes by {mail.via}, not known here")
        if not case.workspace.business.postal_address.strip() and not case.in_earnest:
            yield Finding(
                code="postal_address",
                verdict="look",
                says="the business has no postal address, and the law wants one at the foot of each mail",
                do="add postal_address below business: in cadence.yaml",
            )
    yield from _answers(case)


def _nobody_asked(mail: ChannelSettings) -> Iterator[Finding]:
    who = "SendGrid" if mail.via == "sendgrid" else "the mail server"
    yield Finding(code="asked", verdict="unasked", says=f"{who} was not asked; `cadence doctor --online` asks it")


# SendGrid


class _Refused(Exception):  # noqa: N818 - says what is so
    """SendGrid answered with an error."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


def _sendgrid(case: Case) -> Iterator[Finding]:
    kit = case.kit("email")
    try:
        key, host = kit.secret(SENDGRID_API_KEY), host_of(kit)
    except CadenceError:
        yield Finding(code="asked", verdict="unasked", says="SendGrid was not asked: see the secrets")
        return
    try:
        scopes = _ask(case, key, host, lambda client: client.scopes.get()).get("scopes", ())
        yield from _key(case, [str(each) for each in scopes])
        yield from _sender(case, key, host, kit.settings.sender)
    except _Refused as refused:
        yield _not_accepted(refused.status)
    except Exception as error:  # noqa: BLE001 - no connection, no answer, or none that makes sense
        yield Finding(
            code="reached",
            verdict="wrong",
            says=f"SendGrid does not answer ({type(getattr(error, 'reason', error)).__name__})",
            do="see that this machine reaches the internet, then run this again",
        )


def _ask(case: Case, key: str, host: str, what: Callable[[Any], Any]) -> Any:
    from python_http_client.exceptions import HTTPError
    from sendgrid import SendGridAPIClient

    logging.getLogger("python_http_client").setLevel(logging.WARNING)  # below, it writes down the key
    client = SendGridAPIClient(key, host=host).client
    client.timeout = SECONDS
    asked = case.clock()
    try:
        answer = what(client)
    except HTTPError as refusal:
        case.hear(WHO, str(refusal.headers.get("Date", "")), asked)
        raise _Refused(refusal.status_code) from None
    case.hear(WHO, str(answer.headers.get("Date", "")), asked)
    return json.loads(answer.body)


def _not_accepted(status: int) -> Finding:
    if status in (401, 403):
        return Finding(
            code="credentials",
            verdict="wrong",
            says=f"SendGrid does not accept {SENDGRID_API_KEY.name}",
            do="make a new key in SendGrid, Settings, API Keys, with the right to send mail, and put it into .env",
        )
    return Finding(
        code="refused",
        verdict="wrong",
        says=f"SendGrid answers with an error ({status})",
        do="run this again in a minute; if it stays, SendGrid's status page may say more",
    )


def _key(case: Case, scopes: list[str]) -> Iterator[Finding]:
    if "mail.send" not in scopes:
        yield Finding(
            code="scope",
            verdict="wrong",
            says="SendGrid accepts the key, but the key may not send mail",
            do="SendGrid, Settings, API Keys, the key: give it Mail Send, Full Access",
        )
    elif case.workspace.inbound.poll and not any(each.startswith("suppression") for each in scopes):
        yield Finding(
            code="scope",
            verdict="look",
            says="the key may send, but not read suppressions: ticks do not learn of bounces and complaints",
            do="SendGrid, Settings, API Keys, the key: give it Suppressions, Read Access",
        )
    else:
        yield Finding(code="scope", verdict="fine", says="SendGrid accepts the key, and the key may send mail")


def _sender(case: Case, key: str, host: str, sender: str) -> Iterator[Finding]:
    domain = domain_of(sender).lower()
    try:
        domains = _ask(
            case,
            key,
            host,
            lambda client: client.whitelabel.domains.get(query_params={"domain": domain, "limit": PAGE}),
        )
        found = [each for each in domains if str(each.get("domain", "")).lower() == domain]
        if any(each.get("valid") for each in found):
            yield Finding(code="sender", verdict="fine", says=f"the domain {domain} is authenticated")
            return
        senders = _ask(case, key, host, lambda client: client.verified_senders.get(query_params={"limit": PAGE}))
    except _Refused as refused:
        if refused.status not in (401, 403):
            raise
        yield Finding(
            code="sender",
            verdict="look",
            says=f"the key may not see whether {domain} is authenticated",
            do="see that it is, in SendGrid, Settings, Sender Authentication",
        )
        return
    known = any(
        str(each.get("from_email", "")).lower() == sender.lower() and each.get("verified")
        for each in senders.get("results", ())
    )
    begun = "its authentication is not finished" if found else "its domain is not authenticated"
    yield Finding(
        code="sender",
        verdict="look" if known else "wrong",
        says=f"the sender of mails is verified, but {begun}: many mailboxes will not take its mails"
        if known
        else f"SendGrid does not know the sender of mails, and {begun}: it refuses every mail",
        do=f"SendGrid, Settings, Sender Authentication: authenticate {domain} with the records it shows",
    )


# A mail server


def _smtp(case: Case) -> Iterator[Finding]:
    from cadence.channels.smtp import SmtpChannel

    try:
        channel = SmtpChannel.from_kit(case.kit("email"))
    except CadenceError:
        yield Finding(code="asked", verdict="unasked", says="the mail server was not asked: see the secrets")
        return
    channel.timeout = SECONDS
    refusal = channel.reach()
    if refusal:
        yield Finding(
            code=refusal.code,
            verdict="wrong",
            says=refusal.detail,
            do="check host, port, tls and user of the channel email in cadence.yaml, and SMTP_PASSWORD in .env; "
            "many providers want an app password",
        )
        return
    safe = {"none": "unencrypted, on this machine"}.get(channel.tls, "over an encrypted line")
    entered = "lets us in" if channel.user else "answers; nobody logs in"
    yield Finding(code="reached", verdict="fine", says=f"the mail server {channel.host} {entered}, {safe}")


# Answers


def _answers(case: Case) -> Iterator[Finding]:
    workspace = case.workspace
    mail, box = workspace.channels.get("email"), workspace.inbound.imap
    if not box:
        if mail and not workspace.public_url:
            yield Finding(
                code="deaf",
                verdict="look",
                says="nothing hears answers to mails: a person who writes back would go on getting mails",
                do="name the mailbox in cadence.yaml: inbound: {imap: {host: imap.example.com, user: ...}}",
            )
        return
    if mail:
        to = str(mail.options.get("reply_to") or mail.sender).lower()
        if to != box.user.lower() and "@" in box.user:
            yield Finding(
                code="mailbox_of_another",
                verdict="look",
                says="answers to mails go to another address than the mailbox that is read",
                do="see that the one forwards to the other, or make user: and reply_to: the same",
            )
    if not case.online:
        yield Finding(code="mailbox", verdict="unasked", says="the mailbox was not opened")
        return
    from cadence.inbox.imap import Mailbox

    try:
        source = Mailbox.from_kit(case.kit("mailbox", ChannelSettings(via="imap", sender=box.user)))
    except CadenceError:
        yield Finding(code="mailbox", verdict="unasked", says="the mailbox was not opened: see the secrets")
        return
    problem = source.poll({}, case.clock()).problem
    if problem:
        what, _, to_do = problem.partition(": ")
        yield Finding(code="mailbox", verdict="wrong", says=what, do=to_do or "run this again in a minute")
    else:
        yield Finding(code="mailbox", verdict="fine", says=f"the folder {box.folder} of the mailbox can be read")
