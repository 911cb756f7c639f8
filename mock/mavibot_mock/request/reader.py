"""Turns a call as it came into one that the contract allows: aliases, types, conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NoReturn

import orjson
from jsonschema_rs import Draft202012Validator

from mavibot_mock.actions import REFUSALS
from mavibot_mock.actions.call import Call
from mavibot_mock.request import body
from mavibot_mock.request.aliases import resolve
from mavibot_mock.request.coercion import Coercer, defaults, plain
from mavibot_mock.request.deviations import Deviation, refusal
from mavibot_mock.request.replies import RefusedError, fail, invalid, wrong_method
from mavibot_mock.request.validation import Validator

if TYPE_CHECKING:
    from mavibot_contract import Contract
    from mavibot_mock.request.body import Sent
    from mavibot_mock.server.project import Project


class Reader:
    """Reads the calls of one action, with what the contract says of it made ready."""

    def __init__(self, action: str, contract: Contract) -> None:
        """Make ready.

        Args:
            action: name of the action.
            contract: the contract.
        """
        self.operation: Final = contract.operation(action)
        self._methods: Final = contract.actions[action].keys()
        self._defaults: Final = defaults(self.operation, contract)
        self._coercer: Final = Coercer(self.operation, contract)
        self._parameters: Final = Validator(self.operation.schema, contract)
        self._names: Final = self.operation.aliases
        components = contract.document["components"]
        aliases = {alias: components["parameters"][alias]["schema"] for alias in self._names}
        self._aliases: Final = Validator({"type": "object", "properties": aliases}, contract)
        success = self.operation.responses["200"]["content"]["application/json"]["schema"]
        self._success: Final = Draft202012Validator(contract.standalone(success))

    def may_succeed_with(self, body: object) -> bool:
        """Tell whether the contract lets the action answer this with the status 200."""
        return self._success.is_valid(body)

    async def read(self, sent: Sent, project: Project, deviations: list[Deviation]) -> Call:
        """Read and check the parameters of a call.

        Args:
            sent: the call.
            project: the project that the key belongs to.
            deviations: grows by what is found, also where the call is refused.

        Raises:
            RefusedError: they are not what the contract allows.
        """
        is_strict = project.settings.strict
        if is_strict:
            self._check_envelope(sent)
        read = await body.read(sent, self.operation, methods=self._methods, aliases=self._names)
        deviations.extend(read.deviations)
        aliases, others = self._split(read.parameters, deviations)
        resolved = resolve(others, aliases, self.operation)
        typed = self._coercer.coerce(resolved.parameters, foreign=resolved.foreign)
        deviations.extend(resolved.deviations)
        deviations.extend(typed.deviations)
        variables: dict[str, Any] = {}
        if self.operation.free_variables:
            variables = typed.others
            for name in [name for name, value in variables.items() if isinstance(value, dict | list)]:
                variables[name] = orjson.dumps(variables[name]).decode()
                if name not in resolved.foreign:
                    outcome = "; variables are flat, so its JSON text is saved (assumed)"
                    deviations.append(Deviation(name, "nested", outcome, fix="send texts and numbers"))
        problem = self._parameters.problem(
            {**typed.parameters, **variables} if variables else typed.parameters,
            others=typed.others,
            unresolved=resolved.deviations,
        )
        if problem is not None:
            self._refuse(problem, typed.parameters, deviations)
        if is_strict and deviations:
            raise invalid(refusal(deviations))
        return Call(
            project=project,
            operation=self.operation,
            parameters={**self._defaults, **typed.parameters},
            variables=variables,
            now=project.now(),
        )

    def _refuse(self, problem: str, parameters: dict[str, Any], deviations: list[Deviation]) -> NoReturn:
        refuse = REFUSALS.get(self.operation.action)
        if refuse is None:
            raise invalid(problem)
        # The document's own words do not tell what is wrong, so that is told beside them.
        field, _, reason = problem.partition(": ")
        deviations.append(Deviation(field, reason))
        raise RefusedError(refuse(self.operation, parameters))

    def _check_envelope(self, sent: Sent) -> None:
        """Refuse another method or content label than the contract's."""
        if sent.method not in self._methods:
            raise RefusedError(wrong_method(sent.method, self._methods))
        if sent.body and body.content_kind(sent.label) != body.JSON:
            label = f"'{sent.label[:80]}'" if sent.label else "nothing"
            raise RefusedError(fail(415, f"Content-Type: must be {body.JSON}, got {label}"))

    def _split(self, parameters: dict[str, Any], deviations: list[Deviation]) -> tuple[dict[str, str], dict[str, Any]]:
        """Return the aliases, checked, and what was sent beside them."""
        if self._names.isdisjoint(parameters):
            return {}, parameters
        aliases, others = {}, {}
        for name, value in parameters.items():
            if name not in self._names:
                others[name] = value
            elif (path := plain(value)) in (None, ""):
                deviations.append(Deviation(name, "empty", ", taken as absent", fix="leave it out"))
            else:
                aliases[name] = path
        self._aliases.check(aliases)
        return aliases, others
