"""Puts wrong parts into the mock, each in a way that can be undone."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from mavibot_mock.actions import messages
from mavibot_mock.actions.jobs import JOBS
from mavibot_mock.actions.registry import handlers, refusal_of
from mavibot_mock.request.reader import Reader
from mavibot_mock.request.replies import RefusedError, Reply, reply_to
from mavibot_mock.server.api import Api
from mavibot_mock.state.errors import DomainError
from mavibot_mock.state.steps import at_once

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Container, Iterator
    from contextlib import ExitStack

    from mavibot_contract import Operation
    from mavibot_mock.actions.call import Call
    from mavibot_mock.actions.registry import Handler
    from mavibot_mock.request.body import Sent
    from mavibot_mock.server.journal import Entry
    from mavibot_mock.server.platform import Platform
    from mavibot_mock.server.project import ApiKey, Project
    from mavibot_mock.state.steps import Steps

    #: Gets what it replaces, and then the arguments of the call.
    Around = Callable[..., Any]
    Answer = Callable[["Turn"], Awaitable[Reply]]

#: Every action, for a defect that spares none.
EVERY: Final = frozenset(mavibot_contract.load().actions)

#: The actions that report an event about one client.
CALLBACKS: Final = frozenset(name for name in EVERY if name.endswith("callback"))


@dataclass(frozen=True, slots=True)
class Turn:
    """A call on its way to the action.

    Attributes:
        platform: all projects of the server.
        project: the project that the key belongs to.
        key: the key.
        entry: the call as it came.
    """

    platform: Platform
    project: Project
    key: ApiKey
    entry: Entry

    def elsewhere(self) -> Iterator[Turn]:
        """Return the same call in every other project."""
        others = (project for project in self.platform.projects.values() if project is not self.project)
        return (replace(self, project=project, entry=replace(self.entry)) for project in others)


class Parts:
    """The parts of the mock that a defect can replace."""

    def __init__(self, undo: ExitStack) -> None:
        self._undo: Final = undo

    def function(self, owner: Any, name: str, new: Around) -> None:
        """Replace a function of a module, or a method of the very class that defines it."""
        old = vars(owner)[name]
        setattr(owner, name, _around(old, new))
        self._undo.callback(setattr, owner, name, old)

    def action(self, name: str, new: Around) -> None:
        """Replace what an action does; `new` gets the handler and the `Call`."""

        def around(handler: Handler, call: Call) -> Any:
            return new(partial(_done, handler), call)

        self._entry(handlers(), name, around)

    def job(self, kind: str, new: Around) -> None:
        """Replace what happens when a scheduled job is due; `new` gets the old function, project, job and moment."""
        self._entry(JOBS, kind, new)

    def recipients(self, new: Around) -> None:
        """Replace the recipients of a broadcast; `new` gets the old function and the `Call`."""

        def around(old: Callable[[Call], Steps[list[int]]], call: Call) -> Steps[list[int]]:
            yield
            found: list[int] = new(lambda call: at_once(old(call)), call)
            return found

        self.function(messages, "broadcast_recipients", around)

    def call(self, action: str, change: Callable[[Call], Call]) -> None:
        """Change the calls that an action gets."""
        self.action(action, lambda handler, call: handler(change(call)))

    def reply(self, action: str, change: Callable[[Any], Any]) -> None:
        """Change the body of an action's successful replies."""

        def changed(handler: Callable[[Call], Reply], call: Call) -> Reply:
            reply = handler(call)
            return replace(reply, body=change(reply.body))

        self.action(action, changed)

    def answer(self, new: Callable[[Answer, Turn], Awaitable[Reply]]) -> None:
        """Replace how every call is answered; `new` gets what answered it before, and the call."""

        def reply(old: Around, api: Api, project: Project, key: ApiKey, entry: Entry) -> Awaitable[Reply]:
            def answer(turn: Turn) -> Awaitable[Reply]:
                found: Awaitable[Reply] = old(api, turn.project, turn.key, turn.entry)
                return found

            return new(answer, Turn(api.platform, project, key, entry))

        self.function(Api, "reply", reply)

    def refusal(self, actions: Container[str], change: Callable[[Reply], Reply]) -> None:
        """Change how actions refuse a call, for whatever reason."""

        async def answered(answer: Answer, turn: Turn) -> Reply:
            if turn.entry.action not in actions:
                return await answer(turn)
            try:
                reply = await answer(turn)
            except (RefusedError, DomainError) as refused:
                deviations = refused.deviations if isinstance(refused, RefusedError) else ()
                raise RefusedError(change(reply_to(refused)), deviations) from None
            return change(reply) if reply.status >= 400 else reply

        self.answer(answered)

    def key(self, change: Callable[[ApiKey, Entry], ApiKey]) -> None:
        """Change the key of calls."""
        self.answer(lambda answer, turn: answer(replace(turn, key=change(turn.key, turn.entry))))

    def read(self, actions: Container[str], change: Callable[[Call, Sent], Call]) -> None:
        """Change the checked calls of some actions; `change` also gets the call as it came."""

        async def read(old: Around, api: Api, project: Project, entry: Entry) -> tuple[Call, Any]:
            call, deviations = await old(api, project, entry)
            return change(call, entry.sent) if entry.action in actions else call, deviations

        self.function(Api, "read", read)

    def operation(self, action: str, change: Callable[[Operation], Operation]) -> None:
        """Read and check the calls of an action by another description than the contract's."""
        contract = copy(mavibot_contract.load())
        operations = {method: change(each) for method, each in contract.actions[action].items()}
        vars(contract)["actions"] = {**contract.actions, action: operations}
        other = Reader(action, contract, refuse=refusal_of(contract.operation(action)))

        def read(old: Around, reader: Reader, sent: Sent, *, strict: bool) -> Any:
            return old(other if reader.operation.action == action else reader, sent, strict=strict)

        self.function(Reader, "read", read)

    def schema(self, action: str, name: str, **changes: Any) -> None:
        """Check a parameter of an action against a changed schema; `None` drops a rule."""

        def change(operation: Operation) -> Operation:
            properties = operation.schema["properties"]
            rules = {**mavibot_contract.load().resolve(properties[name]), **changes}
            kept = {rule: value for rule, value in rules.items() if value is not None}
            return replace(operation, schema={**operation.schema, "properties": {**properties, name: kept}})

        self.operation(action, change)

    def without_rule(self, action: str, rule: str) -> None:
        """Check the parameters of an action without one of the rules that hold for all of them together."""

        def change(operation: Operation) -> Operation:
            kept = {name: value for name, value in operation.schema.items() if name != rule}
            return replace(operation, schema=kept)

        self.operation(action, change)

    def _entry(self, table: Any, name: str, new: Around) -> None:
        old = table[name]
        table[name] = _around(old, new)
        self._undo.callback(table.__setitem__, name, old)


def given(call: Call, **parameters: Any) -> Call:
    """Return a call with some parameters changed or added."""
    return replace(call, parameters={**call.parameters, **parameters})


def without(call: Call, *names: str) -> Call:
    """Return a call as if some parameters had not been sent."""
    return replace(call, parameters={name: value for name, value in call.parameters.items() if name not in names})


def crash() -> RefusedError:
    """Return how a server answers where an exception was not caught."""
    return RefusedError(Reply(500, "<h1>Server Error (500)</h1>", content_type="text/html; charset=utf-8"))


def _done(handler: Handler, call: Call) -> Reply:
    """Return what a handler answers, whether it works at once or in steps."""
    outcome = handler(call)
    return outcome if isinstance(outcome, Reply) else at_once(outcome)


def _around(old: Any, new: Around) -> Any:
    @wraps(old)
    def replacement(*args: Any, **kwargs: Any) -> Any:
        return new(old, *args, **kwargs)

    return replacement
