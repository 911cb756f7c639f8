"""Control of projects, their keys and settings."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Final

from mavibot_mock import seeds
from mavibot_mock.control.state import built
from mavibot_mock.request.replies import RefusedError, Reply, fail, invalid
from mavibot_mock.server.platform import TakenKeyError
from mavibot_mock.server.project import ApiKey
from mavibot_mock.state.facts import PERMISSIONS

if TYPE_CHECKING:
    from mavibot_mock.control.call import ControlCall
    from mavibot_mock.server.project import Project

_DONE: Final = Reply(200, {"status": "success"})


async def list_projects(call: ControlCall) -> Reply:
    """Return all projects."""
    return Reply(200, [_shown(project) for project in call.platform.projects.values()])


async def create_project(call: ControlCall) -> Reply:
    """Make a project from a seed."""
    wanted = call.body or {}
    seed = wanted.get("seed", "demo")
    keys = wanted.get("keys")
    if keys is None and not seeds.has_keys(seed):
        keys = seeds.default_keys()
    try:
        with closing(await built(seed, keys=keys, settings=wanted.get("settings"))) as state:
            project = call.platform.create(state)
    except TakenKeyError as error:
        raise RefusedError(fail(409, str(error))) from None
    except ValueError as error:
        raise invalid(str(error)) from None
    return Reply(201, _shown(project))


async def read_project(call: ControlCall) -> Reply:
    """Return one project."""
    return Reply(200, _shown(call.project))


async def delete_project(call: ControlCall) -> Reply:
    """Forget a project."""
    call.platform.remove(call.project)
    return _DONE


async def read_settings(call: ControlCall) -> Reply:
    """Return the settings of a project."""
    return Reply(200, asdict(call.project.settings))


async def change_settings(call: ControlCall) -> Reply:
    """Change some settings of a project."""
    project = call.project
    try:
        with project.transaction():
            project.configure(replace(project.settings, **call.body))
    except ValueError as error:
        raise invalid(str(error)) from None
    return Reply(200, asdict(project.settings))


async def list_keys(call: ControlCall) -> Reply:
    """Return the keys of a project."""
    return Reply(200, [_shown_key(key) for key in call.project.keys.values()])


async def add_key(call: ControlCall) -> Reply:
    """Add a key to a project."""
    project, wanted = call.project, call.body
    name, value = wanted["name"], wanted.get("value") or seeds.new_key()
    if any(name == key.name for key in project.keys.values()):
        raise RefusedError(fail(409, f"name: the project has a key '{name}' already"))
    if value in project.keys:
        raise RefusedError(fail(409, "value: the project has this key already"))
    try:
        call.platform.claim(project, [value])
    except TakenKeyError:
        raise RefusedError(fail(409, "value: another project has this key; leave it out to get a new one")) from None
    is_legacy = "permissions" not in wanted
    key = ApiKey(value, PERMISSIONS, is_legacy=is_legacy, is_primary=is_legacy, name=name)
    return Reply(201, _shown_key(_changed(project, key, wanted)))


async def change_key(call: ControlCall) -> Reply:
    """Change what a key may do, revoke it or make it the primary one."""
    return Reply(200, _shown_key(_changed(call.project, _named_key(call), call.body)))


async def delete_key(call: ControlCall) -> Reply:
    """Delete a key, as in the project settings."""
    key = _named_key(call)
    with call.project.transaction():
        call.project.delete_key(key.name)
    return _DONE


def _named_key(call: ControlCall) -> ApiKey:
    """Return the key that the path names.

    Raises:
        RefusedError: the project has no such key.
    """
    for key in call.project.keys.values():
        if key.name == call.path["name"]:
            return key
    raise RefusedError(fail(404, f"the project has no key '{call.path['name']}'"))


def _changed(project: Project, key: ApiKey, wanted: dict[str, Any]) -> ApiKey:
    """Keep a key as it is wanted, and return it."""
    is_legacy = wanted.get("legacy", key.is_legacy and "permissions" not in wanted)
    if is_legacy and "permissions" in wanted:
        raise invalid("permissions: a legacy key has none; leave one of them out")
    revoked = wanted.get("revoked", key.revoked)
    if revoked and wanted.get("primary"):
        raise invalid("primary: a revoked key cannot be the primary one")
    changed = replace(
        key,
        permissions=frozenset(wanted.get("permissions", key.permissions)),
        is_legacy=is_legacy,
        is_primary=wanted.get("primary", key.is_primary) and not revoked,
        revoked=revoked,
    )
    with project.transaction():
        project.put_key(changed)
    return project.keys[key.value]


def _shown(project: Project) -> dict[str, Any]:
    return {
        "id": project.id,
        "api_key": project.api_key,
        "primary_key": project.primary_key,
        "keys": {key.name: key.value for key in project.keys.values()},
        "now": project.now(),
        "last_message_id": project.store.newest_message(),
    }


def _shown_key(key: ApiKey) -> dict[str, Any]:
    return {
        "name": key.name,
        "value": key.value,
        "permissions": sorted(key.permissions),
        "legacy": key.is_legacy,
        "primary": key.is_primary,
        "revoked": key.revoked,
    }


OPERATIONS: Final = {
    "list_projects": list_projects,
    "create_project": create_project,
    "read_project": read_project,
    "delete_project": delete_project,
    "read_settings": read_settings,
    "change_settings": change_settings,
    "list_keys": list_keys,
    "add_key": add_key,
    "change_key": change_key,
    "delete_key": delete_key,
}
