"""Control of the faults: which calls go wrong, and how."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from mavibot_mock.request.replies import Reply, fail, invalid
from mavibot_mock.server.faults import PRESETS, Fault
from mavibot_mock.server.journal import mask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mavibot_mock.control.call import ControlCall


async def add_fault(call: ControlCall) -> Reply:
    """Add a fault."""
    project, body = call.project, call.body
    where, what = body.get("where", {}), body["what"]
    [(when, n)] = body.get("when", {"always": True}).items()
    _check_action(where.get("action"))
    wire, latency = what.get("connection"), what.get("latency", 0.0)
    answer = _answer(what)
    is_replaced = answer is not None or wire in ("never", "reset", "empty")
    carried_out = body.get("carried_out", not is_replaced)
    if not carried_out and not is_replaced:
        raise invalid("carried_out: must be true where the call's own reply is sent; else give preset or status")
    if not is_replaced and wire is None and not latency:
        raise invalid("what: one of preset, status, connection, latency is required")
    if wire == "drip" and not latency:
        raise invalid("what.latency: is required with the connection drip: how long the answer takes")
    fault = Fault(
        action=where.get("action"),
        key=where.get("key"),
        contains=where.get("contains"),
        when=when,
        n=0 if when == "always" else n,
        answer=answer,
        latency=latency,
        wire=wire,
        carried_out=carried_out,
    )
    project.faults.add(fault)
    return Reply(200, shown_fault(fault))


async def list_faults(call: ControlCall) -> Reply:
    """Return the faults with their counts."""
    return Reply(200, [shown_fault(fault) for fault in call.project.faults.listed()])


async def delete_fault(call: ControlCall) -> Reply:
    """Remove a fault."""
    if not call.project.faults.remove(call.path["number"]):
        return fail(404, f"there is no fault {call.path['number']}")
    return Reply(200, {"status": "success"})


async def delete_faults(call: ControlCall) -> Reply:
    """Remove all faults."""
    call.project.faults.clear()
    return Reply(200, {"status": "success"})


def _check_action(action: str | None) -> None:
    """Refuse a typo, which would never fire; an action that the API does not have yet may be made up."""
    known = mavibot_contract.load()
    similar = known.similar(action) if action is not None and action not in known.actions else None
    if similar:
        raise invalid(f"where.action: the API has no action '{action}'; did you mean '{similar}'?")


def _answer(what: Mapping[str, Any]) -> Reply | None:
    if "preset" in what:
        if "status" in what or "body" in what:
            raise invalid("what.preset: give either a preset, or status and body")
        return PRESETS[what["preset"]]
    if "status" not in what:
        for name in ("body", "content_type", "headers"):
            if name in what:
                raise invalid(f"what.status: is required together with {name}")
        return None
    return Reply(what["status"], what.get("body", ""), what.get("headers", {}), what.get("content_type"))


def shown_fault(fault: Fault) -> dict[str, Any]:
    """Return a fault ready for JSON, its key masked."""
    where = {"action": fault.action, "key": fault.key and mask(fault.key), "contains": fault.contains}
    what: dict[str, Any] = {"latency": fault.latency or None, "connection": fault.wire}
    if fault.answer is not None:
        what |= {
            "status": fault.answer.status,
            "body": fault.answer.body,
            "content_type": fault.answer.content_type,
            "headers": dict(fault.answer.headers) or None,
        }
    return {
        "number": fault.number,
        "where": _without_none(where),
        "when": {fault.when: fault.n or True},
        "what": _without_none(what),
        "carried_out": fault.carried_out,
        "seen": fault.seen,
        "fired": fault.fired,
    }


def _without_none(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


OPERATIONS: Final = {
    "add_fault": add_fault,
    "list_faults": list_faults,
    "delete_fault": delete_fault,
    "delete_faults": delete_faults,
}
