"""`mavibot actions`: shows what the contract says about each action; needs neither network nor key."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Annotated, Any, Final

import typer

import mavibot_contract
from mavibot_cli import describe, terminal
from mavibot_cli.action_names import complete_action
from mavibot_cli.client_internals import find_operation

EXAMPLE = "Example: mavibot actions get_history"

_EFFECTS: Final = {
    "read": "read, changes nothing",
    "write": "write, changes data",
    "send": "send, reaches a person or runs a bot",
}

commands = typer.Typer()


@commands.command(epilog=EXAMPLE)
def actions(
    *,
    action: Annotated[
        str | None,
        typer.Argument(
            metavar="ACTION",
            help="Action to explain; lists all actions if omitted.",
            show_default=False,
            autocompletion=complete_action,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List all actions, or explain one: its parameters, permission, effect, replies and evidence. Needs no key."""
    known = mavibot_contract.load()
    if action is None:
        overview = [describe.overview(known, each) for each in known.actions]
        terminal.write_json(overview) if as_json else _list(overview)
    else:
        find_operation(action)
        details = describe.details(known, action)
        terminal.write_json(details) if as_json else _explain(details)


def _list(overview: list[dict[str, Any]]) -> None:
    columns = ("action", "methods", "permission", "effect", "evidence", "summary")
    for tag, members in groupby(overview, key=itemgetter("tag")):
        _heading(tag)
        terminal.show_table(columns, [{**each, "methods": " ".join(each["methods"])} for each in members])


def _explain(details: Mapping[str, Any]) -> None:
    console = terminal.out()
    _heading(f"{details['action']}: {details['summary']}")
    console.print(details["description"], end="\n\n")
    for line in _facts(details):
        console.print(line)
    _heading("Parameters")
    for parameter in details["parameters"]:
        console.print(parameter["name"], style="bold", end="  ")
        console.print(", ".join(_properties(parameter)))
        console.print(f"    {parameter['description']}")
    for rule in _rules(details):
        console.print(f"* {rule}")
    aliases, idle = {**details["aliases"], **details["paths"]}, details["idle_aliases"]
    if aliases or idle:
        _heading("In a webhook address (see: mavibot webhook-url)")
        for alias, target in aliases.items():
            console.print(f"{alias} names the key that holds {target}")
        if idle:
            console.print(f"without effect here: {', '.join(idle)}")
    _heading("Replies")
    terminal.show_table(("status", "evidence", "description"), list(map(_reply, details["replies"])))
    _heading("Examples")
    for example in details["examples"].values():
        # Never wrapped: they are copied from here.
        console.print(example, soft_wrap=True)


def _heading(text: str) -> None:
    terminal.out().print(f"\n{text}", style="bold")


def _facts(details: Mapping[str, Any]) -> Iterator[str]:
    document = details["permission_in_the_document"]
    doubt = f" (the document's text says {document['stated']}, its badge {document['badge']})" if document else ""
    yield f"Method: {' or '.join(details['methods'])}"
    yield f"Permission: {details['permission']}{doubt}"
    yield f"Effect: {_EFFECTS[details['effect']]}"
    yield "Idempotent: " + ("yes" if details["idempotent"] else "no, a repeated call takes effect again")
    yield f"Evidence: {details['evidence']}"
    yield f"Source: {details['source']}"


def _properties(parameter: Mapping[str, Any]) -> Iterator[str]:
    yield parameter["type"]
    if parameter["required"]:
        yield "required"
    for limits in parameter["limits"]:
        yield " ".join(f"{name} {value}" for name, value in limits.items())
    if "default" in parameter:
        yield f"default {json.dumps(parameter['default'])}"
    yield f"such as {json.dumps(parameter['example'], ensure_ascii=False)}"
    yield parameter["evidence"]


def _rules(details: Mapping[str, Any]) -> Iterator[str]:
    if not details["parameters"]:
        yield "takes none"
    yield from details["conditions"]
    if details["free_variables"]:
        yield "any other name is saved as a variable"


def _reply(reply: Mapping[str, Any]) -> dict[str, str]:
    plain = " May come as plain text." if "text/plain" in reply["types"] else ""
    failures = f" Can also be a failure: {', '.join(reply['failures'])}." if reply["status"] == "200" else ""
    return {**reply, "description": reply["description"] + plain + (failures if reply["failures"] else "")}
