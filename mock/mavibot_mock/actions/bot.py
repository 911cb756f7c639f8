"""Actions that start the bot for a client or report an event to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mavibot_mock import delivery
from mavibot_mock.actions.call import existing_client
from mavibot_mock.actions.variables import store_variables
from mavibot_mock.replies import OK, Reply, client_not_found
from mavibot_mock.schedule import due_time

if TYPE_CHECKING:
    from mavibot_mock.actions.call import Call
    from mavibot_mock.project import Project


def callback(call: Call) -> Reply:
    """Report an event to the bot, now or later; further parameters become variables."""
    job = {
        "client_id": _find_client(call),
        "message": call.parameters["message"],
        "resume_bot": call.parameters.get("resume_bot", False),
        "variables": call.variables,
    }
    due = due_time(call.parameters, now=call.now, zone=call.project.zone)
    if due > call.now:
        call.project.store.add_job("callback", job, due=due)
    else:
        deliver_callback(call.project, job, call.now)
    return OK


def deliver_callback(project: Project, job: dict[str, Any], now: float) -> None:
    """Put the event into the client's history, save its variables and resume the bot if asked to.

    Assumed: the variables of a scheduled callback are saved when it runs.
    """
    client_id = job["client_id"]
    store_variables(project, client_id, job["variables"], now)
    if job["resume_bot"]:
        project.store.set_paused(client_id, paused=False, now=now)
    delivery.receive(project, client_id, text=job["message"], now=now, is_callback=True)


def _find_client(call: Call) -> int:
    """Return the client by number, else by phone, else by e-mail; the order is assumed."""
    if "client_id" in call.parameters:
        return int(existing_client(call.project, call.number("client_id"))["id"])
    if "client_phone" in call.parameters:
        found = call.project.store.client_by_phone(call.text("client_phone"))
    else:
        found = call.project.store.client_by_email(call.text("client_email"))
    if found is None:
        raise client_not_found()
    return found
