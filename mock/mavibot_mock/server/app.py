"""The HTTP face of the mock: the addresses, and the steps that every call goes through."""

from __future__ import annotations

import json
import math
import sys
import time
import traceback
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING, Final

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

import mavibot_contract
from mavibot_mock.actions import ACTIONS
from mavibot_mock.control import ControlApp
from mavibot_mock.request.body import CutOffError, Sent, receive_body
from mavibot_mock.request.deviations import bounded, shortened
from mavibot_mock.request.reader import Reader
from mavibot_mock.request.replies import RefusedError, Reply, client_not_found, fail, wrong_method
from mavibot_mock.server import breakage
from mavibot_mock.server.journal import Entry, mask
from mavibot_mock.server.platform import Platform
from mavibot_mock.web import reference

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request
    from starlette.types import Message, Receive, Scope, Send

    from mavibot_contract import Contract
    from mavibot_mock.request.deviations import Deviation
    from mavibot_mock.server.project import ApiKey, Project

#: Reply header that lists what of a call departs from the contract, a JSON array in ASCII.
DEVIATIONS_HEADER: Final = "Mavibot-Mock-Deviations"

#: Either of them works for every action, whichever the contract offers.
_METHODS: Final = ("GET", "POST")
_JSON: Final = "application/json"
_TEXT: Final = "text/plain; charset=utf-8"

_DEVIATIONS: Final = DEVIATIONS_HEADER.lower().encode()
_REFUSED_KEY: Final = fail(401, "the API key is unknown or revoked")
_CLIENT_NOT_FOUND: Final = client_not_found().reply


def create_app(projects: Iterable[Project] | Platform, *, token: str | None = None) -> App:
    """Return the mock as an ASGI application.

    Args:
        projects: the projects that it serves; no key may belong to two of them. The caller closes them.
        token: what each call of the control interface must bring, where other machines reach it.

    Raises:
        ValueError: two projects share a key or a number.
    """
    return App(projects if isinstance(projects, Platform) else Platform(projects), token=token)


class App:
    """The mock as an ASGI application: the platform's own API, and beside it what tells the mock what to do."""

    def __init__(self, platform: Platform, *, token: str | None = None) -> None:
        self._api: Final = _Api(platform, mavibot_contract.load())
        self._others: Final = Starlette(
            routes=[
                Route("/livez", _healthy),
                Route("/readyz", _healthy),
                *reference.routes(platform),
                Mount("/_mock/v1", ControlApp(platform, token=token)),
            ],
            exception_handlers={HTTPException: _unknown_address},
        )
        self._others.router.redirect_slashes = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        if scope["type"] == "http":
            # The platform's own calls are many; they go past the router.
            match scope["path"].split("/"):
                case ["", "api", key, action] if key and action:
                    await self._api.answer(scope, receive, send, key=key, action=action)
                    return
        await self._others(scope, receive, send)


