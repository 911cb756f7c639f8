"""Control of what clients do, and of what reaches them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.actions import inbound
from mavibot_mock.request.replies import RefusedError, Reply, fail, invalid
from mavibot_mock.state.facts import fits

if TYPE_CHECKING:
    from mavibot_mock.actions.inbound import Came
    from mavibot_mock.control.call import ControlCall
    from mavibot_mock.server.project import Project


#: Field -> what comes in; a call brings one of them.
_KINDS: Final = {"text": "message", "attachments": "message", "button": "button", "event": "event"}


async def come_in(call: ControlCall) -> Reply:
    """Take a message, a press of a button or a system event of a client."""
    body, project = call.body, call.project
    attachments = body.get("attachments")
    if "attachments" in body and not fits(attachments, "Attachments"):
        raise invalid("attachments: must be a list of addresses or objects, an object or a text, as in the contract")
    if len({_KINDS[name] for name in body if name in _KINDS}) > 1:
        raise invalid("button, event: only one of them, and neither together with text or attachments")
    project.jobs.run_due()
    with project.transaction():
        came = _came(project, body, project.now())
    return Reply(200, asdict(came))


async def block_client(call: ControlCall) -> Reply:
    """Block a client: nothing reaches it any more."""
    return _block_client(call, call.body["reason"])


async def unblock_client(call: ControlCall) -> Reply:
    """Unblock a client."""
    return _block_client(call, None)


async def block_channel(call: ControlCall) -> Reply:
    """Block a channel: nothing goes out through it any more."""
    return _block_channel(call, call.body["reason"])


async def unblock_channel(call: ControlCall) -> Reply:
    """Unblock a channel."""
    return _block_channel(call, None)


def _came(project: Project, body: dict[str, Any], now: float) -> Came:
    sender = dict(body)
    for name in ("group_id", "platform_id"):
        if name in body:
            sender[name] = str(body[name])
    if "button" in body:
        return inbound.press(project, sender, body["button"], now)
    if "event" in body:
        return inbound.report(project, sender, body["event"], now)
    return inbound.write(project, sender, text=body.get("text", ""), attachments=body.get("attachments"), now=now)


def _block_client(call: ControlCall, reason: str | None) -> Reply:
    project, client_id = call.project, call.path["number"]
    if project.store.client(client_id) is None:
        raise RefusedError(fail(404, f"the project has no client {client_id}"))
    with project.transaction():
        project.store.block_client(client_id, reason)
    return Reply(200, {"id": client_id, "blocked": reason})


def _block_channel(call: ControlCall, reason: str | None) -> Reply:
    project, channel_id = call.project, call.path["number"]
    with project.transaction():
        if not project.store.block_channel(channel_id, reason):
            raise RefusedError(fail(404, f"the project has no channel {channel_id}; connected_channels lists them"))
    return Reply(200, {"id": channel_id, "blocked": reason})


OPERATIONS: Final = {
    "come_in": come_in,
    "block_client": block_client,
    "unblock_client": unblock_client,
    "block_channel": block_channel,
    "unblock_channel": unblock_channel,
}
