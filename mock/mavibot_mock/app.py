"""The HTTP face of the mock: the addresses, and the steps that every call goes through."""

from __future__ import annotations

import json
import sys
import traceback
from typing import TYPE_CHECKING, Final

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from mavibot_api import contract as bundled
from mavibot_mock import incoming, jobs
from mavibot_mock.actions import ACTIONS
from mavibot_mock.actions.call import Call
from mavibot_mock.aliases import resolve
from mavibot_mock.coercion import coerce, defaults, plain
from mavibot_mock.control import ControlApp
from mavibot_mock.journal import mask
from mavibot_mock.platform import Platform
from mavibot_mock.replies import RefusedError, Reply, fail, wrong_method
from mavibot_mock.validation import Validator

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import Receive, Scope, Send

    from mavibot_api.contract import Contract
    from mavibot_mock.project import ApiKey, Project

#: Reply header that lists what of a call departs from the contract, a JSON array in ASCII.
DEVIATIONS_HEADER: Final = "Mavibot-Mock-Deviations"

#: Either of them works for every action, whichever the contract offers.
_METHODS: Final = ("GET", "POST")
_MOST_DEVIATIONS: Final = 20
_LONGEST_DEVIATION: Final = 200
#: Of a reply's headers many programs take 8 KB at most; ASCII needs 6 bytes for one Cyrillic letter.
_MOST_BYTES: Final = 3800
_LONGEST_NAME: Final = 60


def create_app(projects: Iterable[Project]) -> Starlette:
    """Return the mock as an ASGI application.

    Args:
        projects: the projects that it serves; no key may belong to two of them. The caller closes them.

    Raises:
        ValueError: two projects share a key or a number.
    """
    platform = Platform(projects)
    app = Starlette(
        routes=[
            Route("/api/{key}/{action}", _Api(platform, bundled.load())),
            Mount("/_mock/v1", ControlApp(platform)),
        ],
        exception_handlers={HTTPException: _unknown_address},
    )
    app.router.redirect_slashes = False
    return app


class _Action:
    """An action that is implemented, with what the contract says of it made ready."""

    def __init__(self, name: str, contract: Contract) -> None:
        self.operation: Final = contract.operation(name)
        self.run: Final = ACTIONS[name]
        self._contract: Final = contract
        self._methods: Final = contract.actions[name].keys()
        self._defaults: Final = defaults(self.operation, contract)
        self._parameters: Final = Validator(self.operation.schema, contract)
        components = contract.document["components"]
        aliases = {alias: components["parameters"][alias]["schema"] for alias in self.operation.aliases}
        self._aliases: Final = Validator({"type": "object", "properties": aliases}, contract)

    async def read(self, request: Request, project: Project, deviations: list[str]) -> Call:
        """Read and check the parameters of a call.

        Args:
            request: the call.
            project: the project that the key belongs to.
            deviations: grows by what is found, also where the call is refused.

        Raises:
            RefusedError: they are not what the contract allows.
        """
        sent = await incoming.read(request, self.operation, self._methods)
        deviations.extend(sent.deviations)
        aliases = {name: plain(sent.parameters[name]) for name in sent.parameters if name in self.operation.aliases}
        for name in [name for name, value in aliases.items() if value in (None, "")]:
            deviations.append(f"{name}: empty, taken as absent")
            del aliases[name]
        self._aliases.check(aliases)
        others = {name: value for name, value in sent.parameters.items() if name not in self.operation.aliases}
        resolved = resolve(others, aliases, self.operation)
        typed = coerce(resolved.parameters, self.operation, self._contract, foreign=resolved.foreign)
        deviations.extend(resolved.deviations + typed.deviations)
        variables = dict(typed.others) if self.operation.free_variables else {}
        for name in [name for name, value in variables.items() if isinstance(value, dict | list)]:
            variables[name] = orjson.dumps(variables[name]).decode()
            if name not in resolved.foreign:
                deviations.append(f"{name}: nested; variables are flat, so its JSON text is saved (assumed)")
        self._parameters.check({**typed.parameters, **variables}, others=typed.others, unresolved=resolved.deviations)
        return Call(
            project=project,
            operation=self.operation,
            parameters={**self._defaults, **typed.parameters},
            variables=variables,
            now=project.now(),
        )


