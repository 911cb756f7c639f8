"""`mavibot contract`: prints the contract, and what a new version of it changes; needs neither network nor key."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

import mavibot_contract
from mavibot_cli import terminal
from mavibot_cli.exits import UsageProblem
from mavibot_cli.settings import address

if TYPE_CHECKING:
    from mavibot_contract.changes import Change, Step

EXAMPLE: Final = (
    "Example: mavibot contract --plain > mavibot.json\n\n"
    "What a new version changes: mavibot contract > new.json; mavibot contract diff old.json new.json"
)
_STDIN: Final = "-"

commands = typer.Typer(
    help="Print the contract as OpenAPI, or what a new version of it changes. Needs no key.",
    epilog=EXAMPLE,
    invoke_without_command=True,
)


@commands.callback()
def contract(
    context: typer.Context,
    *,
    is_plain: Annotated[
        bool,
        typer.Option(
            "--plain",
            help="Print what generators of other languages digest: OpenAPI 3.0, one method per action, no aliases, one"
            " type a value.",
        ),
    ] = False,
    url: Annotated[
        str | None,
        typer.Option(
            "--url",
            metavar="URL",
            help="Scheme and host of the server that is named in what is printed, such as a mock's. Default: the"
            " platform's hosts.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Print the contract as OpenAPI, or what a new version of it changes. Needs no key."""
    if context.invoked_subcommand is not None:
        if is_plain or url is not None:
            raise UsageProblem("--plain and --url are for printing; contract diff compares files as they are")
        return
    document = mavibot_contract.load().document
    if url is not None:
        document = mavibot_contract.served_at(document, address("--url", url))
    if is_plain:
        from mavibot_contract.plain import plain  # noqa: PLC0415 - no other command needs it

        document = plain(document)
    terminal.write_json(document)


@commands.command("diff")
def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="Older contract, a JSON file; - is stdin.")],
    new: Annotated[
        str | None,
        typer.Argument(metavar="[NEW]", help="Newer contract. Default: the installed one.", show_default=False),
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show by action what a new version of the contract changes, what it means, and how far it moves the version.

    A change is breaking where a program that follows the old contract may fail, minor where there is more than before,
    and a patch where only evidence or wording differ.
    """
    from mavibot_contract.changes import changes, step  # noqa: PLC0415 - no other command needs it

    if old == new == _STDIN:
        raise UsageProblem("OLD and NEW cannot both be stdin")
    before = _read(old)
    after = mavibot_contract.load().document if new is None else _read(new)
    try:
        found = changes(before, after)
    except ValueError as error:
        raise UsageProblem(f"OLD or NEW is no contract: {terminal.fit(str(error))}") from None
    except RecursionError:
        raise UsageProblem("OLD or NEW is no contract: its schemas stand within each other without end") from None
    except (KeyError, TypeError, AttributeError):
        raise UsageProblem("OLD or NEW is no contract; print one with: mavibot contract") from None
    if as_json:
        terminal.write_json([_as_json(change) for change in found])
    else:
        terminal.write("".join(f"{line}\n" for line in _report(found, step(found))))


def _read(name: str) -> Mapping[str, Any]:
    """Return the contract in a file.

    Raises:
        UsageProblem: it cannot be read, or is no OpenAPI document as JSON.
    """
    try:
        document = json.loads(sys.stdin.buffer.read() if name == _STDIN else Path(name).read_bytes())
    except OSError as error:
        raise UsageProblem(f"{name}: the file cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise UsageProblem(f"{name}: it is not JSON; print a contract with: mavibot contract") from None
    if not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
        raise UsageProblem(f"{name}: it is no OpenAPI document; print a contract with: mavibot contract")
    return document


def _as_json(change: Change) -> dict[str, str]:
    return {
        "action": change.action,
        "kind": change.kind.value,
        "step": str(change.step),
        "place": change.place,
        "change": change.text,
        "caller": change.caller,
        "mock": change.mock,
        "server": change.server,
    }


def _report(found: Sequence[Change], greatest: Step | None) -> Iterator[str]:
    """Yield the lines of a report: what is the same for several actions stands once, below all their names."""
    if greatest is None:
        yield "The contract has not changed."
        return
    counts = ", ".join(
        f"{count} {each}"
        for each in sorted({change.step for change in found}, reverse=True)
        if (count := sum(change.step is each for change in found))
    )
    yield f"Version step: {greatest} ({counts})"
    for actions, same in _grouped(found):
        yield ""
        yield ", ".join(actions)
        for places, change in same:
            where = f"{', '.join(places)}: " if any(places) else ""
            yield f"  {change.step}, {change.kind}: {where}{change.text}"
            if change.caller == change.mock == change.server:
                yield f"      caller, mock and server: {change.caller}"
            else:
                yield f"      caller: {change.caller}"
                yield f"      mock: {change.mock}"
                yield f"      server: {change.server}"


def _grouped(found: Iterable[Change]) -> Iterator[tuple[Sequence[str], list[tuple[list[str], Change]]]]:
    """Yield the names of actions that share changes, with these and the places of each; the gravest come first."""
    alike: dict[tuple[Any, ...], list[Change]] = {}
    for change in found:
        alike.setdefault((change.step, change.kind, change.place, change.text), []).append(change)
    shared: dict[tuple[str, ...], dict[tuple[Any, ...], list[Change]]] = {}
    for each in alike.values():
        actions = tuple(dict.fromkeys(change.action for change in each))
        first = each[0]
        shared.setdefault(actions, {}).setdefault((first.step, first.kind, first.text), []).append(first)
    groups = []
    for actions, members in shared.items():
        merged = [([change.place for change in each], each[0]) for each in members.values()]
        groups.append((actions, sorted(merged, key=lambda each: each[1].step, reverse=True)))
    yield from sorted(groups, key=lambda group: group[1][0][1].step, reverse=True)
