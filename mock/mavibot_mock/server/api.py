"""The platform's own API: the steps that every call of an action goes through."""

from __future__ import annotations

import asyncio
import json
import math
import sys
import time
import traceback
from dataclasses import replace
from functools import cache
from time import perf_counter
from typing import TYPE_CHECKING, Final

import orjson

from mavibot_mock.actions.call import Call
from mavibot_mock.actions.registry import handlers, refusal_of
from mavibot_mock.request.body import LONG_BODY, CutOffError, Sent, receive_body
from mavibot_mock.request.deviations import shortened
from mavibot_mock.request.reader import Reader
from mavibot_mock.request.replies import CLIENT_NOT_FOUND, RefusedError, Reply, fail, reply_to, wrong_method
from mavibot_mock.server import breakage
from mavibot_mock.server.journal import LONGEST_BODY, MOST_REACHED, Entry, mask
from mavibot_mock.state.errors import DomainError
from mavibot_mock.state.store.database import StorageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Message, Receive, Scope, Send

    from mavibot_contract import Contract
    from mavibot_mock.server.platform import Platform
    from mavibot_mock.server.project import ApiKey, Project

#: Reply header that lists how a call deviates from the contract, a JSON array in ASCII.
DEVIATIONS_HEADER: Final = "Mavibot-Mock-Deviations"

#: Either of them works for every action, whichever the contract offers.
METHODS: Final = ("GET", "POST")
_JSON: Final = b"application/json"
_TEXT: Final = b"text/plain; charset=utf-8"

_DEVIATIONS: Final = DEVIATIONS_HEADER.lower().encode()
#: Lets a web page of another site read the reply; a key in the address needs no credentials.
_READABLE: Final = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"Mavibot-Mock-Deviations, Retry-After"),
)
_PREFLIGHT: Final = Reply(
    200,
    "",
    {
        "Access-Control-Allow-Methods": "GET, POST",
        "Access-Control-Allow-Headers": "*",
        "Access-Control-Max-Age": "600",
    },
)

_REFUSED_KEY: Final = fail(401, "the API key is unknown or revoked")


def address(path: str) -> tuple[str, str] | None:
    """Return key and action of a path of the platform's own API; `None` for another."""
    match path.split("/"):
        case ["", "api", key, action] if key and action:
            return key, action
    return None


@cache
def reader_of(action: str, contract: Contract) -> Reader:
    """Return the reader of an action; it is made at the first call, and all servers of a process share it."""
    return Reader(action, contract, refuse=refusal_of(contract.operation(action)))


