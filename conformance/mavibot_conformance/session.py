"""Runs rules one by one over an open connection: for pytest, replays and rehearsals."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from mavibot_conformance.assumptions import unobserved
from mavibot_conformance.runner import run_rules

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from mavibot_conformance.results import Outcome
    from mavibot_conformance.rules.rule import Rule
    from mavibot_conformance.suite import Plan
    from mavibot_conformance.target.wire import Exchange


class Session:
    """An open connection to a server, as a context manager."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._wire = plan.wire(plan.guard())
        self._assumptions = unobserved()
        self._permissions: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connection."""
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._wire.close()

    def run(self, rule: Rule, action: str | None) -> tuple[Outcome, list[Exchange]]:
        """Run a rule, for one action where it runs once for each, and return all of its calls too.

        Raises:
            UnreachableError: the server does not answer.
        """
        self._wire.exchanges = []
        (outcome,) = run_rules(
            [rule if action is None else replace(rule, actions=(action,))],
            self._wire,
            self._plan.profile,
            consent=self._plan.consent,
            seed=self._plan.seed,
            assumptions=self._assumptions,
            permissions=self._permissions,
        )
        return outcome, self._wire.exchanges


def cases(plan: Plan) -> Iterator[tuple[Rule, str | None]]:
    """Yield the rules of a plan, each with its actions where it runs once for each, else with none.

    Raises:
        ValueError: the selection names an unknown rule.
    """
    for rule in plan.rules():
        for action in rule.actions if rule.each else [None]:
            yield rule, action
