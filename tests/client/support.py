"""What the tests of the client share: both clients behind one face, a server that answers as told, the examples."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Literal, Self
from urllib.parse import parse_qsl

import httpx2
import jsonschema_rs
import pytest
from hypothesis import settings

import mavibot_contract
from mavibot import AsyncMavibot, InvalidParameters, Mavibot, Reply
from mavibot_contract import Operation, Schema

#: The canary: no test may find it anywhere but in the address of a request.
KEY: Final = "5ec4e7" * 6 + "cafe"
BASE_URL: Final = "https://mavibot.test"

CONTRACT: Final = mavibot_contract.load()
OPERATIONS: Final[list[Operation]] = [each for methods in CONTRACT.actions.values() for each in methods.values()]

Kind = Literal["blocking", "asyncio"]


class Api:
    """A client in front of a server that answers as told; the asynchronous client is awaited to its end.

    It repeats no call: what one answer means is tested here.

    Attributes:
        kind: which of the two clients is used.
        requests: all requests that reached the server.
    """

    def __init__(self, kind: Kind = "blocking") -> None:
        self.kind: Final = kind
        self.requests: Final[list[httpx2.Request]] = []
        self._answer: Callable[[], httpx2.Response] = lambda: httpx2.Response(200, text="ok")

    def reply(self, status: int = 200, **content: Any) -> Self:
        """Set the answer to all further requests."""
        self._answer = lambda: httpx2.Response(status, **content)
        return self

    def fail(self, error: Exception) -> Self:
        """Let the transport raise an error on all further requests."""

        def answer() -> httpx2.Response:
            raise error

        self._answer = answer
        return self

    def __call__(self, action: str, /, **parameters: Any) -> Any:
        """Call the method of an action."""
        return self._run(lambda bot: getattr(bot, action)(**parameters))

    def call(self, action: str, /, **parameters: Any) -> Reply:
        """Call an action by its name."""
        reply: Reply = self._run(lambda bot: bot.call(action, **parameters))
        return reply

    def refused(self, action: str, /, **parameters: Any) -> dict[str, str]:
        """Call the method of an action, which must refuse to send anything; return the reasons by field."""
        return self._refused(action, lambda: self(action, **parameters))

    def refused_by_name(self, action: str, /, **parameters: Any) -> dict[str, str]:
        """Call an action by its name, which must refuse to send anything; return the reasons by field."""
        return self._refused(action, lambda: self.call(action, **parameters))

    def _refused(self, action: str, use: Callable[[], object]) -> dict[str, str]:
        with pytest.raises(InvalidParameters) as caught:
            use()
        assert not self.requests
        assert caught.value.action == action
        reasons = {problem.field: problem.message for problem in caught.value.problems}
        assert len(reasons) == len(caught.value.problems), f"a field is named twice: {caught.value}"
        return reasons

    def _run(self, use: Callable[[Any], Any]) -> Any:
        transport = httpx2.MockTransport(self._handle)
        if self.kind == "blocking":
            with Mavibot(KEY, base_url=BASE_URL, retries=False, transport=transport) as bot:
                return use(bot)

        async def main() -> Any:
            async with AsyncMavibot(KEY, base_url=BASE_URL, retries=False, transport=transport) as bot:
                return await use(bot)

        return asyncio.run(main())

    def _handle(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        return self._answer()


def law(examples: int = 100) -> settings:
    """Return the settings of a property test; the same inputs every time, so that nobody's change fails by chance."""
    return settings(max_examples=examples, derandomize=True, database=None, deadline=None)


def sent(request: httpx2.Request) -> Any:
    """Return what a request carries: its decoded body, or its query where there is no body."""
    if request.content:
        assert not request.url.query
        return json.loads(request.content)
    pairs = parse_qsl(request.url.query.decode("ascii"), keep_blank_values=True, strict_parsing=bool(request.url.query))
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def as_query(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Return parameters as a query string carries them; an object is spread into parameters of their own."""
    query: dict[str, str] = {}
    for name, value in parameters.items():
        if isinstance(value, Mapping):
            query |= as_query(value)
        else:
            query[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return query


def without_nulls(value: Any) -> Any:
    """Return a reply as models keep it: what is null is absent."""
    if isinstance(value, Mapping):
        return {name: without_nulls(item) for name, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def examples(media: Mapping[str, Any]) -> dict[str, Any]:
    """Return the examples of an OpenAPI media type by name."""
    if "example" in media:
        return {"example": media["example"]}
    return {name: example["value"] for name, example in media["examples"].items()}


def request_examples(operation: Operation) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the contract's examples of a call, as arguments by name."""
    path = CONTRACT.document["paths"][f"/{operation.action}"]
    if "post" not in path:
        full = {name: example_of(schema) for name, schema in operation.schema["properties"].items()}
        yield "full", full
        yield "bare", {name: full[name] for name in operation.schema["required"]}
        return
    argument = operation.body_argument
    for name, value in examples(path["post"]["requestBody"]["content"]["application/json"]).items():
        arguments = value if argument is None else {argument: value}
        if not arguments.keys() & only_in_a_body(operation):
            yield name, arguments


def only_in_a_body(operation: Operation) -> set[str]:
    """Return the parameters of an action that this operation cannot carry, but its twin."""
    return set(CONTRACT.operation(operation.action).schema["properties"]) - set(operation.schema["properties"])


def example_of(schema: Schema) -> Any:
    """Return the first example of a schema."""
    return CONTRACT.resolve(schema)["examples"][0]


def first_example(operation: Operation) -> dict[str, Any]:
    """Return one set of arguments with which an operation can be called."""
    return next(request_examples(operation))[1]


def arguments_with(operation: Operation, name: str) -> dict[str, Any]:
    """Return valid arguments of which the named one holds its own example."""
    properties = operation.schema["properties"]
    needed = [name, *operation.schema.get("dependentRequired", {}).get(name, [])]
    own = {each: example_of(properties[each]) for each in needed if "examples" in CONTRACT.resolve(properties[each])}
    offers = (arguments | own for _, arguments in request_examples(operation))
    return next(arguments for arguments in offers if is_valid(operation.schema, arguments))


def success_schema(operation: Operation) -> Schema:
    """Return the schema of the reply to a call that went well."""
    schema = CONTRACT.resolve(operation.responses["200"]["content"]["application/json"]["schema"])
    branches = [CONTRACT.resolve(branch) for branch in schema.get("anyOf", [schema])]
    return next(branch for branch in branches if not branch.get("x-failure"))


def good_reply(operation: Operation) -> Any:
    """Return a JSON reply to a call that went well."""
    schema = success_schema(operation)
    shown = examples(operation.responses["200"]["content"]["application/json"]).values()
    return next(body for body in shown if is_valid(schema, body))


def by_method(operation: Operation) -> dict[str, str]:
    """Return the argument that chooses this operation of its action."""
    return {"method": operation.method} if len(CONTRACT.actions[operation.action]) > 1 else {}


def carries_data(operation: Operation) -> bool:
    """Return True if the reply to a call holds more than its success."""
    schema = success_schema(operation)
    return schema["type"] == "array" or bool(set(schema.get("required", [])) - {"status"})


def is_valid(schema: Schema, value: Any) -> bool:
    """Return True if a value fits a schema of the contract, as a full validator sees it."""
    return jsonschema_rs.validator_for(CONTRACT.standalone(schema)).is_valid(value)
