"""Finds pages of sequences, at any depth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mavibot_mock.state.store.database import Database, to_json

if TYPE_CHECKING:
    from sqlite3 import Row

    from mavibot_mock.state.store.sequence import Sequence


class Pages(Database):
    """Pages of sequences."""

    def _page(
        self,
        sequence: Sequence,
        *values: Any,
        offset: int,
        limit: int,
        descending: bool = False,
        after: float | None = None,
        before: float | None = None,
    ) -> list[int]:
        """Return the numbers of the rows on a page.

        Args:
            sequence: the sequence.
            values: values of the columns that it goes by.
            offset: how many rows to pass over.
            limit: most rows on the page.
            descending: go from the last row to the first; only without bounds.
            after: pass over the rows whose `at` is not greater.
            before: leave out the rows whose `at` is not less.
        """
        size = self._size(sequence, *values)
        key = dict(zip(sequence.by, values, strict=True))
        if after is not None:
            offset += self._count_up_to(sequence, key, after)
        left = size - offset
        if left <= 0:
            return []
        limit = left if limit < 0 else min(limit, left)
        if descending:
            offset = left - limit
        at, number, passed = self._run_at(sequence, key, offset, size)
        more = "" if before is None else f" AND {sequence.at} < :before"
        rows = sequence.rows(_key(sequence), ":at", ":number", more=more)
        query = f"SELECT number FROM ({rows} LIMIT {limit} OFFSET {offset - passed})"  # noqa: S608 - numbers
        numbers = [row["number"] for row in self._all(query, **key, at=at, number=number, before=before)]
        return numbers[::-1] if descending else numbers

    def _size(self, sequence: Sequence, *values: Any) -> int:
        """Return how many rows a sequence has."""
        query = f"SELECT total(members) FROM {sequence.runs} WHERE {_key(sequence)}TRUE"  # noqa: S608
        return int(self._number(query, **dict(zip(sequence.by, values, strict=True))) or 0)

    def _rows(self, table: str, numbers: list[int]) -> list[Row]:
        """Return the rows with these ids, in this order."""
        query = f"""
            SELECT {table}.* FROM json_each(?) AS wanted CROSS JOIN {table} ON {table}.id = wanted.value
            ORDER BY wanted.key"""  # noqa: S608 - names from this package
        return self._all(query, to_json(numbers)) if numbers else []

    def _run_at(self, sequence: Sequence, key: dict[str, Any], place: int, size: int) -> tuple[float, int, int]:
        """Return where the run begins that holds the row at a place, and how many rows are before the run."""
        is_near = place < size / 2
        order = "" if is_near else " DESC"
        query = f"""
            SELECT at, number, members FROM {sequence.runs} WHERE {_key(sequence)}TRUE
            ORDER BY at{order}, number{order}"""  # noqa: S608 - names from this package
        cursor = self._db.cursor()
        cursor.row_factory = None  # plain tuples, of which there may be hundreds
        passed = 0 if is_near else size
        for at, number, members in cursor.execute(query, key):
            begin = passed if is_near else passed - members
            if begin <= place < begin + members:
                return at, number, begin
            passed = begin + members if is_near else begin
        raise LookupError(f"{sequence.runs} has no {place} of {size}")

    def _count_up_to(self, sequence: Sequence, key: dict[str, Any], moment: float) -> int:
        """Return how many rows have an `at` of at most a moment."""
        same = _key(sequence)
        run = f"SELECT at, number FROM {sequence.runs} WHERE {same}at <= :at ORDER BY at DESC, number DESC LIMIT 1"  # noqa: S608
        last = self._one(run, **key, at=moment)
        if last is None:
            return 0
        before = f"SELECT total(members) FROM {sequence.runs} WHERE {same}(at, number) < (:at, :number)"  # noqa: S608
        rows = sequence.rows(same, ":at", ":number", more=f" AND {sequence.at} <= :moment")
        inside = f"SELECT count(*) FROM ({rows})"  # noqa: S608
        begin = {**key, "at": last["at"], "number": last["number"]}
        return int(self._number(before, **begin) or 0) + int(self._number(inside, **begin, moment=moment) or 0)


def _key(sequence: Sequence) -> str:
    return "".join(f"{column} = :{column} AND " for column in sequence.by)
