"""The ``cadence`` command: finds the subcommand, loads nothing else, turns errors into sentences."""

from __future__ import annotations

import importlib
import io
import os
import sys
from contextlib import suppress

import click

from cadence import __version__
from cadence.cli.exits import Exit
from cadence.errors import CadenceError, InvalidWorkspace, UsageError

__all__ = ["cli", "main"]

_SECTIONS: dict[str, dict[str, str]] = {
    "Playbooks": {
        "init": "make a workspace: playbooks, templates and cadence.yaml to edit",
        "validate": "check playbooks and templates; every fault with its line",
        "lint": "the same as validate",
        "fmt": "how pages are laid out, and a diff that corrects it; writes no page",
        "docs": "explain an error code, or list them all",
        "sop": "the procedure of a playbook on one page, to read or to print",
        "graph": "a playbook as a picture: stages, ways between them, touches",
        "test": "run the playbooks' tests: stories, and all that must come of them",
        "plan": "show what an edit changes for every lead in flight",
        "apply": "publish what was edited, after showing what it changes",
        "versions": "what was published when, by whom, and what it said",
        "rollback": "publish an earlier version again",
        "shadow": "try other pages on what really happened, beside the live ones",
        "dry-run": "preview the coming touches; sends and writes nothing",
        "rehearse": "run the sample leads through real ticks on a throw-away database",
    },
    "Leads": {
        "leads": "import, add, list and show leads, and act on them",
        "explain": "say why a lead got a message or did not, and who owns it",
        "event": "record what happened: a reply, a booking, an estimate",
        "inbox": "what came in, and what answers mean",
        "suppress": "the list of addresses not to be written to",
        "consent": "who agreed to what, and the proof of it",
        "pause": "hold the touches of a lead, a playbook or the whole shop",
        "resume": "end a pause",
    },
    "Reviews and numbers": {
        "review": "every open lead that somebody must look at; one by one with --walk",
        "report": "the weekly numbers, the stages, why leads were lost, what is not locked, what was tried",
        "audit": "how many leads of any CRM's export have no locked next step",
    },
    "Running": {
        "tick": "do everything that is due now; run it every minute",
        "store": "upgrade, check and back up the database",
        "channels": "how messages leave, and which channels are halted",
        "outbox": "what is on its way, what went wrong, and what nobody knows",
        "status": "how the ticks stand, and what needs a person",
        "doctor": "look at all that messages need to leave, and say what to do",
        "hooks": "take what providers tell as it happens: replies, receipts, calls",
        "schedule": "have ticks started every minute: systemd, cron, launchd, Windows",
    },
}
_MODULES = {"dry-run": "dry_run"}


