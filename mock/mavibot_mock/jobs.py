"""Carries out what was scheduled for later, once it is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from mavibot_mock.actions import JOBS

if TYPE_CHECKING:
    from mavibot_mock.project import Project


def run_due(project: Project) -> None:
    """Carry out every job that is due, the earliest first, each dated to the moment at which it was due.

    A job that fails raises once and is gone.
    """
    now = project.now()
    # Taken outside the transaction: rolled back, a failing job would come again and fail every later call.
    while (job := project.store.take_due_job(now)) is not None:
        with project.transaction():
            JOBS[job["kind"]](project, orjson.loads(job["parameters"]), job["due"])
