"""The options that every command with a connection has, and the client that they make."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from mavibot import Mavibot
from mavibot._config import KEY_VARIABLE, URL_VARIABLE, known_hosts
from mavibot_cli.exits import UsageProblem

BaseUrl = Annotated[
    str | None,
    typer.Option(
        "--base-url",
        metavar="URL",
        help=f"Scheme and host of the platform or of a mock; otherwise {URL_VARIABLE}. There is no default.",
        show_default=False,
    ),
]
KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key-file",
        metavar="FILE",
        help=f"File that holds the API key; otherwise {KEY_VARIABLE}. The key itself is never an argument, because"
        " arguments stand in the shell's history and in the list of processes that everybody can read.",
        show_default=False,
    ),
]


def open_client(base_url: str | None, key_file: Path | None) -> Mavibot:
    """Return a client for the options of a command.

    Raises:
        UsageProblem: there is no API key or no base URL.
        ConfigurationError: one of them is malformed.
    """
    return Mavibot(api_key(key_file), base_url=known_base_url(base_url))


def api_key(key_file: Path | None) -> str:
    """Return the API key from the file or the environment.

    Raises:
        UsageProblem: there is none.
    """
    if key_file is not None:
        try:
            return key_file.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, ValueError) as error:
            # The name is not repeated: it might be the key, given here by mistake.
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            raise UsageProblem(f"--key-file: the file cannot be read: {reason}") from None
    if key := os.environ.get(KEY_VARIABLE):
        return key
    raise UsageProblem(
        f"no API key; set {KEY_VARIABLE} or name a file with --key-file (project settings, Integrations, Add API key)"
    )


def known_base_url(base_url: str | None) -> str:
    """Return the base URL from the option or the environment.

    Raises:
        UsageProblem: there is none.
    """
    if found := base_url or os.environ.get(URL_VARIABLE):
        return found
    raise UsageProblem(
        f"no base URL; pass --base-url or set {URL_VARIABLE}: the live platform ({', '.join(known_hosts())}) or a mock"
    )
