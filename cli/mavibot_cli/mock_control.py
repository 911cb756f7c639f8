"""The commands below `mavibot mock`: they drive a mock that runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from mavibot_cli import terminal
from mavibot_cli.exits import ExitCode, UsageProblem
from mavibot_cli.mock_connection import ProjectNumber, Url, running_mock

ADVANCE: Final = "Example: mavibot mock advance 1h30m"
RESET: Final = "Example: mavibot mock reset"
TAIL: Final = "Example: mavibot mock tail"
SEED: Final = "Example: mavibot mock seed shop.yaml"
SNAPSHOT: Final = "Example: mavibot mock snapshot before --restore"

#: Calls that are shown from before the command.
_SHOWN_BEFORE: Final = 10
#: How long one question for new calls lasts, seconds.
_PATIENCE: Final = 300
#: What is shown of the parameters of a call, characters.
_LONGEST: Final = 200
_BUILT_IN: Final = ("demo", "empty")


def advance(
    *,
    by: Annotated[str, typer.Argument(metavar="TIME", help="How far: seconds, or d, h, m and s such as 1h30m.")],
    url: Url = None,
    project: ProjectNumber = None,
) -> None:
    """Move a project's clock on; what is due until then happens, and its webhooks have gone out at the end."""
    with running_mock(url, project) as mock:
        moved = mock.clock.advance(float(by) if by.isdecimal() else by)
    failed = f", {moved['failed']} of them in vain" if moved["failed"] else ""
    terminal.write(f"{moved['time']}; jobs that ran: {moved['ran']}{failed}\n")
    if moved["failed"] or not moved["finished"]:
        raise typer.Exit(ExitCode.PARTLY)


def reset(*, url: Url = None, project: ProjectNumber = None) -> None:
    """Take a project back to what it began with."""
    with running_mock(url, project) as mock:
        mock.reset()
    terminal.write(f"project {mock.project_id} is as it began\n")


def seed(
    *,
    file: Annotated[str, typer.Argument(metavar="FILE", help="YAML or JSON; or demo or empty, which the mock has.")],
    url: Url = None,
    project: ProjectNumber = None,
) -> None:
    """Let a project begin anew with another seed; a wrong one changes nothing."""
    with running_mock(url, project) as mock:
        try:
            mock.seed(file if file in _BUILT_IN else Path(file))
        except OSError as error:
            raise UsageProblem(f"{file}: cannot be read: {error.strerror}") from None
        except ValueError as error:
            raise UsageProblem(str(error)) from None
    terminal.write(f"project {mock.project_id} begins anew with {file}\n")


def snapshot(
    *,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the copy.")],
    restore: Annotated[bool, typer.Option("--restore", help="Go back to the copy instead of making it.")] = False,
    url: Url = None,
    project: ProjectNumber = None,
) -> None:
    """Keep a copy of a project's state under a name, or go back to it."""
    with running_mock(url, project) as mock:
        if restore:
            mock.restore(name)
        else:
            mock.snapshot(name)
    terminal.write(f"project {mock.project_id} is as in {name}\n" if restore else f"kept as {name}\n")


def tail(*, url: Url = None, project: ProjectNumber = None) -> None:
    """Show a project's calls as they come, refused ones too, until Ctrl-C."""
    with running_mock(url, project) as mock:
        zone = datetime.fromisoformat(mock.clock.get()["time"]).tzinfo
        console, last = terminal.out(), 0
        calls = mock.journal.calls(limit=_SHOWN_BEFORE)
        while True:
            for call in calls:
                console.print(_line(call, zone), soft_wrap=True)
                last = call["number"]
            try:
                calls = mock.journal.wait_for(since=last, timeout=_PATIENCE)
            except AssertionError:
                calls = []  # nobody called


def _line(call: Mapping[str, Any], zone: tzinfo | None) -> Text:
    """Return a call as a line, with further ones for what is unusual about it."""
    status = call["status"]
    colour = "red" if status is None or status >= 500 else "yellow" if status >= 400 else "green"
    given = call["body"] or call["query"]
    if call["parameters"] is not None:
        given = json.dumps(call["parameters"], ensure_ascii=False)
    shown = given if len(given) <= _LONGEST else given[:_LONGEST] + "…"
    line = Text(f"{datetime.fromtimestamp(call['time'], zone):%H:%M:%S} ", style="dim")
    line.append("no answer" if status is None else str(status), style=colour)
    line.append(terminal.printable(f" {call['method']} {call['action']} "), style="bold")
    line.append(terminal.printable(shown), style="none")
    if status is None or status >= 400:
        line.append(terminal.printable(f"\n         {call['reply'][:_LONGEST]}"), style=colour)
    for deviation in call["deviations"]:
        line.append(terminal.printable(f"\n         ! {deviation}"), style="yellow")
    if call["fault"] is not None:
        line.append(f"\n         fault {call['fault']}", style="yellow")
    return line