class _ManualPage(click.Group):
    """A group whose commands are imported when called, and whose help reads like a manual page."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return [name for section in _SECTIONS.values() for name in section]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"cadence.cli.{_MODULES.get(cmd_name, cmd_name)}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            from cadence.playbook.diagnostics import did_you_mean

            near = did_you_mean(args[0], self.list_commands(ctx))
            raise UsageError(
                f"there is no command {args[0]!r}", help=f"{near} " * bool(near) + "`cadence --help` lists them all"
            )
        return super().resolve_command(ctx, args)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        for title, lines in (
            ("Name", ["cadence - follow every lead until it has a real outcome"]),
            ("Synopsis", ["cadence [-C FOLDER] COMMAND [ARGUMENTS]", "cadence COMMAND --help"]),
            ("Description", _DESCRIPTION),
        ):
            _section(formatter, title, lines)
        for title, commands in _SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl(list(commands.items()), col_spacing=3)
        with formatter.section("Options"):
            formatter.write_dl(
                [
                    ("-C, --workspace FOLDER", "the workspace; else the nearest folder upwards with a cadence.yaml"),
                    ("--version", "print the version"),
                    ("--help", "print this page, or a command's"),
                ]
            )
        for title, rows in (("Environment", _ENVIRONMENT), ("Files", _FILES), ("Exit status", _EXITS)):
            with formatter.section(title):
                formatter.write_dl(rows, col_spacing=3)
        _section(formatter, "Examples", _EXAMPLES)


_DESCRIPTION = [
    "A playbook is a page per trade that says which stages a lead goes through, who owns each, which messages and "
    "calls go out when, and what stops them. cadence checks the page, previews what it will do, and does it on a "
    "schedule. Nothing leaves the building unless you say so: the default mode only writes down what it would send.",
]
_ENVIRONMENT = [
    (
        "CADENCE_STORE",
        "the database: sqlite:////var/lib/cadence/shop.db, or postgresql://user:password@host/name; "
        "default: cadence.db in the workspace",
    ),
    ("CADENCE_LOG", "where ticks tell what they do, as JSON lines: a file, or - for standard error"),
    ("CADENCE_PING_URL", "asked for after each tick, with /fail behind it when something needs a person"),
    ("CADENCE_USER", "who acts, by member id, where --by is left out"),
    ("NO_COLOR", "print without colours"),
]
_FILES = [
    ("cadence.yaml", "the business, its team, its channels"),
    ("playbooks/*.yaml", "one page per trade"),
    ("playbooks/*.test.yaml", "its tests"),
    ("templates/", "the texts, one file each"),
    (".env", "settings of this machine, such as CADENCE_STORE; the environment goes before it"),
    ("messages.log", "what would have been sent, in log mode"),
]
_EXITS = [
    ("0", "fine"),
    ("1", "faults were found, or something failed or needs a person"),
    ("2", "the command line was not understood"),
]
_EXAMPLES = [
    "cadence init shop --trade roofer",
    "cadence validate",
    "cadence dry-run roofer --days 7 --full",
    "cadence leads import leads.csv",
    "cadence event maria-lopez appointment.booked --data starts_at=2026-12-01T09:00",
    "cadence tick",
]


def _section(formatter: click.HelpFormatter, title: str, lines: list[str]) -> None:
    with formatter.section(title):
        for line in lines:
            formatter.write_text(line)


@click.group(cls=_ManualPage, context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100})
@click.option("-C", "--workspace", type=click.Path(), default=None, metavar="FOLDER")
@click.version_option(__version__, prog_name="cadence")
@click.pass_context
def cli(ctx: click.Context, workspace: str | None) -> None:
    """Follow every lead until it has a real outcome."""
    ctx.obj = workspace


def main() -> None:
    """Run the program and exit with a code of :class:`cadence.cli.exits.Exit`."""
    _print_what_can_be_printed()
    try:
        code = cli.main(standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        sys.exit(Exit.FINE)
    except click.ClickException as error:
        error.show()
        sys.exit(Exit.USAGE)
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped; what was finished is recorded", err=True)
        sys.exit(130)
    except InvalidWorkspace as error:
        _show_faults(error)
        sys.exit(error.exit_code)
    except CadenceError as error:
        click.echo(f"cadence: {error.message}", err=True)
        if error.help:
            click.echo(f"  help: {error.help}", err=True)
        sys.exit(error.exit_code)
    except UnicodeEncodeError:
        click.echo("cadence: the command line holds characters that are no text; type them anew", err=True)
        sys.exit(Exit.USAGE)
    except OSError as error:
        _forget_what_is_not_printed()
        click.echo(f"cadence: cannot use {error.filename or 'the output'}: {error.strerror or error}", err=True)
        sys.exit(Exit.FINDINGS)
    sys.exit(code if isinstance(code, int) else Exit.FINE)


def _print_what_can_be_printed() -> None:
    """Have a terminal or pipe that knows few letters get a ``?`` for the others."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _forget_what_is_not_printed() -> None:
    """Keep Python from trying again, at its end, to print what could not be printed."""
    with suppress(OSError):
        sys.stdout.flush()
    if isinstance(sys.stdout, io.TextIOWrapper):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _show_faults(error: InvalidWorkspace) -> None:
    from cadence.playbook.diagnostics import render_text

    click.echo(render_text(error.diagnostics, 1), err=True)


if __name__ == "__main__":
    main()
