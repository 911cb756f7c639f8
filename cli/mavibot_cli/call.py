"""`mavibot call`: calls any action."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from mavibot import Reply
from mavibot.errors import Advice, InvalidParameters, Problem
from mavibot_cli import terminal, values
from mavibot_cli.action_names import Action
from mavibot_cli.client_internals import find_operation
from mavibot_cli.network import Proxy
from mavibot_cli.settings import BaseUrl, KeyFile, open_client
from mavibot_contract import Method

EXAMPLE = (
    "Example: mavibot call message client_id=25554 message='Your order is on its way'\n\n"
    "Without sending to anybody: start mavibot mock, then set MAVIBOT_BASE_URL=http://127.0.0.1:8080 and"
    " MAVIBOT_API_KEY=demo-full.\n\n"
    "What an action takes: mavibot actions message. What the exit codes mean: mavibot --help."
)

commands = typer.Typer()


@commands.command(epilog=EXAMPLE)
def call(
    *,
    action: Action,
    parameters: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME=VALUE…",
            help="Parameters of the action. Lists: clients=1,2,3 or JSON. Objects: JSON. name=@FILE reads the text of a"
            " file, @- reads stdin, and @@ stands for a plain @. If the action saves variables, any other name is a"
            " variable with a text value; variables='{…}' takes JSON.",
            show_default=False,
        ),
    ] = None,
    json_file: Annotated[
        str | None,
        typer.Option(
            "--json",
            metavar="FILE",
            help="Read parameters from a JSON file; - reads stdin.",
            show_default=False,
        ),
    ] = None,
    get: Annotated[bool, typer.Option("--get", help="Call by GET, if the action supports it.")] = False,
    raw: Annotated[
        bool, typer.Option("--raw", help="Print the reply as received, without a table or a line break at its end.")
    ] = False,
    base_url: BaseUrl = None,
    key_file: KeyFile = None,
    proxy: Proxy = None,
) -> None:
    """Call an action and print its reply: formatted on a terminal, as received in a pipe."""
    method: Method | None = "GET" if get else None
    operation = find_operation(action, method)
    given = values.read(operation, parameters or (), json_file)
    if "method" in given:
        # Without a field: `method` is the client's name for --get.
        advice = Advice.USE_VARIABLES if operation.free_variables else None
        raise InvalidParameters(action, [Problem("", "method is no parameter here; choose GET with --get", advice)])
    with open_client(base_url, key_file, proxy) as bot:
        reply = bot.call(action, method=method, **given)
    _show(reply, raw=raw)


def _show(reply: Reply, *, raw: bool) -> None:
    if terminal.on_terminal() and not raw:
        _show_on_terminal(reply)
    else:
        terminal.write(reply.text if raw or reply.text.endswith("\n") else f"{reply.text}\n")


def _show_on_terminal(reply: Reply) -> None:
    try:
        data = json.loads(reply.text)
    except (ValueError, RecursionError):
        terminal.write(f"{reply.text}\n")
        return
    rows = _rows(data)
    if rows:
        terminal.show_rows(rows)
    else:
        terminal.show_json(data)


def _rows(data: Any) -> list[Mapping[str, Any]]:
    """Return the one list of objects in a reply, or nothing if it has another shape."""
    lists = [data] if isinstance(data, list) else list(data.values()) if isinstance(data, dict) else []
    tables = [value for value in lists if isinstance(value, list) and value]
    if len(tables) == 1 and all(isinstance(row, dict) for row in tables[0]):
        rows: list[Mapping[str, Any]] = tables[0]
        return rows
    return []
