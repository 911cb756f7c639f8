"""Numbers that belong to another project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.defects.registry import defect
from mavibot_mock.request.replies import RefusedError, Reply, reply_to
from mavibot_mock.state.errors import DomainError
from mavibot_mock.webhook import outbox

if TYPE_CHECKING:
    from mavibot_mock.defects.parts import Answer, Around, Parts, Turn
    from mavibot_mock.state.state import State

_ONE_PROJECT: Final = "The API access key is generated in the settings of a project"


@defect("Retrieve client list", '"project_id": the project of the key')
def clients_with_the_next_project(parts: Parts) -> None:
    """get_clients shows the number after that of the project as project_id."""

    def change(body: Any) -> Any:
        return {**body, "clients": [{**each, "project_id": each["project_id"] + 1} for each in body["clients"]]}

    parts.reply("get_clients", change)


@defect("How to receive messages at the Webhook URL specified in the project settings", '"project_id": "project ID"')
def webhook_with_the_channel_as_project(parts: Parts) -> None:
    """The webhook receives the id of the client's channel as project_id."""

    def event(old: Around, state: State, message_id: int) -> Any:
        made = old(state, message_id)
        channel = made and state.store.channel(made["client"]["client_type"], made["client"]["group"])
        return made if channel is None else {**made, "project_id": channel["id"]}

    parts.function(outbox, "event", event)


@defect("Get the list of messengers connected to the project", "{'project_id': 1, ...")
def channels_with_the_first_project(parts: Parts) -> None:
    """connected_channels shows to every project the project_id of the one that was asked first."""
    first: list[int] = []

    def change(body: Any) -> Any:
        first.append(body["project_id"])
        return {**body, "project_id": first[0]}

    parts.reply("connected_channels", change)


@defect("Retrieve the list of bot subscribers in any messenger", _ONE_PROJECT)
def subscribers_of_all_projects(parts: Parts) -> None:
    """Subscribers lists the clients of every project of the server."""
    _everywhere(parts, "subscribers", lambda bodies: [each for body in bodies for each in body])


@defect("Retrieve the ID of the most recently created client by variable value", _ONE_PROJECT)
def latest_client_of_any_project(parts: Parts) -> None:
    """find_latest_client_id_by_var returns the client with the highest number of all projects."""
    _everywhere(
        parts, "find_latest_client_id_by_var", lambda bodies: max(bodies, key=lambda body: int(body["client_id"]))
    )


def _everywhere(parts: Parts, action: str, merge: Any) -> None:
    """Ask every project, and merge the bodies of those that do not refuse."""

    async def answered(answer: Answer, turn: Turn) -> Reply:
        if turn.entry.action != action:
            return await answer(turn)
        replies = []
        for each in (turn, *turn.elsewhere()):
            try:
                replies.append(await answer(each))
            except (RefusedError, DomainError) as refused:
                replies.append(reply_to(refused))
        found = [reply.body for reply in replies if reply.status == 200]
        return Reply(200, merge(found)) if found else replies[0]

    parts.answer(answered)
