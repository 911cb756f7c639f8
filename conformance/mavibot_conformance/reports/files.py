"""Writes results as `results.json` and reads them again."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import jsonschema_rs

from mavibot_conformance.results import VERSION, Results

if TYPE_CHECKING:
    from pathlib import Path

_SCHEMA: Final = "results.schema.json"


def write_results(results: Results, path: Path) -> None:
    """Write results as a file.

    Raises:
        OSError: the file cannot be written.
    """
    text = json.dumps(results.as_json(), ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def read_results(path: Path) -> Results:
    """Read the file of an earlier run.

    Raises:
        ValueError: it holds no results of this version; the message names the place.
        OSError: it cannot be read.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        wrong = next(iter(_validator().iter_errors(document)), None)
    except (ValueError, RecursionError):
        raise ValueError(f"{path.name}: is not JSON, or nested too deeply") from None
    if isinstance(document, dict) and document.get("version") not in (VERSION, None):
        raise ValueError(f"{path.name}: is of version {document['version']!r}; this mavibot reads {VERSION}")
    if wrong is not None:
        place = "/".join(map(str, wrong.instance_path)) or "the document"
        raise ValueError(f"{path.name}: is no results.json: {place}: {wrong.message[:200]}")
    return Results.from_json(document)


def schema() -> dict[str, Any]:
    """Return the JSON Schema of `results.json`."""
    found: dict[str, Any] = json.loads((files("mavibot_conformance") / _SCHEMA).read_bytes())
    return found


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(schema())
