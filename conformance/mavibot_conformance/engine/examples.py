"""Calls that are known to succeed on a server, put into the contract as examples, so that schemathesis gets far."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from mavibot_conformance.rules.calls import named_by, valid
from mavibot_conformance.rules.trial import FailedError, NotRunError, Trial
from mavibot_conformance.target.guard import GuardRefusedError
from mavibot_conformance.target.offer import NotOfferedError
from mavibot_conformance.target.wire import SilentError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mavibot_conformance.plan import Plan
    from mavibot_conformance.target.wire import Wire
    from mavibot_contract import Operation

#: How often a random call uses the known value.
_PROBABILITY: Final = 0.9


def known_calls(plan: Plan, wire: Wire, actions: Iterable[str]) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Return parameters with which actions succeed, and make on the server what they name.

    An action has none where the profile lacks an input for it, or the guard refuses a call that it takes.

    Args:
        plan: what is known of the server, and the consent; with `read` nothing is made and only the profile's own data
            is named.
        wire: the connection.
        actions: the actions.

    Returns:
        Parameters by action, and what went wrong on the server.
    """
    profile = replace(plan.profile, channel=None) if plan.consent == "read" else plan.profile
    calls, problems = {}, []
    for action in actions:
        trial = Trial(wire, profile, plan.randomness(action))
        try:
            calls[action] = valid(trial, action)
        except (FailedError, SilentError) as failed:
            problems.append(f"{action}: its test data could not be made: {failed}")
        except (NotRunError, GuardRefusedError, NotOfferedError, LookupError, TypeError):
            continue
    return calls, problems


def with_examples(calls: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the contract with the calls as the first example of their operations."""
    loaded = mavibot_contract.load()
    document = copy.deepcopy(dict(loaded.document))
    for action, call in calls.items():
        for method, operation in loaded.actions[action].items():
            node = document["paths"][f"/{action}"][method.lower()]
            if method == "POST":
                body = node["requestBody"]["content"]["application/json"]
                value = call[operation.body_argument] if operation.body_argument else dict(call)
                body["examples"] = {"known": {"value": value}, **body.get("examples", {})}
            else:
                node["parameters"] = [_with_example(loaded.resolve(each), call) for each in node.get("parameters", [])]
    return document


def pinned(calls: Mapping[str, Mapping[str, Any]], operations: Iterable[Operation]) -> dict[str, Any]:
    """Return the part of a schemathesis configuration that makes random calls name what exists."""
    dictionaries: dict[str, Any] = {}
    settings: list[dict[str, Any]] = []
    for operation in operations:
        call = calls.get(operation.action, {})
        place = "query" if operation.method == "GET" else "body"
        names = sorted(name for name in call if _is_one(call[name]) and named_by(operation, name))
        dictionaries |= {f"{operation.operation_id}.{name}": {"values": [call[name]]} for name in names}
        if names:
            parameters = {
                f"{place}.{name}": {"dictionary": f"{operation.operation_id}.{name}", "probability": _PROBABILITY}
                for name in names
            }
            settings.append({"include-operation-id": operation.operation_id, "parameters": parameters})
    return {"dictionaries": dictionaries, "operations": settings}


def _is_one(value: object) -> bool:
    """Return True if a value names one thing: a random value in its place would find nothing."""
    return not isinstance(value, list | dict)


def _with_example(parameter: Mapping[str, Any], call: Mapping[str, Any]) -> dict[str, Any]:
    if parameter["name"] not in call:
        return dict(parameter)
    # Schemathesis cannot follow a reference where it compares the schema with known values.
    schema = mavibot_contract.load().resolve(parameter["schema"])
    return {**parameter, "schema": schema, "examples": {"known": {"value": call[parameter["name"]]}}}
