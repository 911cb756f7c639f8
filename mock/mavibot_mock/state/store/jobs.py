"""Queries on jobs: what is to happen later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mavibot_mock.state.store.database import Database, to_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from sqlite3 import Row


class Jobs(Database):
    """Scheduled jobs."""

    _has_new_jobs = False

    def add_job(self, kind: str, parameters: Mapping[str, Any], *, due: float) -> int:
        """Add a job, and return its id."""
        self._has_new_jobs = True
        return self._insert("jobs", {"due": due, "kind": kind, "parameters": to_json(parameters)})

    def add_jobs(self, kind: str, jobs: Iterable[tuple[float, Mapping[str, Any]]]) -> None:
        """Add many jobs.

        Args:
            kind: kind of the jobs.
            jobs: when each is due, Unix seconds, and its parameters.
        """
        rows = [(due, kind, to_json(parameters)) for due, parameters in jobs]
        if rows:
            self._has_new_jobs = True
            self._db.executemany("INSERT INTO jobs (due, kind, parameters) VALUES (?, ?, ?)", rows)

    def take_new_jobs(self) -> bool:
        """Return True if jobs were added since the last call."""
        has_new_jobs, self._has_new_jobs = self._has_new_jobs, False
        return has_new_jobs

    def next_job(self) -> Row | None:
        """Return the job that is due first."""
        return self._one("SELECT * FROM jobs ORDER BY due, id LIMIT 1")

    def job(self, job_id: int) -> Row | None:
        """Return a job by its id."""
        return self._one("SELECT * FROM jobs WHERE id = ?", job_id)

    def jobs(self, *, offset: int, limit: int) -> list[Row]:
        """Return a page of the jobs, in the order in which they will run."""
        return self._all("SELECT * FROM jobs ORDER BY due, id LIMIT ? OFFSET ?", limit, offset)

    def count_jobs(self) -> int:
        """Return how many jobs there are."""
        return self._number("SELECT count(*) FROM jobs") or 0

    def remove_job(self, job_id: int) -> None:
        """Remove a job."""
        self._db.execute("DELETE FROM jobs WHERE id = ?", (job_id,))
