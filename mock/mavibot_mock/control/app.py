"""Answers the control interface: reads and checks a call as its OpenAPI document says and runs the operation."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import cache, cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Match, Route

from mavibot_contract import Contract
from mavibot_mock import seeds
from mavibot_mock.control.call import ControlCall
from mavibot_mock.control.document import FAMILIES, document
from mavibot_mock.control.guard import Guard
from mavibot_mock.request.body import LONG_BODY, CutOffError, receive_body
from mavibot_mock.request.json_text import load_json
from mavibot_mock.request.replies import RefusedError, Reply, fail, invalid, reply_to, wrong_method
from mavibot_mock.request.validation import Validator
from mavibot_mock.state.errors import DomainError
from mavibot_mock.state.store.database import StorageError, storage_checked

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.types import Receive, Scope, Send

    from mavibot_mock.server.platform import Platform

    #: Runs an operation.
    Handler = Callable[[ControlCall], Awaitable[Reply]]
    #: Puts the message of a refusal into the language of who makes a call.
    Worded = Callable[[Request, str], str]

_LEAST_REFUSAL: Final = 400
_METHODS: Final = ("get", "post", "put", "patch", "delete")
#: Parts of an address that are numbers, as the router must know.
_NUMBERS: Final = ("project_id", "number")
#: Longest body of a call: the state of a project of some hundred thousand clients.
LARGEST_BODY: Final = 50_000_000
#: Levels that a reply may put around what a body holds.
_LEVELS_AROUND: Final = 4
#: The shortest rows of an export are those of lists: `{"id":1000000},`.
_BYTES_OF_A_CONTAINER: Final = 12


class ControlApp:
    """The control interface as an ASGI application."""

    def __init__(self, platform: Platform, *, worded: Worded, token: str | None = None) -> None:
        """Make the application.

        Args:
            platform: the projects.
            worded: puts the message of a refusal into the language of who makes a call.
            token: what each call must bring, where other machines reach the mock.
        """
        self._platform: Final = platform
        self._worded: Final = worded
        self._guard: Final = Guard(token)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        request = Request(scope, receive)
        try:
            self._guard.check(request)
            reply = await self._reply(request)
        except (RefusedError, DomainError, StorageError) as error:
            reply = reply_to(error)
        except CutOffError:
            return  # the caller has gone
        if reply.status >= _LEAST_REFUSAL and isinstance(reply.body, dict) and "message" in reply.body:
            reply = replace(reply, body={**reply.body, "message": self._worded(request, reply.body["message"])})
        await _response(reply)(scope, receive, send)

    async def _reply(self, request: Request) -> Reply:
        other_methods = []
        for route in _routes():  # made at the first call, so that the server starts sooner
            match, found = route.pattern.matches(request.scope)
            if match is Match.FULL:
                return await route.answer(request, found["path_params"], self._platform)
            if match is Match.PARTIAL:
                other_methods.append(route.method)
        if other_methods:
            return wrong_method(request.method, other_methods)
        return fail(404, "no such address in the control interface")


class _Route:
    """One operation of the document. It belongs to no application: all of a process have the same."""

    def __init__(self, path: str, method: str, described: Mapping[str, Any], handler: Handler, whole: Contract) -> None:
        for name in _NUMBERS:
            path = path.replace(f"{{{name}}}", f"{{{name}:int}}")
        self.method: Final = method.upper()
        self.pattern: Final = Route(path, _no_endpoint, methods=[self.method])
        self._handler: Final = handler
        self._described: Final = described
        self._whole: Final = whole
        self._types: Final = {each["name"]: each["schema"].get("type") for each in described.get("parameters", [])}
        self._needs_body: Final = bool(described.get("requestBody", {}).get("required"))

    # Made at the first call of the operation: most are never called, and each validator takes a millisecond.

    @cached_property
    def _path(self) -> Validator:
        return _parameters(self._whole.document["components"]["parameters"].values(), self._whole)

    @cached_property
    def _query(self) -> Validator:
        return _parameters(self._described.get("parameters", []), self._whole, required=True)

    @cached_property
    def _body(self) -> Validator | None:
        content = self._described.get("requestBody", {}).get("content", {})
        return Validator(content["application/json"]["schema"], self._whole) if content else None

    async def answer(self, request: Request, path: Mapping[str, Any], platform: Platform) -> Reply:
        self._path.check(path)
        query = {name: _typed(text, self._types.get(name)) for name, text in request.query_params.items()}
        self._query.check(query)
        call = ControlCall(platform=platform, path=path, query=query, body=await self._received(request))
        project = platform.projects.get(path.get("project_id", 0))
        if project is not None:
            await project.at_rest()
        with storage_checked():
            return await self._handler(call)

    async def _received(self, request: Request) -> Any:
        """Return the body of a call, checked; its bytes are not kept while the call is carried out."""
        raw = await receive_body(dict(request.scope["headers"]), request.receive, largest=LARGEST_BODY)
        if self._body is None or not (raw or self._needs_body):
            return None
        content_type = request.headers.get("content-type", "")
        is_long = len(raw) > LONG_BODY
        body = await asyncio.to_thread(_body, raw, content_type) if is_long else _body(raw, content_type)
        self._body.check(body)
        return body


@cache
def _routes() -> list[_Route]:
    handlers: dict[str, Handler] = {}
    for family in ("document", *FAMILIES):
        handlers.update(import_module(f"mavibot_mock.control.{family}").OPERATIONS)
    whole = Contract({"paths": {}, "components": document()["components"]})
    return [
        _Route(path, method, described[method], handlers[described[method]["operationId"]], whole)
        for path, described in document()["paths"].items()
        for method in _METHODS
        if method in described
    ]


def _parameters(described: Any, whole: Contract, *, required: bool = False) -> Validator:
    schema = {
        "type": "object",
        "properties": {each["name"]: each["schema"] for each in described},
        "required": [each["name"] for each in described if required and each.get("required")],
        "additionalProperties": False,
    }
    return Validator(schema, whole, whole="query")


def _body(raw: bytes, content_type: str) -> Any:
    try:
        return (
            seeds.read(raw)
            if "yaml" in content_type
            else load_json(raw, levels=_LEVELS_AROUND, bytes_of_a_container=_BYTES_OF_A_CONTAINER)
        )
    except orjson.JSONDecodeError as error:
        raise invalid(f"body: is not valid JSON: {error}") from error
    except ValueError as error:
        raise invalid(f"body: {error}") from error


def _typed(text: str, kind: str | None) -> Any:
    if kind in ("integer", "number", "boolean"):
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            return text
    return text


async def _no_endpoint(_request: Request) -> Response:  # the pattern alone is used
    raise NotImplementedError


def _response(reply: Reply) -> Response:
    if isinstance(reply.body, str):
        return PlainTextResponse(reply.body, reply.status, headers=reply.headers, media_type=reply.content_type)
    return Response(orjson.dumps(reply.body), reply.status, headers=reply.headers, media_type="application/json")
