"""Carries out `value_*` and `delimiter`: the sender says in the URL where a parameter is found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from mavibot_api.contract import Operation

_MISSING: Final = object()


def resolve(parameters: Mapping[str, Any], aliases: Mapping[str, str], operation: Operation) -> dict[str, Any]:
    """Return the parameters with each alias carried out.

    `value_client_id=my_client` moves the value of `my_client` to `client_id`; a `delimiter` path copies a
    nested value. An alias that leads nowhere does nothing, and wins over a plain parameter where it leads
    somewhere (assumed).

    Args:
        parameters: what was sent, without the aliases.
        aliases: the aliases that were sent.
        operation: says which parameter each alias stands for.
    """
    # All sources are read before any is removed, so that the order of the aliases does not matter.
    moved: dict[str, Any] = {}
    sources: set[str] = set()
    for alias, target in operation.value_parameters.items():
        source = aliases.get(alias)
        if source is not None and source in parameters:
            moved[target] = parameters[source]
            sources.add(source)
    delimiter = aliases.get("delimiter")
    for alias, target in operation.delimiter.items():
        if delimiter is not None and alias in aliases:
            value = _dig(parameters, aliases[alias].split(delimiter))
            if value is not _MISSING:
                moved[target] = value
    kept = {name: value for name, value in parameters.items() if name not in sources}
    return {**kept, **moved}


def _dig(value: Any, path: list[str]) -> Any:
    for key in path:
        value = _child(value, key)
    return value


def _child(value: Any, key: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(key, _MISSING)
    # Assumed: a number in the path is a place in a list.
    if isinstance(value, list) and key in map(str, range(len(value))):
        return value[int(key)]
    return _MISSING
