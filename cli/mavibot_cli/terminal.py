"""Output: results to stdout, everything else to stderr, colours on a terminal only."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final, TextIO

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

# Wide enough that nothing is wrapped or cut in a pipe.
_UNLIMITED: Final = 100_000
# Padding and border of each column of a table, characters.
_BETWEEN: Final = 3
# Control characters from a client's message or a server's reply must not reach the terminal.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def on_terminal() -> bool:
    """Return True if stdout is a terminal.

    `FORCE_COLOR`, which CI servers set, does not turn a pipe into one.
    """
    return sys.stdout.isatty()


def out() -> Console:
    """Return the console of stdout."""
    return _console(sys.stdout)


def tell(text: str) -> None:
    """Write lines for the user to stderr."""
    _console(sys.stderr).print(printable(text), soft_wrap=True)


def write(text: str) -> None:
    """Write a text to stdout unchanged."""
    # Bytes: the platform's encoding must not change what a program reads, or fail on it.
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
    sys.stdout.buffer.flush()


def show_table(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write a table to stdout: ruled on a terminal, aligned columns in a pipe; empty columns are omitted.

    Args:
        columns: names of the columns.
        rows: cells by column.
    """
    shown = [name for name in columns if any(_cell(row.get(name)) for row in rows)]
    cells = [[_cell(row.get(name)) for name in shown] for row in rows]
    if on_terminal():
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for name in shown:
            table.add_column(printable(name), overflow="fold")
        for line in cells:
            table.add_row(*line)
        out().print(table)
        return
    widths = [max(map(len, column)) for column in zip(shown, *cells, strict=True)]
    for line in (shown, *cells):
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        write("  ".join(padded).rstrip() + "\n")


def show_rows(rows: Sequence[Mapping[str, Any]]) -> None:
    """Write objects to a terminal: as a table, or one below the other if a table would be too wide.

    Args:
        rows: objects, each with the same names or some of them.
    """
    names = list(dict.fromkeys(name for row in rows for name in row if _cell(row[name])))
    widths = (max(map(cell_len, [name, *(_cell(row.get(name)) for row in rows)])) for name in names)
    console = out()
    if sum(width + _BETWEEN for width in widths) <= console.width:
        show_table(names, rows)
        return
    margin = max(map(len, names))
    for row in rows:
        for name in names:
            if cell := _cell(row.get(name)):
                console.print(f"{printable(name).rjust(margin)}  {cell}")
        console.print()


def _cell(value: Any) -> str:
    """Return the text of a cell: a string unchanged, an empty value as nothing, anything else as JSON."""
    if value in (None, [], {}):
        return ""
    return printable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def progress(*, total_known: bool) -> Progress:
    """Return a progress bar on stderr, drawn on a terminal only.

    Args:
        total_known: whether the number of items is known in advance.
    """
    columns = (
        (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        if total_known
        else (SpinnerColumn(), TextColumn("{task.description} {task.completed}"))
    )
    return Progress(
        *columns,
        TimeElapsedColumn(),
        console=_console(sys.stderr),
        disable=not sys.stderr.isatty(),
        transient=True,
    )


def printable(value: Any) -> str:
    """Return a text with control characters escaped, so that a terminal does not interpret them."""
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", str(value))


def _console(stream: TextIO) -> Console:
    terminal = stream.isatty()
    return Console(
        file=stream,
        force_terminal=terminal,
        no_color=None if terminal else True,
        width=None if terminal else _UNLIMITED,
        markup=False,
        highlight=False,
        emoji=False,
    )
