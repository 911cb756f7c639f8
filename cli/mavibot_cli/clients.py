"""`mavibot clients`: moves many clients between the project and a file."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from mavibot import ClientNotFound, Mavibot, MavibotError, ResumeError
from mavibot_cli import terminal
from mavibot_cli.client_files import ClientFile, FileChanged, file_format
from mavibot_cli.error_texts import explained
from mavibot_cli.exits import ExitCode, UsageProblem
from mavibot_cli.export import VARIABLES, Export
from mavibot_cli.network import Proxy
from mavibot_cli.settings import BaseUrl, KeyFile, open_client

if TYPE_CHECKING:
    from mavibot import models
    from mavibot.bulk import ChunkResult

commands = typer.Typer(help="Export clients to a file, or import them from one.", no_args_is_help=True)

IMPORT_EXAMPLE: Final = (
    "Example: mavibot clients import clients.csv --resume clients.progress\n\n"
    "The first lines of such a file: platform_id,group_id,client_type and then 123456789,my_bot,telegram"
)
#: Wrong rows that are shown; more only hide the first ones.
MOST_SHOWN: Final = 20


@commands.command("export", epilog="Example: mavibot clients export clients.csv --list 1170282")
def export(
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File to write, named *.csv or *.jsonl.")],
    list_id: Annotated[
        str | None,
        typer.Option("--list", metavar="N", help="Only the clients of this list.", show_default=False),
    ] = None,
    variables: Annotated[
        bool, typer.Option("--variables", help="Include each client's variables, at one more call per client.")
    ] = False,
    excel_safe: Annotated[
        bool,
        typer.Option(
            "--excel-safe",
            help="For a CSV file that is opened in a spreadsheet: put an apostrophe before text that begins like a"
            " formula (= + - @).",
        ),
    ] = False,
    base_url: BaseUrl = None,
    key_file: KeyFile = None,
    proxy: Proxy = None,
) -> None:
    """Export the project's clients to a file.

    Until the export is complete, the file's name ends in .part; after an interruption the same command continues it.
    """
    file_format(file)
    with (
        open_client(base_url, key_file, proxy) as bot,
        Export(file, variables=variables, excel_safe=excel_safe) as target,
        terminal.progress(total_known=False) as bar,
    ):
        task = bar.add_task("exported clients", completed=target.count)
        for client in _remaining(bot, target, list_id):
            target.write(_with_variables(bot, client) if variables else client)
            bar.advance(task)
    terminal.tell(f"clients exported to {file}: {target.count}")


def _remaining(bot: Mavibot, target: Export, list_id: str | None) -> Iterator[Mapping[str, Any]]:
    """Yield the clients that are not in the file yet.

    Raises:
        UsageProblem: the clients in the file are no longer the first ones.
    """
    before = target.before
    # Oldest first, so that new clients come last. The last client of the file is asked for again: if it stands
    # elsewhere now, others were deleted meanwhile.
    clients = bot.iter_clients(list=list_id, reverse=True, start=max(before.count - 1, 0))
    if before.count:
        last = next(clients, None)
        if last is None or last.id != before.last_id:
            raise UsageProblem(
                f"{target.partial}: cannot be continued: the project's clients changed since, or another list was"
                " exported; delete it to begin anew"
            )
    for client in clients:
        yield client.to_dict()


def _with_variables(bot: Mavibot, client: Mapping[str, Any]) -> dict[str, Any]:
    try:
        variables = bot.get_variables(client_id=client["id"])
    except ClientNotFound:  # deleted meanwhile
        variables = None
    return {**client, VARIABLES: variables}


@commands.command("import", epilog=IMPORT_EXAMPLE)
def import_(
    *,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="File with platform_id, group_id and client_type, named *.csv or *.jsonl."),
    ],
    resume: Annotated[
        Path | None,
        typer.Option(
            "--resume",
            metavar="FILE",
            help="Record progress in this file, and skip what it records as done.",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only check the file; needs no key.")] = False,
    base_url: BaseUrl = None,
    key_file: KeyFile = None,
    proxy: Proxy = None,
) -> None:
    """Import clients of connected channels from a file. Nothing is sent until the whole file has been checked.

    client_type is a messenger's number or name, such as telegram or whatsapp.
    """
    clients = _checked(file)
    if dry_run:
        terminal.tell(f"clients in {file}: {len(clients)}, all fine; nothing was sent")
        return
    with open_client(base_url, key_file, proxy) as bot, terminal.progress(total_known=True) as bar:
        task = bar.add_task("imported clients", total=len(clients))
        run = bot.bulk.load_clients(
            clients, resume=resume, on_progress=lambda done, _: bar.update(task, completed=done)
        )
        counts: Counter[str] = Counter(dict.fromkeys(("done", "skipped", "failed", "unknown"), 0))
        try:
            _count(clients, run, counts)
        except (FileChanged, ResumeError) as error:
            if isinstance(error, ResumeError) and not counts.total():
                raise
            # Chunks before this one were sent, so this is not wrong usage any more.
            terminal.tell(f"mavibot clients: {error}")
            raise typer.Exit(ExitCode.PARTLY) from None
    _report(counts)


def _checked(file: Path) -> ClientFile:
    """Return the clients of a file.

    Raises:
        UsageProblem: a row is wrong; the first ones are shown.
    """
    clients = ClientFile(file)
    wrong = 0
    for row in clients.check():
        wrong += 1
        if wrong <= MOST_SHOWN:
            for problem in row.problems:
                terminal.tell(f"{file}:{row.line}: {problem}")
    if wrong:
        raise UsageProblem(f"{file}: {wrong} of {len(clients)} rows are wrong; nothing was sent")
    return clients


def _count(clients: ClientFile, results: Iterable[ChunkResult[models.LoadClientsReply]], counts: Counter[str]) -> None:
    """Count the clients by outcome as they are imported, and show those that were not.

    Raises:
        MavibotError: nothing at all could be done; the first error.
    """
    first_error: MavibotError | None = None
    for result in results:
        first_error = first_error or result.error
        if result.outcome == "done":
            # An item that the reply does not name, or a reply that cannot be read, leaves the outcome unknown.
            items = [] if result.reply is None else result.reply.items[: result.items_count]
            counts["unknown"] += result.items_count - len(items)
            for line, item in zip(clients.lines[result.first : result.first + len(items)], items, strict=True):
                counts["done" if item.status == "success" else "failed"] += 1
                if item.status != "success":
                    reason = item.to_dict().get("message", item.status)
                    terminal.tell(f"{clients.path}:{line}: {reason}")
        else:
            counts[result.outcome] += result.items_count
        if result.error is not None:
            first, last = (clients.lines[index] for index in (result.first, result.first + result.items_count - 1))
            terminal.tell(f"{clients.path}:{first}-{last}: {explained(result.error)}")
    if first_error is not None and counts["failed"] == counts.total():
        raise first_error


def _report(counts: Counter[str]) -> None:
    if terminal.on_terminal():
        terminal.write(", ".join(f"{number} {name}" for name, number in counts.items()) + "\n")
    else:
        terminal.write(json.dumps(counts) + "\n")
    if counts["failed"] or counts["unknown"]:
        raise typer.Exit(ExitCode.PARTLY)
