"""The report for logs and databases: one JSON object a line, each with its `type`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mavibot_conformance.results import Results

#: Parts of the results that are lists, by the type of their lines.
_LISTS: Final = {
    "finding": "findings",
    "outcome": "outcomes",
    "permission": "permissions",
    "layer": "layers",
    "assumption": "assumptions",
    "statement": "statements",
    "known": "baseline",
}


def ndjson(results: Results) -> str:
    """Return the results as lines: first the run with its conclusion, then what it found, outcomes, statements …."""
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in _lines(results.as_json()))


def _lines(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    about = {name: value for name, value in document.items() if name not in (*_LISTS.values(), "actions", "rules")}
    yield {"type": "run", **about}
    for kind, name in _LISTS.items():
        for each in document[name]:
            yield {"type": kind, **each}
    for action, seen in document["actions"].items():
        yield {"type": "action", "action": action, **seen}
