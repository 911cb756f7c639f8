"""The report for tools that show HTTP: the calls of every outcome but plain passes, as HAR 1.2."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlsplit

from mavibot_conformance.reports.summary import headline, rules_by_id

if TYPE_CHECKING:
    from mavibot_conformance.results import Outcome, Results

#: What no result holds of a call.
_UNKNOWN: Final = {"httpVersion": "HTTP/1.1", "cookies": [], "headersSize": -1}


def har(results: Results) -> str:
    """Return the calls as a HAR document: a page an outcome, with `API_KEY` where the key stood."""
    rules = rules_by_id(results)
    shown = [each for each in results.outcomes if each.dialogue]
    log = {
        "version": "1.2",
        "creator": {"name": "mavibot", "version": results.versions.get("mavibot", "")},
        "comment": headline(results),
        "pages": [_page(each, rules[each.rule]["title"], results.started) for each in shown],
        "entries": [_entry(call, each, results.started) for each in shown for call in each.dialogue],
    }
    return json.dumps({"log": log}, ensure_ascii=False, indent=1) + "\n"


def _page(outcome: Outcome, title: str, started: str) -> dict[str, Any]:
    return {
        "id": outcome.name,
        "title": f"{outcome.kind} {outcome.name}: {title}",
        "startedDateTime": outcome.dialogue[0].get("started", started),
        "pageTimings": {},
    }


def _entry(call: dict[str, Any], outcome: Outcome, started: str) -> dict[str, Any]:
    milliseconds = call["seconds"] * 1000
    return {
        "pageref": outcome.name,
        "startedDateTime": call.get("started", started),
        "time": milliseconds,
        "request": _request(call),
        "response": _response(call),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "comment": f"key: {call['key']}",
    }


def _request(call: dict[str, Any]) -> dict[str, Any]:
    content_type = call["content_type"]
    sent = call["sent"]
    request = {
        **_UNKNOWN,
        "method": call["method"],
        "url": call["url"],
        "headers": _headers(content_type),
        "queryString": [
            {"name": name, "value": value}
            for name, value in parse_qsl(urlsplit(call["url"]).query, keep_blank_values=True)
        ],
        "bodySize": 0 if sent is None else len(sent.encode(errors="replace")),
    }
    if sent is not None:
        request["postData"] = {"mimeType": content_type or "", "params": [], "text": sent}
    return request


def _response(call: dict[str, Any]) -> dict[str, Any]:
    text = call["reply"]
    size = len(text.encode(errors="replace"))
    mime_type = _mime_type(text)
    # Older versions know fewer statuses, and a reply that cannot be read has none.
    known = {each.value: each.phrase for each in HTTPStatus}
    return {
        **_UNKNOWN,
        "status": call["status"],
        "statusText": known.get(call["status"], ""),
        "headers": _headers(mime_type),
        "redirectURL": "",
        "content": {"size": size, "mimeType": mime_type, "text": text},
        "bodySize": size,
    }


def _headers(content_type: str | None) -> list[dict[str, str]]:
    return [{"name": "Content-Type", "value": content_type}] if content_type else []


def _mime_type(text: str) -> str:
    if text.lstrip()[:1] == "<":
        return "text/html"
    return "application/json" if text.lstrip()[:1] in ("{", "[") else "text/plain"
