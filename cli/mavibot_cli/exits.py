"""Exit codes, and the errors that lead to one."""

from __future__ import annotations

from contextvars import ContextVar
from enum import IntEnum
from typing import Final


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


def no_calls_yet() -> None:
    """Note that a command begins, which has called no server."""
    _calls_may_follow.set(False)


def calls_were_possible() -> bool:
    """Return True if the command has come to where it calls a server."""
    return _calls_may_follow.get()
