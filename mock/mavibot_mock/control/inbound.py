"""Control of what clients do, and of what reaches them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.actions import inbound
from mavibot_mock.actions.call import existing_client
from mavibot_mock.actions.variables import store_variables, visible_variables
from mavibot_mock.request.replies import RefusedError, Reply, fail, invalid
from mavibot_mock.state.facts import fits
from mavibot_mock.webhook.block_request import ask

if TYPE_CHECKING:
    from mavibot_mock.actions.inbound import Came
    from mavibot_mock.control.call import ControlCall
    from mavibot_mock.server.project import Project


#: How long the platform waits for the server that a block calls, seconds, as integrators have seen it.
_BLOCK_TIMEOUT: Final = 13.0
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
    if not any(body.get(name) for name in ("text", "attachments")) and not {"button", "event"} & body.keys():
        raise invalid("text: must not be empty where no attachments come with it")
    project.jobs.run_due()
    with project.transaction():
        came = _came(project, body, project.now())
    return Reply(200, asdict(came))


async def block_request(call: ControlCall) -> Reply:
    """Call a server as a block of the flow does, and save what the reply holds."""
    body, project = call.body, call.project
    client_id, _ = inbound.find_client(project, {"client_id": body["client_id"]}, project.now())
    client = existing_client(project, client_id)
    variables = {"client_id": client_id, "project_id": project.id, **visible_variables(project, client)}
    try:
        answer = await ask(
            body["url"],
            body.get("body"),
            variables=variables,
            form=body.get("form", False),
            headers=body.get("headers", {}),
            save=body.get("save", ()),
            timeout=body.get("timeout", _BLOCK_TIMEOUT),
            allowed=project.outbox.allowed_hosts,
        )
    except ValueError as error:
        raise invalid(str(error)) from error
    now = project.now()
    with project.transaction():
        if project.store.has_client(client_id):  # it may be gone by now
            project.store.update_client(client_id, custom_answer=answer.reply, now=now)
            store_variables(project, client_id, answer.saved, now)
    return Reply(200, asdict(answer))


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
    "block_request": block_request,
    "block_client": block_client,
    "unblock_client": unblock_client,
    "block_channel": block_channel,
    "unblock_channel": unblock_channel,
}
