"""Texts and voice messages by Twilio: the account, the number, the messaging service, and where answers are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from cadence.channels.twilio_codes import CODES
from cadence.channels.twilio_line import KEY, TOKEN, Failed, TwilioLine
from cadence.doctor.case import SECONDS
from cadence.doctor.checklist import is_toll_free
from cadence.doctor.finding import Finding
from cadence.errors import CadenceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cadence.channels.twilio_codes import Fault
    from cadence.doctor.case import Case
    from cadence.playbook.model import ChannelSettings

__all__ = ["check"]

WHO = "Twilio"
MOST = 400  #: numbers of a messaging service, which can have no more

T = TypeVar("T")


def check(case: Case) -> Iterator[Finding]:
    """Ask Twilio what it knows of us; without going online, say that nobody was asked."""
    numbers = {channel: settings for channel in ("sms", "voice") if (settings := case.workspace.channels.get(channel))}
    ours = {channel: settings for channel, settings in numbers.items() if settings.via == "twilio"}
    for channel, settings in numbers.items():
        if channel not in ours:
            yield Finding(code="service", verdict="unasked", says=f"{channel} goes by {settings.via}, not known here")
    if not ours:
        return
    if not case.online:
        yield Finding(code="asked", verdict="unasked", says="Twilio was not asked; `cadence doctor --online` asks it")
        return
    try:
        line = TwilioLine.from_kit(case.kit(next(iter(ours))))
    except CadenceError:
        yield Finding(code="asked", verdict="unasked", says="Twilio was not asked: see the secrets")
        return
    line.timeout = SECONDS
    try:
        yield from _asked(_Desk(case, line), ours)
    except Failed as failed:
        yield _failed(failed.fault, by_key=line.credentials.user != line.credentials.account)


class _Desk:
    """Twilio, as one case asks it."""

    def __init__(self, case: Case, line: TwilioLine) -> None:
        self.case = case
        self.line = line

    def ask(self, what: Callable[[Any], T]) -> T:
        """Ask; Failed when no good answer comes. The clock of the answer is noted."""
        asked = self.case.clock()
        try:
            return self.line.call(what)
        finally:
            self.case.hear(WHO, self.line.date(), asked)

    def messaging(self, what: Callable[[Any], T]) -> T:
        """Ask the part that keeps messaging services, which has an address of its own."""

        def there(client: Any) -> T:
            if self.line.base:
                client.messaging.base_url = self.line.base
            return what(client.messaging.v1)

        return self.ask(there)


def _asked(desk: _Desk, ours: dict[str, ChannelSettings]) -> Iterator[Finding]:
    numbers = {sender: _number(desk, sender) for sender in {settings.sender for settings in ours.values()} if sender}
    yield from _account(desk)
    for channel, settings in ours.items():
        if settings.sender:
            yield from _sender(channel, settings.sender, numbers[settings.sender])
    sms = ours.get("sms")
    if not sms:
        return
    number, service = numbers.get(sms.sender), str(sms.options.get("service") or "")
    if service:
        yield from _service(desk, service, sms.sender, number)
    elif number is not None:
        yield from _answers(desk.case, "the number", number.sms_url, number.sms_application_sid)
    if number is not None:
        yield from _calls(desk.case, number)


def _number(desk: _Desk, sender: str) -> Any:
    """Return the number as the account has it; None: it has not."""
    found = desk.ask(lambda client: client.incoming_phone_numbers.list(phone_number=sender, limit=20))
    return next((each for each in found if each.phone_number == sender), None)


def _account(desk: _Desk) -> Iterator[Finding]:
    name = desk.line.credentials.account
    try:
        account = desk.ask(lambda client: client.api.v2010.accounts(name).fetch())
    except Failed as failed:
        if failed.fault.status not in (401, 403, 404) or desk.line.credentials.user == name:
            raise
        yield Finding(
            code="account",
            verdict="look",
            says="Twilio accepts the API key, which may not see the account itself",
            do="see in the Twilio console that the account is active, and no trial account",
        )
        return
    if account.status != "active":
        yield Finding(
            code="account",
            verdict="wrong",
            says=f"the Twilio account is {account.status}: nothing goes",
            do="the Twilio console says why, and how it is opened again",
        )
    elif account.type == "Trial":
        yield Finding(
            code="account",
            verdict="look",
            says="it is a trial account: it writes only to numbers verified at Twilio, with words of its own in front",
            do="enough for a rehearsal with your own phone; upgrade it in the Twilio console before mode: live",
        )
    else:
        yield Finding(code="account", verdict="fine", says="Twilio accepts the credentials, and the account is active")


def _sender(channel: str, sender: str, number: Any) -> Iterator[Finding]:
    if number is None:
        yield Finding(
            code="number",
            verdict="wrong",
            says=f"{sender} is not a number of this Twilio account, so no {_THINGS[channel]} can come from it",
            do=f"write one of its numbers as from: of the channel {channel}; Phone Numbers, Active Numbers shows them",
        )
    elif not (number.capabilities or {}).get(channel):
        yield Finding(
            code="number",
            verdict="wrong",
            says=f"{sender} belongs to the account, but cannot send {_THINGS[channel]}s",
            do="take a number at Twilio that can; Phone Numbers, Active Numbers shows what each can do",
        )
    else:
        yield Finding(code="number", verdict="fine", says=f"{sender} is ours and can send {_THINGS[channel]}s")


_THINGS = {"sms": "text", "voice": "voice message"}


def _service(desk: _Desk, name: str, sender: str, number: Any) -> Iterator[Finding]:
    try:
        service = desk.messaging(lambda api: api.services(name).fetch())
    except Failed as failed:
        if failed.fault.status != 404:
            raise
        yield Finding(
            code="service",
            verdict="wrong",
            says="the messaging service of cadence.yaml is not there",
            do="copy its SID anew from Messaging, Services, as service: of the channel sms",
        )
        return
    pool = [each.phone_number for each in desk.messaging(lambda api: api.services(name).phone_numbers.list(limit=MOST))]
    if not pool or (sender and sender not in pool):
        yield Finding(
            code="pool",
            verdict="look" if pool else "wrong",
            says=f"{sender} is not among the numbers of the messaging service" if pool else "the service has no number",
            do="add it in Messaging, Services, the service, Sender Pool: else texts come from another, or not at all",
        )
    if service.sticky_sender is False:
        yield Finding(
            code="sticky",
            verdict="look",
            says="Sticky Sender is off in the messaging service: a person may hear from a different number each time",
            do="switch it on in Messaging, Services, the service, Properties",
        )
    if service.us_app_to_person_registered is False and not all(map(is_toll_free, pool)):
        yield Finding(
            code="campaign",
            verdict="look",
            says="no US campaign (10DLC) is registered for the messaging service: texts fail with 30034",
            do="register brand and campaign in Messaging, Regulatory Compliance; it takes 10 to 15 business days",
        )
    if service.use_inbound_webhook_on_number and number is not None:
        yield from _answers(desk.case, "the number", number.sms_url, number.sms_application_sid)
    else:
        yield from _answers(desk.case, "the messaging service", service.inbound_request_url, "")


def _answers(case: Case, what: str, url: str | None, application: str | None) -> Iterator[Finding]:
    """Compare where Twilio sends what people text with where we take it."""
    expected, there = _place(case, "/twilio/sms"), str(url or "")
    if application:
        yield Finding(
            code="answers",
            verdict="look",
            says=f"a TwiML application answers the texts that come to {what}",
            do="take it off the number, so that only cadence answers" if not expected else _ENTER,
        )
    elif not expected and there:
        yield Finding(
            code="answers",
            verdict="look",
            says=f"texts to {what} are also handed to {_host(there)}, which may answer them",
            do="clear the field A message comes in, unless that is meant: every tick asks Twilio anyway",
        )
    elif expected and there != expected:
        near = there.partition("#")[0] == expected.partition("#")[0]
        elsewhere = f", but to {_host(there)}" if there else ""
        yield Finding(
            code="answers",
            verdict="look" if near or case.workspace.inbound.poll else "wrong",
            says=f"the webhook of {what} has no #{expected.partition('#')[2]} at its end: Twilio tries only once"
            if near
            else f"{what} does not hand texts to this shop{elsewhere}",
            do=_ENTER,
        )
    elif expected:
        yield Finding(code="answers", verdict="fine", says=f"{what} hands texts to this shop")


def _host(url: str) -> str:
    """Return whose an address is; the rest of it may be a secret."""
    try:
        return urlsplit(url).hostname or "somebody else"
    except ValueError:
        return "somebody else"


def _calls(case: Case, number: Any) -> Iterator[Finding]:
    expected = _place(case, "/twilio/voice")
    if expected and case.workspace.inbound.ring and str(number.voice_url or "") != expected:
        yield Finding(
            code="calls",
            verdict="look",
            says="calls to the number do not come to this shop, so nobody is written to after a missed call",
            do=_ENTER,
        )


_ENTER = "`cadence hooks urls` prints what to enter where"


def _place(case: Case, path: str) -> str:
    """Return what is to be entered at Twilio for a path of ours; empty: nothing."""
    if not case.workspace.public_url:
        return ""
    from cadence.web.places import places

    begins = f"{case.workspace.public_url}{path}"
    return next((each.enter for each in places(case.workspace) if each.enter.partition("#")[0] == begins), "")


def _failed(fault: Fault, *, by_key: bool) -> Finding:
    if fault.where != "refused":
        return Finding(
            code="reached",
            verdict="wrong",
            says=f"Twilio does not answer ({fault.word})",
            do="see that this machine reaches the internet, then run this again",
        )
    if fault.status == 401:
        pair = f"{KEY.name} with TWILIO_API_SECRET" if by_key else f"TWILIO_ACCOUNT_SID with {TOKEN.name}"
        where = "API keys & tokens" if by_key else "Account Info"
        return Finding(
            code="credentials",
            verdict="wrong",
            says=f"Twilio does not accept {pair}",
            do=f"copy both anew from the Twilio console, {where}, into .env",
        )
    known = CODES.get(fault.code)
    return Finding(
        code="refused",
        verdict="wrong",
        says=f"Twilio refuses: {known.says if known else f'error {fault.code or fault.status}'}",
        do="run this again in a minute; if it stays, the Twilio console says more under Monitor",
    )
