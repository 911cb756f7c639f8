"""`mavibot listen`: prints incoming webhook events."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from mavibot.webhooks import Event
from mavibot_cli import receiver, terminal
from mavibot_cli.exits import UsageProblem

EXAMPLE = "Example: mavibot listen --port 9000"


def listen(
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 picks a free one.")],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    as_json: Annotated[bool, typer.Option("--json", help="Print each event as received, as one line of JSON.")] = False,
) -> None:
    """Print the project's webhook events as they arrive, until Ctrl-C.

    The platform must be able to reach this address. Enter it, or the address of a tunnel to it, in the project
    settings.
    """

    def show(event: Event) -> None:
        line = json.dumps(event.raw, ensure_ascii=False) if as_json else receiver.describe(event)
        terminal.write(f"{line}\n")

    try:
        server = receiver.Receiver(host, port, show, on_problem=terminal.tell)
    except OSError as error:
        raise UsageProblem(f"cannot listen on {host}:{port}: {error.strerror}; try --port 0") from None
    with server:
        terminal.tell(f"listening at {server.url}; Ctrl-C stops it")
        server.serve_forever()
