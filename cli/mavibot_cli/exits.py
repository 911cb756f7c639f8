"""Exit codes: the one place that turns an error into a line on stderr and a number."""

from __future__ import annotations

import os
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
    ExitCode.PARTLY: "partly done: some items failed or have an unknown outcome, or a reply cannot be read",
    ExitCode.NO_CONNECTION: "no connection, or no answer in time",
    ExitCode.INTERRUPTED: "ended by Ctrl-C",
}


class UsageProblem(Exception):
    """The command cannot run as it was given; the message names what to change."""


class Commands(TyperGroup):
    """The group of all commands, which turns their errors into a line on stderr and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command.

        Raises:
            typer.Exit: with the code of the error, where there was one.
            typer.BadParameter: or a sibling: the command line cannot be read; typer shows it.
        """
        # It may have been given as an argument too, before any client knows it.
        remember(os.environ.get(KEY_VARIABLE, ""))
        try:
            return super().invoke(ctx)
        except (MavibotError, UsageProblem) as error:
            terminal.tell(f"mavibot {ctx.invoked_subcommand}: {hidden(explained(error))}")
            code = _code(error)
        except KeyboardInterrupt:
            code = ExitCode.INTERRUPTED
        except Exception as error:
            # Has this method if typer shows it. The class has a public name in the latest versions of typer only.
            if hasattr(error, "format_message"):
                _complete(error, ctx.invoked_subcommand)
            raise
        # Outside of the handler: an exception that hangs on another one is shown with it by some tools.
        raise typer.Exit(code)


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
