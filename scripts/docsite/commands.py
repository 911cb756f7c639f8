"""The command line, from typer's own description of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import typer
from typer.cli import get_docs_for_click
from typer.main import get_command

from mavibot_cli.app import app

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD: Final = """\
# Commands and options

What `--help` shows, on one page. [The guide](../guides/command-line.md) explains it with examples.

"""


def pages() -> Iterator[tuple[str, str]]:
    """Yield the path and text of the page, from the folder of the reference."""
    command: Any = get_command(app)
    command.commands = {name: each.loaded for name, each in command.commands.items()}
    made = get_docs_for_click(obj=command, ctx=typer.Context(command, info_name="mavibot"), name="mavibot")
    yield "commands.md", _HEAD + re.sub(r"^# .*$", "", made, count=1, flags=re.MULTILINE).lstrip()
