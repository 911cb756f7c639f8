"""`mavibot mock`: runs the stand-in server; its subcommands control a running one."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Final

import typer

from mavibot_cli import mock_control, terminal
from mavibot_cli.exits import ExitCode, UsageProblem, missing_extra
from mavibot_cli.mock_connection import TOKEN_VARIABLE
from mavibot_cli.mock_record import read_record
from mavibot_cli.network import Port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mavibot_mock.server.recorded import Recorded

#: Value of `--defect` that asks for the names.
_LIST: Final = "list"

EXAMPLE: Final = (
    "Example: mavibot mock --port 8080\n\n"
    "Then, in another terminal: export MAVIBOT_BASE_URL=http://127.0.0.1:8080 MAVIBOT_API_KEY=demo-full;"
    " mavibot call get_clients"
)

commands = typer.Typer(invoke_without_command=True)


@commands.callback(epilog=EXAMPLE)
def mock(
    context: typer.Context,
    *,
    host: Annotated[
        str,
        typer.Option(
            help="Address to listen on. If other machines can reach it, controlling the mock takes a token:"
            f" {TOKEN_VARIABLE}, or else a new one, which is printed."
        ),
    ] = "127.0.0.1",
    port: Port = 8080,
    db: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            file_okay=False,
            help="Directory to store all projects in; without it they are kept in memory.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            exists=True,
            help="YAML or JSON file with the project's initial state, instead of the demo project.",
            show_default=False,
        ),
    ] = None,
    seed_from: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            exists=True,
            help="Record of mavibot proxy: the project begins with the clients, variables, lists and deals that its"
            " calls speak of, and its page shows them.",
            show_default=False,
        ),
    ] = None,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict", help="Refuse calls that deviate from the contract, which are otherwise only recorded."
        ),
    ] = False,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST",
            help="Host other than this machine that webhooks may be sent to; can be repeated.",
            show_default=False,
        ),
    ] = None,
    defect: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Run the mock with a defect, to see whether your tests find it; `list` prints the names.",
            show_default=False,
        ),
    ] = None,
    ready_json: Annotated[
        bool, typer.Option("--ready-json", help="Once ready, print the address and the keys as one line of JSON.")
    ] = False,
) -> None:
    """Run a local stand-in for the platform, until Ctrl-C. It never messages real people.

    The subcommands control a running mock.
    """
    if context.invoked_subcommand is not None:
        _refuse_options(context)
        return
    try:
        from mavibot_mock import Server, serve  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise missing_extra(error, "mock") from None
    try:
        if defect == _LIST:
            _list_defects()
            return
        if seed is not None and seed_from is not None:
            raise UsageProblem("--seed and --seed-from: give one of them")
        with (
            nullcontext() if defect is None else _applied(defect),
            _beginning(seed, seed_from) as (first_state, recorded),
        ):
            server = Server(
                host,
                port,
                db=db,
                seed=first_state,
                strict=strict,
                token=os.environ.get(TOKEN_VARIABLE) or None,
                webhook_hosts=allow_host or (),
                recorded=recorded,
            )
            serve(server, ready_json=ready_json)
    except BrokenPipeError:
        raise typer.Exit(ExitCode.SUCCESS) from None  # whoever read the start-up lines has gone
    except ValueError as error:
        raise UsageProblem(str(error)) from None
    except OSError as error:
        if error.filename is not None:
            raise UsageProblem(f"{error.filename}: {error.strerror}") from None
        if error.errno == errno.ENOSPC:  # no socket needs space: the start-up lines cannot be written
            raise terminal.OutputError(str(error.strerror)) from None
        advice = "; --port 0 picks a free one" if error.errno == errno.EADDRINUSE else ""
        terminal.tell(f"mavibot mock: cannot listen on {host}:{port}: {error.strerror}{advice}")
        raise typer.Exit(ExitCode.REFUSED) from None


@contextmanager
def _beginning(seed: Path | None, record: Path | None) -> Iterator[tuple[Path | None, Recorded | None]]:
    """Yield the file of the seed and what is shown of a record; where there is one, both are made of it.

    Raises:
        OSError: the record cannot be read.
        UsageProblem: the extra for records is missing.
        ValueError: the file is not a record.
    """
    if record is None:
        yield seed, None
        return
    with TemporaryDirectory(prefix="mavibot-") as folder:
        yield read_record(record, folder)


def _list_defects() -> None:
    """Print every defect and what is wrong with it, by kind; two groups have kinds of the same name."""
    from mavibot_mock import defects  # noqa: PLC0415 - needed for a defect alone

    found = [defects.find(name) for name in defects.names()]
    width = max(len(each.name) for each in found)
    heading = ""
    for each in found:
        kind = each.kind if each.group == "own" else f"{each.kind} ({each.group})"
        if kind != heading:
            heading = kind
            terminal.write(f"{heading}:\n")
        terminal.write(f"  {each.name:{width}}  {each.about}\n")


@contextmanager
def _applied(defect: str) -> Iterator[None]:
    """Apply a defect to the mock, and say so on stderr.

    Raises:
        ValueError: there is no defect of this name.
    """
    from mavibot_mock import defects  # noqa: PLC0415 - needed for a defect alone

    with defects.applied(defect) as found:
        terminal.tell(f"mavibot mock: runs with the defect {found.name}: {found.about}")
        yield


def _refuse_options(context: typer.Context) -> None:
    """Refuse the options of a start, which a subcommand would ignore.

    Raises:
        UsageProblem: such an option was given.
    """
    for name in context.params:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            command = context.invoked_subcommand
            option = "--" + name.replace("_", "-")
            raise UsageProblem(
                f"{option} starts a mock; {command} controls a running one: mavibot mock {command} --url URL"
            )


commands.command("advance", epilog=mock_control.ADVANCE)(mock_control.advance)
commands.command("reset", epilog=mock_control.RESET)(mock_control.reset)
commands.command("tail", epilog=mock_control.TAIL)(mock_control.tail)
commands.command("seed", epilog=mock_control.SEED)(mock_control.seed)
commands.command("snapshot", epilog=mock_control.SNAPSHOT)(mock_control.snapshot)
