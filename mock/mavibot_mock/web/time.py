"""The view of time: the clock, and the jobs that wait on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.state.store.database import from_json

if TYPE_CHECKING:
    from sqlite3 import Row

    from mavibot_mock.web.visit import Visit

_JOBS: Final = 50


async def shown(visit: Visit) -> dict[str, Any]:
    """Return what the view shows."""
    store, offset = visit.project.store, visit.integer("offset") or 0
    rows = store.jobs(offset=offset, limit=_JOBS + 1)
    return {
        "jobs": [_shown(row) for row in rows[:_JOBS]],
        "count": store.count_jobs(),
        "later": offset + _JOBS if len(rows) > _JOBS else None,
        "is_first": offset == 0,
        "failed": list(reversed(visit.project.jobs.failures)),
    }


def _shown(row: Row) -> dict[str, Any]:
    parameters = from_json(row["parameters"])
    return {**dict(row), "parameters": parameters, "text": parameters.get("message") or ""}
