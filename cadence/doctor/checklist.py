"""What no program can see from here: registrations, wording, the way of a real message. A person ticks it off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.channels.mail.addresses import domain_of
from cadence.doctor.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.doctor.case import Case

__all__ = ["check", "is_toll_free"]

_TOLL_FREE = tuple(f"+1{code}" for code in (800, 833, 844, 855, 866, 877, 888))


def is_toll_free(number: str) -> bool:
    """Tell whether a number of North America costs its caller nothing."""
    return number.startswith(_TOLL_FREE)


def check(case: Case) -> Iterator[Finding]:
    """List what a person has to see to, as far as it concerns this shop."""
    workspace = case.workspace
    sms, mail = workspace.channels.get("sms"), workspace.channels.get("email")
    items = {
        **(_of_texts(sms.sender, with_service=bool(sms.options.get("service"))) if sms else {}),
        **(_of_mails(domain_of(mail.sender), mail.via) if mail else {}),
    }
    if mail:
        reply_to = str(mail.options.get("reply_to") or mail.sender)
        local, _, domain = reply_to.partition("@")
        items["plus"] = f"a mail to {local}+test@{domain} arrives: answers come back that way"
    if workspace.public_url:
        items["outside"] = f"a phone that is not on this network sees ok at {workspace.public_url}/healthz"
        if mail and mail.via == "sendgrid":
            items["events"] = "SendGrid has the addresses of `cadence hooks urls`, and signs what it sends there"
    items["consent"] = "you can show how each lead agreed to be written to (`cadence consent`)"
    for code, says in items.items():
        yield Finding(code=code, verdict="person", says=says)


def _of_texts(sender: str, *, with_service: bool) -> dict[str, str]:
    if is_toll_free(sender):
        registered = "toll-free verification is approved at Twilio (3 to 5 business days)"
    else:
        registered = "10DLC brand and campaign are approved at Twilio (10 to 15 business days)"
    more = {"advanced": "if Advanced Opt-Out is on in the messaging service: its words are those you want"}
    return {
        "registration": registered,
        "privacy": "your privacy policy says: numbers and consent are not shared for marketing",
        "stop_help": "STOP, HELP and START, texted from your own phone, get one answer each",
        **(more if with_service else {}),
    }


def _of_mails(domain: str, via: str) -> dict[str, str]:
    where = "SendGrid, Settings, Sender Authentication" if via == "sendgrid" else "your mail provider shows them"
    return {
        "dns": f"SPF, DKIM and DMARC of {domain} are set ({where})",
        "foot": "a mail to yourself has your postal address and a way out at its foot (CAN-SPAM)",
    }
