"""Replays recorded calls against a server and compares the answers with what is expected of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2

_DATA = Path(__file__).parents[1] / "tests" / "data"
#: Calls of the vendor's document and of public integrations, each with its expected outcome.
FILES = {"the vendor's document": _DATA / "document-calls.json", "public integrations": _DATA / "field-calls.json"}

_FORM = "application/x-www-form-urlencoded"
_DEVIATIONS = "mavibot-mock-deviations"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a replayed call gave.

    Attributes:
        http_status: HTTP status of the answer.
        text: body of the answer.
        deviations: where the server saw the call depart from the contract.
        mismatches: in what the answer is not as expected; empty where it is.
    """

    http_status: int
    text: str
    deviations: list[str]
    mismatches: list[str]


def load_calls(file: Path) -> list[dict[str, Any]]:
    """Return the calls of a file."""
    calls: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    return calls


def replay(client: httpx2.Client, call: dict[str, Any]) -> Outcome:
    """Send a call as it was sent in the field, byte for byte as far as it is known.

    Args:
        client: client whose base URL ends with the API key.
        call: entry of one of `FILES`.
    """
    label = call["content_type"]
    response = client.request(
        call["method"],
        call["action"],
        params=call["query"],
        content=_body(call["body"], label),
        headers={} if label == "none" else {"Content-Type": label},
    )
    deviations: list[str] = json.loads(response.headers.get(_DEVIATIONS, "[]"))
    mismatches = _mismatches(call["expect"], response, deviations)
    return Outcome(response.status_code, response.text, deviations, mismatches)


def _body(body: Any, label: str) -> bytes | None:
    if label == "none" or body is None:
        return None
    # Some send JSON text under a form's label; what is nested can only have been that.
    if label == _FORM and isinstance(body, dict) and not any(isinstance(value, dict | list) for value in body.values()):
        return urlencode(body).encode()
    return json.dumps(body, ensure_ascii=False).encode()


def _mismatches(expect: dict[str, Any], response: httpx2.Response, deviations: list[str]) -> list[str]:
    found = []
    if response.status_code != expect["status"]:
        found.append(f"expected HTTP {expect['status']}, got {response.status_code}: {response.text[:200]}")
    if "body" in expect and response.text != expect["body"]:
        found.append(f"expected the text {expect['body']!r}, got {response.text[:200]!r}")
    if "json" in expect and not _contains(_decoded(response), expect["json"]):
        found.append(f"expected JSON with {expect['json']}, got {response.text[:200]}")
    if "refusal" in expect and expect["refusal"] not in str(_decoded(response)):
        found.append(f"expected a refusal that names {expect['refusal']!r}, got {response.text[:200]}")
    found += [
        f"expected a recorded deviation that names {wanted!r}, got {deviations}"
        for wanted in expect.get("deviations", [])
        if not any(wanted in deviation for deviation in deviations)
    ]
    return found


def _decoded(response: httpx2.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _contains(actual: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        return isinstance(actual, dict) and all(
            name in actual and _contains(actual[name], value) for name, value in wanted.items()
        )
    if isinstance(wanted, list):
        return (
            isinstance(actual, list)
            and len(actual) >= len(wanted)
            and all(_contains(have, want) for have, want in zip(actual, wanted, strict=False))
        )
    return bool(actual == wanted)
