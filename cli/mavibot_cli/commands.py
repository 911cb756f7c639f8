"""The group of all commands: imports one when it is used, and ends with the exit code of what went wrong in it."""

from __future__ import annotations

import sys
from functools import cached_property
from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from mavibot_cli import terminal
from mavibot_cli.exits import ExitCode


class Later(TyperCommand):
    """A command whose module is imported once it is used, so that no other command and no help waits for it."""

    def __init__(self, name: str, summary: str) -> None:
        """Describe the command.

        Args:
            name: its name; the module has the same one.
            summary: what the list of all commands says of it.
        """
        super().__init__(name, help=summary)
        self.module: Final = f"mavibot_cli.{name.replace('-', '_')}"

    @cached_property
    def loaded(self) -> Any:
        """The command of this name among the module's `commands`, or else all of them, which then follow the name."""
        group = get_group(import_module(self.module).commands)
        group.name = self.name
        return group.commands.get(str(self.name), group)

    def make_context(self, *args: Any, **settings: Any) -> Any:
        """Return the context of the command itself, whether it is to run, to show its help or to be completed."""
        return self.loaded.make_context(*args, **settings)


class Commands(TyperGroup):
    """The group of all commands, which turns their errors into a line on stderr and an exit code."""

    def main(self, *args: Any, **settings: Any) -> Any:
        """Run the command line and end the process."""
        terminal.prepare()
        try:
            return super().main(*args, **settings)
        except OSError as error:  # what typer prints itself, such as help, cannot be written
            terminal.give_up()
            terminal.tell(f"mavibot: {error.strerror or error}")
        sys.exit(ExitCode.PARTLY)

    def invoke(self, ctx: Any) -> Any:
        """Run a command.

        Raises:
            typer.Exit: with the code of the error, where there was one.
            typer.BadParameter: or a sibling: the command line cannot be read; typer shows it.
        """
        try:
            from mavibot_cli.failures import begin  # noqa: PLC0415 - it needs the client, and help does not

            begin()
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort):
            raise
        except KeyboardInterrupt:
            code = ExitCode.INTERRUPTED
        except Exception as error:
            from mavibot_cli.failures import tell  # noqa: PLC0415 - as above

            code = tell(error, ctx.invoked_subcommand)
        # Outside of the handler: an exception that hangs on another one is shown with it by some tools.
        raise typer.Exit(code)
