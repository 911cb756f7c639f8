"""`mavibot listen`: prints incoming webhook events."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from mavibot.webhooks import Event
from mavibot_cli import receiver, terminal
from mavibot_cli.exits import ExitCode, UsageProblem

EXAMPLE = "Example: mavibot listen --port 9000"


def listen(
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    as_json: Annotated[bool, typer.Option("--json", help="Print each event as it came, one line of JSON.")] = False,
) -> None:
    """Print the project's webhook events as they come, until Ctrl-C.

    The platform must be able to reach this address: enter it, or that of a tunnel to it, in the project settings.
    """

    def show(event: Event) -> None:
        line = json.dumps(event.raw, ensure_ascii=False) if as_json else receiver.describe(event)
        terminal.write(f"{line}\n")

    try:
        receiver.listen(
            host,
            port,
            show,
            on_problem=terminal.tell,
            on_ready=lambda url: terminal.tell(f"listening at {url}; Ctrl-C ends it"),
        )
    except OSError as error:
        raise UsageProblem(f"cannot listen on {host}:{port}: {error.strerror}; try --port 0") from None
    # It ends by Ctrl-C only.
    raise typer.Exit(ExitCode.INTERRUPTED)
