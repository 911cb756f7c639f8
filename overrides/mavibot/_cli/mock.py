"""`mavibot mock`: runs the stand-in server."""

from __future__ import annotations

import errno
from typing import Annotated

import typer


def mock(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 8080,
    ready_json: Annotated[
        bool, typer.Option("--ready-json", help="Print one line of JSON with the address and the keys once it answers.")
    ] = False,
) -> None:
    """Run a stand-in for the platform on this machine; nobody real is ever messaged.

    It keeps its state in memory and begins with a demo project. Stop it with Ctrl-C.

    Try it: mavibot mock --port 8080
    """
    try:
        from mavibot_mock.server import serve  # noqa: PLC0415  (the mock is an extra)
    except ModuleNotFoundError as error:
        typer.echo(f"mavibot mock: {error.name} is missing; install it with: pip install 'mavibot[mock]'", err=True)
        raise typer.Exit(2) from None
    try:
        serve(host=host, port=port, ready_json=ready_json)
    except BrokenPipeError:
        raise typer.Exit(0) from None  # whoever read the start-up lines has gone
    except OSError as error:
        advice = "; --port 0 takes a free one" if error.errno == errno.EADDRINUSE else ""
        typer.echo(f"mavibot mock: cannot listen on {host}:{port}: {error.strerror}{advice}", err=True)
        raise typer.Exit(1) from None
