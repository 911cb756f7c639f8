"""The view of faults: what goes wrong, and one more in two clicks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from mavibot_mock.control.faults import shown_fault

if TYPE_CHECKING:
    from mavibot_mock.web.visit import Visit

#: Name of a failure in the texts -> what happens, and the keywords of `mock.faults.add` for it.
_KINDS: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "fault_429": ({"preset": "over_limit"}, "preset='over_limit'"),
    "fault_500": ({"preset": "server_error"}, "preset='server_error'"),
    "fault_502": ({"preset": "bad_gateway_page"}, "preset='bad_gateway_page'"),
    "fault_503": ({"status": 503, "body": "Service Unavailable"}, "status=503, body='Service Unavailable'"),
    "fault_401": ({"preset": "refused_key"}, "preset='refused_key'"),
    "fault_failure": ({"preset": "failure"}, "preset='failure'"),
    "fault_slow": ({"latency": 2}, "latency=2"),
    "fault_never": ({"connection": "never"}, "connection='never'"),
    "fault_reset": ({"connection": "reset"}, "connection='reset'"),
    "fault_truncated": ({"connection": "truncated"}, "connection='truncated'"),
}
#: Those of which the call is carried out all the same, and no reply says so.
_SILENT: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "fault_done_reset": ({"connection": "reset"}, "connection='reset'"),
    "fault_done_500": ({"preset": "server_error"}, "preset='server_error'"),
}


async def shown(visit: Visit) -> dict[str, Any]:
    """Return what the view shows."""
    contract = mavibot_contract.load()
    sends = [name for name in contract.actions if contract.operation(name).effect == "send"]
    return {
        "faults": [shown_fault(fault) for fault in visit.project.faults.listed()],
        "kinds": _KINDS,
        "silent": _SILENT,
        "actions": [*sorted(sends), *sorted(set(contract.actions) - set(sends))],
    }
