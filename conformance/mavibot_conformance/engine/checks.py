"""What schemathesis must hold of a reply of this API, where its own checks look at the HTTP status alone.

A server may be tolerant: integrations send ids as text and JSON under any content type, and the platform accepts it.
The mock says in a header where it was tolerant; a call that breaks the contract must be refused or noticed.
"""

from __future__ import annotations

import copy
import json
import re
from datetime import datetime
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NoReturn
from urllib.parse import parse_qsl, urlsplit

import jsonschema_rs
import schemathesis
from schemathesis.core.failures import Failure
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import CoveragePhaseData
from schemathesis.specs.openapi import checks as openapi_checks

import mavibot_contract
from mavibot_conformance.engine.transport import UNKNOWN_KEY, body_of
from mavibot_conformance.target.clock import comes_true
from mavibot_conformance.target.judgements import is_done_by_a_word
from mavibot_contract.keys import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from schemathesis.checks import CheckContext
    from schemathesis.core.transport import Response
    from schemathesis.generation.case import Case

    from mavibot_contract import Method, Operation

#: Header in which the mock lists how a call deviates from the contract.
DEVIATIONS_HEADER: Final = "mavibot-mock-deviations"
_WITHOUT_EFFECT: Final = "has no effect beside"

#: All checks that a run makes, with the ones of schemathesis that each stands for; three are of schemathesis itself.
STANDS_FOR: Final = {
    "not_a_server_error": ("not_a_server_error",),
    "status_code_conformance": ("status_code_conformance",),
    # A bare word is enough for what is done where the document shows no reply.
    "content_types_keep_the_contract": ("content_type_conformance",),
    # A body says more than the HTTP status of whether a call succeeded.
    "replies_keep_the_contract": ("response_schema_conformance",),
    "invalid_calls_are_refused_or_noticed": ("negative_data_rejection",),
    "valid_calls_are_accepted": ("positive_data_acceptance",),
    # The key is a part of the path, where schemathesis looks for none.
    "KeysAreEnforced": ("ignored_auth",),
    "WritesAreRead": ("use_after_free", "ensure_resource_availability"),
}
NAMES: Final = tuple(STANDS_FOR)
#: Checks that ask more than the document states, which calls few wrong values wrong: a server may be lenient.
NON_STRICT: Final = frozenset({"invalid_calls_are_refused_or_noticed"})
#: Checks of schemathesis that are left out, and why.
LEFT_OUT: Final = {
    "object_level_authorization": "the rules TEN ask it, with the key of a second project",
    "unsupported_method": "actions may answer both methods, so that a call by another one could act",
    "allow_header_conformance": "as unsupported_method",
    "missing_required_header": "no action has a header",
    "response_headers_conformance": "the contract states no header of a reply",
}

_MOST_PROBLEMS_SHOWN: Final = 3
_GREATEST_NUMBER: Final = 2**53
#: A variable whose name has a special meaning or a special character may be stored differently.
_PLAIN_NAME: Final = re.compile(r"(client\.)?\w{1,60}")


# One call and its reply


@schemathesis.check
def replies_keep_the_contract(_ctx: CheckContext, response: Response, case: Case[Any]) -> bool | None:
    """A reply has the shape that the contract gives to its HTTP status and to the status in its body."""
    operation = _operation(case)
    code = str(response.status_code)
    declared = operation.responses.get(code, operation.responses.get("default", {}))
    status = "default" if code not in operation.responses else code
    media_type = (response.headers.get("content-type") or [""])[0].split(";")[0].strip().lower()
    if media_type not in declared.get("content", {}):
        return True  # another check holds it to the content type
    try:
        data = response.json() if media_type == "application/json" else response.text
    except ValueError:
        _fail(case, "A reply that is not JSON", response.text[:100])
    if _with_status_of_body(response) is not response:
        return None  # a refusal may have words of its own; the rules ERR ask for those that the document shows
    problems = _problems(_branches(operation.action, operation.method, status, media_type), data)
    if problems:
        _fail(case, "A reply that breaks the contract", "; ".join(problems[:_MOST_PROBLEMS_SHOWN]))
    return None


