"""The command `mavibot`: what `mavibot --help` shows."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated, Final

import typer

from mavibot_cli import actions, call, clients, conformance, contract, facts, listen, mock, proxy, replay, webhook_url
from mavibot_cli.exits import EXIT_CODES, Commands

__all__ = ["app"]

_EPILOG: Final = "\n\n".join(
    [
        "Begin with a stand-in for the platform, which reaches nobody: mavibot mock.",
        "For the platform set MAVIBOT_API_KEY (project settings, Integrations) and MAVIBOT_BASE_URL.",
        "Exit codes:",
        *(f"{code}: {meaning}" for code, meaning in EXIT_CODES.items()),
    ]
)

app = typer.Typer(
    cls=Commands,
    help="Tools for the Mavibot (Salebot) chatbot API.",
    epilog=_EPILOG,
    context_settings={"help_option_names": ["--help", "-h"]},
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("call", epilog=call.EXAMPLE)(call.call)
app.command("actions", epilog=actions.EXAMPLE)(actions.actions)
app.command("webhook-url", epilog=webhook_url.EXAMPLE)(webhook_url.webhook_url)
app.add_typer(clients.commands, name="clients")
app.command("listen", epilog=listen.EXAMPLE)(listen.listen)
app.add_typer(mock.commands, name="mock")
app.command("proxy", epilog=proxy.EXAMPLE)(proxy.proxy)
app.command("replay", epilog=replay.EXAMPLE)(replay.replay)
app.add_typer(facts.commands, name="facts")
app.add_typer(conformance.commands, name="conformance")
app.add_typer(contract.commands, name="contract")


def _show_version(wanted: bool) -> None:
    if wanted:
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