class Api:
    """Answers `/api/{key}/{action}` by any method.

    Attributes:
        platform: the projects of the server.
    """

    def __init__(self, platform: Platform, contract: Contract) -> None:
        """Prepare to answer.

        Args:
            platform: the projects of the server.
            contract: the contract.

        Raises:
            MissingHandlersError: the contract has actions that the mock does not.
        """
        self.platform: Final = platform
        self._contract: Final = contract
        self._handlers: Final = handlers()

    def is_free(self, key: str) -> bool:
        """Return True if a call with a key meets no fault and needs not wait for another call."""
        found = self.platform.find(key)
        return found is None or not (found[0].is_at_work or found[0].faults.are_set)

    async def answer(self, scope: Scope, receive: Receive, send: Send, *, key: str, action: str) -> None:
        """Answer one call and record it in the journal."""
        began = perf_counter()
        headers = dict(reversed(scope["headers"]))  # of several of a name the first counts
        content_type = headers.get(b"content-type", b"").decode("latin-1")
        entry = Entry(key, action, Sent(scope["method"], scope["query_string"], content_type))
        found = self.platform.find(key)
        reply, fault = _REFUSED_KEY, None
        try:
            entry.sent.body = await receive_body(headers, receive)
            _check_encoding(headers, entry.sent)
            if found is not None:
                fault = found[0].faults.find(key, action, entry.sent)
                if fault is None or fault.carried_out:
                    reply = await self.reply(*found, entry)
        except RefusedError as refused:
            reply = refused.reply
            entry.deviations = refused.deviations or entry.deviations
        except (DomainError, StorageError) as error:
            reply = reply_to(error)
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
        if entry.deviations:
            start["headers"].append((_DEVIATIONS, json.dumps(entry.deviations).encode()))
        if b"origin" in headers and (found is None or found[0].settings.cors != "off"):
            start["headers"].extend(_READABLE)
        if fault is None or not fault.is_silent:
            entry.status, entry.reply = reply.status, body
        entry.seconds = perf_counter() - began
        entry.wall_time = time.time()
        entry.time = entry.wall_time if found is None else found[0].now()
        (self.platform if found is None else found[0]).journal.record(entry)
        if fault is None or fault.wire is None:
            await send(start)
            await send({"type": "http.response.body", "body": body})
        else:
            await breakage.answer(fault.wire, scope, receive, send, start=start, body=body, seconds=fault.latency)

    async def reply(self, project: Project, key: ApiKey, entry: Entry) -> Reply:
        """Return the reply to a call.

        Args:
            project: the project that the key belongs to.
            key: the key.
            entry: the call as it came; what is understood of it is added.

        Raises:
            DomainError: the project's state does not allow the call.
            RefusedError: the call is refused.
        """
        action, method = entry.action, entry.sent.method
        if key.revoked:
            return _REFUSED_KEY
        operations = self._contract.actions.get(action)
        if operations is None:
            return self._unknown_action(action)
        if method not in METHODS:
            if method == "OPTIONS" and project.settings.cors == "full":
                return _PREFLIGHT
            return wrong_method(method, operations)
        operation = self._contract.operation(action)
        rate = project.settings.calls_per_second
        if rate is not None and not operation.unlimited:
            take_turn(project, key, rate)
        if operation.permission not in key.permissions:
            return fail(403, f"the API key lacks the permission {operation.permission}")
        call, entry.deviations = await self.read(project, entry)
        if len(entry.sent.body) <= LONGEST_BODY:  # of a longer one the journal keeps no parameters
            entry.parameters = {**call.parameters, **call.variables} if call.variables else call.parameters
        if project.is_at_work:
            await project.at_rest()
            if self.platform.find(key.value) is None:
                return _REFUSED_KEY  # the project was deleted meanwhile
        project.jobs.run_due()
        with project.transaction():
            outcome = self._handlers[action](call)
            reply = outcome if isinstance(outcome, Reply) else await project.work(outcome)
            entry.messages = tuple(project.written[:MOST_REACHED])
        entry.reached = tuple(call.reached[:MOST_REACHED])
        return reply

    async def read(self, project: Project, entry: Entry) -> tuple[Call, list[str]]:
        """Return what a call says, and how it deviates from the contract.

        Args:
            project: the project that the key belongs to.
            entry: the call as it came.

        Raises:
            RefusedError: it is not what the contract allows.
        """
        reader = reader_of(entry.action, self._contract)
        reading = reader.read(entry.sent, strict=project.settings.strict)
        # A thread has an event loop of its own; reading touches nothing of the project.
        is_long = len(entry.sent.body) > LONG_BODY
        read = await (asyncio.to_thread(asyncio.run, reading) if is_long else reading)
        call = Call(project, reader.operation, read.parameters, read.variables, project.now(), read.deviations)
        entry.fixes = read.fixes
        return call, read.deviations

    def _unknown_action(self, name: str) -> Reply:
        similar = self._contract.similar(shortened(name))
        hint = f": did you mean '{similar}'?" if similar else ""
        return fail(404, f"WRONG_ACTION: unknown action '{shortened(name)}'{hint}")

    def _switched(self, reply: Reply, project: Project, action: str) -> Reply:
        """Return a refusal with the status 200 where the project is set to it and the contract knows it so."""
        settings = project.settings
        is_switched = (settings.refusal_status == "ok" and reply.status in (401, 403)) or (
            settings.not_found_status == "ok" and reply == CLIENT_NOT_FOUND
        )
        if not is_switched or action not in self._contract.actions:
            return reply
        is_known_so = reader_of(action, self._contract).may_succeed_with(reply.body)
        return replace(reply, status=200) if is_known_so else reply


def take_turn(project: Project, key: ApiKey, rate: float) -> None:
    """Count a call against the limit of its key.

    Args:
        project: the project that the key belongs to.
        key: the key.
        rate: most calls in a second.

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


def _check_encoding(headers: Mapping[bytes, bytes], sent: Sent) -> None:
    """Refuse a body that is compressed: what it unfolds to could be of any length."""
    encoding = headers.get(b"content-encoding", b"identity")
    if encoding not in (b"identity", b"") and sent.body:
        name = shortened(encoding.decode("latin-1"))
        reply = fail(415, f"Content-Encoding: '{name}' is not supported; send the body as it is")
        raise RefusedError(replace(reply, headers={"Accept-Encoding": "identity"}))


def _message(reply: Reply) -> tuple[Message, bytes]:
    """Return a reply as ASGI has it: the start, and the body."""
    if isinstance(reply.body, str):
        body, content_type = reply.body.encode(), _TEXT
    else:
        body, content_type = orjson.dumps(reply.body), _JSON
    if reply.content_type:
        content_type = reply.content_type.encode()
    headers = [(b"content-type", content_type), (b"content-length", b"%d" % len(body))]
    if reply.headers:
        headers.extend((name.lower().encode(), value.encode()) for name, value in reply.headers.items())
    return {"type": "http.response.start", "status": reply.status, "headers": headers}, body