@schemathesis.check
def content_types_keep_the_contract(ctx: CheckContext, response: Response, case: Case[Any]) -> bool | None:
    """A reply has a content type of the contract, or is a bare word where the document shows no reply."""
    operation = _operation(case)
    if succeeded(response) and is_done_by_a_word(operation.action, operation.method, response.text):
        return None
    return openapi_checks.content_type_conformance(ctx, response, case)


@schemathesis.check
def invalid_calls_are_refused_or_noticed(ctx: CheckContext, response: Response, case: Case[Any]) -> bool | None:
    """A call that breaks the contract fails, or the server says that it let it pass."""
    if DEVIATIONS_HEADER in response.headers or _is_valid_as_sent(response, case):
        return None
    if _has_only_unknown_names(response, case):
        return None
    return openapi_checks.negative_data_rejection(ctx, _with_status_of_body(response), _without_siblings(case))


@schemathesis.check
def valid_calls_are_accepted(ctx: CheckContext, response: Response, case: Case[Any]) -> bool | None:
    """A call that keeps the contract succeeds, or names what it does not find, and nothing about it is noticed."""
    noticed = _noticed(response, case)
    if _is_positive(case) and noticed:
        _fail(case, "A valid call was taken for a deviation", "; ".join(noticed))
    if not _meets_conditions(case) or _is_led(case) or _has_no_such_day(case) or _has_no_such_text(case):
        return None
    if _has_odd_number(case):
        return None
    return openapi_checks.positive_data_acceptance(ctx, _with_status_of_body(response), case)


# Several calls


@schemathesis.check
class KeysAreEnforced:
    """The first success of each operation is refused with an unknown key, and with one that lacks the permission."""

    def __init__(self, keys: Iterable[str] = ()) -> None:
        """Prepare the check.

        Args:
            keys: what stands for keys with one permission each, such as `API_KEY.crm:read`.
        """
        self._keys: Final = list(keys)
        self._done: Final[set[str]] = set()

    def after_response(self, ctx: CheckContext, response: Response, case: Case[Any]) -> bool | None:
        """Repeat the first success of an operation."""
        if case.operation.label in self._done or not succeeded(response):
            return True
        self._done.add(case.operation.label)
        for key in (UNKNOWN_KEY, *self._foreign(_operation(case))):
            again = _send(ctx, case, case.derive(), key=key)
            if again.status_code not in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN) and succeeded(again):
                what = "an unknown key" if key == UNKNOWN_KEY else f"a key for {key.split('.', 1)[1]} alone"
                _fail(case, "A call with a wrong key was accepted", f"{what} was accepted: {again.status_code}")
        return None

    def _foreign(self, operation: Operation) -> list[str]:
        # For some actions the document's text and badge disagree inside one area, so the keys are of another area.
        area = operation.permission.split(":")[0]
        return [key for key in self._keys if key.split(".", 1)[1].split(":")[0] != area]


@schemathesis.check
class WritesAreRead:
    """What a successful call has written is read by the next one."""

    def __init__(self) -> None:
        self._failed: Final[set[str]] = set()
        self._deals: Final[set[Any]] = set()

    def after_response(self, ctx: CheckContext, response: Response, case: Case[Any]) -> bool | None:
        """Read back what was written."""
        operation = _operation(case)
        given = _parameters(case)
        # Aliases lead to random values, and a call with several clients or by phone would need a search first.
        if "client_id" not in given or given.keys() & operation.aliases:
            return True
        if operation.action in self._failed or not (_is_positive(case) and succeeded(response)):
            return True
        reply = _json(response)
        expectation = _WRITTEN.get(operation.action)
        expected = expectation(given, reply) if expectation else None
        if expected is None:
            return True
        if operation.action == "create_order":
            self._expect_new(case, reply["order_id"])
        reader, what, holds = expected
        query = {"client_id": given["client_id"]}
        # It may show a moment later.
        if not comes_true(lambda: holds(_read(ctx, case, reader, query))):
            self._failed.add(operation.action)
            _fail(case, "What was written is not read", f"after {operation.action} {reader} lacks {what}")
        return None

    def _expect_new(self, case: Case[Any], order_id: Any) -> None:
        if order_id in self._deals:
            _fail(case, "What was written is not new", f"the number {order_id} is that of an earlier deal")
        self._deals.add(order_id)


