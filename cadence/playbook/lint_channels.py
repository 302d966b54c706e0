"""Meaning checks of channels: each touch has what its channel needs, and nothing that it cannot use."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cadence.playbook.diagnostics import did_you_mean
from cadence.playbook.lint_rules import Fault, Place, Reading, rule
from cadence.playbook.words import MESSAGE_CHANNELS, PERSON_CHANNELS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.playbook.marks import Path

__all__ = ["RULES", "Text", "texts_of"]

_WRITTEN = (*MESSAGE_CHANNELS, *PERSON_CHANNELS, "webhook")
_MESSAGES = f"messages ({', '.join(MESSAGE_CHANNELS)})"
_TEXTS = f"what is written or said ({', '.join(_WRITTEN)})"

#: Keys that only some channels understand: key -> (channels, what they are).
_ONLY_FOR: dict[str, tuple[tuple[str, ...], str]] = {
    "answers": (MESSAGE_CHANNELS, _MESSAGES),
    "expects": (MESSAGE_CHANNELS, _MESSAGES),
    "owner": (PERSON_CHANNELS, "a person's steps (call, task)"),
    "due": (PERSON_CHANNELS, "a person's steps (call, task)"),
    "max_segments": (("sms",), "text messages (sms)"),
    "list": (("audience",), "audiences"),
    "to": (("webhook",), "word to another program (webhook)"),
    "template": (_WRITTEN, _TEXTS),
    "fallback": (MESSAGE_CHANNELS, _MESSAGES),
    "variants": (_WRITTEN, _TEXTS),
}


@rule("wrong-channel")
def wrong_channel(reading: Reading) -> Iterator[Fault]:
    """A key that the touch's channel cannot use."""
    for touch in reading.touches:
        for key, (channels, what) in _ONLY_FOR.items():
            if key in touch.data and touch.channel not in channels:
                yield Fault(
                    (*touch.path, key),
                    f"'{key}:' is for {what}; the channel of '{touch.id}' is {touch.channel}",
                    f"remove '{key}:', or change 'channel:'",
                    key=True,
                )


@rule("no-template")
def no_template(reading: Reading) -> Iterator[Fault]:
    """A message without words."""
    for touch in reading.touches:
        if "template" in touch.data:
            continue
        if touch.channel in MESSAGE_CHANNELS:
            yield Fault(
                (*touch.path, "id"),
                f"the message '{touch.id}' has no words",
                f"name its text, for instance: template: {touch.stage}/{touch.id}",
            )
        elif touch.channel in _WRITTEN and "variants" in touch.data:
            yield Fault(
                (*touch.path, "variants"),
                f"'{touch.id}' has variants of a text it does not have",
                f"name the text, for instance: template: {touch.stage}/{touch.id}",
                key=True,
            )


@rule("no-list")
def no_list(reading: Reading) -> Iterator[Fault]:
    """An audience without a name."""
    for touch in reading.touches:
        if touch.channel == "audience" and "list" not in touch.data:
            yield Fault(
                (*touch.path, "id"),
                f"'{touch.id}' does not say which audience the lead joins",
                "name it, for instance: list: website-retarget",
            )


@rule("no-endpoint")
def no_endpoint(reading: Reading) -> Iterator[Fault]:
    """Word to a program without saying which."""
    for touch in reading.touches:
        if touch.channel == "webhook" and "to" not in touch.data:
            yield Fault(
                (*touch.path, "id"),
                f"'{touch.id}' does not say which program is told",
                "name it, for instance: to: crm",
            )


@rule("unknown-endpoint")
def unknown_endpoint(reading: Reading) -> Iterator[Fault]:
    """A program that cadence.yaml does not know."""
    settings = reading.workspace.data.get("channels", {}).get("webhook") if reading.workspace else None
    if settings is None:
        return
    for touch in reading.touches:
        name = touch.data.get("to")
        if touch.channel == "webhook" and name is not None and name not in settings["to"]:
            yield Fault(
                (*touch.path, "to"),
                f"cadence.yaml has no program '{name}'",
                did_you_mean(name, settings["to"]) or f"the programs are: {', '.join(settings['to'])}",
            )


@rule("same-way")
def same_way(reading: Reading) -> Iterator[Fault]:
    """A fallback that goes the way that has just failed."""
    for touch in reading.touches:
        if touch.data.get("fallback", {}).get("channel") == touch.channel:
            other = next(name for name in MESSAGE_CHANNELS if name != touch.channel)
            yield Fault(
                (*touch.path, "fallback", "channel"),
                f"'{touch.id}' would go by {touch.channel} once more, where nothing can reach the lead",
                f"write the other channel: {other}",
            )


class Text(NamedTuple):
    """A text that a touch uses."""

    path: Path  #: where it is named
    name: str
    channel: str
    key: bool = False  #: it is named by a key


def texts_of(touch: Place) -> Iterator[Text]:
    """Yield the texts a touch uses: its own or its variants', and its fallback's."""
    if "template" in touch.data and touch.channel in _WRITTEN:
        template = str(touch.data["template"])
        folder, slash, _ = template.rpartition("/")
        for variant in touch.data.get("variants", {}):
            yield Text((*touch.path, "variants", variant), f"{folder}{slash}{variant}", touch.channel, key=True)
        if "variants" not in touch.data:
            yield Text((*touch.path, "template"), template, touch.channel)
    if other := touch.data.get("fallback"):
        yield Text((*touch.path, "fallback", "template"), str(other["template"]), str(other["channel"]))


@rule("missing-template")
def missing_template(reading: Reading) -> Iterator[Fault]:
    """A text that has not been written yet."""
    for touch in reading.touches:
        for text in texts_of(touch):
            ending = f".{text.channel}.j2"
            if f"{text.name}{ending}" in reading.templates:
                continue
            names = sorted(name.removesuffix(ending) for name in reading.templates if name.endswith(ending))
            meant = did_you_mean(text.name, names)
            create = f"write the text in templates/{text.name}{ending}"
            yield Fault(
                text.path,
                f"there is no text '{text.name}' for the channel {text.channel}",
                f"{meant} If not, {create}" if meant else create,
                key=text.key,
            )


@rule("no-channel")
def no_channel(reading: Reading) -> Iterator[Fault]:
    """Messages on a way out that the workspace does not have; said once for each channel."""
    if reading.workspace is None:
        return
    there = reading.workspace.data.get("channels", {})
    for channel, (noun, example) in _WAYS.items():
        users = [touch for touch in reading.touches if channel in _channels(touch)]
        if not users or channel in there:
            continue
        yield Fault(
            (*users[0].path, "channel"),
            f"cadence.yaml does not say how {noun} leaves ({_count(len(users))} on this page)",
            f"add to cadence.yaml: channels: {{{channel}: {{{example}}}}}",
        )


#: Channels that need a word in cadence.yaml: what one message is called, and what to write there.
_WAYS = {
    "sms": ("an sms", 'via: twilio, from: "+18165550100"'),
    "email": ("an email", "via: sendgrid, from: hello@example.com"),
    "voice": ("a voice message", 'via: twilio, from: "+18165550100"'),
    "webhook": ("a webhook", 'to: {crm: "https://crm.example.com/hooks"}'),
}


def _channels(touch: Place) -> tuple[str, ...]:
    other = touch.data.get("fallback")
    return (touch.channel, str(other["channel"])) if other else (touch.channel,)


def _count(number: int) -> str:
    return "1 touch" if number == 1 else f"{number} touches"


RULES = (wrong_channel, no_template, no_list, no_endpoint, unknown_endpoint, same_way, missing_template, no_channel)
