"""Rows in an order, of which a page can be found at the same cost however deep it lies.

An index finds a row by its key, not by its place. So a sequence has a table of its runs beside its index: neighbours by
the thousand, with the key at which the run begins and the number of its members. A page is found by adding up runs and
passing over a part of one. Triggers keep the runs in step with the rows, whatever changes those; only `at` and `number`
must not change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: A run with more than twice as many members is split. A million rows then have less than a thousand runs; adding them
#: up, and passing over the members of one, each takes less than a tenth of a millisecond.
_HALF_A_RUN: Final = 1024
#: Less than any key.
_BEGIN: Final = -(2**63)


@dataclass(frozen=True, slots=True)
class Sequence:
    """The rows of a table in order, a sequence of its own for each combination of values of some columns.

    Attributes:
        name: name of its index.
        table: the table.
        at: column by which the rows are sorted first.
        by: columns whose values keep the sequences apart.
        where: condition that all rows meet that can be asked for; the others are left out of the index.
        number: column that sorts the rows with the same `at`; no two have the same.
        has_index: whether it needs an index of its own; the table's primary key may do.
    """

    name: str
    table: str
    at: str
    by: tuple[str, ...] = ()
    where: str | None = None
    number: str = "id"
    has_index: bool = True

    @property
    def runs(self) -> str:
        """Name of the table of its runs."""
        return f"{self.name}_runs"

    def rows(self, key: str, at: str, number: str, *, more: str = "") -> str:
        """Return the query of `at` and `number` of all rows from a key on.

        Args:
            key: condition on the columns in `by`, followed by `AND`, or empty.
            at: SQL of the first part of the key.
            number: SQL of its second part.
            more: further conditions, each after `AND`.
        """
        # SQLite takes no index for a pair of columns of which the second is the row's id, so the rows with the same
        # `at` are found apart.
        return f"""
            SELECT {self.at} AS at, {self.number} AS number FROM {self.table}
                WHERE {key}{self.at} = {at} AND {self.number} >= {number}{more}
            UNION ALL SELECT {self.at}, {self.number} FROM {self.table} WHERE {key}{self.at} > {at}{more}
            ORDER BY at, number"""  # noqa: S608 - names from this package

    def schema(self) -> str:
        """Return the statements that make its index, its runs, and the triggers that keep them."""
        columns = "".join(f"{column}, " for column in self.by)
        key = f"{columns}{self.at}, {self.number}"
        where = "" if self.where is None else f" WHERE {self.where}"
        index = f"CREATE INDEX {self.name} ON {self.table} ({key}){where};\n" if self.has_index else ""
        return index + self._runs(columns)

    def recount(self) -> str:
        """Return the statement that makes the runs of rows that are there already, once it has none."""
        columns = "".join(f"{column}, " for column in self.by)
        partition = f"PARTITION BY {', '.join(self.by)}" if self.by else ""
        where = "" if self.where is None else f"WHERE {self.where}"
        # A run ends where the next begins; only the members of the last one of a sequence are counted.
        key = "".join(f"{column} = run.{column} AND " for column in self.by)
        last = f"SELECT count(*) FROM ({self.rows(key, 'run.at', 'run.number')})"  # noqa: S608 - names from this package
        return f"""
            INSERT INTO {self.runs}
            SELECT {columns}iif(place = 0, {_BEGIN}, at), iif(place = 0, {_BEGIN}, number),
                coalesce(lead(place) OVER ({partition} ORDER BY place) - place, ({last}))
            FROM (
                SELECT {columns}{self.at} AS at, {self.number} AS number,
                    row_number() OVER ({partition} ORDER BY {self.at}, {self.number}) - 1 AS place
                FROM {self.table} {where}
            ) AS run WHERE place % {_HALF_A_RUN} = 0"""  # noqa: S608 - names from this package

    def _runs(self, columns: str) -> str:
        new = "".join(f"{column} = new.{column} AND " for column in self.by)
        values = "".join(f"new.{column}, " for column in self.by)
        this_run = f"{new}at = new.at AND number = new.number"
        middle = f"{self.rows(new, 'new.at', 'new.number')} LIMIT 1 OFFSET {_HALF_A_RUN}"
        # The run before any key; where a column that must not be NULL is, there is none.
        count_new = f"""INSERT OR IGNORE INTO {self.runs} VALUES ({values}{_BEGIN}, {_BEGIN}, 0);
    {self._count("new", "+ 1")}"""  # noqa: S608 - names from this package
        return f"""
CREATE TABLE {self.runs} (
    {columns}at, number, members INTEGER NOT NULL, PRIMARY KEY ({columns}at, number)
) WITHOUT ROWID;
CREATE TRIGGER {self.runs}_more AFTER INSERT ON {self.table} BEGIN
    {count_new};
END;
CREATE TRIGGER {self.runs}_fewer AFTER DELETE ON {self.table} BEGIN
    {self._count("old", "- 1")};
END;
CREATE TRIGGER {self.runs}_full AFTER UPDATE OF members ON {self.runs} WHEN new.members > {2 * _HALF_A_RUN} BEGIN
    INSERT INTO {self.runs} SELECT {values}at, number, new.members - {_HALF_A_RUN} FROM ({middle});
    UPDATE {self.runs} SET members = {_HALF_A_RUN} WHERE {this_run};
END;
CREATE TRIGGER {self.runs}_empty AFTER UPDATE OF members ON {self.runs} WHEN new.members = 0 BEGIN
    DELETE FROM {self.runs} WHERE {this_run};
END;
{self._moved(count_new) if self.by else ""}"""  # noqa: S608 - names from this package

    def _moved(self, count_new: str) -> str:
        """Return what keeps the runs in step where a row goes from one sequence to another."""
        columns = ", ".join(self.by)
        old, new = (", ".join(f"{row}.{column}" for column in self.by) for row in ("old", "new"))
        return f"""\
CREATE TRIGGER {self.runs}_moved AFTER UPDATE OF {columns} ON {self.table} WHEN ({old}) IS NOT ({new}) BEGIN
    {self._count("old", "- 1")};
    {count_new};
END;
"""

    def _count(self, row: str, change: str) -> str:
        """Return what changes the number of members of the run that a row belongs to."""
        key = "".join(f"{column} = {row}.{column} AND " for column in self.by)
        return f"""UPDATE {self.runs} SET members = members {change} WHERE {key}(at, number) = (
        SELECT at, number FROM {self.runs} WHERE {key}(at, number) <= ({row}.{self.at}, {row}.{self.number})
        ORDER BY at DESC, number DESC LIMIT 1
    )"""  # noqa: S608 - names from this package
