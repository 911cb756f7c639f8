"""The OpenAPI document of the control interface, put together from a part for each family."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from mavibot_mock import seeds
from mavibot_mock.request.replies import Reply

if TYPE_CHECKING:
    from mavibot_mock.control.call import ControlCall

#: Each is a module with `OPERATIONS` (operationId -> function) and a YAML file with its part of the document.
FAMILIES: Final = ("projects", "state", "clock", "inbound", "conversations", "actions", "webhooks", "faults", "journal")

_FOLDER: Final = files("mavibot_mock.control")


@cache
def document() -> dict[str, Any]:
    """Return the document."""
    whole: dict[str, Any] = seeds.read((_FOLDER / "openapi.yaml").read_bytes())
    schemas = whole["components"]["schemas"]
    schemas.update(seeds.schemas())
    for family in FAMILIES:
        part = seeds.read((_FOLDER / f"{family}.yaml").read_bytes())
        whole["paths"].update(part["paths"])
        schemas.update(part.get("schemas", {}))
    # What is the same everywhere is stated once: parameters of the address, and the shape of a refusal.
    for path, operations in whole["paths"].items():
        for operation in operations.values():
            operation["responses"]["default"] = {"$ref": "#/components/responses/Refusal"}
        names = re.findall(r"{(\w+)}", path)
        if names:
            operations["parameters"] = [{"$ref": f"#/components/parameters/{name}"} for name in names]
    return whole


async def get_document(_call: ControlCall) -> Reply:
    """Return the document."""
    return Reply(200, document())


OPERATIONS: Final = {"get_document": get_document}
