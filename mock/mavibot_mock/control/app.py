"""Answers the control interface: reads and checks a call as its OpenAPI document says and runs the operation."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson
import yaml
from jsonschema_rs import Draft202012Validator
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Match, Route

from mavibot_mock.control.call import ControlCall
from mavibot_mock.replies import RefusedError, Reply, fail, invalid, wrong_method

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.types import Receive, Scope, Send

    from mavibot_mock.platform import Platform

    Operation = Callable[[ControlCall], Awaitable[Reply]]

#: Each is a module with `OPERATIONS` (operationId -> function) and a YAML file with its part of the document.
_FAMILIES: Final = ("journal",)

_FOLDER: Final = Path(__file__).parent


class ControlApp:
    """The control interface as an ASGI application."""

    def __init__(self, platform: Platform) -> None:
        self._platform: Final = platform
        self._routes: list[_Route] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        request = Request(scope, receive)
        try:
            reply = await self._reply(request)
        except RefusedError as refused:
            reply = refused.reply
        await _response(reply)(scope, receive, send)

    async def _reply(self, request: Request) -> Reply:
        if self._routes is None:
            self._routes = _routes()  # made at the first call, so that the server starts sooner
        other_methods = []
        for route in self._routes:
            match, found = route.pattern.matches(request.scope)
            if match is Match.FULL:
                return await route.answer(request, found["path_params"], self._platform)
            if match is Match.PARTIAL:
                other_methods.append(route.method)
        if other_methods:
            return wrong_method(request.method, other_methods)
        return fail(404, "no such address in the control interface")


class _Route:
    """One operation of the document, made ready."""

    def __init__(self, path: str, method: str, described: Mapping[str, Any], run: Operation, shared: Any) -> None:
        self.method: Final = method.upper()
        self.pattern: Final = Route(path, _no_endpoint, methods=[self.method])
        self._run: Final = run
        parameters = described.get("parameters", [])
        self._types: Final = {each["name"]: each["schema"].get("type") for each in parameters}
        self._query: Final = _validator(
            {
                "type": "object",
                "properties": {each["name"]: each["schema"] for each in parameters},
                "required": [each["name"] for each in parameters if each.get("required")],
                "additionalProperties": False,
            },
            shared,
        )
        content = described.get("requestBody", {}).get("content", {})
        self._needs_body: Final = bool(described.get("requestBody", {}).get("required"))
        self._body: Final = _validator(content["application/json"]["schema"], shared) if content else None

    async def answer(self, request: Request, path: Mapping[str, Any], platform: Platform) -> Reply:
        query = {name: _typed(text, self._types.get(name)) for name, text in request.query_params.items()}
        _check(self._query, query, "query")
        body = None
        raw = await request.body()
        if self._body is not None and (raw or self._needs_body):
            try:
                body = orjson.loads(raw)
            except orjson.JSONDecodeError as error:
                raise invalid(f"body: is not valid JSON: {error}") from error
            _check(self._body, body, "body")
        return await self._run(ControlCall(platform=platform, path=path, query=query, body=body))


def document() -> dict[str, Any]:
    """Return the OpenAPI document of the control interface."""
    whole: dict[str, Any] = yaml.safe_load((_FOLDER / "openapi.yaml").read_text())
    for family in _FAMILIES:
        part = yaml.safe_load((_FOLDER / f"{family}.yaml").read_text())
        whole["paths"].update(part["paths"])
        whole["components"]["schemas"].update(part.get("schemas", {}))
    return whole


def _routes() -> list[_Route]:
    operations: dict[str, Operation] = {}
    for family in _FAMILIES:
        operations.update(import_module(f"mavibot_mock.control.{family}").OPERATIONS)
    whole = document()
    return [
        # The document's `{project_id}` is a number, which the router must be told.
        _Route(
            path.replace("{project_id}", "{project_id:int}").replace("{number}", "{number:int}"),
            method,
            described,
            operations[described["operationId"]],
            whole["components"],
        )
        for path, methods in whole["paths"].items()
        for method, described in methods.items()
    ]


def _validator(schema: Any, shared: Any) -> Draft202012Validator:
    return Draft202012Validator({**schema, "components": shared})


def _check(validator: Draft202012Validator, value: Any, place: str) -> None:
    for error in validator.iter_errors(value):
        where = ".".join(str(step) for step in error.instance_path)
        raise invalid(f"{place}{'.' if where else ''}{where}: {error.message}")


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
        return PlainTextResponse(reply.body, reply.status)
    headers = {"Allow": ", ".join(reply.allow)} if reply.allow else None
    return Response(orjson.dumps(reply.body), reply.status, headers=headers, media_type="application/json")
