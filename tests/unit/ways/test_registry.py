"""A workspace finds the services it names, those of extensions too, and hears at once of all that is missing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cadence.channels.audience import Audience
from cadence.channels.channel import Accepted, Channel, Found, NotNow
from cadence.channels.conformance import broken_promises
from cadence.channels.log import LogChannel
from cadence.channels.registry import BUILT_IN, NoWay, Redirected, channel_class, services, ways_out
from cadence.channels.webhook import Webhook
from cadence.errors import CadenceError
from cadence.playbook.words import CHANNELS, PERSON_CHANNELS
from support.desk import minutes
from support.lab import texts_page
from support.ways_make import outgoing, shop

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cadence.playbook.model import Workspace
    from support.lab import Lab

PAGE = Path(__file__).parents[3] / "docs" / "howto" / "write-a-channel.md"
PHONE = "+18165550100"
CRM = {"to": {"crm": "https://crm.example.com/in"}}
ENV = {"CADENCE_SECRET": "made up once, kept for good, long enough"}


def ways(tmp_path: Path, workspace: Workspace, env: Mapping[str, str] = ENV) -> dict[str, Channel]:
    return ways_out(workspace, "summit", tmp_path, lambda name: env.get(name, ""), mode=workspace.mode)


def block(name: str) -> str:
    """Return a file of the page on writing a channel."""
    found = re.search(rf"^```\w+ file={re.escape(name)}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


def install(site: Path, package: str, points: Mapping[str, str], **modules: str) -> None:
    """Lay a package out as an installer does: its modules, and what it says of itself."""
    about = site / f"{package}-1.0.dist-info"
    about.mkdir(parents=True)
    lines = "".join(f"{name} = {value}\n" for name, value in points.items())
    (about / "entry_points.txt").write_text(f"[cadence.channels]\n{lines}", encoding="utf-8")
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n", encoding="utf-8")
    for name, text in modules.items():
        (site / f"{name}.py").write_text(text, encoding="utf-8")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder in which packages are installed for one test."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    for name in ("cadence_modem", "broken_way", "no_way"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return folder


@pytest.fixture
def modem(site: Path, tmp_path: Path) -> Path:
    """Install the example of the documentation; return the folder of its modem."""
    points = tomllib.loads(block("pyproject.toml"))["project"]["entry-points"]["cadence.channels"]
    install(site, "cadence_modem", points, cadence_modem=block("cadence_modem.py"))
    folder = tmp_path / "spool"
    for part in ("outgoing", "sent"):
        (folder / part).mkdir(parents=True)
    return folder


# One service


def test_the_services_of_a_channel_are_listed() -> None:
    assert services("email") == ("sendgrid", "smtp")
    assert services("voice") == ("twilio",)


@pytest.mark.parametrize("name", [name for name, at in BUILT_IN.items() if find_spec(at.partition(":")[0])])
def test_every_service_that_is_named_is_there(name: str) -> None:
    kind = channel_class(*name.split("."))

    assert issubclass(kind, Channel)
    assert all(secret.what for secret in kind.secrets)


@pytest.mark.parametrize(
    ("channel", "via", "advice"),
    [
        ("sms", "twillio", "did you mean 'twilio'?"),
        ("email", "send-grid", "did you mean 'sendgrid'?"),
        ("email", "pigeon", "there is: sendgrid, smtp; extensions add their own"),
    ],
)
def test_a_service_that_is_not_there_is_answered_with_the_nearest(channel: str, via: str, advice: str) -> None:
    with pytest.raises(CadenceError, match=f"there is no service '{via}' for the channel {channel}") as refusal:
        channel_class(channel, via)

    assert refusal.value.help == advice


def test_a_service_that_is_not_asked_for_is_not_loaded(tmp_path: Path, modem: Path) -> None:
    """In a program of its own, since other tests load them."""
    program = (
        "import sys; from pathlib import Path; from support.ways_make import shop\n"
        "from cadence.channels.registry import ways_out\n"
        f"env = lambda name: {ENV!r}.get(name, '')\n"
        f"ways_out(shop(webhook={CRM!r}), 'summit', Path({str(tmp_path)!r}), env, mode='live')\n"
        "print(*(name for name in sys.modules if name.startswith(('cadence.channels.', 'cadence_modem', 'twilio'))))"
    )
    path = os.pathsep.join(sys.path)
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "cadence.channels.webhook" in done.stdout
    assert not {word for word in done.stdout.split() if "twilio" in word or "sendgrid" in word or "modem" in word}


# Extensions


def test_the_example_of_the_documentation_works_once_installed(tmp_path: Path, modem: Path) -> None:
    workspace = shop(sms={"via": "modem", "from": PHONE})
    way = ways(tmp_path, workspace, {"MODEM_FOLDER": str(modem)})["sms"]
    message = outgoing("sms", "+18165550142", body="Hello")

    assert services("sms") == ("twilio", "modem")
    assert way.send([message]) == [Accepted(way.look_up([message])[0].provider_id)]
    [text] = (modem / "outgoing").iterdir()
    assert text.read_text() == "To: +18165550142\n\nHello"
    assert broken_promises(way, [outgoing("sms", PHONE, key=f"k{number}") for number in range(3)]) == []


def test_the_example_says_what_it_needs(tmp_path: Path, modem: Path) -> None:
    with pytest.raises(CadenceError, match="MODEM_FOLDER is not set; nothing can go by sms") as refusal:
        ways(tmp_path, shop(sms={"via": "modem", "from": PHONE}), {})

    assert "the folder of the modem's program" in refusal.value.help


def test_the_example_keeps_its_promises_when_its_folder_is_gone(tmp_path: Path, modem: Path) -> None:
    way = ways(tmp_path, shop(sms={"via": "modem", "from": PHONE}), {"MODEM_FOLDER": str(modem / "gone")})["sms"]

    assert broken_promises(way, [outgoing("sms", PHONE)]) == []


def test_a_tick_sends_through_an_extension(lab: Lab, modem: Path) -> None:
    lab.write_page(texts_page("id: hello, send: now"))
    lab.desk.edit_workspace("via: twilio", "via: modem")
    lab.desk.edit_workspace("email: {via: sendgrid,", "# email: {via: sendgrid,")
    lab.add(["maria"])
    with lab.desk.account.store.read() as session:
        workspace = next(iter(lab.desk.book(session).current.values())).workspace
    env = {"MODEM_FOLDER": str(modem)}
    out = ways_out(workspace, "summit", lab.desk.root, lambda name: env.get(name, ""), mode="live")
    lab.tick(minutes(1), channels=out)

    assert lab.states() == {"sent": 1}
    assert len(list((modem / "outgoing").iterdir())) == 1


def test_an_extension_that_cannot_be_loaded_is_named(site: Path) -> None:
    install(site, "broken_way", {"sms.broken": "broken_way:Way"}, broken_way="import nothing_of_the_kind\n")
    install(site, "no_way", {"sms.wrong": "no_way:Way"}, no_way="class Way: pass\n")

    with pytest.raises(CadenceError, match=r"'sms\.broken' cannot be loaded: ModuleNotFoundError"):
        channel_class("sms", "broken")
    with pytest.raises(CadenceError, match="no_way:Way is not a Channel"):
        channel_class("sms", "wrong")


def test_two_extensions_that_bring_the_same_are_one_too_many(site: Path) -> None:
    install(site, "broken_way", {"sms.pigeon": "broken_way:Way"}, broken_way="")
    install(site, "no_way", {"sms.pigeon": "no_way:Way"}, no_way="")

    with pytest.raises(CadenceError, match="two installed extensions bring the service 'pigeon'"):
        channel_class("sms", "pigeon")


# All ways out of a workspace


def test_in_log_mode_everything_is_written_down_and_nothing_is_asked_for(tmp_path: Path) -> None:
    out = ways(tmp_path, shop("log", sms={"via": "nobody", "from": PHONE}), {})

    assert set(out) == set(CHANNELS) - set(PERSON_CHANNELS)
    assert {type(way) for way in out.values()} == {LogChannel}
    assert next(iter(out.values())).path == tmp_path / "messages.log"  # type: ignore[attr-defined]


def test_live_each_channel_leaves_its_own_way(tmp_path: Path) -> None:
    out = ways(tmp_path, shop(webhook=CRM, audience={"folder": "ads"}))

    assert isinstance(out["webhook"], Webhook)
    assert isinstance(out["audience"], Audience)
    assert out["audience"].folder == tmp_path / "ads"
    assert isinstance(ways(tmp_path, shop(webhook=CRM))["audience"], Audience)


def test_a_channel_that_cadence_yaml_has_lost_lets_everything_wait(tmp_path: Path) -> None:
    way = ways(tmp_path, shop(webhook=CRM))["sms"]
    [result] = way.send([outgoing("sms", PHONE)])

    assert isinstance(way, NoWay)
    assert isinstance(result, NotNow)
    assert (result.code, result.halt) == ("no_channel", True)


def test_all_that_is_missing_is_said_at_once(tmp_path: Path, modem: Path) -> None:
    workspace = shop(
        sms={"via": "modem", "from": PHONE}, email={"via": "pigeon", "from": "hello@example.com"}, webhook=CRM
    )
    with pytest.raises(CadenceError) as refusal:
        ways(tmp_path, workspace, {})

    said = refusal.value.message
    assert said.startswith("3 things are missing before anything can leave:\n")
    for part in (
        "MODEM_FOLDER is not set",
        "the folder of the modem",
        "there is no service 'pigeon'",
        "CADENCE_SECRET",
    ):
        assert part in said


def test_in_redirect_mode_messages_go_to_one_address_and_the_rest_is_written_down(tmp_path: Path, modem: Path) -> None:
    workspace = shop(
        "redirect",
        {"sms": "+18165550199"},
        sms={"via": "modem", "from": PHONE},
        webhook=CRM,
        audience={"folder": "ads"},
    )
    out = ways(tmp_path, workspace, {"MODEM_FOLDER": str(modem)})
    message = outgoing("sms", "+18165550142", body="Hello")

    assert isinstance(out["sms"], Redirected)
    assert {type(out[name]) for name in ("webhook", "audience")} == {LogChannel}
    assert isinstance(out["sms"].send([message])[0], Accepted)
    assert isinstance(out["sms"].look_up([message])[0], Found)
    assert [text.read_text() for text in (modem / "outgoing").iterdir()] == ["To: +18165550199\n\nHello"]
    assert (out["sms"].workers, out["sms"].visible_after) == (1, out["sms"].way.visible_after)


def test_in_redirect_mode_each_channel_needs_its_address(tmp_path: Path, modem: Path) -> None:
    workspace = shop("redirect", {"email": "me@example.com"}, sms={"via": "modem", "from": PHONE})

    with pytest.raises(CadenceError, match="does not say where sms goes") as refusal:
        ways(tmp_path, workspace, {"MODEM_FOLDER": str(modem)})
    assert refusal.value.help == "write your own address there: redirect: {sms: ...}"


# The check of promises


class Careless(Channel):
    """Breaks every promise there is."""

    workers = 0
    per_call = 2

    def __init__(self, answers: Any, findings: Any) -> None:
        self.answers = answers
        self.findings = findings

    def send(self, messages: Any) -> Any:
        return self.answers(messages)

    def look_up(self, messages: Any) -> Any:
        return self.findings(messages)


def fails(_: Any) -> Any:
    raise OSError


@pytest.mark.parametrize(
    ("answers", "findings", "said"),
    [
        (fails, fails, "send raised OSError"),
        (lambda _: [], fails, "send gave 0 results for 2 messages"),
        (lambda _: ["yes", "yes"], lambda _: [Found(), Found()], "send gave str"),
        (lambda _: [NotNow(""), NotNow("x")], lambda _: [Found(), Found()], "NotNow has no code"),
        (lambda _: [NotNow("x", "no such +18165550142")] * 2, lambda _: [Found()] * 2, "repeats the address"),
        (lambda _: [Accepted()] * 2, fails, "look_up raised OSError"),
        (lambda _: [Accepted()] * 2, lambda _: [Found()], "look_up gives one of Found, Absent, Unsure"),
    ],
)
def test_a_promise_that_is_broken_is_told(answers: Any, findings: Any, said: str) -> None:
    messages = [outgoing("sms", "+18165550142", key=key) for key in ("a", "b")]
    found = broken_promises(Careless(answers, findings), messages)

    assert found[0] == "from_kit is not there: nothing can make it for a workspace"
    assert any(said in each for each in found)
