"""`mavibot listen`: prints incoming webhook events."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from mavibot.webhooks import Event
from mavibot_cli import receiver, terminal
from mavibot_cli.exits import UsageProblem
from mavibot_cli.network import Port

EXAMPLE = (
    "Example: mavibot listen --port 9000\n\n"
    """Try it: curl --data '{"client": {"id": 25554}, "message": "Hello", "is_input": 1}' http://127.0.0.1:9000/"""
)

commands = typer.Typer()


@commands.command(epilog=EXAMPLE)
def listen(
    *,
    port: Port,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    as_json: Annotated[bool, typer.Option("--json", help="Print each event as received, as one line of JSON.")] = False,
) -> None:
    """Print the project's webhook events as they arrive, until Ctrl-C.

    The platform must be able to reach this address. Enter it, or the address of a tunnel to it, in the project
    settings.
    """
    broken: list[terminal.OutputError] = []

    def show(event: Event) -> None:
        try:
            if as_json:
                line = terminal.fit(_as_json(event)) if terminal.on_terminal() else _as_json(event)
            else:
                line = receiver.describe(event)
            terminal.write(f"{line}\n")
        except terminal.OutputError as error:
            # What else comes is shown to no one.
            broken.append(error)
            server.shutdown()

    try:
        server = receiver.Receiver(host, port, show, on_problem=terminal.tell)
    except OSError as error:
        raise UsageProblem(f"cannot listen on {host}:{port}: {error.strerror}; try --port 0") from None
    with server:
        terminal.tell(f"listening at {server.url}; Ctrl-C stops it")
        server.serve_forever()
    if broken:
        raise broken[0]


def _as_json(event: Event) -> str:
    line = json.dumps(event.raw, ensure_ascii=False)
    sound = terminal.whole(line)
    if sound != line:
        terminal.tell("an event holds half of a character, a lone surrogate; U+FFFD stands in its place")
    return sound
