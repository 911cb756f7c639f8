"""The command `mavibot`: what `mavibot --help` shows."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer

from mavibot_cli.commands import Commands, Later
from mavibot_cli.exits import EXIT_CODES

__all__ = ["app"]

_EPILOG: Final = "\n\n".join(
    [
        "Begin with a mock of the platform, which sends nothing to real people: mavibot mock.",
        "For the platform set MAVIBOT_API_KEY (project settings, Integrations) and MAVIBOT_BASE_URL.",
        "Exit codes:",
        *(f"{code}: {meaning}" for code, meaning in EXIT_CODES.items()),
    ]
)
#: What the list of all commands says of each: the first paragraph of its own help.
_SUMMARIES: Final = {
    "call": "Call an action and print its reply: formatted on a terminal, as received in a pipe.",
    "actions": "List all actions, or explain one: its parameters, permission, effect, replies and"
    " evidence. Needs no key.",
    "webhook-url": "Print the address to give to a service that posts its own JSON. Sends nothing and needs no key.",
    "listen": "Print the project's webhook events as they arrive, until Ctrl-C.",
    "proxy": "Pass calls on to the platform unchanged, check them and the replies, and record them; until Ctrl-C.",
    "replay": "Play recorded calls on a mock, and show where it answers otherwise than the platform did.",
    "clients": "Export clients to a file, or import them from one.",
    "mock": "Run a local stand-in for the platform, until Ctrl-C. It never messages real people.",
    "facts": "What real calls say about the assumptions of the contract.",
    "conformance": "Check whether a server follows the contract.",
    "contract": "Print the contract as OpenAPI, or what a new version of it changes. Needs no key.",
}


class _Mavibot(Commands):
    def __init__(self, **settings: Any) -> None:
        commands = [Later(name, summary) for name, summary in _SUMMARIES.items()]
        super().__init__(**{**settings, "commands": commands})


app = typer.Typer(
    cls=_Mavibot,
    help="Tools for the Mavibot (Salebot) chatbot API.",
    epilog=_EPILOG,
    context_settings={"help_option_names": ["--help", "-h"]},
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - as slow to import as all the rest

        typer.echo(f"mavibot {version('mavibot')}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Tools for the Mavibot (Salebot) chatbot API."""