class _Api:
    """Answers `/api/{key}/{action}` by any method."""

    def __init__(self, platform: Platform, contract: Contract) -> None:
        self._contract: Final = contract
        self._platform: Final = platform
        self._readers: Final[dict[str, Reader]] = {}  # each is made at the first call of its action

    async def answer(self, scope: Scope, receive: Receive, send: Send, *, key: str, action: str) -> None:
        began = perf_counter()
        entry = Entry(key, action, Sent(scope["method"], scope["query_string"], _label(scope)))
        found = self._platform.find(key)
        deviations: list[Deviation] = []
        reply, fault = _REFUSED_KEY, None
        try:
            entry.sent.body = await receive_body(scope, receive)
            if found is not None:
                fault = found[0].faults.find(key, action, entry.sent)
                if fault is None or fault.carried_out:
                    reply = await self._reply(*found, entry, deviations)
        except RefusedError as refused:
            reply = refused.reply
        except CutOffError:
            reply = fail(400, "body: the connection ended before all of it came")
        except Exception as error:
            # Whatever it is, the caller must learn that the mock is wrong, not the call.
            reply = _bug(error, key)
        if fault is not None:
            entry.fault = fault.number
            reply = fault.answer or reply
            if fault.latency and fault.wire != "drip":
                await breakage.pause(receive, fault.latency)
        elif found is not None and reply.status >= 400:
            reply = self._switched(reply, found[0], action)
        start, body = _message(reply)
        if deviations:
            entry.deviations = bounded(deviations)
            start["headers"].append((_DEVIATIONS, json.dumps(entry.deviations).encode()))
        if fault is None or not fault.is_silent:
            entry.status, entry.reply = reply.status, body
        entry.seconds = perf_counter() - began
        entry.time = time.time() if found is None else found[0].now()
        (self._platform if found is None else found[0]).journal.record(entry)
        if fault is None or fault.wire is None:
            await send(start)
            await send({"type": "http.response.body", "body": body})
        else:
            await breakage.answer(fault.wire, scope, receive, send, start=start, body=body, seconds=fault.latency)

    async def _reply(self, project: Project, key: ApiKey, entry: Entry, deviations: list[Deviation]) -> Reply:
        action, method = entry.action, entry.sent.method
        if key.revoked:
            return _REFUSED_KEY
        operations = self._contract.actions.get(action)
        if operations is None:
            return self._unknown_action(action)
        if method not in _METHODS:
            return wrong_method(method, operations)
        operation = self._contract.operation(action)
        rate = project.settings.calls_per_second
        if rate is not None and not operation.unlimited:
            _take_turn(project, key, rate)
        if operation.permission not in key.permissions:
            return fail(403, f"the API key lacks the permission {operation.permission}")
        call = await self._reader(action).read(entry.sent, project, deviations)
        entry.parameters = {**call.parameters, **call.variables} if call.variables else call.parameters
        project.jobs.run_due()
        with project.transaction():
            return ACTIONS[action](call)

    def _reader(self, action: str) -> Reader:
        reader = self._readers.get(action)
        if reader is None:
            reader = self._readers[action] = Reader(action, self._contract)
        return reader

    def _unknown_action(self, name: str) -> Reply:
        similar = self._contract.similar(shortened(name))
        hint = f": did you mean '{similar}'?" if similar else ""
        return fail(404, f"unknown action '{shortened(name)}'{hint}")

    def _switched(self, reply: Reply, project: Project, action: str) -> Reply:
        """Return a refusal with the status 200 where the project is set to it and the contract knows it so."""
        settings = project.settings
        is_switched = (settings.refusal_status == "ok" and reply.status in (401, 403)) or (
            settings.not_found_status == "ok" and reply == _CLIENT_NOT_FOUND
        )
        if is_switched and action in self._contract.actions and self._reader(action).may_succeed_with(reply.body):
            return replace(reply, status=200)
        return reply


def _take_turn(project: Project, key: ApiKey, rate: float) -> None:
    """Count a call against the limit of its key.

    Raises:
        RefusedError: there were too many.
    """
    at_once = project.settings.calls_at_once
    wait = project.limiter.wait(key.value, now=project.now(), per_second=rate, at_once=at_once)
    if wait:
        seconds = math.ceil(wait)
        reply = fail(429, f"too many calls: at most {rate:g} a second and {at_once} at once; wait {seconds} s")
        raise RefusedError(replace(reply, headers={"Retry-After": str(seconds)}))


def _bug(error: Exception, key: str) -> Reply:
    """Print where the mock went wrong, without the key, and return what the caller gets to know of it."""
    report = "".join(traceback.format_exception(error))
    sys.stderr.write(report.replace(key, mask(key)))
    return fail(500, f"the mock has a bug: {type(error).__name__}; its standard error tells where")


def _label(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"content-type":
            label: str = value.decode("latin-1")
            return label
    return ""


def _message(reply: Reply) -> tuple[Message, bytes]:
    """Return a reply as ASGI has it: the start, and the body."""
    if isinstance(reply.body, str):
        body, label = reply.body.encode(), reply.label or _TEXT
    else:
        body, label = orjson.dumps(reply.body), reply.label or _JSON
    headers = [(b"content-type", label.encode()), (b"content-length", b"%d" % len(body))]
    headers.extend((name.lower().encode(), value.encode()) for name, value in reply.headers.items())
    return {"type": "http.response.start", "status": reply.status, "headers": headers}, body


async def _healthy(_request: Request) -> Response:
    return PlainTextResponse("ok")


async def _unknown_address(_request: Request, _error: Exception) -> Response:
    body = fail(404, "no such address: a call goes to /api/{api_key}/{action}").body
    return Response(orjson.dumps(body), 404, media_type=_JSON)
