"""Control of the webhooks that the project sends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.request.replies import Reply, fail

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mavibot_mock.control.call import ControlCall
    from mavibot_mock.webhook.outbox import Attempt, Outbox

#: As the document says.
_TIMEOUT: Final = 10.0


async def list_webhooks(call: ControlCall) -> Reply:
    """Return the last attempts."""
    return Reply(200, _shown(call.project.outbox, _found(call.project.outbox, call.query)))


async def wait_for_webhooks(call: ControlCall) -> Reply:
    """Wait until a number of attempts was made."""
    outbox = call.project.outbox
    outbox.start()
    filters = call.body or {}
    count = filters.get("count", 1)
    timeout = filters.get("timeout", _TIMEOUT)

    def made() -> list[Attempt]:
        return [attempt for attempt in _found(outbox, filters) if attempt.state in ("delivered", "failed")]

    if not await outbox.changes.until(lambda: len(made()) >= count, timeout=timeout):
        return fail(408, f"{len(made())} of {count} attempts were made within {timeout:g} seconds")
    return Reply(200, _shown(outbox, made()))


async def settle_webhooks(call: ControlCall) -> Reply:
    """Wait until everything went out."""
    outbox = call.project.outbox
    timeout = (call.body or {}).get("timeout", _TIMEOUT)
    if not await outbox.settle(timeout=timeout):
        return fail(408, f"not everything went out within {timeout:g} seconds")
    return Reply(200, _shown(outbox, list(outbox.attempts())))


async def redeliver_webhook(call: ControlCall) -> Reply:
    """Send an event once more and wait for the reply, unless webhooks are held."""
    outbox = call.project.outbox
    number = call.path["number"]
    again = outbox.redeliver(number)
    if again is None and outbox.attempt(number) is not None:
        return fail(409, f"attempt {number}: the record does not hold the event")
    if again is None:
        return fail(404, f"attempt {number} is not in the log, which holds the last ones")
    await outbox.changes.until(lambda: again.state != "waiting" or not outbox.is_busy)
    return Reply(200, again.shown())


async def hold_webhooks(call: ControlCall) -> Reply:
    """Keep events back."""
    call.project.outbox.hold()
    return Reply(200, _shown(call.project.outbox, []))


async def release_webhooks(call: ControlCall) -> Reply:
    """Release what was held."""
    call.project.outbox.release()
    return Reply(200, _shown(call.project.outbox, []))


def _found(outbox: Outbox, filters: Mapping[str, Any]) -> list[Attempt]:
    return [
        attempt
        for attempt in outbox.attempts()
        if attempt.number > filters.get("after", 0)
        and filters.get("state") in (None, attempt.state)
        and filters.get("message_id") in (None, attempt.message)
    ]


def _shown(outbox: Outbox, attempts: list[Attempt]) -> dict[str, Any]:
    return {
        "holding": outbox.is_holding,
        "waiting": outbox.waiting,
        "attempts": [attempt.shown() for attempt in attempts],
    }


OPERATIONS: Final = {
    "list_webhooks": list_webhooks,
    "wait_for_webhooks": wait_for_webhooks,
    "settle_webhooks": settle_webhooks,
    "redeliver_webhook": redeliver_webhook,
    "hold_webhooks": hold_webhooks,
    "release_webhooks": release_webhooks,
}