#: What is read, what must be in it, and whether it is.
_Expectation = tuple[str, str, "Callable[[Any], bool]"]


def _saved(given: dict[str, Any], _reply: Any) -> _Expectation | None:
    # An empty value clears a variable, and nothing says what is read of one that is not set.
    saved = {name: value for name, value in given["variables"].items() if value not in (None, "")}
    names = [name for name in saved if _PLAIN_NAME.fullmatch(name)]
    values = {name.removeprefix("client."): saved[name] for name in names}
    if not values or len(values) != len(names):
        return None
    return (
        "get_variables",
        f"the variables {sorted(values)}",
        lambda data: isinstance(data, dict) and all(_same(data.get(name), value) for name, value in values.items()),
    )


def _same(found: Any, expected: Any) -> bool:
    return type(found) is type(expected) and bool(found == expected)


def _sent(given: dict[str, Any], _reply: Any) -> _Expectation | None:
    text = given.get("message")
    # A later message is not there yet, and the platform fills variables in.
    if not isinstance(text, str) or given.keys() & {"time_shift", "send_time", "message_id"} or "#{" in text:
        return None
    return "get_history", f"the text {text!r}", lambda data: text in [each.get("text") for each in _listed(data)]


def _created(_given: dict[str, Any], reply: Any) -> _Expectation | None:
    order_id = reply.get("order_id") if isinstance(reply, dict) else None
    if not isinstance(order_id, int):
        return None  # another check holds the reply to its shape
    return "get_orders", f"the deal {order_id}", lambda data: order_id in _listed(data)


_WRITTEN: Final[dict[str, Callable[[dict[str, Any], Any], _Expectation | None]]] = {
    "save_variables": _saved,
    "message": _sent,
    "create_order": _created,
}


# What the checks share


def succeeded(response: Response) -> bool:
    """Return True if HTTP status and body both say success."""
    return response.status_code == HTTPStatus.OK and _with_status_of_body(response) is response


def _fail(case: Case[Any], title: str, message: str) -> NoReturn:
    raise Failure(operation=case.operation.label, title=title, message=message)


def _operation(case: Case[Any]) -> Operation:
    method: Any = case.operation.method.upper()
    return mavibot_contract.load().operation(case.operation.path.removeprefix("/"), method)


def _is_positive(case: Case[Any]) -> bool:
    return case.meta is not None and case.meta.generation.mode.is_positive


def _parameters(case: Case[Any]) -> dict[str, Any]:
    return {**(case.query or {}), **(case.body if isinstance(case.body, dict) else {})}


def _send(ctx: CheckContext, parent: Case[Any], case: Case[Any], *, key: str) -> Response:
    """Make a further call, and record it in the reports below the one that it follows."""
    base = parent.operation.schema.get_base_url().replace(f"/{PLACEHOLDER}", f"/{key}", 1)
    ctx.internals.record_case(parent_id=parent.id, case=case)
    given = {**(ctx.internals.transport_kwargs or {}), "base_url": base}
    response: Response = case.operation.schema.transport.send(case, **given)
    ctx.internals.record_response(case_id=case.id, response=response)
    return response


