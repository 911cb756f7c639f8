"""Queries on whole tables, for seeds and exports."""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mavibot_mock.state.store.database import from_json
from mavibot_mock.state.store.newest import Newest
from mavibot_mock.state.store.schema import SEQUENCES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from sqlite3 import Row


class Tables(Newest):
    """Tables as they are; names of tables and columns are those of this package."""

    def insert(self, table: str, columns: Mapping[str, Any]) -> None:
        """Add a row."""
        self._insert(table, columns)

    @contextmanager
    def filling(self) -> Iterator[None]:
        """Add many rows, all or none: what finds and counts them is made at the end, all at once."""
        with self.transaction():
            made = self._all(
                "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql <> ''"
            )
            for row in made:
                self._db.execute(f"DROP {row['type']} {row['name']}")
            yield
            for row in made:
                self._db.execute(row["sql"])
            self.note_newest_messages()
            for sequence in SEQUENCES:
                self._db.execute(f"DELETE FROM {sequence.runs}")  # noqa: S608 - names from this package
                self._db.execute(sequence.recount())

    def rows(self, table: str) -> list[Row]:
        """Return all rows in the order of their numbers."""
        return self._all(f"SELECT * FROM {table} ORDER BY 1")  # noqa: S608

    def last_numbers(self) -> dict[str, int]:
        """Return the greatest number that was ever given, by table, where no number is given again."""
        return {row["name"]: row["seq"] for row in self._all("SELECT name, seq FROM sqlite_sequence ORDER BY name")}

    def set_last_number(self, table: str, number: int) -> None:
        """Give only greater numbers from now on."""
        self._db.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
        self._db.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, number))

    def lists_by_client(self) -> dict[int, list[int]]:
        """Return the lists of each client that is on one."""
        lists = defaultdict(list)
        for row in self._all("SELECT client_id, list_id FROM list_members ORDER BY client_id, list_id"):
            lists[row["client_id"]].append(row["list_id"])
        return lists

    def all_client_variables(self) -> dict[int, dict[str, Any]]:
        """Return the variables of each client that has some."""
        return _by_owner(self._all("SELECT owner, name, value FROM client_variables ORDER BY owner, name"))

    def all_order_variables(self) -> dict[int, dict[str, Any]]:
        """Return the variables of each deal that has some."""
        return _by_owner(self._all("SELECT owner, name, value FROM order_variables ORDER BY owner, name"))


def _by_owner(rows: Iterable[Row]) -> dict[int, dict[str, Any]]:
    variables: dict[int, dict[str, Any]] = defaultdict(dict)
    for row in rows:
        variables[row["owner"]][row["name"]] = from_json(row["value"])
    return variables
