"""The view of the project: state and snapshots, keys, settings, and the other projects of the server."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from mavibot_mock import seeds
from mavibot_mock.control.state import snapshots
from mavibot_mock.server.journal import mask
from mavibot_mock.state.facts import PERMISSIONS

if TYPE_CHECKING:
    from mavibot_mock.web.visit import Visit


async def shown(visit: Visit) -> dict[str, Any]:
    """Return what the view shows."""
    project = visit.project
    schema = seeds.schemas()["Settings"]["properties"]
    return {
        "snapshots": snapshots(project),
        "keys": [
            {
                "name": key.name,
                "masked": mask(key.value),
                "permissions": sorted(key.permissions),
                "is_legacy": key.is_legacy,
                "is_primary": key.is_primary,
                "revoked": key.revoked,
            }
            for key in project.keys.values()
        ],
        "permissions": sorted(PERMISSIONS),
        "settings": [
            {"name": name, "value": value, "schema": schema[name], "is_boolean": isinstance(value, bool)}
            for name, value in asdict(project.settings).items()
        ],
    }
