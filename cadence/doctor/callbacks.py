"""The public address: whether there is one, whether it answers from here, and whether its signatures hold."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from cadence.channels.kit import CADENCE_SECRET
from cadence.channels.twilio_line import TOKEN
from cadence.doctor.case import SECONDS
from cadence.doctor.finding import Finding
from cadence.errors import CadenceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.doctor.case import Case

__all__ = ["check"]

_LONGEST = 100  #: bytes of an answer that are read
_FORM = "application/x-www-form-urlencoded"
_HANDLE = "a" * 20


def check(case: Case) -> Iterator[Finding]:
    """Look at how providers reach us."""
    workspace = case.workspace
    if not workspace.public_url:
        if workspace.inbound.poll:
            yield Finding(
                code="public_url", verdict="fine", says="no public_url is needed: every tick asks the providers"
            )
        else:
            yield Finding(
                code="public_url",
                verdict="wrong",
                says="nothing hears answers: cadence.yaml has no public_url, and ticks do not ask (poll: false)",
                do="take poll: false out of inbound: in cadence.yaml",
            )
        return
    yield (
        _reached(case)
        if case.online
        else Finding(
            code="reached", verdict="unasked", says="public_url was not asked; `cadence doctor --online` asks it"
        )
    )
    yield from _signatures(case)


def _reached(case: Case) -> Finding:
    problem = _problem(f"{case.workspace.public_url}/healthz")
    if not problem:
        return Finding(code="reached", verdict="fine", says="public_url answers, as seen from this machine")
    return Finding(
        code="reached",
        verdict=case.unmoved,
        says=f"public_url does not answer, as seen from this machine: {problem}",
        do="see that `cadence hooks serve` runs, and that the web server in front of it hands requests on",
    )


def _problem(url: str) -> str:
    """Ask an address of ours whether it is well; return what is wrong, empty when nothing is."""
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    try:
        with urlopen(Request(url, headers={"User-Agent": "cadence"}), timeout=SECONDS) as answer:  # noqa: S310 - ours
            said = answer.read(_LONGEST).strip()
    except HTTPError as refusal:
        refusal.close()
        return f"the answer is {refusal.code}"
    except Exception as error:  # noqa: BLE001 - whatever keeps an answer from coming
        return type(getattr(error, "reason", error)).__name__
    return "" if said == b"ok" else "something else answers there"


def _signatures(case: Case) -> Iterator[Finding]:
    """Sign a request as Twilio does and have it checked, and an unsubscribe link, with the secrets that are set."""
    checks = {
        "Twilio's webhooks": (TOKEN.name, _twilio_holds),
        "unsubscribe links": (CADENCE_SECRET.name, _link_holds),
    }
    good = []
    for what, (name, holds) in checks.items():
        secret = case.setting(name).strip()
        if not secret:
            continue
        try:
            held = holds(case, secret)
        except CadenceError:  # the secrets say what is wrong with them
            continue
        if held:
            good.append(what)
        else:
            yield Finding(
                code="signature",
                verdict="wrong",
                says=f"what is signed with {name} does not pass our own check",
                do=f"copy {name} anew into .env, without blanks or quotes",
            )
    if good:
        yield Finding(code="signature", verdict="fine", says=f"signatures hold for {' and '.join(good)}")


def _twilio_holds(case: Case, token: str) -> bool:
    from twilio.request_validator import RequestValidator

    from cadence.web.door import open_door
    from cadence.web.signatures import NotSigned, twilio_params

    door = open_door(case.workspace, case.setting)
    url, said = door.url("/twilio/sms"), {"Body": "Yes", "MessageSid": "SM0", "ToCity": ""}
    signature = RequestValidator(token).compute_signature(url, said)

    def read(body: bytes) -> object:
        try:
            return twilio_params(url, body, content_type=_FORM, signature=signature, tokens=door.twilio_tokens)
        except NotSigned:
            return None

    return read(urlencode(said).encode()) == said and read(b"Body=No") is None


def _link_holds(case: Case, secret: str) -> bool:
    from cadence.channels.mail.unsubscribe import make_token, read_token

    return read_token(secret, case.workspace.account, make_token(secret, case.workspace.account, _HANDLE)) == _HANDLE
