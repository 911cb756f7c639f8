"""The assumptions of the contract: every place whose source says that it is one."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from mavibot_conformance.results import Assumption

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARK: Final = "assumption:"


@cache
def texts() -> dict[str, str]:
    """Return every assumption by its place in the contract, a JSON pointer."""
    return {pointer: text.strip() for pointer, text in _walk(mavibot_contract.load().document, "")}


def unobserved() -> dict[str, Assumption]:
    """Return every assumption as not observed yet, by its place."""
    return {pointer: Assumption(pointer, text) for pointer, text in texts().items()}


def _walk(node: Any, pointer: str, around: str | None = None) -> Iterator[tuple[str, str]]:
    """Yield each assumption below a node; a part whose source is that of what it stands in adds none."""
    if isinstance(node, dict):
        source = node.get("x-source", around)
        if isinstance(source, str) and source != around and _MARK in source:
            yield pointer, source.split(_MARK, 1)[1].split(";")[0]
        for name, value in node.items():
            yield from _walk(value, f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}", source)
    elif isinstance(node, list):
        for place, value in enumerate(node):
            yield from _walk(value, f"{pointer}/{place}", around)
