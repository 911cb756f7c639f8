"""Queries on jobs: what is to happen later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mavibot_mock.state.store.database import to_json
from mavibot_mock.state.store.pages import Pages
from mavibot_mock.state.store.schema import JOBS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from sqlite3 import Row


class Jobs(Pages):
    """Scheduled jobs."""

    _has_new_jobs = False

    def add_job(self, kind: str, parameters: Mapping[str, Any], *, due: float, **others: Any) -> int:
        """Add a job, and return its id.

        Args:
            kind: kind of the job.
            parameters: its parameters; `client_id` names the client that it is for.
            due: when it is due, Unix seconds.
            others: further columns.
        """
        self._has_new_jobs = True
        return self._insert("jobs", {**_columns(kind, parameters, due), **others})

    def add_jobs(self, kind: str, jobs: Iterable[tuple[float, Mapping[str, Any]]]) -> None:
        """Add many jobs.

        Args:
            kind: kind of the jobs.
            jobs: when each is due, Unix seconds, and its parameters.
        """
        rows = [_columns(kind, parameters, due) for due, parameters in jobs]
        if rows:
            self._has_new_jobs = True
            query = "INSERT INTO jobs (due, kind, parameters, client_id) VALUES (:due, :kind, :parameters, :client_id)"
            self._db.executemany(query, rows)

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
        return self._rows("jobs", self._page(JOBS, offset=offset, limit=limit))

    def count_jobs(self) -> int:
        """Return how many jobs there are."""
        return self._size(JOBS)

    def remove_job(self, job_id: int) -> None:
        """Remove a job."""
        self._db.execute("DELETE FROM jobs WHERE id = ?", (job_id,))


def _columns(kind: str, parameters: Mapping[str, Any], due: float) -> dict[str, Any]:
    return {"due": due, "kind": kind, "parameters": to_json(parameters), "client_id": parameters.get("client_id")}