def _read(ctx: CheckContext, parent: Case[Any], action: str, query: dict[str, Any]) -> Any:
    case = parent.operation.schema[f"/{action}"]["GET"].Case(query=query)
    response = _send(ctx, parent, case, key=PLACEHOLDER)
    return _json(response) if succeeded(response) else None


def _listed(data: Any) -> list[Any]:
    """Return the list in a reply of `get_history` or `get_orders`."""
    found = (data.get("order_id") or data.get("result")) if isinstance(data, dict) else None
    return found if isinstance(found, list) else []


@cache
def _branches(action: str, method: Method, status: str, media_type: str) -> list[tuple[Any, Any]]:
    """Return, for each shape that a reply may have, a validator of its `status` and one of the whole."""
    loaded = mavibot_contract.load()
    schema = loaded.operation(action, method).responses[status]["content"][media_type]["schema"]
    shapes = [loaded.resolve(shape) for shape in loaded.resolve(schema).get("anyOf", [schema])]
    return [
        (
            _validator({"properties": {"status": shape.get("properties", {}).get("status", {})}}),
            _validator(shape),
        )
        for shape in shapes
    ]


def _validator(schema: mavibot_contract.Schema) -> Any:
    return jsonschema_rs.validator_for(mavibot_contract.load().standalone(schema), validate_formats=True)


def _problems(branches: list[tuple[Any, Any]], data: Any) -> list[str]:
    """Return the problems of a reply, judged by the shape that its `status` selects, each with its place."""
    if any(whole.is_valid(data) for _, whole in branches):
        return []
    chosen = next((whole for status, whole in branches if status.is_valid(data)), branches[0][1])
    return [
        f"{'/'.join(map(str, error.instance_path)) or 'the reply'}: {error.message}"
        for error in chosen.iter_errors(data)
    ]


def _noticed(response: Response, case: Case[Any]) -> list[str]:
    """Return the deviations that the server noticed.

    Not among them are aliases that lead nowhere, since what they name is random, and valid parameters beside which
    another one counts.
    """
    texts = [text for value in response.headers.get(DEVIATIONS_HEADER, []) for text in json.loads(value)]
    aliases = _operation(case).aliases
    return [text for text in texts if text.split(":")[0] not in aliases and _WITHOUT_EFFECT not in text]


def _meets_conditions(case: Case[Any]) -> bool:
    """Return True if the query parameters are complete together.

    OpenAPI has no place for conditions between query parameters, so schemathesis breaks them in calls that it takes
    for valid.
    """
    operation = _operation(case)
    if operation.method != "GET":
        return True
    return bool(_conditions(operation.action).is_valid(dict.fromkeys(case.query or {})))


def _is_led(case: Case[Any]) -> bool:
    """Return True if an alias leads to a value, which is then random and may not fit the parameter."""
    given = _parameters(case)
    paths = [str(given[alias]) for alias in _operation(case).aliases - {"delimiter"} & given.keys()]
    delimiter = str(given.get("delimiter") or "") or None
    return any(path in given or path.split(delimiter)[0:1] == [key] for path in paths for key in given)


def _has_no_such_day(case: Case[Any]) -> bool:
    """Return True if a time or day does not exist, such as 29.02.1010, which a pattern cannot express."""
    given = _parameters(case)
    for name, rule in _operation(case).schema["properties"].items():
        notation = mavibot_contract.load().resolve(rule).get("x-time", "")
        if "%" in notation and name in given:
            try:
                datetime.strptime(str(given[name]), notation)
            except ValueError:
                return True
    return False


def _has_no_such_text(case: Case[Any]) -> bool:
    """Return True if a JSON text holds nothing that the contract allows, which a pattern cannot express."""
    given, contract = _parameters(case), mavibot_contract.load()
    for name, rule in _operation(case).schema["properties"].items():
        if isinstance(given.get(name), str) and contract.may_be_json_text(rule):
            try:
                held = json.loads(given[name])
            except (ValueError, RecursionError):
                return True
            return isinstance(held, str) or not _validator(rule).is_valid(held)
    return False


