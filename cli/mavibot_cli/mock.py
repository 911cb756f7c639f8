"""`mavibot mock`: runs the stand-in server; the commands below it drive one that runs."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from mavibot_cli import mock_control
from mavibot_cli.exits import ExitCode, UsageProblem
from mavibot_cli.mock_connection import TOKEN_VARIABLE, missing_extra

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What `--defect` takes for a question.
_LIST: Final = "list"

EXAMPLE: Final = "Example: mavibot mock --port 8080"

commands = typer.Typer(invoke_without_command=True)


@commands.callback(epilog=EXAMPLE)
def mock(
    context: typer.Context,
    *,
    host: Annotated[
        str,
        typer.Option(
            help="Address to listen on. Where other machines reach it, the commands that drive the mock need a token:"
            f" that of {TOKEN_VARIABLE}, else a new one, which is printed."
        ),
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 8080,
    db: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            file_okay=False,
            help="Directory that keeps all projects; memory without it.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            exists=True,
            help="YAML or JSON with what the project begins with, instead of the demo project.",
            show_default=False,
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse calls that depart from the contract instead of noting it.")
    ] = False,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST",
            help="Host beyond this machine to which webhooks may go; can be given several times.",
            show_default=False,
        ),
    ] = None,
    defect: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Give the mock a defect, to see whether tests find it; `list` prints the names.",
            show_default=False,
        ),
    ] = None,
    ready_json: Annotated[
        bool, typer.Option("--ready-json", help="Print one line of JSON with the address and the keys once it answers.")
    ] = False,
) -> None:
    """Run a stand-in for the platform on this machine, until Ctrl-C; nobody real is ever messaged.

    The commands below drive a mock that runs.
    """
    if context.invoked_subcommand is not None:
        _refuse_options(context)
        return
    try:
        from mavibot_mock import Server, serve  # noqa: PLC0415  (the mock is an extra)
    except ModuleNotFoundError as error:
        raise missing_extra(error) from None
    try:
        if defect == _LIST:
            _list_defects()
            return
        with nullcontext() if defect is None else _applied(defect):
            server = Server(
                host,
                port,
                db=db,
                seed=seed,
                strict=strict,
                token=os.environ.get(TOKEN_VARIABLE) or None,
                webhook_hosts=allow_host or (),
            )
            serve(server, ready_json=ready_json)
    except BrokenPipeError:
        raise typer.Exit(ExitCode.SUCCESS) from None  # whoever read the start-up lines has gone
    except ValueError as error:
        raise UsageProblem(str(error)) from None
    except OSError as error:
        if error.filename is not None:
            raise UsageProblem(f"{error.filename}: {error.strerror}") from None
        advice = "; --port 0 takes a free one" if error.errno == errno.EADDRINUSE else ""
        typer.echo(f"mavibot mock: cannot listen on {host}:{port}: {error.strerror}{advice}", err=True)
        raise typer.Exit(ExitCode.REFUSED) from None


def _list_defects() -> None:
    """Print every defect with what is wrong, those of one kind together."""
    from mavibot_mock import defects  # noqa: PLC0415  (nobody else needs it)

    found = [defects.find(name) for name in defects.names()]
    width = max(len(each.name) for each in found)
    kind = ""
    for each in found:
        if each.kind != kind:
            kind = each.kind
            typer.echo(f"{kind}:")
        typer.echo(f"  {each.name:{width}}  {each.about}")


@contextmanager
def _applied(defect: str) -> Iterator[None]:
    """Let the mock have a defect, and say so where it disturbs no program.

    Raises:
        ValueError: there is none with this name.
    """
    from mavibot_mock import defects  # noqa: PLC0415  (nobody else needs it)

    with defects.applied(defect) as found:
        typer.echo(f"mavibot mock: it has the defect {found.name}: {found.about}", err=True)
        yield


def _refuse_options(context: typer.Context) -> None:
    """Refuse what only a start understands: it would be passed over.

    Raises:
        UsageProblem: such an option was given.
    """
    for name in context.params:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            command = context.invoked_subcommand
            option = "--" + name.replace("_", "-")
            raise UsageProblem(
                f"{option} starts a mock; {command} speaks to one that runs: mavibot mock {command} --url URL"
            )


commands.command("advance", epilog=mock_control.ADVANCE)(mock_control.advance)
commands.command("reset", epilog=mock_control.RESET)(mock_control.reset)
commands.command("tail", epilog=mock_control.TAIL)(mock_control.tail)
commands.command("seed", epilog=mock_control.SEED)(mock_control.seed)
commands.command("snapshot", epilog=mock_control.SNAPSHOT)(mock_control.snapshot)
