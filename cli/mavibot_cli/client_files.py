"""Files of clients, CSV or JSON Lines: reads and checks what is to be imported, writes what is exported."""

from __future__ import annotations

import csv
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Final, TextIO

import mavibot_contract
from mavibot.errors import Problem
from mavibot_cli import values
from mavibot_cli.client_internals import problems as problems_of
from mavibot_cli.exits import UsageProblem
from mavibot_contract import Schema

#: Endings of the two formats.
CSV: Final = ".csv"
JSON_LINES: Final = ".jsonl"

_DELIMITERS: Final = ",;\t"

# Python's limit of 131,072 characters is less than the variables of a client can have.
csv.field_size_limit(2**31 - 1)


class FileChanged(Exception):
    """A file was changed between its check and its import."""


@dataclass(frozen=True, slots=True)
class Row:
    """One client of a file.

    Attributes:
        line: line of the file on which it begins, from 1.
        client: what load_clients takes.
        problems: what is wrong with it, by column.
    """

    line: int
    client: dict[str, Any]
    problems: list[Problem]


def file_format(path: Path) -> str:
    """Return the format of a file by the ending of its name.

    Raises:
        UsageProblem: it is neither.
    """
    ending = path.suffix.lower()
    if ending not in {CSV, JSON_LINES}:
        raise UsageProblem(f"{path}: the name must end in {CSV} or {JSON_LINES}")
    return ending


class ClientFile:
    """The clients of a file as load_clients takes them; each iteration reads the file anew, so that none is kept.

    Attributes:
        path: the file.
        lines: line on which each client begins, once the file was checked.
    """

    def __init__(self, path: Path) -> None:
        self.path: Final = path
        self.lines: Final = array("Q")

    def check(self) -> Iterator[Row]:
        """Read the whole file and yield the rows that are wrong.

        Raises:
            UsageProblem: the file cannot be read at all.
        """
        for row in rows(self.path):
            self.lines.append(row.line)
            if row.problems:
                yield row

    def __len__(self) -> int:
        """Return the number of rows that were checked."""
        return len(self.lines)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for row in rows(self.path):
            if row.problems:
                raise FileChanged(f"{self.path}:{row.line}: was changed after it was checked; the rest was not sent")
            yield row.client


def rows(path: Path) -> Iterator[Row]:
    """Yield the clients of a file one by one, checked against the contract.

    Args:
        path: file of clients; other columns than those of the import are passed over.

    Raises:
        UsageProblem: the file cannot be read, or a column that every client needs is missing.
    """
    read = _csv_rows if file_format(path) == CSV else _json_rows
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for line, values in read(path, file):
                yield values if isinstance(values, Row) else _row(line, values)
    except OSError as error:
        raise UsageProblem(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageProblem(f"{path}: is not UTF-8 text; save it as UTF-8 (in Excel: CSV UTF-8)") from None


def _csv_rows(path: Path, file: TextIO) -> Iterator[tuple[int, Any]]:
    header = file.readline()
    delimiter = max(_DELIMITERS, key=header.count)
    names = [name.strip() for name in next(csv.reader([header], delimiter=delimiter), [])]
    _require(path, names)
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 2  # the header's line was read before
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, Row(line, {}, [Problem("", f"is not CSV: {error}")])
            return
        if len(cells) not in {0, len(names)}:
            reason = f"has {len(cells)} fields, the header has {len(names)}"
            yield line, Row(line, {}, [Problem("", reason)])
        elif cells:
            yield line, dict(zip(names, cells, strict=True))


def _require(path: Path, names: list[str]) -> None:
    for needed in _properties():
        if needed not in names:
            near = get_close_matches(needed, names, n=1)
            hint = f"; is {near[0]!r} meant?" if near else ""
            raise UsageProblem(f"{path}:1: the header has no column {needed!r}{hint}")
        if names.count(needed) > 1:
            raise UsageProblem(f"{path}:1: the header has the column {needed!r} twice")


def _json_rows(_: Path, file: TextIO) -> Iterator[tuple[int, Any]]:
    for line, text in enumerate(file, start=1):
        if not text.strip():
            continue
        try:
            value = values.parse_json(text)
        except ValueError as error:
            yield line, Row(line, {}, [Problem("", str(error))])
            continue
        if isinstance(value, dict):
            yield line, value
        else:
            yield line, Row(line, {}, [Problem("", "must be a JSON object")])


def _row(line: int, given: Mapping[str, Any]) -> Row:
    client: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, schema in _properties().items():
        if name not in given:
            continue
        value = given[name]
        try:
            if name == "client_type" and isinstance(value, str):
                client[name] = _messenger(value)
            else:
                client[name] = values.scalar(schema, value.strip()) if isinstance(value, str) else value
        except ValueError as error:
            problems.append(Problem(name, str(error)))
    if not problems:
        problems = list(problems_of(_new_client(), client, mavibot_contract.load().resolve))
    return Row(line, client, problems)


def _messenger(text: str) -> int:
    """Return the number of a messenger, given as number or as name.

    Raises:
        ValueError: there is no messenger of this name.
    """
    known = _messengers()
    wanted = text.strip().lower().replace("-", "_").replace(" ", "_")
    if wanted.isdecimal():
        return int(wanted)
    if wanted not in known:
        near = get_close_matches(wanted, known, n=1)
        names = ", ".join(known)
        raise ValueError(
            f"no messenger {text!r}; " + (f"did you mean {near[0]!r}?" if near else f"one of {names}, or a number")
        )
    return known[wanted]


@cache
def _new_client() -> Schema:
    known = mavibot_contract.load()
    clients = known.operation("load_clients").schema["properties"]["clients"]
    return known.resolve(known.resolve(clients)["items"])


def _properties() -> Mapping[str, Schema]:
    found: Mapping[str, Schema] = _new_client()["properties"]
    return found


@cache
def _messengers() -> dict[str, int]:
    """Return the numbers of the messengers by name, as the contract has them."""
    return {name.lower(): number for name, number in mavibot_contract.load().enum("Messenger").items()}
