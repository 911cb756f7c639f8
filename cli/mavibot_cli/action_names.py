"""The argument with the name of an action, and its completion by the shell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

import mavibot_contract


def complete_action(incomplete: str) -> Iterator[tuple[str, str]]:
    """Yield the actions whose names begin with a text, each with what it does."""
    known = mavibot_contract.load()
    for action in known.actions:
        if action.startswith(incomplete):
            yield action, known.operation(action).summary


Action = Annotated[
    str,
    typer.Argument(metavar="ACTION", help="Name of the action; see: mavibot actions", autocompletion=complete_action),
]
