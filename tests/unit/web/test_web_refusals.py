"""What an outsider sends: refused without a word, never a 500, and nothing personal in the log."""

from __future__ import annotations

import json
import re
import string
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder, run_wsgi_app

from cadence.logs import open_log
from cadence.web.hooks import MOST, PATHS, make_app
from support.endpoint import NOW, open_endpoint
from support.hook_calls import URL, Call, door, event, from_sendgrid, from_twilio, json_from_twilio, mail, sms

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flask import Flask

    from cadence.inbox.message import Item
    from support.endpoint import Endpoint

TWILIO = [path for path in PATHS if path.startswith("/twilio")]
SENDGRID = [path for path in PATHS if path.startswith("/sendgrid")]


def test_every_line_of_the_log_is_documented() -> None:
    root = Path(__file__).resolve().parents[3]
    told = set(re.findall(r'"(hook\.\w+)"', (root / "cadence/web/hooks.py").read_text(encoding="utf-8")))
    page = (root / "docs/howto/receive-webhooks.md").read_text(encoding="utf-8")

    assert told == set(re.findall(r"^\| `(hook\.\w+)` \|", page, re.MULTILINE))


class Nobody:
    """A desk that keeps nothing: where the answers count."""

    def take(self, items: Sequence[Item]) -> None:
        assert items

    def way_out(self, handle: str) -> bool:
        return handle == "a" * 20

    def check(self) -> None:
        pass


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """One endpoint for all: nothing here may leave anything in it."""
    with open_endpoint(tmp_path_factory.mktemp("refusals")) as found:
        yield found
        assert found.kept() == []


def status(app: Flask, environ: dict[str, Any]) -> int:
    """Call the application as a server does, with headers that no client would write."""
    _, said, _ = run_wsgi_app(app, environ)
    return int(said.split()[0])


def unsigned(path: str) -> Call:
    return Call(path, b"Body=STOP&From=%2B18165550142", {"Content-Type": "application/x-www-form-urlencoded"})


@pytest.mark.parametrize("path", PATHS)
def test_what_nobody_signed_is_refused_with_an_empty_page(endpoint: Endpoint, path: str) -> None:
    call = unsigned(path)
    made_up = {"X-Twilio-Signature": "x", "X-Twilio-Email-Event-Webhook-Signature": "x"}
    answers = [endpoint.send(call), endpoint.send(Call(path, call.body, {**call.headers, **made_up}))]

    assert [(each.status_code, each.data) for each in answers] == [(403, b"")] * 2


@pytest.mark.parametrize("path", PATHS)
def test_a_provider_s_call_to_one_path_is_no_call_to_another(endpoint: Endpoint, path: str) -> None:
    other = next(each for each in TWILIO if each != path)

    assert endpoint.send(from_twilio(other, sms()), at=path).status_code == 403


@pytest.mark.parametrize("path", PATHS)
def test_a_shop_without_the_provider_believes_nothing_of_it(endpoint: Endpoint, path: str) -> None:
    without = replace(endpoint, door=door(twilio_tokens=(), sendgrid_keys=()))
    call = from_twilio(path, sms(), token="") if path in TWILIO else from_sendgrid(path, [event()])

    assert without.send(call).status_code == 403


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
def test_a_hook_takes_post_alone(endpoint: Endpoint, method: str) -> None:
    client = make_app(endpoint.door, endpoint.desk).test_client()

    for path in PATHS:
        answer = client.open(path, method=method)
        assert (answer.status_code, answer.headers.get("Allow"), answer.data) == (405, "POST", b"")
    assert client.open("/u/x", method="PUT").headers["Allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize(
    "path",
    ["/", "/twilio", "/twilio/sms/", "//twilio/sms", "/twilio//sms", "/TWILIO/SMS", "/twilio/sms/../status", "/u/",
     "/u/a/b", "/.env", "/static/x", "/%00", "/twilio/sms%2f", "/%ff"],
)  # fmt: skip
def test_no_other_path_leads_anywhere(endpoint: Endpoint, path: str) -> None:
    answer = endpoint.send(Call(path, b""))

    assert (answer.status_code, answer.data) == (404, b"")


@pytest.mark.parametrize("path", [*PATHS, "/u/abc", "/nowhere"])
def test_what_is_too_long_is_not_even_read(endpoint: Endpoint, path: str) -> None:
    class Untouched:
        def read(self, *_: object) -> bytes:
            raise AssertionError("it was read")

    builder = EnvironBuilder(path=path, method="POST", headers={"X-Twilio-Signature": "x"})
    environ = builder.get_environ()
    environ |= {"CONTENT_LENGTH": str(MOST.get(path, 4096) + 1), "wsgi.input": Untouched()}

    assert status(make_app(endpoint.door, endpoint.desk), environ) == 413


@pytest.mark.parametrize("body", [b"", b"{", b"{}", b"null", b"1", b'"text"', b"\xff", b"[" * 100_000, b"[NaN"])
def test_what_is_signed_and_makes_no_sense_is_a_bad_request(endpoint: Endpoint, body: bytes) -> None:
    assert endpoint.send(from_sendgrid("/sendgrid/events", body)).status_code == 400
    assert endpoint.send(from_sendgrid("/sendgrid/inbound", body)).status_code == 400


