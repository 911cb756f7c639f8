"""The options of every command that connects to the API, and the client that they open."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import httpx2
import typer

from mavibot import Mavibot
from mavibot.errors import ConfigurationError
from mavibot_cli.client_internals import KEY_VARIABLE, URL_VARIABLE
from mavibot_cli.client_internals import base_url as normalized
from mavibot_cli.error_texts import ADVICE
from mavibot_cli.exits import UsageProblem, calls_may_follow
from mavibot_cli.network import check_certificates

BaseUrl = Annotated[
    str | None,
    typer.Option(
        "--base-url",
        metavar="URL",
        help=f"Scheme and host of the platform or of a mock. Taken from {URL_VARIABLE} if omitted; no default.",
        show_default=False,
    ),
]
KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key-file",
        metavar="FILE",
        help=f"File with the API key. Taken from {KEY_VARIABLE} if omitted. The key itself is never an argument:"
        " arguments appear in the shell history and in the process list, which every user can read.",
        show_default=False,
    ),
]


def address(option: str, value: str) -> str:
    """Return the base URL of the server that an option names, such as `http://127.0.0.1:8080`.

    Args:
        option: where the value comes from, as messages name it, such as `--url`.
        value: what was given.

    Raises:
        UsageProblem: it is empty or malformed.
    """
    if not value:
        raise UsageProblem(f"{option}: it names no server; write it like http://127.0.0.1:8080")
    try:
        return normalized(value)
    except ConfigurationError as error:
        raise UsageProblem(error.problem.text(ADVICE, option)) from None


def open_client(base_url: str | None, key_file: Path | None, proxy: str | None) -> Mavibot:
    """Return a client for the options of a command; what is not given comes from the environment.

    Raises:
        UsageProblem: the key file cannot be read.
        ConfigurationError: the key or the base URL is missing or malformed, or the certificates that the environment
            names cannot be read.
    """
    check_certificates()
    transport = None if proxy is None else httpx2.HTTPTransport(proxy=proxy)
    bot = Mavibot(api_key(key_file), base_url=base_url, transport=transport)
    calls_may_follow()
    return bot


def api_key(key_file: Path | None) -> str | None:
    """Return the API key of a file, or `None` without one: the client then takes that of the environment.

    Raises:
        UsageProblem: the file cannot be read.
    """
    if key_file is None:
        return None
    try:
        return key_file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, ValueError) as error:
        # The name is not repeated: it might be the key, given here by mistake.
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise UsageProblem(f"--key-file: the file cannot be read: {reason}") from None
