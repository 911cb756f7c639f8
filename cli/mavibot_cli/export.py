"""Writes clients to a file that appears when it is complete, and continues one that was interrupted."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, Self

import mavibot_contract
from mavibot_cli import terminal
from mavibot_cli.client_files import CSV, file_format
from mavibot_cli.exits import UsageProblem

#: Ending of a file that is not complete yet.
PARTIAL: Final = ".part"
#: Column of the client's variables.
VARIABLES: Final = "variables"

# The import's columns come first; what the reply calls `group` is what an import calls `group_id`.
_FIRST: Final = ("platform_id", "group_id", "client_type")
_RENAMED: Final = {"group": "group_id"}
_LINE_END: Final = b"\n"
# How each line of JSON begins: the id comes first.
_JSON_START: Final = b'{"id": '
# What makes a cell a formula in Excel, LibreOffice and Google Sheets; a whole number is none.
_FORMULA: Final = re.compile(r"(?!-?[0-9]+\Z)[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


@dataclass(frozen=True, slots=True)
class Written:
    """What an interrupted export has left.

    Attributes:
        count: complete clients in the file.
        last_id: number of the last of them; `None` where there is none.
        size: bytes up to the end of the last complete client.
    """

    count: int
    last_id: int | None
    size: int


class Export:
    """A file of clients while it is written; a context manager that gives it its final name where all went well.

    Attributes:
        partial: name of the file until then.
        before: what an interrupted export has left in it.
        count: clients in the file.
    """

    def __init__(self, path: Path, *, variables: bool, excel_safe: bool = False) -> None:
        """Open the file, or the rest that an interrupted export has left.

        Args:
            path: final name of the file; until it is complete, `.part` stands after it.
            variables: whether clients come with their variables.
            excel_safe: put an apostrophe before text that a spreadsheet would take for a formula.

        Raises:
            UsageProblem: the file cannot be written, or what is left of it does not fit.
        """
        self.partial: Final = path.with_name(path.name + PARTIAL)
        self._path = path
        self._csv: Final = file_format(path) == CSV
        self._excel_safe: Final = excel_safe
        if excel_safe and not self._csv:
            raise UsageProblem(f"--excel-safe: only for a {CSV} file")
        self._columns = columns(variables=variables)
        self._replaced = 0
        with self._writing():
            self._file: BinaryIO = self._opened()
        try:
            self.before: Final = self._written()
        except UsageProblem:
            self._file.close()
            raise
        self.count = self.before.count
        with self._writing():
            self._file.truncate(self.before.size)
            if self._csv and not self.before.size:
                self._file.write(self._beginning())

    def write(self, client: Mapping[str, Any]) -> None:
        """Write one client.

        Raises:
            UsageProblem: the disk is full, or the like.
        """
        row = {"id": client["id"], **{_RENAMED.get(name, name): value for name, value in client.items()}}
        if self._csv:
            line = _csv_line(self._cell(row.get(name)) for name in self._columns)
        else:
            line = json.dumps(row, ensure_ascii=False) + "\n"
        sound = terminal.whole(line)
        self._replaced += sound != line
        with self._writing():
            self._file.write(sound.encode())
        self.count += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._writing():
            self._file.close()
            if kind is None:
                self.partial.replace(self._path)
            elif not self.count:
                self.partial.unlink()
        if self._replaced:
            terminal.tell(f"clients with half of a character (a lone surrogate): {self._replaced}; it is now U+FFFD")
        if kind is not None and self.count and not issubclass(kind, UsageProblem):
            terminal.tell(f"clients so far in {self.partial}: {self.count}; the same command continues there")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise UsageProblem(f"{self.partial}: cannot be written: {error.strerror}") from None

    def _opened(self) -> BinaryIO:
        # A link could lead to any other file of the user's. Where the system knows no O_NOFOLLOW this must do.
        if self.partial.is_symlink():
            raise self._foreign("it is a symbolic link")
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        descriptor = os.open(self.partial, flags, 0o666)
        if reason := _not_ours(os.fstat(descriptor)):
            os.close(descriptor)
            raise self._foreign(reason)
        return os.fdopen(descriptor, "a+b")

    def _beginning(self) -> bytes:
        return _csv_line(self._columns).encode() if self._csv else _JSON_START

    def _written(self) -> Written:
        self._file.seek(0)
        beginning = self._beginning()
        if not beginning.startswith(self._file.read(len(beginning))):
            reason = "its columns are others, as with or without --variables" if self._csv else _unreadable(1)
            raise self._foreign(reason)
        self._file.seek(0)
        count, last_id, size = 0, None, 0
        for record in _records(self._file, csv_quotes=self._csv):
            if not self._csv or size:
                last_id = self._id(record, count)
                count += 1
            size += len(record)
        return Written(count, last_id, size)

    def _id(self, record: bytes, count: int) -> int:
        try:
            if self._csv:
                cells = next(csv.reader(io.StringIO(record.decode(), newline="")))
                if self._excel_safe and any(map(_FORMULA.match, cells)):
                    raise self._foreign("it was written without --excel-safe")
                return int(dict(zip(self._columns, cells, strict=True))["id"])
            return int(json.loads(record)["id"])
        except (ValueError, TypeError, LookupError, csv.Error):
            raise self._foreign(_unreadable(count + 1)) from None

    def _cell(self, value: Any) -> Any:
        if self._excel_safe and isinstance(value, str) and _FORMULA.match(value):
            return f"'{value}"
        return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list | bool) else value

    def _foreign(self, reason: str) -> UsageProblem:
        return UsageProblem(f"{self.partial}: cannot be continued: {reason}; delete it to begin anew")


def columns(*, variables: bool) -> list[str]:
    """Return the columns of a CSV export: those of an import first, then what else the contract knows of a client.

    Args:
        variables: whether clients come with their variables.
    """
    known: Iterable[str] = mavibot_contract.load().document["components"]["schemas"]["Client"]["properties"]
    others = [name for name in (_RENAMED.get(each, each) for each in known) if name not in _FIRST]
    return [*_FIRST, *others, *([VARIABLES] if variables else [])]


def _records(file: Iterable[bytes], *, csv_quotes: bool) -> Iterator[bytes]:
    """Yield the complete records of a file; one that the interruption cut off is left out."""
    record = b""
    for line in file:
        record += line
        # A record of CSV can hold line breaks inside of quotes, which are even in number once it is complete.
        if line.endswith(_LINE_END) and not (csv_quotes and record.count(b'"') % 2):
            yield record
            record = b""


def _not_ours(status: os.stat_result) -> str | None:
    """Return why a file cannot be one that an earlier export has begun."""
    if not stat.S_ISREG(status.st_mode):
        return "it is no file"
    if status.st_nlink > 1:
        return "it is also a file of another name"
    if hasattr(os, "geteuid") and status.st_uid != os.geteuid():
        return "it belongs to another user"
    return None


def _csv_line(cells: Iterable[Any]) -> str:
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue()


def _unreadable(number: int) -> str:
    return f"client {number} in it cannot be read"
