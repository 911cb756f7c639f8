"""Does what the project's owner does in the builder: actions of the API without a key, and moves of deals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson

import mavibot_contract
from mavibot_mock.actions import pipeline
from mavibot_mock.request.body import Sent
from mavibot_mock.request.replies import RefusedError, Reply, fail
from mavibot_mock.server.api import Api
from mavibot_mock.server.journal import Entry
from mavibot_mock.server.project import ApiKey
from mavibot_mock.state.facts import PERMISSIONS

if TYPE_CHECKING:
    from mavibot_mock.control.call import ControlCall

#: The owner needs no key; none in an address is empty.
_OWNER: Final = ApiKey("", PERMISSIONS)


async def carry_out(call: ControlCall) -> Reply:
    """Carry out an action of the API."""
    action = call.path["action"]
    sent = Sent("POST", b"", "application/json", orjson.dumps(call.body or {}))
    if action not in mavibot_contract.load().actions:
        raise RefusedError(fail(404, f"the API has no action '{action}'"))
    reply = await Api(call.platform, mavibot_contract.load()).reply(call.project, _OWNER, Entry("", action, sent))
    return Reply(reply.status, {"reply": reply.body}) if reply.status < 400 else reply


async def move_deal(call: ControlCall) -> Reply:
    """Put a deal into a stage."""
    project = call.project
    order, stage = project.store.order(call.path["number"]), project.store.stage(call.body["state_id"])
    if order is None:
        raise RefusedError(fail(404, f"the project has no deal {call.path['number']}"))
    if stage is None:
        raise RefusedError(fail(404, f"state_id: the project has no stage {call.body['state_id']}"))
    project.jobs.run_due()
    with project.transaction():
        if stage["id"] != order["state_id"]:
            pipeline.move(project, order, stage, project.now())
    return Reply(200, {"id": order["id"], "state_id": stage["id"]})


OPERATIONS: Final = {"carry_out": carry_out, "move_deal": move_deal}
