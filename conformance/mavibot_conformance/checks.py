"""What schemathesis must hold of a reply of this API, where its own checks look at the HTTP status alone.

A server may be tolerant: integrations send identifiers as text and JSON under any label, and the platform takes it.
The mock says in a header where it was; a call that breaks the contract must be refused or noticed.
"""

from __future__ import annotations

import copy
import json
from http import HTTPStatus
from typing import Any, Final

import jsonschema_rs
import schemathesis
from schemathesis.checks import CheckContext
from schemathesis.core.failures import Failure
from schemathesis.core.transport import Response
from schemathesis.generation.case import Case
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from mavibot_api import contract
from mavibot_api.contract import Operation

#: Header in which the mock lists where a call departed from the contract.
DEVIATIONS_HEADER: Final = "mavibot-mock-deviations"

#: All checks that a run makes: four of schemathesis and the two below.
NAMES: Final = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "invalid_calls_are_refused_or_noticed",
    "valid_calls_are_accepted",
)


@schemathesis.check
def invalid_calls_are_refused_or_noticed(ctx: CheckContext, response: Response, case: Case[Any]) -> bool | None:
    """A call that breaks the contract fails, or the server says that it let it pass."""
    if DEVIATIONS_HEADER in response.headers:
        return None
    return negative_data_rejection(ctx, _with_status_of_body(response), case)


@schemathesis.check
def valid_calls_are_accepted(ctx: CheckContext, response: Response, case: Case[Any]) -> bool | None:
    """A call that keeps the contract succeeds, or names what it does not find, and nothing about it is noticed."""
    noticed = _noticed(response, case)
    if case.meta is not None and case.meta.generation.mode.is_positive and noticed:
        title = "A valid call was taken for a deviation"
        raise Failure(operation=case.operation.label, title=title, message="; ".join(noticed))
    if not _meets_conditions(case):
        return None
    return positive_data_acceptance(ctx, _with_status_of_body(response), case)


def succeeded(response: Response) -> bool:
    """Return whether a reply tells of success, by its HTTP status and by its body."""
    return response.status_code == HTTPStatus.OK and _with_status_of_body(response) is response


def _operation(case: Case[Any]) -> Operation:
    method: Any = case.operation.method.upper()
    return contract.load().operation(case.operation.path.removeprefix("/"), method)


def _noticed(response: Response, case: Case[Any]) -> list[str]:
    """Return the deviations that the server noticed, but for aliases that lead nowhere: what they name is invented."""
    texts = [text for value in response.headers.get(DEVIATIONS_HEADER, []) for text in json.loads(value)]
    return [text for text in texts if text.split(":")[0] not in _operation(case).aliases]


def _meets_conditions(case: Case[Any]) -> bool:
    """Return whether the query parameters are complete together.

    OpenAPI has no place for conditions between query parameters, so schemathesis breaks them in calls that it takes
    for valid.
    """
    operation = _operation(case)
    if operation.method != "GET":
        return True
    conditions = {key: operation.schema[key] for key in ("allOf", "dependentRequired") if key in operation.schema}
    return jsonschema_rs.validator_for(conditions).is_valid(dict.fromkeys(case.query or {}))


def _with_status_of_body(response: Response) -> Response:
    """Return the response with the status that its body tells: a failure can come with HTTP 200."""
    status = _status(response)
    if response.status_code != HTTPStatus.OK or status is None or status == "success":
        return response
    told = copy.copy(response)
    missing = "not_found" in status or "not found" in status
    told.status_code = HTTPStatus.NOT_FOUND if missing else HTTPStatus.UNPROCESSABLE_ENTITY
    return told


def _status(response: Response) -> str | None:
    try:
        data: Any = response.json()
    except ValueError:
        return None
    status = data.get("status") if isinstance(data, dict) else None
    return status if isinstance(status, str) else None
