"""`mavibot replay`: plays recorded calls on a mock."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

import httpx2
import typer

from mavibot_cli import settings, terminal
from mavibot_cli.exits import ExitCode, UsageProblem, missing_extra
from mavibot_cli.settings import KeyFile, api_key

EXAMPLE: Final = (
    "Example: mavibot mock --seed-from calls.har, and then: mavibot replay calls.har --to http://127.0.0.1:8080"
)
#: The key of the mock that may do everything.
_DEMO_KEY: Final = "demo-full"

commands = typer.Typer()


@commands.command(epilog=EXAMPLE)
def replay(
    record: Annotated[
        Path,
        typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="HAR or NDJSON of mavibot proxy --record."),
    ],
    *,
    to: Annotated[
        str, typer.Option(metavar="URL", help="Address of the mock; it must be on this machine.", show_default=False)
    ],
    key_file: KeyFile = None,
) -> None:
    """Play recorded calls on a mock, and show where it answers otherwise than the platform did.

    Statuses, content types, words of success and failure and the fields of replies are compared, ids and texts are not.
    """
    try:
        from mavibot_mock.hosts import is_local  # noqa: PLC0415 - an extra
        from mavibot_proxy.playback.replay import play  # noqa: PLC0415 - an extra
        from mavibot_proxy.records.reader import read  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise missing_extra(error, "proxy") from None
    address = settings.address("--to", to)
    if not is_local(urlsplit(address).hostname or ""):
        raise UsageProblem(f"--to: {address} is not on this machine; recorded calls are played on a mock alone")
    try:
        found = play(read(record), address, api_key(key_file) or _DEMO_KEY)
    except httpx2.TransportError as error:
        terminal.tell(f"mavibot replay: no mock answers at {address}: {error}")
        raise typer.Exit(ExitCode.NO_CONNECTION) from None
    except (OSError, ValueError) as error:
        raise UsageProblem(str(error)) from None
    for each in found.differences:
        terminal.write(f"{terminal.fit(each)}\n")
    left_out = "".join(f", {count} {reason}" for reason, count in found.left_out.items())
    terminal.write(f"{found.played} calls played{left_out}; {len(found.differences)} differences\n")
    if found.differences:
        raise typer.Exit(ExitCode.REFUSED)
