"""Exit codes: the one place that turns an error into a line on stderr and a number."""

from __future__ import annotations

import os
import sys
from contextvars import ContextVar
from enum import IntEnum
from typing import Any, Final

import typer
from typer.core import TyperGroup

from mavibot.errors import (
    ConfigurationError,
    ConnectionFailed,
    InvalidParameters,
    MavibotError,
    ResumeError,
    UnknownAction,
    UnreadableReply,
)
from mavibot_cli import terminal
from mavibot_cli.client_internals import KEY_VARIABLE, hidden, remember
from mavibot_cli.error_texts import explained


class ExitCode(IntEnum):
    """The exit codes of the command line."""

    SUCCESS = 0
    REFUSED = 1
    USAGE = 2
    PARTLY = 3
    NO_CONNECTION = 4
    INTERRUPTED = 130


#: What each exit code means, as `mavibot --help` shows it.
EXIT_CODES: Final = {
    ExitCode.SUCCESS: "success",
    ExitCode.REFUSED: "the server refused or failed",
    ExitCode.USAGE: "wrong usage, configuration, parameters or file; nothing was changed",
    ExitCode.PARTLY: "partly done: some items failed or have an unknown outcome, a reply cannot be read, or the output"
    " cannot be written",
    ExitCode.NO_CONNECTION: "no connection, or no answer in time",
    ExitCode.INTERRUPTED: "ended by Ctrl-C",
}


class UsageProblem(Exception):
    """The command cannot run as it was given; the message names what to change."""


def missing_extra(error: ModuleNotFoundError, extra: str) -> UsageProblem:
    """Return the error for a command whose extra is not installed."""
    return UsageProblem(f"{error.name} is missing; install it with: pip install 'mavibot[{extra}]'")


_calls_may_follow: Final[ContextVar[bool]] = ContextVar("calls_may_follow", default=False)


def calls_may_follow() -> None:
    """Note that the command calls a server from here on: what goes wrong now may go wrong after a call took effect.

    A script that repeats a command after a 1 must not do twice what was done already, so that such a command ends
    with `PARTLY`, whatever it was that went wrong.
    """
    _calls_may_follow.set(True)


class Commands(TyperGroup):
    """The group of all commands, which turns their errors into a line on stderr and an exit code."""

    def main(self, *args: Any, **settings: Any) -> Any:
        """Run the command line and end the process."""
        terminal.prepare()
        try:
            return super().main(*args, **settings)
        except OSError as error:  # what typer prints itself, such as help, cannot be written
            terminal.give_up()
            terminal.tell(f"mavibot: {error.strerror or error}")
        sys.exit(ExitCode.PARTLY)

    def invoke(self, ctx: Any) -> Any:
        """Run a command.

        Raises:
            typer.Exit: with the code of the error, where there was one.
            typer.BadParameter: or a sibling: the command line cannot be read; typer shows it.
        """
        # It may have been given as an argument too, before any client knows it.
        remember(os.environ.get(KEY_VARIABLE, ""))
        _calls_may_follow.set(False)
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort):
            raise
        except KeyboardInterrupt:
            said, code = None, ExitCode.INTERRUPTED
        except (MavibotError, UsageProblem) as error:
            said, code = explained(error), _code(error)
        except terminal.OutputError as error:
            terminal.give_up()
            said, code = _about_output(error), ExitCode.PARTLY
        except Exception as error:
            # Has this method if typer shows it. The class has a public name in the latest versions of typer only.
            if hasattr(error, "format_message"):
                _complete(error, ctx.invoked_subcommand)
                raise
            if not _calls_may_follow.get():
                raise
            said = f"a call may have been carried out, but then: {type(error).__name__}: {error}"
            code = ExitCode.PARTLY
        if said is not None:
            terminal.tell(f"mavibot {ctx.invoked_subcommand}: {hidden(said)}", lines=code is ExitCode.USAGE)
        # Outside of the handler: an exception that hangs on another one is shown with it by some tools.
        raise typer.Exit(code)


def _about_output(error: terminal.OutputError) -> str | None:
    """Return what to say of output that cannot be written; nothing where a pipe's reader had enough of a text."""
    if _calls_may_follow.get():
        return f"{error}; what was called has been carried out, so do not simply repeat it"
    return None if error.reader_has_gone else str(error)


def _complete(error: Any, command: str | None) -> None:
    """Hide the key in a message that typer is about to show, and add what it cannot know."""
    error.message = hidden(error.message)
    if command == "call" and hasattr(error, "option_name"):
        error.message += "; parameters are written without dashes, such as client_id=25554"


def _code(error: Exception) -> ExitCode:
    match error:
        case UsageProblem() | ConfigurationError() | UnknownAction() | InvalidParameters() | ResumeError():
            return ExitCode.USAGE
        case UnreadableReply():
            # It was carried out: a script that repeats after a 1 must not do it again.
            return ExitCode.PARTLY
        case ConnectionFailed():
            return ExitCode.NO_CONNECTION
        case _:
            return ExitCode.REFUSED
