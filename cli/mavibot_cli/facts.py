"""`mavibot facts`: what real calls say about the assumptions of the contract."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from mavibot_cli import terminal
from mavibot_cli.exits import UsageProblem, missing_extra

MERGE: Final = "Example: mavibot facts merge anna.json oleg.json --output facts.json"

commands = typer.Typer(help="What real calls say about the assumptions of the contract.", no_args_is_help=True)


@commands.command("merge", epilog=MERGE)
def merge(
    reports: Annotated[
        list[Path],
        typer.Argument(metavar="FILE…", exists=True, dir_okay=False, help="Reports of mavibot proxy --report."),
    ],
    *,
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE", dir_okay=False, help="Write to this file instead of stdout.", show_default=False),
    ] = None,
) -> None:
    """Put reports of several people together; what one of them refutes is refuted."""
    try:
        from mavibot_proxy.facts.report import merge as merged  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise missing_extra(error, "proxy") from None
    try:
        found = [_read(path) for path in reports]
        for path, report in zip(reports, found, strict=True):
            try:
                merged([report])
            except ValueError as error:
                raise UsageProblem(f"{path}: {error}") from None
        text = json.dumps(merged(found), ensure_ascii=False, indent=2) + "\n"
    except ValueError as error:
        raise UsageProblem(str(error)) from None
    if output is None:
        terminal.write(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageProblem(f"{output}: {error.strerror}") from None


def _read(path: Path) -> Any:
    try:
        report = json.loads(path.read_text(encoding="utf-8-sig"))
        json.dumps(report, allow_nan=False, ensure_ascii=False).encode()  # NaN and lone surrogates are no JSON
    except RecursionError:
        raise UsageProblem(f"{path}: cannot be read: it is nested too deeply") from None
    except (OSError, ValueError) as error:
        raise UsageProblem(f"{path}: cannot be read: {error}") from None
    return report
