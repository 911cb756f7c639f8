"""Finds pages of sequences; where they are counted, at any depth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.state.store.database import Database, to_json

if TYPE_CHECKING:
    from sqlite3 import Row

    from mavibot_mock.state.store.sequence import Sequence

#: Less than any key, and more than any.
_BEGIN: Final[tuple[float, int]] = (-(2**63), -(2**63))
_END: Final[tuple[float, int]] = (2**63 - 1, 2**63 - 1)


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
            offset: how many rows to pass over; where the sequence is not counted, one by one.
            limit: most rows on the page.
            descending: go from the last row to the first.
            after: pass over the rows whose `at` is not greater; only where it goes up.
            before: leave out the rows whose `at` is not less.
        """
        begin, passed = _END if descending else _BEGIN, 0
        if sequence.is_counted:
            if after is not None:
                offset += self._count_up_to(sequence, values, after)
            found = self._run_at(sequence, values, offset, descending=descending)
            if found is None:
                return []
            begin, passed = found
        elif after is not None:
            begin = (after, _END[1])
        more, bound = ("", ()) if before is None else (f" AND {sequence.at} < ?{len(values) + 3}", (before,))
        rows = sequence.rows(_key(sequence), *_marks(len(values)), descending=descending, more=more)
        over = min(offset - passed, _END[1])
        query = f"SELECT number FROM ({rows} LIMIT {int(limit)} OFFSET {int(over)})"  # noqa: S608 - numbers
        return [row["number"] for row in self._all(query, *values, *begin, *bound)]

    def _size(self, sequence: Sequence, *values: Any) -> int:
        """Return how many rows a sequence has."""
        query = f"SELECT total(members) FROM {sequence.runs} WHERE {_key(sequence)}TRUE"  # noqa: S608
        return int(self._number(query, *values) or 0)

    def _rows(self, table: str, numbers: list[int]) -> list[Row]:
        """Return the rows with these ids, in this order."""
        query = f"""
            SELECT {table}.* FROM json_each(?) AS wanted CROSS JOIN {table} ON {table}.id = wanted.value
            ORDER BY wanted.key"""  # noqa: S608 - names from this package
        return self._all(query, to_json(numbers)) if numbers else []

    def _run_at(
        self, sequence: Sequence, values: tuple[Any, ...], offset: int, *, descending: bool
    ) -> tuple[tuple[float, int], int] | None:
        """Return the key of the run in which so many rows have been passed over, and how many are before it.

        Where it goes down the key is the one before which the run ends. None where there are not so many rows.
        """
        order = " DESC" if descending else ""
        query = f"""
            SELECT at, number, members FROM {sequence.runs} WHERE {_key(sequence)}TRUE
            ORDER BY at{order}, number{order}"""  # noqa: S608 - names from this package
        passed, end = 0, _END
        for at, number, members in self._db.execute(query, values):
            if passed + members > offset:
                return end if descending else (at, number), passed
            passed += members
            end = at, number
        return None

    def _count_up_to(self, sequence: Sequence, values: tuple[Any, ...], moment: float) -> int:
        """Return how many rows have an `at` of at most a moment."""
        key, (at, number) = _key(sequence), _marks(len(values))
        run = f"SELECT at, number FROM {sequence.runs} WHERE {key}at <= {at} ORDER BY at DESC, number DESC LIMIT 1"  # noqa: S608
        last = self._one(run, *values, moment)
        if last is None:
            return 0
        before = f"SELECT total(members) FROM {sequence.runs} WHERE {key}(at, number) < ({at}, {number})"  # noqa: S608
        more = f" AND {sequence.at} <= ?{len(values) + 3}"
        inside = f"SELECT count(*) FROM ({sequence.rows(key, at, number, more=more)})"  # noqa: S608
        begin = (*values, last["at"], last["number"])
        return int(self._number(before, *begin) or 0) + int(self._number(inside, *begin, moment) or 0)


def _key(sequence: Sequence) -> str:
    return "".join(f"{column} = ?{place} AND " for place, column in enumerate(sequence.by, 1))


def _marks(count: int) -> tuple[str, str]:
    """Return the marks of the key's two parts, after those of so many values."""
    return f"?{count + 1}", f"?{count + 2}"
