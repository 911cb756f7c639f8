"""Expected calls, and the failure of the test where they are missing."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

import mavibot_contract

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_MOST_SHOWN: Final = 3
#: What is shown of a call or a value, characters.
_LONGEST: Final = 300
_ABSENT: Final = object()


def _check_names(action: str, parameters: Mapping[str, Any]) -> None:
    """Refuse what could never be called: a typo would let `never` pass."""
    known = mavibot_contract.load()
    if action not in known.actions:
        similar = known.similar(action)
        raise ValueError(f"the API has no action '{action}'" + (f"; did you mean '{similar}'?" if similar else ""))
    operation = known.operation(action)
    # The journal knows which client each call reached, by whichever parameter.
    names = operation.schema["properties"].keys() | operation.aliases | {"client_id"}
    unknown = [] if operation.free_variables else sorted(parameters.keys() - names)
    if unknown:
        raise ValueError(f"{action} has no parameter '{unknown[0]}'; there are {', '.join(sorted(names))}")


class Expectation:
    """Calls that a test expects; say how many with `once`, `times` or `never`."""

    def __init__(
        self,
        calls: Callable[[], Sequence[Mapping[str, Any]]],
        action: str,
        parameters: Mapping[str, Any],
        *,
        status: int | None = None,
    ) -> None:
        """Expect calls.

        Args:
            calls: returns the calls of the journal, oldest first.
            action: what was called.
            parameters: parameters and variables that the calls have, among others.
            status: HTTP status with which they were answered; any success without it.

        Raises:
            ValueError: the API has no such action, or the action no such parameter.
        """
        _check_names(action, parameters)
        self._calls: Final = calls
        self._action: Final = action
        self._parameters: Final = parameters
        self._status: Final = status

    def once(self) -> Mapping[str, Any]:
        """Check that there was one such call, and return it as the journal has it.

        Raises:
            AssertionError: there was none, or there were more.
        """
        __tracebackhide__ = True
        return self.times(1)[0]

    def never(self) -> None:
        """Check that there was no such call.

        Raises:
            AssertionError: there was one.
        """
        __tracebackhide__ = True
        self.times(0)

    def times(self, n: int) -> list[Mapping[str, Any]]:
        """Check that there were `n` such calls, and return them as the journal has them.

        Raises:
            AssertionError: there were more or fewer.
        """
        __tracebackhide__ = True
        calls = self._calls()
        found = [call for call in calls if self._fits(call)]
        if len(found) != n:
            raise AssertionError(self._failure(n, calls, found))
        return found

    def _fits(self, call: Mapping[str, Any]) -> bool:
        return self._fits_status(call) and call["action"] == self._action and not self._differing(call)

    def _fits_status(self, call: Mapping[str, Any]) -> bool:
        if self._status is not None:
            return bool(call["status"] == self._status)
        # Without parameters nothing was understood: a fault has answered.
        return call["parameters"] is not None and call["status"] is not None and call["status"] < 300

    def _differing(self, call: Mapping[str, Any]) -> dict[str, Any]:
        """Return the expected parameters that a call lacks or has otherwise, as it has them."""
        given = _given(call)
        return {
            name: given.get(name, _ABSENT)
            for name, wanted in self._parameters.items()
            if not (_same(wanted, given.get(name, _ABSENT)) or (name == "client_id" and wanted in call["client_ids"]))
        }

    def _failure(self, n: int, calls: Sequence[Mapping[str, Any]], found: Sequence[Mapping[str, Any]]) -> str:
        expected = f"expected {'no' if n == 0 else 'one' if n == 1 else n} {self._in_words()}"
        if len(found) > n:
            shown = "\n".join(self._line(call) for call in found)
            return f"{expected}, got {len(found)}:\n{shown}"
        others = [call for call in calls if not self._fits(call)]
        nearest = sorted(others, key=self._nearness, reverse=True)[:_MOST_SHOWN]
        got = f", got {len(found)}" if found else ""
        if not nearest:
            return f"{expected}{got}; {'no other call was' if found else 'no call was'} made"
        return f"{expected}{got}; nearest calls:\n" + "\n".join(
            line for call in nearest for line in (self._line(call), *self._difference(call))
        )

    def _in_words(self) -> str:
        others = [f"{name}={value!r}" for name, value in self._parameters.items() if name != "client_id"]
        to = f" to client {self._parameters['client_id']}" if "client_id" in self._parameters else ""
        status = "" if self._status is None else f" answered with {self._status}"
        return f"{self._action}{to}{' with ' if others else ''}{', '.join(others)}{status}"

    def _nearness(self, call: Mapping[str, Any]) -> tuple[bool, int, bool, int]:
        return (
            call["action"] == self._action,
            -len(self._differing(call)),
            self._fits_status(call),
            call["number"],
        )

    def _line(self, call: Mapping[str, Any]) -> str:
        given = _given(call)
        expected_first = {name: given[name] for name in self._parameters if name in given} | given
        shown = _shortened(", ".join(f"{name}={value!r}" for name, value in expected_first.items()))
        return f"  {call['number']}: {call['action']}({shown}) -> {call['status'] or 'no answer'}"

    def _difference(self, call: Mapping[str, Any]) -> Iterator[str]:
        for name, value in self._differing(call).items():
            yield _shortened(f"       - {name}={self._parameters[name]!r}")
            if value is not _ABSENT:
                yield _shortened(f"       + {name}={value!r}")


def _given(call: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a call; of one that was refused before they were understood, as they were sent."""
    if call["parameters"] is not None:
        return dict(call["parameters"])
    given: dict[str, Any] = dict(parse_qsl(call["query"], keep_blank_values=True))
    with suppress(ValueError):
        body = json.loads(call["body"])
        return {**given, **body} if isinstance(body, dict) else given
    return {**given, **dict(parse_qsl(call["body"], keep_blank_values=True))}


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _same(wanted: Any, got: Any) -> bool:
    """Return True if two values are the same to the API, for which an id is a number or a text."""
    return bool(wanted == got) or (
        isinstance(wanted, int | str) and isinstance(got, int | str) and str(wanted) == str(got)
    )
