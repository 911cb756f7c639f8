"""Every action of the contract: its method, what it sends, what it returns."""

import inspect
import json
from collections.abc import Iterator, Mapping
from types import GenericAlias
from typing import Any, get_args, get_origin

import pytest
from tests.client.support import (
    CONTRACT,
    KEY,
    OPERATIONS,
    Api,
    arguments_with,
    as_query,
    by_method,
    examples,
    first_example,
    good_reply,
    is_valid,
    request_examples,
    sent,
    success_schema,
    without_nulls,
)

from mavibot import ApiError, AsyncMavibot, Mavibot, models
from mavibot_api.facade import Actions, AsyncActions
from mavibot_contract import Operation

CLIENTS = [Mavibot, AsyncMavibot]
BY_OPERATION = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.operation_id)


def calls() -> Iterator[Any]:
    """Yield every operation with every example that the contract gives."""
    for operation in OPERATIONS:
        for name, arguments in request_examples(operation):
            yield pytest.param(operation, arguments, id=f"{operation.operation_id}-{name}")


def replies(*, failures: bool) -> Iterator[Any]:
    """Yield every operation with every JSON reply to HTTP 200 that the contract shows."""
    for operation in OPERATIONS:
        media = operation.responses["200"]["content"]["application/json"]
        branches = [CONTRACT.resolve(branch) for branch in media["schema"].get("anyOf", [])]
        failing = [branch for branch in branches if branch.get("x-failure")]
        for name, body in examples(media).items():
            if any(is_valid(branch, body) for branch in failing) is failures:
                yield pytest.param(operation, body, id=f"{operation.operation_id}-{name}")


def wanted(operation: Operation, arguments: Mapping[str, Any]) -> Any:
    """Return what the server must receive for these arguments."""
    if operation.body_argument is not None:
        return arguments[operation.body_argument]
    if operation.method == "POST":
        return dict(arguments)
    # A query has no place for lists of objects: these go as JSON text.
    texts = {name: json.dumps(arguments[name], separators=(",", ":")) for name in ("buttons",) if name in arguments}
    return as_query({**arguments, **texts})


def unset(operation: Operation, arguments: Mapping[str, Any]) -> dict[str, None]:
    """Return `None` for every parameter that these arguments leave out."""
    return dict.fromkeys(operation.schema["properties"].keys() - arguments.keys())


def plain(result: Any) -> Any:
    """Return what the server sent, from what the client made of it."""
    if isinstance(result, list):
        return [plain(item) for item in result]
    return result if isinstance(result, dict) else result.to_dict()


def assert_type(value: Any, annotation: Any) -> None:
    """Assert that a value is of an annotated type: a class, or a list or dictionary of them."""
    assert isinstance(value, get_origin(annotation) or annotation)
    if isinstance(value, list):
        for item in value:
            assert_type(item, get_args(annotation)[0])


def returned_type(action: str) -> Any:
    """Return the type that the method of an action declares."""
    annotation = getattr(Mavibot, action).__annotations__["return"]
    assert getattr(AsyncMavibot, action).__annotations__["return"] == annotation
    return eval(annotation, {"models": models})


@pytest.mark.parametrize(("client", "actions"), [(Mavibot, Actions), (AsyncMavibot, AsyncActions)])
def test_the_methods_are_the_actions_of_the_contract(client: type, actions: type) -> None:
    methods = {name: method for name, method in vars(actions).items() if not name.startswith("_")}
    assert methods.keys() == CONTRACT.actions.keys()
    assert {name: getattr(client, name) for name in methods} == methods


@pytest.mark.parametrize("action", CONTRACT.actions)
def test_every_method_can_be_awaited_in_the_asynchronous_client_only(action: str) -> None:
    assert inspect.iscoroutinefunction(getattr(AsyncMavibot, action))
    assert not inspect.iscoroutinefunction(getattr(Mavibot, action))


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("action", CONTRACT.actions)
def test_the_arguments_are_the_parameters_of_the_contract(client: type, action: str) -> None:
    operations = CONTRACT.actions[action]
    first = CONTRACT.operation(action)
    own = set(first.schema["properties"])
    extra = {name for name, given in (("variables", first.free_variables), ("method", len(operations) > 1)) if given}
    arguments = inspect.signature(getattr(client, action)).parameters.copy()
    del arguments["self"]
    further = [name for name, argument in arguments.items() if argument.kind is argument.VAR_KEYWORD]
    assert len(further) == first.free_variables
    for name in further:
        del arguments[name]
    assert set(arguments) == own | extra
    assert {argument.kind for argument in arguments.values()} <= {inspect.Parameter.KEYWORD_ONLY}
    required = {name for name, argument in arguments.items() if argument.default is argument.empty}
    assert required == set(first.schema.get("required", []))
    defaults = {name: argument.default for name, argument in arguments.items() if name not in required}
    assert defaults.pop("method", first.method) == first.method
    assert set(defaults.values()) <= {None}


@pytest.mark.parametrize("action", CONTRACT.actions)
def test_every_method_says_what_it_needs_and_does(action: str) -> None:
    operation = CONTRACT.operation(action)
    text = inspect.getdoc(getattr(Mavibot, action)) or ""
    assert text == inspect.getdoc(getattr(AsyncMavibot, action))
    assert operation.summary in text
    assert f"`{operation.permission}`" in text
    assert f"Effect: {operation.effect}" in text


