"""Turns a call as it came into one that the contract allows: aliases, types, conditions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson
from jsonschema_rs import Draft202012Validator

from mavibot_mock.request import body
from mavibot_mock.request.aliases import resolve
from mavibot_mock.request.coercion import Coercer, defaults, note_misnamed_variables, plain
from mavibot_mock.request.deviations import Deviations
from mavibot_mock.request.json_text import load_json
from mavibot_mock.request.replies import RefusedError, Reply, fail, wrong_method
from mavibot_mock.request.validation import Validator

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from mavibot_contract import Contract, Operation
    from mavibot_mock.request.body import Sent

    #: Words the refusal of wrong parameters: gets the operation and the parameters, `None` where nothing can be read.
    Refuse = Callable[[Operation, Mapping[str, Any] | None], Reply]


@dataclass(slots=True)
class Reading:
    """What a call says.

    Attributes:
        parameters: those that the contract declares, with its defaults.
        variables: further parameters, where the action saves them as variables.
        deviations: how the call deviates from the contract, in words.
        advice: the first of them, each with what to send instead.
        fixes: what to send instead for each of the first; empty where its text tells.
    """

    parameters: dict[str, Any]
    variables: dict[str, Any]
    deviations: list[str]
    advice: list[str]
    fixes: Sequence[str]


class Reader:
    """Reads the calls of one action; what the contract says of it is looked up once."""

    def __init__(self, action: str, contract: Contract, *, refuse: Refuse | None = None) -> None:
        """Prepare a reader.

        Args:
            action: name of the action.
            contract: the contract.
            refuse: how the action refuses wrong parameters, where the document gives it words of its own.
        """
        self.operation: Final = contract.operation(action)
        self._refuse: Final = refuse
        self._methods: Final = contract.actions[action].keys()
        self._defaults: Final = defaults(self.operation, contract)
        self._coercer: Final = Coercer(self.operation, contract)
        self._parameters: Final = Validator(self.operation.schema, contract)
        self._saves_variables: Final = self.operation.free_variables or action == "save_variables"
        self._names: Final = self.operation.aliases
        components = contract.document["components"]
        aliases = {alias: components["parameters"][alias]["schema"] for alias in self._names}
        self._aliases: Final = Validator({"type": "object", "properties": aliases}, contract)
        success = self.operation.responses["200"]["content"]["application/json"]["schema"]
        self._success: Final = Draft202012Validator(contract.standalone(success))

    def may_succeed_with(self, content: object) -> bool:
        """Return True if the contract lets the action answer this with the status 200."""
        return self._success.is_valid(content)

    async def read(self, sent: Sent, *, strict: bool) -> Reading:
        """Read and check the parameters of a call.

        Args:
            sent: the call.
            strict: refuse what deviates from the contract instead of noting it.

        Raises:
            RefusedError: they are not what the contract allows.
        """
        exact = self._exact(sent)
        if exact is not None:
            return Reading({**self._defaults, **exact}, {}, [], [], ())
        if strict:
            self._check_envelope(sent)
        deviations = Deviations()
        found = await self._received(sent, deviations)
        aliases, others = self._split(found, deviations)
        if aliases:
            self._refuse_if(self._aliases.problem(aliases), deviations)
        resolved = resolve(others, aliases, self.operation, deviations)
        typed = self._coercer.coerce(resolved.parameters, deviations, moved=resolved.moved, foreign=resolved.foreign)
        variables = _flat(typed.variables, resolved.foreign, deviations) if typed.variables else {}
        if self._saves_variables:
            note_misnamed_variables(variables or _names(typed.parameters.get("variables")), deviations)
        problem = self._parameters.problem(
            {**typed.parameters, **variables} if variables else typed.parameters,
            others=typed.variables or typed.unknown,
            unresolved=resolved.unresolved,
        )
        if problem is not None and self._refuse is not None:
            # The document's own words do not tell what is wrong, so a note does.
            field, _, reason = problem.partition(": ")
            reply = self._refuse(self.operation, typed.parameters)
            deviations.note(field, reason)
            raise RefusedError(reply, deviations.shown())
        self._refuse_if(problem, deviations)
        if strict and deviations:
            raise RefusedError(fail(400, deviations.refusal()), deviations.shown())
        return Reading(
            {**self._defaults, **typed.parameters},
            variables,
            deviations.shown(),
            deviations.advice(),
            deviations.fixes(),
        )

    def _exact(self, sent: Sent) -> dict[str, Any] | None:
        """Return the parameters of a call that is in everything as the contract has it; `None` of any other."""
        is_usual = sent.method == "POST" and sent.content_type == body.JSON and not sent.query
        if not is_usual or "POST" not in self._methods or len(sent.body) > body.LONG_BODY:
            return None
        try:
            found = load_json(sent.body)
        except ValueError:
            return None
        fits = isinstance(found, dict) and self._coercer.has_nothing_to_do(found) and self._parameters.fits(found)
        return found if fits else None

    async def _received(self, sent: Sent, deviations: Deviations) -> dict[str, Any]:
        """Return what was sent by name.

        Raises:
            RefusedError: it cannot be read.
        """
        try:
            return await body.read(sent, self.operation, deviations, methods=self._methods, aliases=self._names)
        except RefusedError as refused:
            if self._refuse is None:
                raise
            content = refused.reply.body
            field, _, reason = str(content["message"] if isinstance(content, dict) else content).partition(": ")
            deviations.note(field, reason)
            raise RefusedError(self._refuse(self.operation, None), deviations.shown()) from None

    def _refuse_if(self, problem: str | None, deviations: Deviations) -> None:
        if problem is not None:
            raise RefusedError(fail(400, problem), deviations.shown())

    def _check_envelope(self, sent: Sent) -> None:
        """Refuse another method or content type than the contract's."""
        if sent.method not in self._methods:
            raise RefusedError(wrong_method(sent.method, self._methods))
        if sent.body and body.content_kind(sent.content_type) != body.JSON:
            content_type = f"'{sent.content_type[:80]}'" if sent.content_type else "nothing"
            raise RefusedError(fail(415, f"Content-Type: must be {body.JSON}, got {content_type}"))

    def _split(self, parameters: dict[str, Any], deviations: Deviations) -> tuple[dict[str, str], dict[str, Any]]:
        """Return the aliases, and what was sent beside them."""
        if self._names.isdisjoint(parameters):
            return {}, parameters
        aliases, others = {}, {}
        for name, value in parameters.items():
            if name not in self._names:
                others[name] = value
            elif (path := plain(value)) in (None, ""):
                deviations.note(name, "empty", ", taken as absent", fix="leave it out")
            else:
                aliases[name] = path
        return aliases, others


def _names(variables: object) -> Iterable[str]:
    return variables if isinstance(variables, dict) else ()


def _flat(values: dict[str, Any], foreign: Collection[str], deviations: Deviations) -> dict[str, Any]:
    """Return variables without nested values.

    Args:
        values: what was sent.
        foreign: names that an alias looked into; that they are nested is not a deviation.
        deviations: what is nested is added here.
    """
    nested = {name: orjson.dumps(value).decode() for name, value in values.items() if isinstance(value, dict | list)}
    outcome = "; variables are flat, so its JSON text is saved (assumed)"
    for name in nested:
        if name not in foreign:
            deviations.note(name, "nested", outcome, fix="send texts and numbers")
    return {**values, **nested} if nested else values
