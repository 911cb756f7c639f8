"""The subcommands of `mavibot mock`, which control a running mock."""

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
from mavibot_cli.network import Proxy

ADVANCE: Final = "Example: mavibot mock advance 1h30m"
RESET: Final = "Example: mavibot mock reset"
TAIL: Final = "Example: mavibot mock tail"
SEED: Final = "Example: mavibot mock seed shop.yaml"
SNAPSHOT: Final = "Example: mavibot mock snapshot before --restore"

#: Earlier calls that are shown first.
_SHOWN_BEFORE: Final = 10
#: How long one request waits for new calls, seconds.
_WAIT: Final = 300
#: Characters shown of a call's parameters.
_LONGEST: Final = 200
_BUILT_IN: Final = ("demo", "empty")


def advance(
    *,
    by: Annotated[str, typer.Argument(metavar="TIME", help="Seconds, or d, h, m and s such as 1h30m.")],
    url: Url = None,
    project: ProjectNumber = None,
    proxy: Proxy = None,
) -> None:
    """Move a project's clock forward: run every job due by then, and deliver its webhooks."""
    with running_mock(url, project, proxy) as mock:
        moved = mock.clock.advance(float(by) if by.isdecimal() else by)
    failed = f", failed: {moved['failed']}" if moved["failed"] else ""
    terminal.write(f"{moved['time']}; jobs run: {moved['ran']}{failed}\n")
    if moved["failed"] or not moved["finished"]:
        raise typer.Exit(ExitCode.PARTLY)


def reset(*, url: Url = None, project: ProjectNumber = None, proxy: Proxy = None) -> None:
    """Reset a project to its initial state."""
    with running_mock(url, project, proxy) as mock:
        mock.reset()
    terminal.write(f"project {mock.project_id} is reset\n")


def seed(
    *,
    file: Annotated[str, typer.Argument(metavar="FILE", help="YAML or JSON file, or a built-in seed: demo or empty.")],
    url: Url = None,
    project: ProjectNumber = None,
    proxy: Proxy = None,
) -> None:
    """Restart a project from another seed. An invalid seed changes nothing."""
    with running_mock(url, project, proxy) as mock:
        try:
            mock.seed(file if file in _BUILT_IN else Path(file))
        except OSError as error:
            raise UsageProblem(f"{file}: cannot be read: {error.strerror}") from None
        except ValueError as error:
            raise UsageProblem(str(error)) from None
    terminal.write(f"project {mock.project_id} is restarted from {file}\n")


def snapshot(
    *,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the snapshot.")],
    restore: Annotated[bool, typer.Option("--restore", help="Restore the snapshot instead of saving it.")] = False,
    url: Url = None,
    project: ProjectNumber = None,
    proxy: Proxy = None,
) -> None:
    """Save a project's state under a name, or restore it."""
    with running_mock(url, project, proxy) as mock:
        if restore:
            mock.restore(name)
        else:
            mock.snapshot(name)
    terminal.write(f"project {mock.project_id} is restored from {name}\n" if restore else f"saved as {name}\n")


def tail(*, url: Url = None, project: ProjectNumber = None, proxy: Proxy = None) -> None:
    """Show a project's calls as they arrive, including refused ones, until Ctrl-C: project's time, then true time."""
    with running_mock(url, project, proxy) as mock:
        zone = datetime.fromisoformat(mock.clock.get()["time"]).tzinfo
        console, last = terminal.out(), 0
        calls = mock.journal.calls(limit=_SHOWN_BEFORE)
        while True:
            for call in calls:
                console.print(_line(call, zone), soft_wrap=True)
                last = call["number"]
            try:
                calls = mock.journal.wait_for(since=last, timeout=_WAIT)
            except AssertionError:
                calls = []  # none came


def _line(call: Mapping[str, Any], zone: tzinfo | None) -> Text:
    """Return a call as a line, with further ones for what is unusual about it."""
    status = call["status"]
    colour = "red" if status is None or status >= 500 else "yellow" if status >= 400 else "green"
    given = call["body"] or call["query"]
    if call["parameters"] is not None:
        given = json.dumps(call["parameters"], ensure_ascii=False)
    shown = given if len(given) <= _LONGEST else given[:_LONGEST] + "…"
    project, wall = datetime.fromtimestamp(call["time"], zone), datetime.fromtimestamp(call["wall_time"])
    line = Text(f"project {project:%Y-%m-%d %H:%M:%S}, wall {wall:%H:%M:%S} ", style="dim")
    line.append("no answer" if status is None else str(status), style=colour)
    line.append(terminal.fit(f" {call['method']} {call['action']} "), style="bold")
    line.append(terminal.fit(shown), style="none")
    if status is None or status >= 400:
        _append_line(line, call["reply"][:_LONGEST], colour)
    for deviation in call["deviations"]:
        _append_line(line, f"! {deviation}", "yellow")
    if call["fault"] is not None:
        _append_line(line, f"fault {call['fault']}", "yellow")
    return line


def _append_line(line: Text, text: str, style: str) -> None:
    line.append(f"\n         {terminal.fit(text)}", style=style)
