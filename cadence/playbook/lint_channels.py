"""Meaning checks of channels: each touch has what its channel needs, and nothing that it cannot use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cadence.playbook.diagnostics import did_you_mean
from cadence.playbook.lint_rules import Fault, Place, Reading, rule
from cadence.playbook.words import MESSAGE_CHANNELS, PERSON_CHANNELS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cadence.playbook.marks import Path

__all__ = ["RULES"]

_WRITTEN = (*MESSAGE_CHANNELS, *PERSON_CHANNELS)

#: Keys that only some channels understand: key -> (channels, what they are).
_ONLY_FOR: dict[str, tuple[tuple[str, ...], str]] = {
    "answers": (MESSAGE_CHANNELS, "messages (sms, email)"),
    "expects": (MESSAGE_CHANNELS, "messages (sms, email)"),
    "owner": (PERSON_CHANNELS, "a person's steps (call, task)"),
    "due": (PERSON_CHANNELS, "a person's steps (call, task)"),
    "max_segments": (("sms",), "text messages (sms)"),
    "list": (("audience",), "audiences"),
    "template": (_WRITTEN, "what is written or said (sms, email, call, task)"),
    "variants": (_WRITTEN, "what is written or said (sms, email, call, task)"),
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
        elif touch.channel in PERSON_CHANNELS and "variants" in touch.data:
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


def _texts(touch: Place) -> Iterator[tuple[Path, str, bool]]:
    """Yield the texts a touch uses: where it is named, which, and whether it is named by a key."""
    template = str(touch.data["template"])
    folder, slash, _ = template.rpartition("/")
    for variant in touch.data.get("variants", {}):
        yield (*touch.path, "variants", variant), f"{folder}{slash}{variant}", True
    if "variants" not in touch.data:
        yield (*touch.path, "template"), template, False


@rule("missing-template")
def missing_template(reading: Reading) -> Iterator[Fault]:
    """A text that has not been written yet."""
    for touch in reading.touches:
        if "template" not in touch.data or touch.channel not in _WRITTEN:
            continue
        ending = f".{touch.channel}.j2"
        names = sorted(name.removesuffix(ending) for name in reading.templates if name.endswith(ending))
        for path, name, key in _texts(touch):
            if f"{name}{ending}" in reading.templates:
                continue
            meant = did_you_mean(name, names)
            create = f"write the text in templates/{name}{ending}"
            yield Fault(
                path,
                f"there is no text '{name}' for the channel {touch.channel}",
                f"{meant} If not, {create}" if meant else create,
                key=key,
            )


@rule("no-channel")
def no_channel(reading: Reading) -> Iterator[Fault]:
    """Messages on a way out that the workspace does not have; said once for each channel."""
    if reading.workspace is None:
        return
    there = reading.workspace.data.get("channels", {})
    for channel in MESSAGE_CHANNELS:
        users = [touch for touch in reading.touches if touch.channel == channel]
        if not users or channel in there:
            continue
        example = 'via: twilio, from: "+18165550100"' if channel == "sms" else "via: sendgrid, from: hello@example.com"
        yield Fault(
            (*users[0].path, "channel"),
            f"cadence.yaml does not say how an {channel} leaves ({_count(len(users))} on this page)",
            f"add to cadence.yaml: channels: {{{channel}: {{{example}}}}}",
        )


def _count(number: int) -> str:
    return "1 touch" if number == 1 else f"{number} touches"


RULES = (wrong_channel, no_template, no_list, missing_template, no_channel)
