"""Output: results to stdout, everything else to stderr, colours on a terminal only.

A terminal acts on what it is sent, and texts here come from servers and files: `fit` stands between the two.
"""

from __future__ import annotations

import errno
import io
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import IO, Any, Final, TextIO, cast

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.highlighter import JSONHighlighter
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

# Wide enough that nothing is wrapped or cut in a pipe.
_UNLIMITED: Final = 100_000
# Padding and border of each column of a table, characters.
_BETWEEN: Final = 3
# C0 without tab and line feed, DEL and C1 drive a terminal; the separators of lines and paragraphs begin a line for
# some; bidirectional controls show a text in another order than it has; surrogates can be written by no encoding.
_UNFIT_IN_LINES: Final = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb\ud800-\udfff"
)
_UNFIT: Final = {
    True: re.compile(f"[{_UNFIT_IN_LINES}]"),
    False: re.compile(rf"[\t\n{_UNFIT_IN_LINES}]"),
}
# A workflow's log is a terminal that obeys lines: those that begin with `::`, and `##[` anywhere in one.
_OBEYED: Final = re.compile(r"##\[|^(?:[^\S\n]|\\t)*::", re.MULTILINE)
_SHORT: Final = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}


class OutputError(Exception):
    """Stdout takes nothing more: the disk is full, whoever read it has gone, or it is closed.

    Attributes:
        reader_has_gone: whether it was a pipe whose reader has ended, as in `mavibot actions | head`.
    """

    def __init__(self, reason: str, *, reader_has_gone: bool = False) -> None:
        super().__init__(f"the output cannot be written: {reason}")
        self.reader_has_gone: Final = reader_has_gone


def fit(text: object, *, lines: bool = False) -> str:
    r"""Return a text that a terminal shows and does not act on: what could drive it is escaped, such as `\x1b`.

    JSON remains JSON of the same value.

    Args:
        text: the text, or what is to be shown as one.
        lines: keep tabs and line breaks; otherwise the result is one line.
    """
    shown = str(text)
    shown = _UNFIT[lines].sub(_escaped, shown.replace("\r\n", "\n") if lines else shown)
    return _OBEYED.sub(_disarmed, shown)


def _disarmed(found: re.Match[str]) -> str:
    return f"{found[0][:-1]}\\u{ord(found[0][-1]):04x}"


def _escaped(found: re.Match[str]) -> str:
    character = found[0]
    code = ord(character)
    # JSON escapes what stands below DEL itself, and knows no \x for the rest.
    return _SHORT.get(character) or (f"\\x{code:02x}" if code < 0x7F else f"\\u{code:04x}")


def whole(text: str) -> str:
    """Return a text with U+FFFD in place of each lone surrogate, half of a character that UTF-8 cannot hold."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def prepare() -> None:
    """Let stdout take every character; what its encoding lacks is escaped."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def give_up() -> None:
    """Send nowhere what stdout still holds after an `OutputError`: the end of the process would fail on it again."""
    if sys.stdout is not None:
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def on_terminal() -> bool:
    """Return True if stdout is a terminal.

    `FORCE_COLOR`, which CI servers set, does not turn a pipe into one.
    """
    return _is_terminal(sys.stdout)


def can_ask() -> bool:
    """Return True if there is someone to ask: stdin and stderr are a terminal."""
    return _is_terminal(sys.stdin) and _is_terminal(sys.stderr)


def out() -> Console:
    """Return the console of stdout.

    Raises:
        OutputError: stdout is closed; the console raises it too where nothing can be written.
    """
    return _console(_stdout())


def tell(text: str, *, lines: bool = False) -> None:
    """Write a line for the user to stderr. Where this is impossible, the exit code must do.

    Args:
        text: the line.
        lines: keep its line breaks; only for a text of our own.
    """
    if sys.stderr is not None:
        with suppress(OutputError):
            _console(sys.stderr).print(fit(text, lines=lines), soft_wrap=True)


def write(text: str) -> None:
    """Write a text to stdout: fit for it on a terminal, otherwise unchanged and as UTF-8.

    Raises:
        OutputError: it cannot be written.
    """
    stdout = _stdout()
    with _writing():
        if stdout.isatty():
            stdout.write(fit(text, lines=True))
        else:
            # Bytes: the platform's encoding must not change what a program reads, or fail on it.
            stdout.flush()
            stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
        stdout.flush()


def write_json(value: Any) -> None:
    """Write a value to stdout as indented JSON.

    Raises:
        OutputError: it cannot be written.
    """
    write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def show_json(value: Any) -> None:
    """Write a value to a terminal as indented JSON.

    Raises:
        OutputError: it cannot be written.
    """
    text = Text(fit(json.dumps(value, ensure_ascii=False, indent=2), lines=True))
    JSONHighlighter().highlight(text)
    out().print(text, soft_wrap=True)


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
            table.add_column(fit(name), overflow="fold")
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
    for row in rows:
        # A long value goes on in its own column, where it cannot pass for the next field.
        grid = Table.grid(padding=(0, 2))
        grid.add_column(justify="right")
        grid.add_column(overflow="fold")
        for name in names:
            if cell := _cell(row.get(name)):
                grid.add_row(fit(name), cell)
        console.print(grid, end="\n\n")


def _cell(value: Any) -> str:
    """Return the text of a cell: a string unchanged, an empty value as nothing, anything else as JSON."""
    if value in (None, [], {}):
        return ""
    return fit(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def progress(*, total_known: bool) -> Progress:
    """Return a progress bar on stderr, drawn on a terminal only.

    Args:
        total_known: whether the number of items is known in advance.
    """
    columns = (
        (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        if total_known
        else (SpinnerColumn("line"), TextColumn("{task.description} {task.completed}"))
    )
    return Progress(
        *columns,
        TimeElapsedColumn(),
        console=_console(sys.stderr or io.StringIO()),
        disable=not _is_terminal(sys.stderr),
        transient=True,
    )


class _Output:
    """A stream as rich writes to it; what goes wrong is an `OutputError`, on which rich does not end the process."""

    def __init__(self, stream: TextIO) -> None:
        self._stream: Final = stream

    def write(self, text: str) -> int:
        with _writing():
            return self._stream.write(text)

    def flush(self) -> None:
        with _writing():
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:  # a ValueError where the stream is closed
        reason = (isinstance(error, OSError) and error.strerror) or str(error)
        gone = isinstance(error, OSError) and error.errno == errno.EPIPE
        raise OutputError(reason, reader_has_gone=gone) from None


def _stdout() -> TextIO:
    if sys.stdout is None:  # the shell started us with `>&-`
        raise OutputError("stdout is closed")
    return sys.stdout


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()


def _console(stream: TextIO) -> Console:
    terminal = stream.isatty()
    return Console(
        file=cast("IO[str]", _Output(stream)),
        force_terminal=terminal,
        no_color=None if terminal else True,
        width=None if terminal else _UNLIMITED,
        markup=False,
        highlight=False,
        emoji=False,
    )
