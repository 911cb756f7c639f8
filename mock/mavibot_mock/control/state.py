"""Control of the whole state: reset, seed, export, import and snapshots."""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

from mavibot_mock import seeds
from mavibot_mock.request.replies import RefusedError, Reply, fail, invalid
from mavibot_mock.server.platform import TakenKeyError
from mavibot_mock.server.project import SEED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mavibot_mock.control.call import ControlCall
    from mavibot_mock.server.project import Project
    from mavibot_mock.state.store import Store

_DONE: Final = Reply(200, {"status": "success"})

#: Before the names of snapshots, so that none of them is that of the seed.
_SNAPSHOT: Final = "snapshot."


async def reset_project(call: ControlCall) -> Reply:
    """Go back to what the project began with."""
    return await _restored(call, SEED)


async def seed_project(call: ControlCall) -> Reply:
    """Begin anew with another seed."""
    await _replace(call)
    project = call.project
    await project.at_rest()
    await project.save(SEED)
    return _DONE


async def export_state(call: ControlCall) -> Reply:
    """Return the whole state as a seed."""
    return Reply(200, seeds.export(call.project.store))


async def import_state(call: ControlCall) -> Reply:
    """Put another state in the place of this one."""
    await _replace(call)
    return _DONE


async def list_snapshots(call: ControlCall) -> Reply:
    """Return the names of the snapshots."""
    return Reply(200, snapshots(call.project))


def snapshots(project: Project) -> list[str]:
    """Return the names of a project's snapshots."""
    return [name.removeprefix(_SNAPSHOT) for name in project.images if name.startswith(_SNAPSHOT)]


async def save_snapshot(call: ControlCall) -> Reply:
    """Keep a copy of the state."""
    await call.project.save(_SNAPSHOT + call.path["name"])
    return _DONE


async def delete_snapshot(call: ControlCall) -> Reply:
    """Forget a snapshot."""
    call.project.forget(_existing(call))
    return _DONE


async def restore_snapshot(call: ControlCall) -> Reply:
    """Go back to a snapshot."""
    return await _restored(call, _existing(call))


async def _restored(call: ControlCall, name: str) -> Reply:
    try:
        await call.project.restore(name)
    except ValueError as error:
        return fail(409, f"the copy {error}")
    return _DONE


async def _replace(call: ControlCall) -> None:
    seed = call.taken_body()
    keys = None if seeds.has_keys(seed) else seeds.export_keys(call.project.store)
    try:
        state = await built(seed, keys=keys)
        del seed  # its memory is free before the state is copied
        with closing(state):
            project = call.project  # unless it was deleted meanwhile
            await project.at_rest()
            call.platform.claim(project, [row["value"] for row in state.api_keys()])
            await project.replace(state)
    except TakenKeyError as error:
        raise RefusedError(fail(409, str(error))) from None
    except ValueError as error:
        raise invalid(str(error)) from None


async def built(seed: Any, *, keys: Mapping[str, Any] | None, settings: Mapping[str, Any] | None = None) -> Store:
    """Return the state of a seed, which the caller closes; a document is checked and filled in beside other calls.

    Raises:
        ValueError: the seed is wrong; the message names the place and the fix.
    """
    if isinstance(seed, str):
        return seeds.build(seed, keys=keys, settings=settings)
    return await asyncio.to_thread(seeds.build, seed, keys=keys, settings=settings)


def _existing(call: ControlCall) -> str:
    name: str = _SNAPSHOT + call.path["name"]
    if name not in call.project.images:
        raise RefusedError(fail(404, f"there is no snapshot '{call.path['name']}'"))
    return name


OPERATIONS: Final = {
    "reset_project": reset_project,
    "seed_project": seed_project,
    "export_state": export_state,
    "import_state": import_state,
    "list_snapshots": list_snapshots,
    "save_snapshot": save_snapshot,
    "delete_snapshot": delete_snapshot,
    "restore_snapshot": restore_snapshot,
}
