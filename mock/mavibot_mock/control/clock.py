"""Control of the clock and of the jobs that wait on it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.request.replies import RefusedError, Reply, fail, invalid
from mavibot_mock.state.schedule import LAST_MOMENT, moment_after, moment_of
from mavibot_mock.state.store.database import from_json

if TYPE_CHECKING:
    from sqlite3 import Row

    from mavibot_mock.control.call import ControlCall
    from mavibot_mock.server.jobs import Moved
    from mavibot_mock.server.project import Project


#: As the document says.
_MOST_JOBS: Final = 100_000
_JOBS_LISTED: Final = 100


async def get_clock(call: ControlCall) -> Reply:
    """Return what the clock shows."""
    return Reply(200, _shown_clock(call.project))


async def freeze_clock(call: ControlCall) -> Reply:
    """Stop the clock where it is."""
    project = _at_rest(call)
    project.clock.stop()
    project.jobs.keep_clock()
    return Reply(200, _shown_clock(project))


async def run_clock(call: ControlCall) -> Reply:
    """Start the clock again from where it is."""
    project = _at_rest(call)
    project.clock.run()
    project.jobs.keep_clock()
    return Reply(200, _shown_clock(project))


async def set_clock(call: ControlCall) -> Reply:
    """Move the clock to a moment."""
    project = _at_rest(call)
    moment = moment_of("to", call.body["to"], zone=project.zone)
    return _moved(call, await project.jobs.move_to(moment, most=call.body.get("most", _MOST_JOBS)))


async def advance_clock(call: ControlCall) -> Reply:
    """Move the clock on by a duration."""
    project = _at_rest(call)
    moment = moment_after("by", call.body["by"], moment=project.now(), zone=project.zone)
    if moment > LAST_MOMENT:
        raise invalid("by: leads beyond the year 9999")
    return _moved(call, await project.jobs.move_to(moment, most=call.body.get("most", _MOST_JOBS)))


async def run_until_idle(call: ControlCall) -> Reply:
    """Move the clock from job to job until none is left."""
    project = _at_rest(call)
    return _moved(call, await project.jobs.run_until_idle(most=(call.body or {}).get("most", _MOST_JOBS)))


async def list_jobs(call: ControlCall) -> Reply:
    """Return what is scheduled, in the order in which it will run."""
    store = call.project.store
    rows = store.jobs(offset=call.query.get("offset", 0), limit=call.query.get("limit", _JOBS_LISTED))
    failed = [asdict(failure) for failure in call.project.jobs.failures]
    return Reply(200, {"count": store.count_jobs(), "jobs": [_shown_job(row) for row in rows], "failed": failed})


async def cancel_job(call: ControlCall) -> Reply:
    """Remove a job."""
    project = _at_rest(call)
    job = _job(call)
    with project.transaction():
        project.store.remove_job(job["id"])
    return Reply(200, _shown_job(job))


async def run_job(call: ControlCall) -> Reply:
    """Run a job now, whenever it is due; its webhooks have gone out when the call returns."""
    project = _at_rest(call)
    job = _job(call)
    if not project.jobs.run_now(job):
        return fail(409, f"job {job['id']} failed and is gone: {project.jobs.failures[-1].error}")
    await project.outbox.settle()
    return Reply(200, _shown_job(job))


def _at_rest(call: ControlCall) -> Project:
    project = call.project
    if project.jobs.is_moving:
        raise RefusedError(fail(409, "the clock is being moved; wait until that call has returned"))
    return project


def _job(call: ControlCall) -> Row:
    job = call.project.store.job(call.path["number"])
    if job is None:
        raise RefusedError(fail(404, f"the project has no job {call.path['number']}; it may have run"))
    return job


def _shown_clock(project: Project) -> dict[str, Any]:
    now = project.now()
    job = project.store.next_job()
    return {
        "now": now,
        "time": datetime.fromtimestamp(now, project.zone).isoformat(),
        "stopped": project.clock.is_stopped,
        "next_due": None if job is None else job["due"],
    }


def _moved(call: ControlCall, moved: Moved) -> Reply:
    """Return what the clock shows after a move, unless the project was deleted on the way."""
    return Reply(200, {**_shown_clock(call.project), **asdict(moved)})


def _shown_job(row: Row) -> dict[str, Any]:
    return {"id": row["id"], "kind": row["kind"], "due": row["due"], "parameters": from_json(row["parameters"])}


OPERATIONS: Final = {
    "get_clock": get_clock,
    "freeze_clock": freeze_clock,
    "run_clock": run_clock,
    "set_clock": set_clock,
    "advance_clock": advance_clock,
    "run_until_idle": run_until_idle,
    "list_jobs": list_jobs,
    "cancel_job": cancel_job,
    "run_job": run_job,
}