def _has_odd_number(case: Case[Any]) -> bool:
    """Return True if a number is greater than other languages' integers, or an id is written with a point."""
    rules, contract = _operation(case).schema["properties"], mavibot_contract.load()
    return any(
        abs(value) > _GREATEST_NUMBER
        or (isinstance(value, float) and contract.resolve(rules.get(name, {})).get("type") != "number")
        for name, value in _parameters(case).items()
        if isinstance(value, int | float)
    )


def _is_valid_as_sent(response: Response, case: Case[Any]) -> bool:
    """Return True if a query with free names became valid in the URL.

    There every value is text, and a list of one value is that value.
    """
    operation = _operation(case)
    rules = operation.schema["properties"]
    free = [name for name, rule in rules.items() if mavibot_contract.load().resolve(rule).get("type") == "object"]
    pairs = parse_qsl(urlsplit(response.request.url or "").query, keep_blank_values=True)
    sent: dict[str, Any] = {name: _as_typed(rules[name], value) for name, value in pairs if name in rules}
    others = {name: value for name, value in pairs if name not in rules}
    is_repeated = len(sent) + len(others) < len(pairs)
    if operation.method != "GET" or is_repeated or not (free or operation.schema.get("additionalProperties")):
        return False
    return bool(_validator(operation.schema).is_valid({**sent, **({free[0]: others} if free else others)}))


def _has_only_unknown_names(response: Response, case: Case[Any]) -> bool:
    """Return True if nothing is wrong with a body but names that the action does not have.

    No source says that these are refused, and a tolerant server passes over them.
    """
    operation = _operation(case)
    try:
        body = json.loads(body_of(response.request))
    except (ValueError, RecursionError):
        return False
    if operation.method != "POST" or not isinstance(body, dict):
        return False
    known = {name: value for name, value in body.items() if name in operation.schema["properties"]}
    return len(known) < len(body) and bool(_validator(operation.schema).is_valid(known))


def _as_typed(rule: mavibot_contract.Schema, text: str) -> Any:
    """Return a value of a query as the number that its parameter wants, or as the text that it is."""
    try:
        return text if _validator(rule).is_valid(text) else json.loads(text)
    except (ValueError, RecursionError):
        return text


@cache
def _conditions(action: str) -> Any:
    schema = mavibot_contract.load().operation(action, "GET").schema
    return jsonschema_rs.validator_for({key: schema[key] for key in ("allOf", "dependentRequired") if key in schema})


def _without_siblings(case: Case[Any]) -> Case[Any]:
    """Return a call whose one broken query parameter is known, with that parameter alone.

    Schemathesis takes a valid parameter beside it as proof that the broken one became valid on the wire, as an array
    of one element does, and so passes over most broken calls with several query parameters.
    """
    data = case.meta.phase.data if case.meta is not None else None
    if (
        isinstance(data, CoveragePhaseData)
        and data.parameter_location is ParameterLocation.QUERY
        and data.parameter is not None
    ):
        return case.derive(query={name: value for name, value in (case.query or {}).items() if name == data.parameter})
    return case


def _with_status_of_body(response: Response) -> Response:
    """Return the response with the status that its body states: a failure can come with HTTP 200."""
    status = _status(response)
    if response.status_code != HTTPStatus.OK or status is None or status == "success":
        return response
    told = copy.copy(response)
    missing = "not_found" in status or "not found" in status
    told.status_code = HTTPStatus.NOT_FOUND if missing else HTTPStatus.UNPROCESSABLE_ENTITY
    return told


def _status(response: Response) -> str | None:
    data = _json(response)
    status = data.get("status") if isinstance(data, dict) else None
    return status if isinstance(status, str) else None


def _json(response: Response) -> Any:
    """Return the data of a reply, or `None` if it is not JSON."""
    try:
        return response.json()
    except ValueError:
        return None