class _Api:
    """Answers `/api/{key}/{action}` by any method."""

    def __init__(self, platform: Platform, contract: Contract) -> None:
        self._contract: Final = contract
        self._actions: Final = {name: _Action(name, contract) for name in ACTIONS}
        self._platform: Final = platform

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        deviations: list[str] = []
        response = await self._answer(request, deviations)
        if deviations:
            response.headers[DEVIATIONS_HEADER] = json.dumps(_bounded(deviations))
        await response(scope, receive, send)

    async def _answer(self, request: Request, deviations: list[str]) -> Response:
        found = self._platform.find(request.path_params["key"])
        if found is None:
            return _response(_refused_key())
        project, key = found
        action = request.path_params["action"]
        reply = fail(500, "the call was cut off")
        try:
            reply = await self._reply(request, project, key, deviations)
        except RefusedError as refused:
            reply = refused.reply
        except ClientDisconnect:
            reply = fail(400, "body: the connection ended before all of it came")
        except Exception as error:
            # Whatever it is, the caller must learn that the mock is wrong, not the call.
            reply = _bug(error, key)
        finally:
            project.journal.record(
                time=project.now(),
                key=key.value,
                method=request.method,
                action=action,
                status=reply.status,
                deviations=_bounded(deviations),
            )
        return _response(reply)

    async def _reply(self, request: Request, project: Project, key: ApiKey, deviations: list[str]) -> Reply:
        name = request.path_params["action"]
        if key.revoked:
            return _refused_key()
        if name not in self._contract.actions:
            return self._unknown_action(name)
        if request.method not in _METHODS:
            return wrong_method(request.method, self._contract.actions[name])
        permission = self._contract.operation(name).permission
        if permission not in key.permissions:
            return fail(403, f"the API key lacks the permission {permission}")
        if name not in self._actions:
            return fail(501, f"{name} is not implemented in this mock yet")
        action = self._actions[name]
        call = await action.read(request, project, deviations)
        jobs.run_due(project)
        with project.transaction():
            return action.run(call)

    def _unknown_action(self, name: str) -> Reply:
        similar = self._contract.similar(name[:_LONGEST_NAME])
        hint = f": did you mean '{similar}'?" if similar else ""
        return fail(404, f"unknown action '{name[:_LONGEST_NAME]}'{hint}")


def _refused_key() -> Reply:
    return fail(401, "the API key is unknown or revoked")


def _bug(error: Exception, key: ApiKey) -> Reply:
    """Print where the mock went wrong, without the key, and return what the caller gets to know of it."""
    report = "".join(traceback.format_exception(error))
    sys.stderr.write(report.replace(key.value, mask(key.value)))
    return fail(500, f"the mock has a bug: {type(error).__name__}; its standard error tells where")


async def _unknown_address(_request: Request, _error: Exception) -> Response:
    return _response(fail(404, "no such address: a call goes to /api/{api_key}/{action}"))


def _response(reply: Reply) -> Response:
    if isinstance(reply.body, str):
        return PlainTextResponse(reply.body, reply.status)
    headers = {"Allow": ", ".join(reply.allow)} if reply.allow else None
    return Response(orjson.dumps(reply.body), reply.status, headers=headers, media_type="application/json")


def _bounded(deviations: list[str]) -> list[str]:
    """Return the first texts, none of them long: a careless call can depart from the contract in many ways."""
    kept: list[str] = []
    size = 0
    for text in deviations[:_MOST_DEVIATIONS]:
        short = text[:_LONGEST_DEVIATION]
        size += len(json.dumps(short)) + len(", ")
        if size > _MOST_BYTES:
            break
        kept.append(short)
    left = len(deviations) - len(kept)
    return [*kept, f"and {left} more"] if left else kept
