"""``cadence docs``: what an error code means, which events there are."""

from __future__ import annotations

import click

from cadence.errors import UsageError
from cadence.files import data_text

__all__ = ["command"]


@click.command("docs", short_help="explain an error code, or list them all")
@click.argument("topic", required=False)
def command(topic: str | None) -> None:
    """Explain TOPIC: an error code such as bad-duration, or `events`. Without one, list the codes."""
    from cadence.playbook.codes import all_codes, explain

    text = data_text("codes.md")
    if topic is None:
        click.echo("Codes; `cadence docs CODE` explains one, `cadence docs events` lists the events:\n")
        for code in all_codes(text):
            click.echo(f"  {code}")
    elif topic == "events":
        _events()
    elif topic in all_codes(text):
        click.echo(explain(text, topic))
    else:
        from cadence.playbook.diagnostics import did_you_mean

        near = did_you_mean(topic, (*all_codes(text), "events"))
        raise UsageError(
            f"there is nothing about {topic!r}",
            help=near or "`cadence docs` lists the codes",
        )


def _events() -> None:
    from cadence.playbook.words import EVENTS

    for kind, event in EVENTS.items():
        carries = ", ".join((*event.moments, *event.fields))
        click.echo(f"{kind:24} {event.title}" + (f" ({carries})" if carries else ""))
