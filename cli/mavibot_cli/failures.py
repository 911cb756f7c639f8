"""The one place that turns an error into a line on stderr and an exit code."""

from __future__ import annotations

import os
from typing import Any

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
from mavibot_cli.exits import ExitCode, UsageProblem, calls_were_possible, no_calls_yet


def begin() -> None:
    """Note that a command begins: nothing was called yet, and the key that the environment holds is to be hidden."""
    # It may have been given as an argument too, before any client knows it.
    remember(os.environ.get(KEY_VARIABLE, ""))
    no_calls_yet()


def tell(error: Exception, command: str | None) -> ExitCode:
    """Write what went wrong to stderr, without the API key, and return the exit code.

    Args:
        error: what ended the command.
        command: name of the command, if one was found.

    Raises:
        Exception: the error itself, where typer shows it or where it is a mistake of this program.
    """
    said: str | None
    match error:
        case MavibotError() | UsageProblem():
            said, code = explained(error), _code(error)
        case terminal.OutputError():
            terminal.give_up()
            said, code = _about_output(error), ExitCode.PARTLY
        # typer shows it. The class has a public name in the latest versions of typer only.
        case _ if hasattr(error, "format_message"):
            _complete(error, command)
            raise error
        case _ if calls_were_possible():
            said = f"a call may have been carried out, but then: {type(error).__name__}: {error}"
            code = ExitCode.PARTLY
        case _:
            raise error
    if said is not None:
        terminal.tell(f"mavibot {command}: {hidden(said)}", lines=code is ExitCode.USAGE)
    return code


def _about_output(error: terminal.OutputError) -> str | None:
    """Return what to say of output that cannot be written; nothing where a pipe's reader had enough of a text."""
    if calls_were_possible():
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
