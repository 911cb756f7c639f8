"""Reads records: HAR of any program, or NDJSON; an entry that is cut off at the end is left out."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlsplit

from mavibot_proxy.records.entry import EXTRA

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ENTRIES: Final = re.compile(r'"entries"\s*:\s*\[')
_BETWEEN: Final = re.compile(r"[\s,]*")
_ADDRESS: Final = re.compile(r"/api/[^/]+/([^/?#]+)$")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recorded call of the API with its reply.

    Attributes:
        action: the action.
        method: HTTP method.
        query: query string.
        content_type: content type of the body.
        sent: body of the call, or `None` without one.
        status: HTTP status of the reply, 0 if there was none.
        reply_type: content type of the reply.
        reply: body of the reply.
        began: when it was made, ISO 8601.
        by_upstream: whether the upstream answered it.
    """

    action: str
    method: str
    query: str
    content_type: str
    sent: str | None
    status: int
    reply_type: str
    reply: str
    began: str
    by_upstream: bool

    @property
    def data(self) -> Any:
        """The reply as JSON, or as text if it is none."""
        return _data(self.reply)

    @property
    def parameters(self) -> dict[str, Any]:
        """What was sent by name, in URL and body; a list is under `clients`."""
        sent = _data(self.sent) if self.sent else {}
        if isinstance(sent, str):
            sent = dict(parse_qsl(sent, keep_blank_values=True)) if "=" in sent else {}
        body = {"clients": sent} if isinstance(sent, list) else sent if isinstance(sent, dict) else {}
        return {**dict(parse_qsl(self.query, keep_blank_values=True)), **body}


def read(path: Path) -> list[Recorded]:
    """Return the calls of the API that a record holds, in their order.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no record.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{path}: is not UTF-8") from None
    return [call for each in _entries(text, path) if (call := _call(each)) is not None]


def _entries(text: str, path: Path) -> Iterator[dict[str, Any]]:
    found = _ENTRIES.search(text) if text.lstrip().startswith("{") and '"log"' in text[:1_000] else None
    decoder, place = json.JSONDecoder(), found.end() if found else 0
    count = 0
    while True:
        between = _BETWEEN.match(text, place)
        place = between.end() if between else place
        if place >= len(text) or (found and text[place] == "]"):
            return
        try:
            value, place = decoder.raw_decode(text, place)
        except RecursionError:
            raise ValueError(f"{path}: is nested too deeply") from None
        except ValueError:
            if not count:
                raise ValueError(f"{path}: is neither HAR nor NDJSON of entries") from None
            return  # the end is cut off
        if not isinstance(value, dict) or "request" not in value:
            raise ValueError(f"{path}: is neither HAR nor NDJSON of entries")
        count += 1
        yield value


def _call(entry: dict[str, Any]) -> Recorded | None:
    """Return a call of the API, or `None` if an entry is none."""
    try:
        request, response = entry["request"], entry["response"]
        parts = urlsplit(request["url"])
        found = _ADDRESS.search(parts.path)
        if found is None:
            return None
        sent = request.get("postData")
        content = response.get("content", {})
        return Recorded(
            action=found[1],
            method=request["method"],
            query=parts.query,
            content_type=sent.get("mimeType", "") if sent else "",
            sent=sent.get("text", "") if sent else None,
            status=int(response["status"]),
            reply_type=content.get("mimeType", ""),
            reply=content.get("text", ""),
            began=entry.get("startedDateTime", ""),
            by_upstream=entry.get(EXTRA, {}).get("answered_by", "upstream") == "upstream",
        )
    except (KeyError, TypeError, AttributeError, ValueError):
        return None


def _data(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
