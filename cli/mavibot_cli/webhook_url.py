"""`mavibot webhook-url`: builds the address that a shop or form service posts to."""

from __future__ import annotations

from typing import Annotated

import typer

from mavibot import Mavibot
from mavibot.errors import InvalidParameters, Problem
from mavibot_cli import terminal, values
from mavibot_cli.action_names import Action
from mavibot_cli.client_internals import find_operation
from mavibot_cli.settings import BaseUrl, KeyFile, api_key

EXAMPLE = (
    "Example: mavibot webhook-url callback client_phone=order.phone message=event\n\n"
    "The address leads a POST of {'order': {'phone': '79001234567'}, 'event': 'paid'} to the client with this phone, as"
    " the callback paid."
)

# Stands for the key in a client that only builds an address without it.
_NO_KEY = "no-key"
_OPTIONS = {"fixed": "--fixed NAME=VALUE", "reveal_key": "--reveal-key"}

commands = typer.Typer()


@commands.command(epilog=EXAMPLE)
def webhook_url(
    *,
    action: Action,
    places: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME=KEY…",
            help="Where the payload holds each parameter: a key, or keys separated by dots; \\. is a dot within a key.",
        ),
    ],
    fixed: Annotated[
        list[str] | None,
        typer.Option(
            "--fixed", metavar="NAME=VALUE", help="A parameter that is the same in every call; can be repeated."
        ),
    ] = None,
    reveal_key: Annotated[
        bool, typer.Option("--reveal-key", help="Put the API key in the address instead of {api_key}.")
    ] = False,
    base_url: BaseUrl = None,
    key_file: KeyFile = None,
) -> None:
    """Print the address to give to a service that posts its own JSON. Sends nothing and needs no key."""
    operation = find_operation(action)
    where = {name: keys(text) for name, text in map(values.pair, places)}
    if wrong := where.keys() & _OPTIONS:
        problems = [Problem(name, f"is no parameter here; write {_OPTIONS[name]}") for name in sorted(wrong)]
        raise InvalidParameters(action, problems)
    constants = values.read(operation, fixed or ())
    key = api_key(key_file) if reveal_key else _NO_KEY
    with Mavibot(key, base_url=base_url) as bot:
        url = bot.webhook_url(action, reveal_key=reveal_key, fixed=constants, **where)
    terminal.write(f"{url}\n")


def keys(place: str) -> str | list[str]:
    r"""Return the keys of a place: one as it is, several as a list; a backslash takes the next character literally."""
    found = [""]
    characters = iter(place)
    for character in characters:
        if character == "\\":
            found[-1] += next(characters, "\\")
        elif character == ".":
            found.append("")
        else:
            found[-1] += character
    return found if len(found) > 1 else found[0]