@pytest.mark.parametrize(("operation", "arguments"), list(calls()))
def test_an_example_is_sent_as_it_is(api: Api, operation: Operation, arguments: dict[str, Any]) -> None:
    api.reply(200, json=good_reply(operation))
    api(operation.action, **arguments, **by_method(operation))
    (request,) = api.requests
    assert request.method == operation.method
    assert request.url.path == f"/api/{KEY}/{operation.action}"
    assert sent(request) == wanted(operation, arguments)


@pytest.mark.parametrize(("operation", "arguments"), list(calls()))
def test_none_is_not_sent(operation: Operation, arguments: dict[str, Any]) -> None:
    api = Api().reply(200, json=good_reply(operation))
    api(operation.action, **arguments, **unset(operation, arguments), **by_method(operation))
    assert sent(api.requests[0]) == wanted(operation, arguments)


@pytest.mark.parametrize(("operation", "arguments"), list(calls()))
def test_a_call_by_name_sends_the_same_as_the_method(api: Api, operation: Operation, arguments: dict[str, Any]) -> None:
    api.reply(200, json=good_reply(operation))
    result = api(operation.action, **arguments, **by_method(operation))
    reply = api.call(operation.action, **arguments, **by_method(operation))
    by_its_method, by_its_name = api.requests
    assert (by_its_name.method, by_its_name.url.path) == (by_its_method.method, by_its_method.url.path)
    assert sent(by_its_name) == sent(by_its_method)
    assert reply.result == result
    assert (reply.action, reply.http_status) == (operation.action, 200)


@BY_OPERATION
def test_a_body_is_json_and_a_query_has_none(operation: Operation) -> None:
    api = Api().reply(200, json=good_reply(operation))
    api(operation.action, **first_example(operation), **by_method(operation))
    (request,) = api.requests
    if operation.method == "POST":
        assert request.headers["content-type"] == "application/json"
        assert not request.url.query
    else:
        assert request.content == b""
        assert "content-type" not in request.headers


@BY_OPERATION
def test_no_header_carries_the_key_or_other_credentials(operation: Operation) -> None:
    api = Api().reply(200, json=good_reply(operation))
    api(operation.action, **first_example(operation), **by_method(operation))
    headers = api.requests[0].headers
    assert not headers.keys() & {"authorization", "cookie", "x-api-key"}
    assert KEY not in str(headers.raw)


@pytest.mark.parametrize(("operation", "body"), list(replies(failures=False)))
def test_a_reply_of_the_contract_is_returned_as_the_type_that_the_method_declares(
    api: Api, operation: Operation, body: Any
) -> None:
    result = api.reply(200, json=body)(operation.action, **first_example(operation), **by_method(operation))
    annotation = returned_type(operation.action)
    assert isinstance(annotation, type | GenericAlias)
    assert_type(result, annotation)
    got = plain(result)
    if isinstance(got, dict):  # a value that came under another name stands under both
        for name, rule in success_schema(operation).get("properties", {}).items():
            if "x-same-as" in rule and name in body:
                assert got.pop(rule["x-same-as"]) == body[name]
    assert got == without_nulls(body)


@BY_OPERATION
def test_the_method_declares_the_type_that_the_contract_names(operation: Operation) -> None:
    schema = success_schema(operation)
    annotation = returned_type(operation.action)
    if schema["type"] == "array":
        assert get_origin(annotation) is list
        schema, annotation = CONTRACT.resolve(schema["items"]), get_args(annotation)[0]
    if schema.get("properties"):
        assert annotation is getattr(models, schema["title"])
    else:
        assert get_origin(annotation) is dict


@pytest.mark.parametrize(("operation", "body"), list(replies(failures=True)))
def test_a_failure_of_the_contract_inside_http_200_is_raised(api: Api, operation: Operation, body: Any) -> None:
    api.reply(200, json=body)
    with pytest.raises(ApiError) as caught:
        api(operation.action, **first_example(operation), **by_method(operation))
    assert (caught.value.action, caught.value.http_status) == (operation.action, 200)


@pytest.mark.parametrize(
    "operation",
    [each for each in OPERATIONS if "text/plain" in each.responses["200"]["content"]],
    ids=lambda operation: operation.operation_id,
)
def test_a_plain_text_reply_of_the_contract_becomes_the_status(api: Api, operation: Operation) -> None:
    text = operation.responses["200"]["content"]["text/plain"]["example"]
    result = api.reply(200, text=text)(operation.action, **first_example(operation), **by_method(operation))
    assert_type(result, returned_type(operation.action))
    assert result.status == text


@pytest.mark.parametrize("action", [action for action, methods in CONTRACT.actions.items() if len(methods) == 1])
def test_a_method_by_which_an_action_does_not_work_is_refused(api: Api, action: str) -> None:
    (known,) = CONTRACT.actions[action]
    other = "POST" if known == "GET" else "GET"
    problems = api.refused_by_name(action, method=other, **first_example(CONTRACT.operation(action)))
    assert known in problems["method"]


def test_an_unknown_method_is_refused(api: Api) -> None:
    assert "POST, GET" in api.refused_by_name("message", method="PUT", client_id=25554, message="Hello")["method"]


@pytest.mark.parametrize(
    ("operation", "name"),
    [
        pytest.param(operation, name, id=f"{operation.operation_id}-{name}")
        for operation in OPERATIONS
        for name, schema in operation.schema["properties"].items()
        if "examples" in CONTRACT.resolve(schema)
    ],
)
def test_every_parameter_is_sent_under_its_own_name(operation: Operation, name: str) -> None:
    api = Api().reply(200, json=good_reply(operation))
    arguments = arguments_with(operation, name)
    api(operation.action, **arguments, **by_method(operation))
    assert sent(api.requests[0]) == wanted(operation, arguments)
