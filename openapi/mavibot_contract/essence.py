"""What of a contract a program can notice: all but its annotations, the order of sets, and what holds anyway."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from mavibot_contract.words import Resolve

#: What only people read. Whatever is not listed here is taken for something that a program may depend on.
ANNOTATIONS: Final = frozenset(
    {
        *("title", "summary", "description", "example", "examples", "externalDocs", "$comment"),
        *("x-source", "x-permission-stated", "x-permission-badge"),
    }
)
EVIDENCE: Final = "x-evidence"
#: Keyword -> the value that it has where it does not stand.
_IMPLIED: Final[Mapping[str, Any]] = {
    "required": False,
    "deprecated": False,
    "nullable": False,
    "readOnly": False,
    "writeOnly": False,
    "uniqueItems": False,
    "allowReserved": False,
    "allowEmptyValue": False,
    "additionalProperties": True,
}
#: Keywords that hold names of the contract's own, of which none is a keyword.
_NAMES: Final = frozenset(
    {
        *("properties", "patternProperties", "$defs", "dependentSchemas", "dependentRequired"),
        *("headers", "responses", "content", "variables", "callbacks", "links", "encoding", "mapping", "scopes"),
        *("x-value-parameters", "x-delimiter"),
    }
)
#: Keywords whose value is data, of which every part counts.
_DATA: Final = frozenset({"default", "const"})


def inlined(node: Any, resolve: Resolve, within: tuple[str, ...] = ()) -> Any:
    """Return a node with every reference in it replaced, but for one to what holds it."""
    if isinstance(node, str):  # most of them; only then what takes longer to find out
        return node
    if isinstance(node, list):
        return [inlined(each, resolve, within) for each in node]
    if not isinstance(node, Mapping):
        return node
    reference = node.get("$ref")
    if isinstance(reference, str):
        if reference in within:
            return reference
        return inlined(resolve(node), resolve, (*within, reference))
    return {key: inlined(value, resolve, within) for key, value in node.items()}


def references(node: Any) -> Iterator[str]:
    """Yield every reference in a node."""
    if isinstance(node, list):
        for each in node:
            yield from references(each)
    elif isinstance(node, Mapping):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            if not isinstance(value, str):
                yield from references(value)


def essence(node: Any, *, names: bool = False) -> Any:
    """Return a node in which only that differs from another one which a program can notice.

    Args:
        node: a part of a contract, without references.
        names: whether its keys are names, not keywords.
    """
    if isinstance(node, list):
        return sorted((essence(each) for each in node), key=lambda each: json.dumps(each, sort_keys=True))
    if not isinstance(node, Mapping):
        return node
    if names:
        # An alias of nothing has no effect.
        return {key: essence(value) for key, value in node.items() if value is not None}
    return {
        key: value if key in _DATA else essence(value, names=key in _NAMES)
        for key, value in node.items()
        if key not in ANNOTATIONS and key != EVIDENCE and not (key in _IMPLIED and value is _IMPLIED[key])
    }