@pytest.mark.parametrize(
    "kind",
    ["", "text/plain", "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=other",
     "multipart/form-data; boundary=\"\xff\"", "multipart/mixed; boundary=xYzZY"],
)  # fmt: skip
def test_a_form_in_another_form_is_a_bad_request(endpoint: Endpoint, kind: str) -> None:
    body, _ = mail({"text": "Yes"})

    assert endpoint.send(from_sendgrid("/sendgrid/inbound", body, content_type=kind)).status_code == 400


def test_the_log_says_what_was_refused_and_nothing_of_anybody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CADENCE_LOG", "hooks.log")
    personal = sms(Body="My code is 4711, write to maria@example.com", From="+18165550142")
    with open_endpoint(tmp_path) as endpoint, open_log(tmp_path):
        call = from_twilio("/twilio/sms", personal)
        endpoint.send(call)
        endpoint.send(Call(call.path, call.body, {"Content-Type": "text/plain"}, query="secret=hush"))
        endpoint.send(Call("/twilio/status", call.body, call.headers))
        endpoint.send(Call("/u/a-token-of-somebody", b""))
        endpoint.account.store.close()
        (tmp_path / "cadence.db").unlink()
        endpoint.send(from_twilio("/twilio/sms", personal))
    text = (tmp_path / "hooks.log").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines()]

    assert [(line["event"], line.get("path"), line.get("why")) for line in lines] == [
        ("hook.taken", "/twilio/sms", None),
        ("hook.refused", "/twilio/sms", "unsigned"),
        ("hook.refused", "/twilio/status", "forged"),
        ("hook.way_out", None, None),
        ("hook.failed", "/twilio/sms", None),
    ]
    for word in ("4711", "maria", "0142", "hush", "somebody", call.headers["X-Twilio-Signature"]):
        assert word not in text


APP = make_app(door(ring="+18165550101"), Nobody(), lambda: NOW)
VALUES = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\x00"), max_size=60)
NAMES = st.sampled_from(
    ["Content-Type", "Content-Encoding", "Transfer-Encoding", "Host", "Cookie", "X-Twilio-Signature", "Forwarded",
     "X-Twilio-Webhooks-Signature-Settings", "X-Twilio-Email-Event-Webhook-Signature", "X-Forwarded-Host",
     "X-Twilio-Email-Event-Webhook-Timestamp", "Authorization", "Range", "Expect", "Accept", "If-None-Match"],
)  # fmt: skip
KINDS = st.sampled_from(["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
PLACES = st.one_of(
    st.sampled_from([*PATHS, "/u/x", f"/u/{'a' * 20}.{'0' * 32}", "/healthz"]),
    st.text(string.printable, max_size=30).map(lambda text: f"/{text}"),
    st.text(max_size=30).map(lambda text: f"/u/{text}"),
)


@settings(max_examples=250)
@given(
    path=PLACES,
    method=st.sampled_from(["GET", "POST", "PUT", "HEAD", "OPTIONS"]),
    query=VALUES,
    headers=st.dictionaries(NAMES, VALUES, max_size=5),
    kind=st.one_of(VALUES, KINDS),
    body=st.binary(max_size=300),
)
def test_whatever_an_outsider_sends_is_answered_and_never_with_a_500(
    path: str, method: str, query: str, headers: dict[str, str], kind: str, body: bytes
) -> None:
    environ = EnvironBuilder(method=method, data=body, content_type="text/plain").get_environ()
    environ |= {"PATH_INFO": path.encode("utf-8", "replace").decode("latin-1"), "QUERY_STRING": query}
    environ |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    environ["CONTENT_TYPE"] = kind
    code = status(APP, environ)

    assert code in (200, 403, 404, 405, 413)
    if path in PATHS:
        assert code in (403, 405)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["event", "timestamp", "sg_event_id", "email", "type", "cadence_message", "reason"]), inner
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=150)
@given(path=st.sampled_from(PATHS), data=JSON, text=st.dictionaries(st.text(max_size=12), st.text(max_size=40)))
def test_whatever_is_signed_is_taken_or_a_bad_request(path: str, data: object, text: dict[str, str]) -> None:
    if path in TWILIO:
        known = dict.fromkeys(("MessageSid", "From", "To", "Body", "MessageStatus", "CallSid", "DialCallStatus"), "x")
        calls = [from_twilio(path, text), from_twilio(path, {**known, **text})]
        calls.append(json_from_twilio(path, json.dumps(data).encode()))
    else:
        body, kind = mail({name.encode("ascii", "ignore").decode() or "text": value for name, value in text.items()})
        calls = [from_sendgrid(path, json.dumps(data).encode()), from_sendgrid(path, body, content_type=kind)]
        calls.append(from_sendgrid(path, json.dumps([event(), data]).encode()))
    for call in calls:
        answer = APP.test_client().post(
            f"{URL}{call.path}", data=call.body, headers=dict(call.headers), query_string=call.query
        )
        assert answer.status_code in (200, 204, 400)
