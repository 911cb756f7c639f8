"""Resolves `value_*` and `delimiter`: the sender says in the URL where a parameter is found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from mavibot_contract import Operation
    from mavibot_mock.request.deviations import Deviations

_MISSING: Final = object()
#: A path goes no deeper than any body that is accepted.
_LONGEST_PATH: Final = 300
_LONGEST_SHOWN: Final = 200
_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,7}")


@dataclass(slots=True)
class Resolved:
    """Parameters with each alias resolved.

    Attributes:
        parameters: values by name.
        moved: names of the parameters that an alias has filled.
        foreign: keys that an alias looks into, which are the sender's own.
        unresolved: notes on aliases that lead nowhere or have no effect.
    """

    parameters: dict[str, Any]
    moved: set[str]
    foreign: set[str]
    unresolved: list[str]


def resolve(
    parameters: dict[str, Any], aliases: Mapping[str, str], operation: Operation, deviations: Deviations
) -> Resolved:
    """Resolve each alias.

    `value_client_id=my_client` moves the value of `my_client` to `client_id`; a `delimiter` path copies a
    nested value. An alias that leads nowhere does nothing, and wins over a plain parameter where it leads
    somewhere (assumed). One that the action has no parameter for has no effect (assumed).

    Args:
        parameters: what was sent, without the aliases.
        aliases: the aliases that were sent.
        operation: says which parameter each alias stands for.
        deviations: aliases that lead nowhere are added here.
    """
    if not aliases:
        return Resolved(parameters, set(), set(), [])
    # All sources are read before any is removed, so that the order of the aliases does not matter.
    moved: dict[str, Any] = {}
    sources: set[str] = set()
    foreign: set[str] = set()
    unresolved: list[str] = []

    def note(alias: str, problem: str, fix: str = "") -> None:
        deviations.note(alias, problem, fix=fix)
        unresolved.append(f"{alias}: {problem}")

    for alias in aliases:
        if alias in operation.idle_aliases:
            note(alias, f"has no effect on {operation.action}", "leave it out")
    for alias, target in operation.value_parameters.items():
        source = aliases.get(alias)
        if source is None:
            continue
        if source in parameters:
            moved[target] = parameters[source]
            sources.add(source)
        else:
            note(alias, f"no key '{source[:_LONGEST_SHOWN]}' was sent", "name the key that holds the value")
    delimiter = aliases.get("delimiter")
    for alias, target in operation.delimiter.items():
        if alias not in aliases:
            continue
        if delimiter is None:
            note(alias, "needs `delimiter` beside it")
            continue
        path = aliases[alias].split(delimiter, _LONGEST_PATH)
        foreign.add(path[0])
        value = _dig(parameters, path)
        if value is _MISSING:
            place = " > ".join(path)
            note(alias, f"nothing was sent at {place[:_LONGEST_SHOWN]}", "name the path of the value")
        else:
            moved[target] = value
    kept = {name: value for name, value in parameters.items() if name not in sources}
    return Resolved({**kept, **moved}, set(moved), foreign, unresolved)


def _dig(value: Any, path: list[str]) -> Any:
    for key in path:
        value = _child(value, key)
    return value


def _child(value: Any, key: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(key, _MISSING)
    # Assumed: a number in the path is an index of a list.
    if isinstance(value, list) and _INDEX.fullmatch(key) and int(key) < len(value):
        return value[int(key)]
    return _MISSING
